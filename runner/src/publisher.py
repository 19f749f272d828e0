"""Publishing: checkpoints while it trains, the result when it has."""

from __future__ import annotations

import shutil
import tarfile
import threading
import time
from pathlib import Path
from typing import Callable, List, Optional

from .artifacts import CHECKPOINT_NAME, PROBLEMS, Abandoned, Destination, HubDestination, result_files
from .control_plane import ControlPlane
from .download import Dataset, Downloader
from .errors import RunnerError
from .folder_tar import unpack
from .http_client import NETWORK_ERRORS, HttpRefusal, JobOver
from .launch import Workspace
from .report import Journal

LOOK_SECONDS = 2.0


class Publisher:
    """Sends from a thread of its own; the training never waits for it, and no failure here is one of the training."""

    def __init__(self, destinations: List[Destination], workspace: Workspace, journal: Journal):
        self._destinations = destinations
        self._workspace = workspace
        self._journal = journal
        self._closed = threading.Event()
        self._sent_step = workspace.last_checkpoint()[0]
        self._thread = threading.Thread(target=self._watch, name="publisher", daemon=True)

    def __enter__(self) -> "Publisher":
        if any(destination.keeps_checkpoints for destination in self._destinations):
            self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop_watching()

    def _stop_watching(self) -> None:
        """What is under way is left; it goes on from there, should it be sent again."""
        self._closed.set()
        if self._thread.ident:
            self._thread.join()

    def send_result(self, name: str, seconds: float, hurry: Callable[[], bool]) -> Optional[str]:
        """Where the result lies now, if it was sent anywhere. Once this is closed."""
        files = result_files(self._workspace.output)
        if not self._destinations:
            return None
        if not files:
            self._journal.warn("The trainer left nothing beside its checkpoints: there is no result to send.")
            return None
        places = [
            self._attempt(
                destination, f"{name} was sent to", lambda to, check: to.put_result(files, name, check), seconds, hurry
            )
            for destination in self._destinations
        ]
        return next((place for place in places if place), None)

    def send_last_checkpoint(self, seconds: float, hurry: Callable[[], bool]) -> None:
        """After an interruption: what the trainer has just saved, if there is time for it."""
        self._stop_watching()
        step, folder = self._workspace.last_checkpoint()
        if folder is not None and step > self._sent_step:
            self._send_checkpoint(
                step, folder, lambda destination, act: self._attempt(destination, "", act, seconds, hurry)
            )

    def _watch(self) -> None:
        while not self._closed.wait(LOOK_SECONDS):
            step, folder = self._workspace.last_checkpoint()
            if folder is not None and step > self._sent_step:
                self._send_checkpoint(step, folder, self._while_open)

    def _send_checkpoint(self, step: int, folder: Path, attempt: "Callable[[Destination, Act], Optional[str]]") -> None:
        def send(destination: Destination, check: Callable[[], None]) -> str:
            destination.put_checkpoint(folder, check)
            return destination.name

        sent = [attempt(each, send) for each in self._destinations if each.keeps_checkpoints]
        if any(sent):
            self._journal.log(f"{folder.name} is kept: another machine could go on from it.")
        if not self._closed.is_set() or any(sent):
            self._sent_step = step

    def _while_open(self, destination: Destination, act: "Act") -> Optional[str]:
        def check() -> None:
            if self._closed.is_set():
                raise Abandoned

        return self._try(destination, act, check)

    def _attempt(
        self, destination: Destination, said: str, act: "Act", seconds: float, hurry: Callable[[], bool] = lambda: False
    ) -> Optional[str]:
        deadline = time.monotonic() + seconds

        def check() -> None:
            if time.monotonic() > deadline or hurry():
                raise Abandoned

        place = self._try(destination, act, check)
        if place and said:
            self._journal.log(f"{said} {place}.")
        return place

    def _try(self, destination: Destination, act: "Act", check: Callable[[], None]) -> Optional[str]:
        try:
            return act(destination, check)
        except Abandoned:
            if not self._closed.is_set() or destination.keeps_checkpoints:
                self._journal.log(f"{destination.name}: there was no time to send everything.")
        except PROBLEMS as problem:
            self._journal.warn(
                f"{destination.name} did not take it: {problem or type(problem).__name__}. It stays in {self._workspace.output}."
            )
        return None


Act = Callable[[Destination, Callable[[], None]], str]


class Restorer:
    """Brings back the checkpoint of a machine that is gone, so that the job does not begin anew."""

    def __init__(
        self, workspace: Workspace, journal: Journal, destinations: List[Destination], client: Optional[ControlPlane]
    ):
        self._workspace = workspace
        self._journal = journal
        self._destinations = destinations
        self._client = client

    def restore(self, downloader_for: Callable[[Path], Downloader]) -> None:
        """Nothing happens where there is nothing, or where it cannot be had: then the training begins at its beginning."""
        fetched = self._workspace.root / "fetched"
        for destination in self._destinations:
            try:
                if isinstance(destination, HubDestination):
                    destination.fetch_checkpoint(fetched)
                elif destination.keeps_checkpoints and self._client:
                    self._from_control_plane(self._client, fetched, downloader_for)
                self._adopt(fetched)
            except (
                *PROBLEMS,
                *NETWORK_ERRORS,
                HttpRefusal,
                JobOver,
                RunnerError,
                ValueError,
                tarfile.TarError,
            ) as error:
                self._journal.log(f"No earlier checkpoint could be fetched from {destination.name} ({error}).")
            finally:
                shutil.rmtree(fetched, ignore_errors=True)
            if self._workspace.last_checkpoint()[1]:
                return

    def _from_control_plane(
        self, client: ControlPlane, fetched: Path, downloader_for: Callable[[Path], Downloader]
    ) -> None:
        kept = next((item for item in client.artifacts() if item.name == CHECKPOINT_NAME), None)
        if kept is None:
            return
        item = Dataset(
            "checkpoint", "The checkpoint of an earlier machine", client.artifact_url(kept.name), kept.sha256
        )
        fetched.mkdir(parents=True, exist_ok=True)
        unpack(downloader_for(fetched).fetch(item), fetched / "unpacked")

    def _adopt(self, fetched: Path) -> None:
        for state in fetched.glob("**/checkpoint-*/trainer_state.json"):
            folder = state.parent
            self._workspace.output.mkdir(parents=True, exist_ok=True)
            shutil.move(str(folder), str(self._workspace.output / folder.name))
            self._journal.log(f"{folder.name} was fetched: an earlier machine saved it.")


def result_name(lora: bool) -> str:
    return "adapter.tar" if lora else "model.tar"
