"""The life of a runner."""

from __future__ import annotations

import json
import os
import time
import traceback
from typing import Any, Callable, Dict, Mapping, Optional, Tuple

from .control_plane import ControlPlane
from .errors import RunnerError, Stop, Stopped
from .http_client import JobOver
from .job import Job
from .launch import Workspace
from .redact import Redactor
from .report import Journal, Outcome, Reporter
from .settings import VERSION, Settings
from .words import now_iso, replace_file


class WorkFolder:
    """Holds the folder for this runner alone, and remembers in result.json how its job ended."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._result = Workspace(settings.work_dir).result
        self._started_at = now_iso()
        try:
            settings.work_dir.mkdir(parents=True, exist_ok=True)
            self._lock = (settings.work_dir / "runner.lock").open("a+")
        except OSError as error:
            raise RunnerError(
                "misconfigured", f"WORK_DIR {settings.work_dir} cannot be used: {error.strerror}."
            ) from None
        self._take_lock()

    def _take_lock(self) -> None:
        import fcntl

        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunnerError("misconfigured", f"Another runner works in {self._settings.work_dir}.") from None

    def earlier_outcome(self) -> Tuple[Optional[Outcome], bool]:
        """How this job ended before, if it did, and whether the control plane knows. An interruption is no end: it may go on."""
        try:
            kept = json.loads(self._result.read_text(encoding="utf-8"))
            error = kept.get("error") or {}
            outcome = Outcome(
                kept["status"], error.get("code", ""), error.get("message", ""), kept.get("result_path", "")
            )
        except (OSError, ValueError, KeyError, AttributeError):
            return None, False
        if (
            kept.get("job_id") != self._settings.job_id
            or outcome.status not in Outcome.EXIT
            or outcome.code == "interrupted"
        ):
            return None, False
        return outcome, kept.get("reported") is True

    def remember(self, outcome: Outcome, metrics: Mapping[str, Any], reported: bool) -> None:
        kept = {
            "job_id": self._settings.job_id,
            **outcome.report(),
            "metrics": dict(metrics),
            "started_at": self._started_at,
            "ended_at": now_iso(),
            "reported": reported,
            "runner": VERSION,
        }
        try:
            replace_file(self._result, json.dumps(kept, indent=2))
        except OSError as error:
            print(f"[runner] result.json could not be written: {error}", flush=True)


def run(settings: Settings) -> int:
    """The whole life of a runner; the exit status."""
    stop = Stop()
    stop.on_signals()
    folder = WorkFolder(settings)
    redact = Redactor(settings, os.environ)
    client = None if settings.detached else ControlPlane(settings)
    journal = Reporter(client, settings, stop, redact) if client else Journal(redact)
    outcome, reported = folder.earlier_outcome()
    if outcome and (reported or outcome.status == "over" or client is None):
        print(f"[runner] This job has ended already: {outcome.status}. Nothing is trained twice.", flush=True)
        return rest(settings, stop, outcome)
    if isinstance(journal, Reporter):
        journal.start()
    metrics: Dict[str, Any] = {}
    if outcome is None:
        job = Job(settings, stop, journal, client)
        outcome = outcome_of(job, stop, journal, redact)
        metrics = job.last_metrics
        folder.remember(outcome, metrics, reported=False)
    if outcome.status == "over":
        print(f"[runner] {outcome.message}", flush=True)
    elif outcome.code == "interrupted" and settings.provider_tells_end:
        journal.log("The provider takes the machine away. It knows whether that is the end.", "warning")
        journal.finish(Outcome("starting"))
    else:
        reason = f" ({outcome.code})" if outcome.code else ""
        journal.log(f"The end: {outcome.status}{reason}.", "info" if outcome.status == "succeeded" else "warning")
        folder.remember(outcome, metrics, reported=journal.finish(outcome))
    return rest(settings, stop, outcome)


def outcome_of(job: Job, stop: Stop, journal: Journal, redact: Callable[[str], str]) -> Outcome:
    """Runs the job and puts into words how it ended."""
    try:
        return Outcome("succeeded", result_path=job.run())
    except JobOver as error:
        return Outcome("over", "job_over", f"The control plane says that the job is over: {redact(str(error))}")
    except Stopped:
        if stop.reason == "signal":
            journal.ask_now()  # Whoever sent the signal may have cancelled the job first.
        return {
            "over": Outcome(
                "over", "job_over", "The control plane said that the job is over; the trainer was stopped."
            ),
            "cancel": Outcome("cancelled", "cancelled", "Cancelled; the trainer was stopped."),
            "signal": Outcome(
                "failed",
                "interrupted",
                "The runner was told to stop by a signal (a preemption, or a shutdown of the machine).",
            ),
        }[stop.reason or "signal"]
    except RunnerError as error:
        return Outcome("failed", error.code, redact(error.message))
    except Exception as error:  # The control plane must learn of our own mistakes too.
        journal.log(traceback.format_exc().replace("\n", " | "), "error")
        return Outcome("failed", "runner_error", redact(f"{type(error).__name__}: {error}"))


def rest(settings: Settings, stop: Stop, outcome: Outcome) -> int:
    """The end of the runner, now or when it is killed; the exit status."""
    if settings.keep_alive and stop.reason != "signal":
        stay_until_killed()
    return outcome.exit_status


def stay_until_killed() -> None:
    """Some providers start a container again as soon as it ends, and bill it: there, it must not end by itself."""
    stop = Stop()
    stop.on_signals()
    print("[runner] Waiting to be terminated (KEEP_ALIVE).", flush=True)
    while not stop.reason:
        time.sleep(0.2)
