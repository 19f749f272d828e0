"""Errors, and stopping."""

from __future__ import annotations

import random
import signal
import time
from typing import Any, Optional


class RunnerError(Exception):
    """A failure with a stable code that the control plane shows, and a message for a person."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        self.message = message


class Stopped(Exception):
    """The job should not go on; Stop.reason says why."""


class Stop:
    """Why the job should stop, once it should. Safe to set from a signal handler: it is only an attribute."""

    # A later reason replaces an earlier one only if it stands further left.
    RANK = ("over", "cancel", "signal")

    def __init__(self) -> None:
        self.reason: Optional[str] = None
        self.hurry = False

    def ask(self, reason: str) -> None:
        if self.reason is None or self.RANK.index(reason) < self.RANK.index(self.reason):
            self.reason = reason

    def check(self) -> None:
        if self.reason:
            raise Stopped(self.reason)

    def sleep(self, seconds: float) -> None:
        """Sleeps, but not past a stop."""
        end = time.monotonic() + seconds
        while True:
            self.check()
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(0.1, left))

    def on_signals(self) -> None:
        def handle(_number: int, _frame: Any) -> None:
            self.hurry = self.reason == "signal"
            self.ask("signal")

        signal.signal(signal.SIGTERM, handle)
        signal.signal(signal.SIGINT, handle)


def backoff_seconds(attempt: int, base: float) -> float:
    """1, 2, 4 ... at most 10 times the base, between half of it and all of it by chance."""
    return base * min(10.0, 2.0 ** min(attempt, 10)) * random.uniform(0.5, 1.0)
