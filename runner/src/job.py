"""The job: from lease to result."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shlex
import time
from pathlib import Path
from types import MappingProxyType
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from .artifacts import Destination, destinations_for
from .config import TrainingConfig
from .control_plane import ControlPlane
from .download import Dataset, Downloader, Lease, only_file
from .errors import RunnerError, Stop, Stopped, backoff_seconds
from .gpu import GpuGauge, look_at_machine, prove_computing, prove_listed, run_proof
from .http_client import NETWORK_ERRORS, TRANSIENT_STATUSES, HttpRefusal, JobOver
from .launch import Launch, Machine, Trainer, Workspace
from .meter import Meter, StateFiles
from .mix import count_rows, mixed_rows
from .pins import Installer, pins_for
from .processes import OutputLog, ProcessTree, trainer_environment
from .publisher import Publisher, Restorer, result_name
from .report import Journal
from .settings import VERSION, Settings
from .token_counter import TokenCounter
from .train_file import Written, write_rows
from .trainers import trainer_for
from .words import MESSAGE_CHARACTERS_MAX, disk_error, plural


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
        env = trainer_environment(os.environ)
        destinations = destinations_for(self._settings, self._client, env, self._journal.log)
        self._prove_gpus_listed()
        surroundings = self._installer().provide(pins_for(config))
        machine = look_at_machine(self._settings.trainer_python, surroundings.versions)
        self._prove_gpus_compute(machine)
        if trainer.transformers:
            machine.precision(config)  # Refused before anything is downloaded.
        try:
            self._prepare_rows(trainer, config, lease)
            if trainer.transformers:
                self._workspace.clear_leftovers()
            if trainer.transformers or trainer.resumes:
                self._fetch_checkpoint(destinations)
            self._workspace.output.mkdir(parents=True, exist_ok=True)
            launch = trainer.prepare(config, self._workspace, machine)
        except OSError as error:
            raise disk_error(error) from None
        for note in launch.notes:
            self._journal.log(note)
        with Publisher(destinations, self._workspace, self._journal) as publisher:
            try:
                self._train(launch)
            except Stopped:
                if self._stop.reason == "signal":
                    self._tell_what_was_saved()
                    publisher.send_last_checkpoint(self._settings.stop_grace_seconds, lambda: self._stop.hurry)
                raise
        name = result_name(config.lora is not None and trainer.transformers)
        place = publisher.send_result(name, self._settings.upload_seconds, self._give_up)
        return place or self._settings.result_uri or str(self._workspace.output)

    def _give_up(self) -> bool:
        """The training has ended well: only a job that is over, or a second signal, ends the sending of its result."""
        return self._stop.hurry or self._stop.reason == "over"

    def _fetch_checkpoint(self, destinations: List[Destination]) -> None:
        """On a machine that has none, the checkpoint that an earlier one has left."""
        if self._workspace.last_checkpoint()[1]:
            return

        def downloader_for(folder: Path) -> Downloader:
            headers = self._client.authorization if self._client else None
            settings = dataclasses.replace(self._settings, datasets_dir=None)
            return Downloader(folder, settings, self._stop, self._journal, no_other_link, headers=headers)

        Restorer(self._workspace, self._journal, destinations, self._client).restore(downloader_for)

    def _tell_what_was_saved(self) -> None:
        _, checkpoint = self._workspace.last_checkpoint()
        saved = f"{checkpoint.name} is saved" if checkpoint else "The trainer saved no checkpoint"
        self._journal.warn(f"A signal ended the training. {saved}.")

    # The machine

    def _prove_gpus_listed(self) -> None:
        expected = self._settings.expect_gpu
        if expected:
            self._journal.log(f"nvidia-smi: {prove_listed(expected)}.")

    def _prove_gpus_compute(self, machine: Machine) -> None:
        expected = self._settings.expect_gpu
        if expected and "torch" in machine.versions:
            cuda = prove_computing(expected, machine.python, run_proof)
            self._journal.log(f"torch {machine.versions['torch']} computes on every GPU, with CUDA {cuda}.")

    def _installer(self) -> Installer:
        def run(command: List[str]) -> Tuple[int, List[str]]:
            output = OutputLog(self._journal, self._workspace.trainer_log)
            status = self._run_tree(command, output)
            return status, output.tail

        settings = self._settings
        return Installer(
            settings.trainer_python,
            settings.work_dir,
            settings.install_trainer,
            self._journal.log,
            run,
            self._stop,
            settings.retry_seconds,
        )

    # The lease

    def _lease(self) -> Lease:
        """Asks until it gets one, for as long as the settings have patience."""
        if self._client is None:
            url = only_file(self._settings.dataset_url)
            only = Dataset("dataset", "The dataset", url, self._settings.dataset_sha256)
            return Lease([only], self._settings.config or {})
        deadline, attempt = time.monotonic() + self._settings.lease_patience_seconds, 0
        while True:
            self._stop.check()
            try:
                return Lease.from_json(self._client.lease())
            except JobOver as over:
                if over.code == "job_cancelled":
                    self._stop.ask("cancel")
                    self._stop.check()
                raise
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
        with contextlib.ExitStack() as open_until_written:
            written = write_rows(
                mixed_rows(sources, config.seed),
                self._workspace.data,
                config,
                trainer.convert,
                stop=self._stop,
                pair_rewards=config.method == "reward" and trainer.transformers,
                count_tokens=self._token_counter(trainer, config, open_until_written),
            )
        self._tell(written, trainer, config)

    def _token_counter(
        self, trainer: Trainer, config: TrainingConfig, stack: contextlib.ExitStack
    ) -> Optional[TokenCounter]:
        """None where lengths can only be guessed, which is said; or raised, where a policy would act on the guess."""
        if not trainer.transformers or config.method == "cpt":
            return None
        env = trainer_environment(os.environ)
        counter = stack.enter_context(TokenCounter(self._settings.trainer_python, config, env))
        if counter.problem is None:
            return counter
        problem = f"The tokenizer of {config.base_model} cannot be loaded ({counter.problem})"
        if config.long_rows != "cut":
            raise RunnerError("tokenizer_failed", f"{problem}, and long_rows is {config.long_rows!r}.")
        self._journal.warn(f"{problem}; lengths are guessed.")
        return None

    def _tell(self, written: Written, trainer: Trainer, config: TrainingConfig) -> None:
        total = written.rows + written.eval_rows + sum(written.left_out.values())
        for reason, count in written.left_out.most_common():
            self._journal.warn(f"{count:,} of {plural(total, 'row')} left out: {reason}.")
        if written.uncounted:
            self._journal.warn(
                f"{plural(written.uncounted, 'row')} that the chat template of {config.base_model} refuses: "
                "their lengths are guessed, and the trainer may refuse them too."
            )
        long_rows = written.long_rows_said(config)
        if long_rows and trainer.transformers:
            self._journal.warn(f"{long_rows} Raise max_seq_length to keep them whole.")
        held_out = ""
        if config.evaluates:
            held_out = f"; {plural(written.eval_rows, 'row')} held out"
            if not written.eval_rows:
                self._journal.warn(
                    f"No row was held out: {config.eval_ratio:g} of them is too little. Nothing is evaluated."
                )
        self._journal.log(f"{plural(written.rows, 'row')} an epoch{held_out}, ready in {self._workspace.data.name}/.")

    # The trainer

    def _train(self, launch: Launch) -> None:
        meter = Meter(launch, self._journal.metric, self._journal.warn, GpuGauge())
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
            status = self._run_tree(launch.command, output, launch.env, meanwhile)
        finally:
            states.poll()
            self.last_metrics = meter.last
        if status != 0:
            first = f"The trainer ended with exit status {status}{why_killed(status)}. Its last lines:\n"
            last = "\n".join(output.tail)[len(first) - MESSAGE_CHARACTERS_MAX :]
            raise RunnerError("trainer_failed", first + last)

    def _run_tree(
        self,
        command: List[str],
        output: OutputLog,
        env: Mapping[str, str] = MappingProxyType({}),
        meanwhile: Callable[[], None] = lambda: None,
    ) -> int:
        """The exit status. Raises Stopped once the tree is gone, if that was asked for."""
        try:
            inherited = {**trainer_environment(os.environ), **env}
            tree = ProcessTree(command, inherited, self._settings.work_dir, output)
            status = tree.wait(self._stop, self._settings.stop_grace_seconds, meanwhile)
        finally:
            output.close()
        self._stop.check()
        return status


def no_other_link(name: str) -> Dataset:
    raise RunnerError("download_failed", f"The link to {name} is refused, and there is no other.")


def why_killed(status: int) -> str:
    if status in (137, -9):
        return " (killed: often the machine ran out of memory)"
    if status == 127:
        return " (there is no such program)"
    return f" (signal {status - 128})" if 128 < status < 160 else ""
