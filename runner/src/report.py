"""Reporting: the news of a job, printed or sent."""

from __future__ import annotations

import collections
import json
import math
import threading
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, Mapping, Optional

from .control_plane import ControlPlane
from .errors import Stop, backoff_seconds
from .http_client import CONTENT_STATUSES, NETWORK_ERRORS, HttpRefusal, JobOver
from .settings import Settings
from .words import (
    LINE_CHARACTERS_MAX,
    MESSAGE_CHARACTERS_MAX,
    clean_line,
    now_iso,
    plural,
    read_number,
    replace_file,
    shorten,
)

QUEUED_LINES_MAX = 5_000
REPORT_LINES_MAX = 500
REPORT_POINTS_MAX = 1_000
MARKER = "finetunelab "


class Journal:
    """Where the job's news goes. This one prints, for detached jobs; Reporter also sends.

    Lines of the runner and the trainer appear as they are. Statuses and metrics are lines that begin with
    `finetunelab ` and go on with one JSON object, so that whoever reads the container's log can follow.
    """

    def __init__(self, redact: Callable[[str], str]):
        self._redact = redact
        self._print_lock = threading.Lock()

    def log(self, line: str, level: str = "info", stream: str = "runner") -> None:
        line = shorten(self._redact(clean_line(line)), LINE_CHARACTERS_MAX)
        self._print(line if stream != "runner" else f"[runner] {line}")
        self._queue_line({"at": now_iso(), "stream": stream, "level": level, "line": line})

    def warn(self, line: str) -> None:
        self.log(line, "warning")

    def metric(self, point: Dict[str, Any]) -> None:
        self._print(MARKER + json.dumps({"type": "metrics", "data": point}, allow_nan=False))

    def status(self, status: str) -> None:
        self._print(MARKER + json.dumps({"type": "status", "status": status}))

    def finish(self, outcome: "Outcome") -> bool:
        """Delivers the end. False when it could not be delivered."""
        self._print(MARKER + json.dumps({"type": "status", **outcome.report()}))
        return True

    def ask_now(self) -> None:
        """Learns at once whether the job was cancelled, where there is someone to ask."""

    def _queue_line(self, line: Dict[str, Any]) -> None:
        pass

    def _print(self, text: str) -> None:
        with self._print_lock:
            try:
                print(text, flush=True)
            except (OSError, ValueError):
                pass  # Whoever read our output is gone; the job is not.


class Reporter(Journal):
    """Sends the news in order from a thread of its own, and never makes the trainer wait.

    Lines queue up to a bound; beyond it the oldest go, counted and said. Metrics always stay.
    One report is under way at a time. Until it is answered, it is repeated unchanged.
    """

    def __init__(self, client: ControlPlane, settings: Settings, stop: Stop, redact: Callable[[str], str]):
        super().__init__(redact)
        self._client = client
        self._settings = settings
        self._stop = stop
        self._seq_file = settings.work_dir / "report.seq"
        # On another machine the folder is empty, and the numbers must still be larger than those of the machine before.
        self._seq = read_number(self._seq_file) or int(time.time() * 1000)
        self._wake = threading.Condition()
        self._lines: "collections.deque[Dict[str, Any]]" = collections.deque()
        self._points: "collections.deque[Dict[str, Any]]" = collections.deque()
        self._status: Optional[str] = None
        self._final: Optional[Dict[str, Any]] = None
        self._final_deadline = math.inf
        self._dropped_lines = 0
        self._urgent = False
        self._sent_reports = 0
        self._delivered = False
        self._thread = threading.Thread(target=self._run, name="reporter", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def metric(self, point: Dict[str, Any]) -> None:
        with self._wake:
            if self._points and is_progress_only(self._points[-1]):
                self._points.pop()  # Progress that nobody has heard yet is replaced by newer progress.
            self._points.append(point)
            self._wake.notify()

    def status(self, status: str) -> None:
        with self._wake:
            self._status = status
            self._urgent = True
            self._wake.notify()

    def finish(self, outcome: "Outcome") -> bool:
        with self._wake:
            self._final = outcome.report()
            self._final_deadline = time.monotonic() + self._settings.final_report_seconds
            self._wake.notify()
        self._thread.join()
        return self._delivered

    def ask_now(self) -> None:
        with self._wake:
            asked = self._sent_reports
            self._urgent = True
            self._wake.notify()
            self._wake.wait_for(lambda: self._sent_reports > asked or not self._thread.is_alive(), timeout=5)

    def _queue_line(self, line: Dict[str, Any]) -> None:
        with self._wake:
            self._lines.append(line)
            if len(self._lines) > QUEUED_LINES_MAX:
                self._lines.popleft()
                self._dropped_lines += 1
            self._wake.notify()

    def _run(self) -> None:
        while True:
            body = self._next_report()
            if not self._deliver(body):
                return
            with self._wake:
                self._sent_reports += 1
                self._wake.notify_all()
                if "final" in body:
                    self._delivered = True
                    return

    def _next_report(self) -> Dict[str, Any]:
        """Waits until there is something worth saying, at the latest until the next heartbeat."""
        with self._wake:
            started = time.monotonic()
            while not (self._final or self._urgent):
                waited = time.monotonic() - started
                full = len(self._lines) >= REPORT_LINES_MAX or len(self._points) >= REPORT_POINTS_MAX
                due = self._settings.flush_seconds if self._lines or self._points else self._settings.heartbeat_seconds
                if full or waited >= due:
                    break
                self._wake.wait(due - waited)
            return self._take()

    def _take(self) -> Dict[str, Any]:
        """The next report's content. Must be called with the lock held."""
        self._urgent = False
        body: Dict[str, Any] = {}
        if self._dropped_lines:
            count = plural(self._dropped_lines, "log line")
            said = f"{count} dropped here: more was printed than could be sent. trainer.log has them all."
            self._lines.appendleft({"at": now_iso(), "stream": "runner", "level": "warning", "line": said})
            self._dropped_lines = 0
        if self._status:
            body["status"], self._status = self._status, None
        if self._points:
            body["metrics"] = [self._points.popleft() for _ in range(min(len(self._points), REPORT_POINTS_MAX))]
        if self._lines:
            body["logs"] = [self._lines.popleft() for _ in range(min(len(self._lines), REPORT_LINES_MAX))]
        if self._final and not self._lines and not self._points:
            body["final"] = self._final
        return body

    def _deliver(self, body: Dict[str, Any]) -> bool:
        """Sends one report until it is answered. False when nothing more can be sent, ever."""
        self._seq += 1
        self._keep_seq()
        lost_since: Optional[float] = None
        attempt = 0
        while True:
            try:
                answer = self._client.report(self._encode(body))
                break
            except JobOver as error:
                self._print(f"[runner] The control plane says that the job is over: {self._redact(str(error))}")
                self._stop.ask("over")
                return False
            except HttpRefusal as refusal:
                if refusal.status in CONTENT_STATUSES:
                    if self._lighten(body, refusal):
                        continue
                    if "final" not in body:
                        return True  # Nothing is left in it to lose.
                problem = refusal.details
            except NETWORK_ERRORS as error:
                problem = f"{type(error).__name__}: {error}"
            if lost_since is None:
                lost_since = time.monotonic()
                self.log(
                    f"The control plane cannot be reached ({problem}); training goes on, reports are kept.", "warning"
                )
            if time.monotonic() > self._final_deadline:
                self._print("[runner] Gave up on reporting the end; result.json holds it.")
                return False
            self._pause(backoff_seconds(attempt, self._settings.retry_seconds))
            attempt += 1
        if lost_since is not None:
            self.log(f"The control plane was reached again after {time.monotonic() - lost_since:.0f} s.")
        if answer.get("cancel") is True:
            self._stop.ask("cancel")
        return True

    def _keep_seq(self) -> None:
        try:
            replace_file(self._seq_file, str(self._seq))
        except OSError as error:
            # A full disk ends the training soon enough; it must not end the news of it.
            self._print(f"[runner] report.seq could not be written: {error}")

    def _encode(self, body: Dict[str, Any]) -> bytes:
        report = {key: value for key, value in body.items() if key != "final"}
        return json.dumps({"seq": self._seq, **report, **body.get("final", {})}, allow_nan=False).encode()

    def _lighten(self, body: Dict[str, Any], refusal: HttpRefusal) -> bool:
        """Takes out of a report that is refused as such what is most likely the cause. False if nothing is left to take."""
        final = body.get("final", {})
        for part, key in (
            (body, "logs"),
            (body, "metrics"),
            (body, "status"),
            (final, "result_path"),
            (final, "error"),
        ):
            if part.pop(key, None) is not None:
                self._print(
                    f"[runner] A report was refused ({self._redact(refusal.details)}); it is sent again without its {key}."
                )
                return True
        return False

    def _pause(self, seconds: float) -> None:
        """Waits before another attempt; the end of the job cuts the wait short, once."""
        with self._wake:
            had_final = self._final is not None
            self._wake.wait_for(lambda: self._final is not None and not had_final, timeout=seconds)


def is_progress_only(point: Mapping[str, Any]) -> bool:
    return not set(point) - {"step", "total_steps", "at", "gpu_memory_mib", "gpu_utilization"}


@dataclass
class Outcome:
    """How the job ended: what is reported last, and kept in result.json. `starting`: not ended, to be started again."""

    status: str
    code: str = ""
    message: str = ""
    result_path: str = ""

    EXIT = {"succeeded": 0, "failed": 1, "cancelled": 3, "over": 4}

    def report(self) -> Dict[str, Any]:
        report: Dict[str, Any] = {"status": self.status}
        if self.code:
            report["error"] = {"code": self.code, "message": shorten(self.message, MESSAGE_CHARACTERS_MAX)}
        if self.result_path:
            report["result_path"] = self.result_path
        return report

    @property
    def exit_status(self) -> int:
        return self.EXIT[self.status]
