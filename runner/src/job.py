"""The job: from lease to result."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from typing import Any, Callable, Dict, List, Optional

from .config import TrainingConfig
from .control_plane import ControlPlane
from .download import Dataset, Downloader, Lease
from .errors import RunnerError, Stop, backoff_seconds
from .gpu import GpuMemory, look_at_machine
from .http_client import NETWORK_ERRORS, TRANSIENT_STATUSES, HttpRefusal
from .launch import Launch, Machine, Trainer, Workspace
from .meter import Meter, StateFiles
from .mix import count_rows, mixed_rows
from .processes import OutputLog, ProcessTree, trainer_environment
from .report import Journal
from .settings import VERSION, Settings
from .train_file import write_rows
from .trainers import trainer_for
from .words import MESSAGE_CHARACTERS_MAX, disk_error, plural

FIND_MODULES = (
    "import importlib.util, sys; sys.exit(any(importlib.util.find_spec(name) is None for name in sys.argv[1:]))"
)
IS_MANAGED = (
    "import os, sys, sysconfig; marker = os.path.join(sysconfig.get_path('stdlib'), 'EXTERNALLY-MANAGED');"
    "sys.exit(not (sys.prefix == sys.base_prefix and os.path.exists(marker)))"
)


class Job:
    """From lease to result. Raises RunnerError, JobOver or Stopped; returns where the result lies."""

    def __init__(self, settings: Settings, stop: Stop, journal: Journal, client: Optional[ControlPlane]):
        self._settings = settings
        self._stop = stop
        self._journal = journal
        self._client = client
        self._workspace = Workspace(settings.work_dir)
        self.last_metrics: Dict[str, Any] = {}

    def run(self) -> str:
        lease = self._lease()
        self._journal.status("starting")
        config = TrainingConfig.from_json(lease.config)
        self._journal.log(
            f"{config.trainer}, {config.method} of {config.base_model}, {plural(len(lease.datasets), 'dataset')}; runner {VERSION}."
        )
        trainer = trainer_for(config)
        machine = look_at_machine(self._settings.trainer_python)
        self._need(trainer, machine)
        try:
            self._prepare_rows(trainer, config, lease)
            self._workspace.output.mkdir(parents=True, exist_ok=True)
            launch = trainer.prepare(config, self._workspace, machine)
        except OSError as error:
            raise disk_error(error) from None
        for note in launch.notes:
            self._journal.log(note)
        self._train(launch)
        return str(self._workspace.output)

    # The lease

    def _lease(self) -> Lease:
        """Asks until it gets one, for as long as the settings have patience."""
        if self._client is None:
            only = Dataset("dataset", "The dataset", self._settings.dataset_url, self._settings.dataset_sha256)
            return Lease([only], self._settings.config or {})
        deadline, attempt = time.monotonic() + self._settings.lease_patience_seconds, 0
        while True:
            self._stop.check()
            try:
                return Lease.from_json(self._client.lease())
            except HttpRefusal as refusal:
                problem = refusal.details
                if refusal.status not in TRANSIENT_STATUSES and (refusal.is_ours or refusal.status != 404):
                    raise RunnerError("lease_refused", f"The control plane refused the lease: {problem}") from None
            except NETWORK_ERRORS as error:
                problem = f"{type(error).__name__}: {error}"
            if time.monotonic() > deadline:
                raise RunnerError("lease_failed", f"No lease could be had: {problem}")
            self._journal.warn(f"No lease yet ({problem}); asking again.")
            self._stop.sleep(backoff_seconds(attempt, self._settings.retry_seconds))
            attempt += 1

    def _renewed(self, dataset_id: str) -> Dataset:
        self._journal.log("Asking for a fresh link.")
        for dataset in self._lease().datasets:
            if dataset.id == dataset_id:
                return dataset
        raise RunnerError("lease_invalid", f"The new lease does not hold dataset {dataset_id} any more.")

    # The data

    def _prepare_rows(self, trainer: Trainer, config: TrainingConfig, lease: Lease) -> None:
        if not lease.datasets:
            raise RunnerError("no_dataset", "The training has no dataset.")
        skew = self._client.clock_skew_seconds if self._client else 0.0
        downloader = Downloader(
            self._workspace.datasets,
            self._settings,
            self._stop,
            self._journal,
            self._renewed,
            now=lambda: time.time() + skew,
        )
        sources = [count_rows(dataset, downloader.fetch(dataset), self._stop) for dataset in lease.datasets]
        for source in sources:
            taken = f"weight {source.dataset.weight:g}, {source.rows_taken:,} an epoch"
            self._journal.log(f"{source.dataset.name}: {plural(source.rows, 'row')}, {taken}.")
        pair_rewards = config.method == "reward" and config.trainer in ("trl", "axolotl", "llamafactory")
        written = write_rows(
            mixed_rows(sources, config.seed),
            self._workspace.train_file,
            config,
            trainer.convert,
            pair_rewards,
            self._stop,
        )
        total = written.rows + sum(written.left_out.values())
        for reason, count in written.left_out.most_common():
            self._journal.warn(f"{count:,} of {plural(total, 'row')} left out: {reason}.")
        if written.long_rows and trainer.hides_long_rows:
            self._journal.warn(
                f"About {written.long_rows:,} of {plural(written.rows, 'row')} look longer than max_seq_length ({config.max_seq_length} tokens, "
                f"at 4 characters a token). {config.trainer} cuts or drops them: raise max_seq_length to keep them whole."
            )
        self._journal.log(f"{plural(written.rows, 'row')} an epoch, ready in {self._workspace.train_file.name}.")

    # The trainer

    def _need(self, trainer: Trainer, machine: Machine) -> None:
        """Raises RunnerError("trainer_missing") with the command that would help; or runs it, where that was asked for."""
        if (
            not trainer.modules
            or subprocess.run([machine.python, "-c", FIND_MODULES, *trainer.modules], check=False).returncode == 0
        ):
            return
        managed = subprocess.run([machine.python, "-c", IS_MANAGED], check=False).returncode == 0
        pip = [
            machine.python,
            "-m",
            "pip",
            "install",
            *(["--break-system-packages"] if managed else []),
            *trainer.packages,
        ]
        if not self._settings.install_trainer:
            raise RunnerError(
                "trainer_missing",
                f"{' and '.join(trainer.modules)} cannot be imported by {machine.python}. Install with: {shlex.join(pip)}",
            )
        self._journal.log(f"Installing: {shlex.join(pip)}")
        output = OutputLog(self._journal, self._workspace.trainer_log)
        self._run_tree(pip, output, "trainer_missing", "pip")

    def _train(self, launch: Launch) -> None:
        gpu_memory = GpuMemory()
        meter = Meter(launch, self._journal.metric, self._journal.warn, gpu_memory)
        states = StateFiles(self._workspace, meter)
        polled = [time.monotonic()]

        def meanwhile() -> None:
            self.last_metrics = meter.last
            if time.monotonic() - polled[0] > 5:
                polled[0] = time.monotonic()
                states.poll()

        self._journal.log(f"Training: {shlex.join(launch.command)}")
        self._journal.status("running")
        output = OutputLog(self._journal, self._workspace.trainer_log, meter)
        try:
            self._run_tree(launch.command, output, "trainer_failed", "The trainer", meanwhile)
        finally:
            states.poll()
            self.last_metrics = meter.last

    def _run_tree(
        self, command: List[str], output: OutputLog, code: str, name: str, meanwhile: Callable[[], None] = lambda: None
    ) -> None:
        try:
            tree = ProcessTree(command, trainer_environment(os.environ), self._settings.work_dir, output)
            status = tree.wait(self._stop, self._settings.stop_grace_seconds, meanwhile)
        finally:
            output.close()
        self._stop.check()
        if status != 0:
            first = f"{name} ended with exit status {status}{why_killed(status)}. Its last lines:\n"
            raise RunnerError(code, first + "\n".join(output.tail)[len(first) - MESSAGE_CHARACTERS_MAX :])


def why_killed(status: int) -> str:
    if status in (137, -9):
        return " (killed: often the machine ran out of memory)"
    if status == 127:
        return " (there is no such program)"
    return f" (signal {status - 128})" if 128 < status < 160 else ""
