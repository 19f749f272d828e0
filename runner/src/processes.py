"""Processes: runner -> guard -> trainer -> whatever the trainer starts.

Guard and trainer live in a session and process group of their own, so that one signal reaches the whole
tree. The guard holds a pipe whose other end only the runner has: when the runner dies, even by kill -9,
the pipe closes and the guard kills the group. No tree outlives its runner.
"""

from __future__ import annotations

import collections
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple

from .errors import Stop
from .meter import Meter
from .report import Journal
from .words import clean_line, shorten

LINE_BYTES_MAX = 65_536
TRAINER_LOG_BYTES_MAX = 256 * 1048576
LINE_END = re.compile(rb"\r?\n|\r(?=.)", re.DOTALL)
SECRET_VARIABLES = (
    "JOB_TOKEN",
    "DATASET_URL",
    "DATASET_SHA256",
    "TRAINING_CONFIG_B64",
    "FINETUNELAB_URL",
    "RESULT_PUT_URL",
)


def guard(command: List[str]) -> int:
    """Runs a command as its only child, in its process group; kills the group when standard input closes."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)  # The child got it too; its end is ours.
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    except OSError as error:
        print(f"{command[0]}: {error.strerror or error}", file=sys.stderr, flush=True)
        return 127

    def die_with_runner() -> None:
        os.read(0, 1)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=die_with_runner, daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


class LineSplitter:
    """Cuts a byte stream into lines, and says of each whether the next one overwrote it (a carriage return)."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def feed(self, chunk: bytes) -> Iterator[Tuple[str, bool]]:
        data = self._rest + chunk
        start = 0
        for match in LINE_END.finditer(data):
            if not self._skipping and match.start() > start:
                yield self._text(data[start : match.start()]), match.group() == b"\r"
            self._skipping = False
            start = match.end()
        self._rest = data[start:]
        if len(self._rest) > LINE_BYTES_MAX:
            if not self._skipping:
                yield self._text(self._rest), False
            self._rest, self._skipping = b"", True

    def end(self) -> Iterator[Tuple[str, bool]]:
        if self._rest.strip() and not self._skipping:
            yield self._text(self._rest), False
        self._rest = b""

    @staticmethod
    def _text(line: bytes) -> str:
        return line[:LINE_BYTES_MAX].decode("utf-8", "replace")


class ProcessTree:
    """A command under guard. `on_line(stream, text, overwritten)` is called from two threads, one a stream."""

    def __init__(
        self, command: List[str], env: Mapping[str, str], cwd: Path, on_line: Callable[[str, str, bool], None]
    ):
        self._on_line = on_line
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).absolute()), "--guard", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=dict(env),
            start_new_session=True,
        )
        self.pid = self._process.pid
        self._readers = [
            threading.Thread(target=self._read, args=(stream, pipe), daemon=True)
            for stream, pipe in (("stdout", self._process.stdout), ("stderr", self._process.stderr))
        ]
        for reader in self._readers:
            reader.start()

    def signal(self, number: int) -> None:
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            pass

    def poll(self) -> Optional[int]:
        """The exit status once the command has ended and nothing of its group is left."""
        if hasattr(os, "waitid"):
            # Looked at, not reaped: until then no other process can get its number, and killpg hits ours only.
            if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                return None
        elif self._process.poll() is None:
            return None
        self.signal(signal.SIGKILL)
        code = self._process.wait()
        for reader in self._readers:
            reader.join(timeout=5)
        if self._process.stdin:
            self._process.stdin.close()
        return code

    def wait(self, stop: Stop, grace_seconds: float, meanwhile: Callable[[], None] = lambda: None) -> int:
        """Waits for the end. A stop is passed on as SIGTERM, and after the grace (or a second signal) as SIGKILL."""
        kill_at: Optional[float] = None
        while True:
            code = self.poll()
            if code is not None:
                return code
            if stop.reason and kill_at is None:
                self.signal(signal.SIGTERM)
                kill_at = time.monotonic() + grace_seconds
            if kill_at is not None and (stop.hurry or time.monotonic() > kill_at):
                self.signal(signal.SIGKILL)
            meanwhile()
            time.sleep(0.1)

    def _read(self, stream: str, pipe: Any) -> None:
        splitter = LineSplitter()
        with pipe:
            for chunk in iter(lambda: os.read(pipe.fileno(), 65536), b""):
                for text, overwritten in splitter.feed(chunk):
                    self._on_line(stream, text, overwritten)
            for text, overwritten in splitter.end():
                self._on_line(stream, text, overwritten)


def level_of(line: str) -> str:
    if re.search(r"\b(ERROR|CRITICAL|FATAL)\b|^Traceback |^\w*(Error|Exception)\b", line):
        return "error"
    return "warning" if re.search(r"\bWARN(ING)?\b|Warning:", line) else "info"


class OutputLog:
    """Every line of the trainer, to the journal, to trainer.log and to the meter; and the last ones, for the error."""

    def __init__(self, journal: Journal, path: Path, meter: Optional[Meter] = None):
        self._journal = journal
        self._meter = meter
        self._file = path.open("a", encoding="utf-8", errors="replace")
        self._left = TRAINER_LOG_BYTES_MAX - path.stat().st_size
        self._lock = threading.Lock()
        self._tails: Dict[str, "collections.deque[str]"] = {
            "stdout": collections.deque(maxlen=20),
            "stderr": collections.deque(maxlen=20),
        }

    @property
    def tail(self) -> List[str]:
        """The last twenty lines. The streams race each other, so each has its share: an error is on either."""
        errors = list(self._tails["stderr"])
        spoken = list(self._tails["stdout"])[-max(5, 20 - len(errors)) :]
        return spoken + errors[-(20 - len(spoken)) :]

    def __call__(self, stream: str, text: str, overwritten: bool) -> None:
        if overwritten:
            if self._meter:
                self._meter.progress(text)
            return
        line = clean_line(text)
        if not line:
            return
        if self._meter:
            self._meter.line(line)
        self._keep(stream, line)
        self._journal.log(line, level_of(line), stream)

    def _keep(self, stream: str, line: str) -> None:
        with self._lock:
            self._tails[stream].append(shorten(line, 500))
            if self._left > 0:
                self._left -= len(line) + 1
                self._file.write(line + "\n" if self._left > 0 else "(this file has reached its limit)\n")
                self._file.flush()

    def close(self) -> None:
        with self._lock:
            self._left = 0
            self._file.close()


def trainer_environment(env: Mapping[str, str]) -> Dict[str, str]:
    """What the trainer inherits: not the job's token, nor its links."""
    kept = {name: value for name, value in env.items() if name not in SECRET_VARIABLES}
    return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
