"""Reading a trainer's output.

Trainers of the Hugging Face family say the same thing in three places:
  - a Python dictionary on a line:  {'loss': 1.93, 'grad_norm': 0.7, 'learning_rate': 2e-05, 'epoch': 0.25}
    (newer versions print the numbers as strings), without the step;
  - a progress bar:                  4%|4         | 12/300 [00:10<04:00,  1.20it/s]  with the step and the total;
  - checkpoint-N/trainer_state.json: log_history, with everything, but only when a checkpoint is written.
Meter makes one series of points out of them.
"""

from __future__ import annotations

import ast
import json
import math
import re
import threading
import time
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple

from .launch import Launch, Workspace
from .words import now_iso, number_of

LOG_TEXT_MAX = 8_192
NOT_FINITE = re.compile(r"(?<=[:\s])(-?(?:nan|inf|NaN|Infinity))(?=\s*[,}])")
PROGRESS_BAR = re.compile(r"^(?P<what>[^|%]*?)\s*\d{1,3}%\|[^|]*\|\s*(?P<step>\d+)/(?P<total>\d+)\s*\[")
TRAINING_BAR = re.compile(r"(?i)^(train\w*|steps?)?:?$")
TOTAL_STEPS = re.compile(r"Total optimization steps\s*=\s*([\d,]+)")
LOG_KEYS = {"loss", "learning_rate", "grad_norm", "epoch", "step", "global_step", "eval_loss", "train_loss"}
TOKEN_RATE_KEYS = (
    "tokens_per_second",
    "train_tokens_per_second",
    "tokens_per_second_per_gpu",
    "tokens/train_per_sec_per_gpu",
)
TOKEN_COUNT_KEYS = ("num_tokens", "num_input_tokens_seen")
NOT_POINTS = {"total_flos", "step", "global_step", "total_steps", "max_steps"}
POINT_KEYS_MAX = 40


def parse_log(text: str) -> Optional[Dict[str, Any]]:
    """The dictionary that a trainer logged on this line, if it did. Nothing is evaluated but literals."""
    start = min((at for at in (text.find("{'"), text.find('{"')) if at >= 0), default=-1)
    text = text[start:].strip()
    if start < 0 or len(text) > LOG_TEXT_MAX or not text.endswith("}"):
        return None
    quoted = NOT_FINITE.sub(r"'\1'", text)
    for read in (ast.literal_eval, json.loads):
        try:
            value = read(quoted if read is ast.literal_eval else text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
        if isinstance(value, dict) and all(isinstance(key, str) for key in value) and LOG_KEYS & set(value):
            return value
    return None


class LogPoint(NamedTuple):
    """One log entry, read: finite numbers by name, and the names of those that were not finite."""

    numbers: Dict[str, float]
    not_finite: List[str]

    @property
    def kind(self) -> str:
        if "train_runtime" in self.numbers:
            return "summary"
        evaluation = any(name.startswith("eval_") for name in self.numbers) and "loss" not in self.numbers
        return "eval" if evaluation else "train"


def read_point(entry: Mapping[str, Any]) -> LogPoint:
    numbers, not_finite = {}, []
    for name, value in entry.items():
        number = number_of(value)
        if number is None:
            continue
        if math.isfinite(number):
            numbers[name[:100]] = number
        else:
            not_finite.append(name[:100])
    return LogPoint(numbers, not_finite)


class Meter:
    """Turns what a trainer says into points, each once, with a step, never with null. Safe from several threads."""

    def __init__(
        self,
        launch: Launch,
        emit: Callable[[Dict[str, Any]], None],
        warn: Callable[[str], None],
        gauge: Callable[[], Mapping[str, float]] = dict,
        now: Callable[[], float] = time.monotonic,
    ):
        self._launch = launch
        self._emit = emit
        self._warn = warn
        self._gauge = gauge
        self._now = now
        self._lock = threading.Lock()
        self._bar_step = 0
        self._total = 0
        self._train_step = launch.resumed_step
        self._eval_step = launch.resumed_step
        self._told_step = launch.resumed_step
        self._told_at = now()
        self._told: Dict[Tuple[str, int], Dict[str, float]] = {}
        self._tokens: Optional[Tuple[float, float]] = None
        self._not_finite = 0
        self.last: Dict[str, Any] = {}

    def line(self, text: str) -> None:
        """A whole line of output."""
        match = TOTAL_STEPS.search(text)
        with self._lock:
            if match:
                self._total = int(match.group(1).replace(",", ""))
            entry = parse_log(text)
            if entry is not None:
                self._logged(entry)
            else:
                self._bar(text)

    def progress(self, text: str) -> None:
        """A line that was overwritten by the next: progress."""
        with self._lock:
            self._bar(text)

    def state(self, history: Iterable[Any]) -> None:
        """log_history of a trainer_state.json: fills in what the output did not say."""
        with self._lock:
            for entry in history:
                step = number_of(entry.get("step")) if isinstance(entry, dict) else None
                if step is not None and step > self._launch.resumed_step:
                    self._told_or_emit(read_point(entry), int(step))

    def _bar(self, text: str) -> None:
        match = PROGRESS_BAR.match(text)
        if not match or not TRAINING_BAR.match(match.group("what").strip()):
            return
        step, total = int(match.group("step")), int(match.group("total"))
        if total <= 0 or (self._total and total != self._total):
            return  # Another bar: an evaluation's, or a file's.
        self._total, self._bar_step = total, max(self._bar_step, step)
        if self._bar_step > self._told_step and self._now() - self._told_at >= 10:
            self._send({}, self._bar_step)

    def _logged(self, entry: Dict[str, Any]) -> None:
        point = read_point(entry)
        total = number_of(entry.get("total_steps", entry.get("max_steps")))
        if total and math.isfinite(total) and total > 0:
            self._total = int(total)
        if point.kind == "summary":
            return
        if point.kind == "train":
            step = self._train_step = self._step_of(point)
        else:
            step = self._eval_step = self._eval_step_of(point)
        if point.not_finite:
            self._complain(step, point.not_finite)
        self._told_or_emit(point, step)

    def _step_of(self, point: LogPoint) -> int:
        for key in ("step", "global_step"):
            if point.numbers.get(key, -1) >= 0:
                return int(point.numbers[key])
        if self._launch.logging_steps:
            # Trainers log at multiples of it, wherever a resumed training began.
            step = (self._train_step // self._launch.logging_steps + 1) * self._launch.logging_steps
            return min(step, self._total) if self._total else step
        return self._bar_step if self._bar_step > self._train_step else self._train_step + 1

    def _eval_step_of(self, point: LogPoint) -> int:
        for key in ("step", "global_step"):
            if point.numbers.get(key, -1) >= 0:
                return int(point.numbers[key])
        interval = self._launch.eval_steps or 0
        if 0 < interval < 1:
            interval = math.ceil(interval * self._total)
        if interval:
            step = (self._eval_step // int(interval) + 1) * int(interval)
            return min(step, self._total) if self._total else step  # The last one is at the end.
        return self._train_step

    def _told_or_emit(self, point: LogPoint, step: int) -> None:
        if point.kind == "summary" or not point.numbers:
            return
        told = self._told.get((point.kind, step)) or self._twin_of(point)
        if told is not None and not set(point.numbers) - set(told) - NOT_POINTS:
            return
        if told is None and len(self._told) > 100_000:
            self._told.pop(next(iter(self._told)))
        self._told[(point.kind, step)] = point.numbers
        self._send(point.numbers, step)

    def _twin_of(self, point: LogPoint) -> Optional[Dict[str, float]]:
        """The same entry, told before under a step that had to be guessed."""
        if (self._launch.logging_steps and point.kind == "train") or "epoch" not in point.numbers:
            return None
        loss = "eval_loss" if point.kind == "eval" else "loss"
        for (kind, _), told in reversed(list(self._told.items())[-500:]):
            same = kind == point.kind and all(
                math.isclose(point.numbers.get(key, math.inf), told.get(key, -math.inf), rel_tol=2e-3)
                for key in (loss, "epoch")
            )
            if same:
                return {**point.numbers, **told}
        return None

    def _send(self, numbers: Mapping[str, float], step: int) -> None:
        point: Dict[str, Any] = {"step": step, "at": now_iso()}
        if self._total >= max(step, 1):
            point["total_steps"] = self._total
        for name, number in list(numbers.items())[:POINT_KEYS_MAX]:
            if name not in NOT_POINTS and not (name == "epoch" and number < 0):
                point[name] = int(number) if name in TOKEN_COUNT_KEYS else number
        rate = self._token_rate(numbers)
        if rate is not None:
            point["tokens_per_second"] = round(rate, 1)
        point.update(self._gauge())
        self._told_step, self._told_at = max(self._told_step, step), self._now()
        self.last = {**self.last, **point}
        self._emit(point)

    def _token_rate(self, numbers: Mapping[str, float]) -> Optional[float]:
        """As the trainer says it, or from its running count of tokens."""
        for key in TOKEN_RATE_KEYS:
            if numbers.get(key, -1) >= 0:
                return numbers[key]
        count = next((numbers[key] for key in TOKEN_COUNT_KEYS if key in numbers), None)
        if count is None:
            return None
        before, self._tokens = self._tokens, (count, self._now())
        if before is None or count < before[0] or self._tokens[1] - before[1] < 0.05:
            return None
        return (count - before[0]) / (self._tokens[1] - before[1])

    def _complain(self, step: int, names: List[str]) -> None:
        self._not_finite += 1
        if self._not_finite == 1 or self._not_finite % 100 == 0:
            again = f" ({self._not_finite} times so far)" if self._not_finite > 1 else ""
            self._warn(
                f"Step {step}: {', '.join(names)} is not a finite number{again}. If it stays so, try a lower learning rate."
            )


class StateFiles:
    """Reads trainer_state.json of the newest checkpoint, once for each that appears."""

    STATE_BYTES_MAX = 64 * 1048576

    def __init__(self, workspace: Workspace, meter: Meter):
        self._workspace = workspace
        self._meter = meter
        self._read_step = workspace.last_checkpoint()[0]

    def poll(self) -> None:
        step, folder = self._workspace.last_checkpoint()
        if folder is None or step <= self._read_step:
            return
        path = folder / "trainer_state.json"
        try:
            if path.stat().st_size > self.STATE_BYTES_MAX:
                self._read_step = step
                return
            history = json.loads(path.read_text(encoding="utf-8")).get("log_history")
        except (OSError, ValueError, AttributeError, RecursionError):
            return  # Half-written, most likely: the next poll sees it whole.
        self._read_step = step
        if isinstance(history, list):
            self._meter.state(history)
