"""Artifacts: what should outlive the machine, sent to where its owner chose.

    control-plane   PUT .../artifacts/{name}, resumable, proved by its hash on the other side
    huggingface     a repository, with a token that the person has set themselves
    put-url         one presigned address of any store that takes a PUT (the result alone)
    folder          a mounted folder (the result alone)

Whatever goes wrong here is a warning: a training that has ended well stays so.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Callable, Iterator, List, Mapping, Optional, Tuple

from .control_plane import ControlPlane
from .errors import RunnerError, backoff_seconds
from .folder_tar import FolderChanged, FolderTar
from .http_client import NETWORK_ERRORS, HttpRefusal, JobOver, opener_for, refusal_of
from .settings import VERSION, Settings
from .words import clean_line, file_name_for, shorten, size_text

CHECKPOINT_NAME = "checkpoint.tar"
UPLOADS_WITHOUT_PROGRESS_MAX = 6
# Nothing that is sent again as it is would fare better.
HOPELESS_STATUSES = {400, 401, 403, 404, 405, 411, 413, 501}


class NotKept(Exception):
    """Why an artifact did not get there, in words."""


class Abandoned(Exception):
    """There is no time for it any more."""


Check = Callable[[], None]
Say = Callable[[str], None]


class Destination:
    """Somewhere that artifacts go. Methods raise NotKept, Abandoned (from `check`) or OSError."""

    name = ""
    keeps_checkpoints = False

    def put_result(self, files: List[Tuple[Path, str]], name: str, check: Check) -> str:
        """Sends the trained result; where it lies then."""
        raise NotImplementedError

    def put_checkpoint(self, folder: Path, check: Check) -> None:
        """Replaces the checkpoint that is there by this one, in one step."""
        raise NotImplementedError


class ControlPlaneDestination(Destination):
    name = "control-plane"
    keeps_checkpoints = True

    def __init__(self, client: ControlPlane, settings: Settings, say: Say):
        self._client = client
        self._settings = settings
        self._say = say

    def put_result(self, files: List[Tuple[Path, str]], name: str, check: Check) -> str:
        self._put(name, FolderTar(files), check)
        return self._client.artifact_url(name)

    def put_checkpoint(self, folder: Path, check: Check) -> None:
        self._put(CHECKPOINT_NAME, FolderTar(files_below(folder, f"{folder.name}/")), check)

    def _put(self, name: str, tar: FolderTar, check: Check) -> None:
        sha256 = tar.sha256(check)
        self._say(f"Sending {name}: {size_text(tar.size)}.")
        attempt, corrupt, furthest = 0, 0, 0
        while True:
            check()
            try:
                there = self._client.artifact_progress(name, sha256, tar.size)
                if there.complete:
                    return
                if there.received_bytes > furthest:
                    furthest, attempt = there.received_bytes, 0
                    self._say(f"{name}: going on at {size_text(furthest)}.")
                chunks = checked(tar.chunks(there.received_bytes), check)
                self._client.put_artifact(name, sha256, tar.size, there.received_bytes, chunks)
                return
            except JobOver as error:
                raise NotKept(str(error)) from None
            except HttpRefusal as refusal:
                problem = refusal.details
                if refusal.status in HOPELESS_STATUSES:
                    raise NotKept(problem) from None
                if refusal.status == 422:
                    corrupt += 1
                    if corrupt > 1:
                        raise NotKept(problem) from None
            except NETWORK_ERRORS as error:
                problem = f"{type(error).__name__}: {error}"
            attempt += 1
            if attempt > UPLOADS_WITHOUT_PROGRESS_MAX:
                raise NotKept(f"no way through after {attempt} attempts ({problem})")
            wait_checked(backoff_seconds(attempt, self._settings.retry_seconds), check)


class PutUrlDestination(Destination):
    """A presigned address. Those who sign cannot sign for parts, so each attempt begins at the first byte."""

    name = "put-url"

    def __init__(self, url: str, settings: Settings):
        self._url = url
        self._settings = settings

    def put_result(self, files: List[Tuple[Path, str]], name: str, check: Check) -> str:
        tar = FolderTar(files)
        problem = ""
        for attempt in range(UPLOADS_WITHOUT_PROGRESS_MAX):
            check()
            headers = {
                "Content-Length": str(tar.size),
                "User-Agent": f"finetunelab-runner/{VERSION}",
                "Content-Type": "",
            }
            request = urllib.request.Request(self._url, checked(tar.chunks(), check), headers, method="PUT")  # type: ignore[arg-type]
            try:
                with opener_for(self._url).open(request, timeout=self._settings.http_timeout_seconds * 4):
                    return self._url.partition("?")[0]
            except urllib.error.HTTPError as error:
                refusal = refusal_of(error)
                problem = f"the store answered {refusal.details}"
                if refusal.status in HOPELESS_STATUSES:
                    break
            except NETWORK_ERRORS as error:
                problem = f"{type(error).__name__}: {error}"
            wait_checked(backoff_seconds(attempt, self._settings.retry_seconds), check)
        raise NotKept(problem)


class FolderDestination(Destination):
    name = "folder"

    def __init__(self, folder: Path):
        self._folder = folder

    def put_result(self, files: List[Tuple[Path, str]], name: str, check: Check) -> str:
        for path, inside in files:
            check()
            target = self._folder / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target.with_name(target.name + ".new"))
            target.with_name(target.name + ".new").replace(target)
        return str(self._folder)


HUB_SECONDS = 3_600


class HubDestination(Destination):
    """A Hugging Face repository, written to by the trainer's own `huggingface_hub`."""

    name = "huggingface"
    keeps_checkpoints = True

    def __init__(self, python: str, repository: str, job_id: str, env: Mapping[str, str], spec_folder: Path):
        self._python = python
        self._repository = repository
        # Several jobs may share a repository: none may go on from another's checkpoint.
        self._checkpoint = f"last-checkpoint/{file_name_for(job_id)}"
        self._env = env
        self._spec_folder = spec_folder

    def put_result(self, files: List[Tuple[Path, str]], name: str, check: Check) -> str:
        folder = common_folder(files)
        spec = {"folder": str(folder), "path_in_repo": "", "files": [inside for _, inside in files]}
        return self._run({**spec, "obsolete": self._checkpoint}, check)

    def put_checkpoint(self, folder: Path, check: Check) -> None:
        names = [inside for _, inside in files_below(folder)]
        self._run({"folder": str(folder), "path_in_repo": self._checkpoint, "files": names}, check)

    def fetch_checkpoint(self, target: Path) -> None:
        self._run({"fetch": self._checkpoint, "folder": str(target)}, lambda: None)

    def _run(self, spec: Mapping[str, object], check: Check) -> str:
        path = self._spec_folder / "hub.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**spec, "repository": self._repository}), encoding="utf-8")
        command = [self._python, str(Path(__file__).absolute()), "--hub", str(path)]
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(self._env), text=True, errors="replace"
        )
        deadline = time.monotonic() + HUB_SECONDS
        try:
            while True:
                try:
                    printed, _ = child.communicate(timeout=0.2)
                    break
                except subprocess.TimeoutExpired:
                    check()
                    if time.monotonic() > deadline:
                        raise NotKept(f"no end after {HUB_SECONDS} s") from None
        finally:
            if child.poll() is None:
                child.kill()
                child.communicate()
        last = clean_line(printed.strip().splitlines()[-1]) if printed.strip() else "it ended without a word"
        if child.returncode != 0:
            raise NotKept(shorten(last, 500))
        return last


def destinations_for(
    settings: Settings, client: Optional[ControlPlane], env: Mapping[str, str], say: Say
) -> List[Destination]:
    """What the environment asks for. Raises RunnerError("misconfigured") before anything is trained for nowhere."""
    chosen: List[Destination] = []
    for name in settings.artifacts:
        if name == "control-plane":
            if client is None:
                raise RunnerError(
                    "misconfigured", "ARTIFACTS names the control plane, which a detached runner has not."
                )
            chosen.append(ControlPlaneDestination(client, settings, say))
        elif name == "huggingface":
            if not settings.hf_repo_id or not env.get("HF_TOKEN"):
                raise RunnerError(
                    "misconfigured", "A Hugging Face repository needs HF_REPO_ID and HF_TOKEN, set by you."
                )
            chosen.append(
                HubDestination(
                    settings.trainer_python, settings.hf_repo_id, settings.job_id, env, settings.work_dir / "trainer"
                )
            )
        elif name == "put-url":
            if not settings.result_put_url:
                raise RunnerError("misconfigured", "ARTIFACTS names put-url, and RESULT_PUT_URL is not set.")
            chosen.append(PutUrlDestination(settings.result_put_url, settings))
        elif name == "folder":
            if not settings.result_dir:
                raise RunnerError("misconfigured", "ARTIFACTS names folder, and RESULT_DIR is not set.")
            chosen.append(FolderDestination(settings.result_dir))
    return chosen


def files_below(folder: Path, prefix: str = "") -> List[Tuple[Path, str]]:
    """Plain files with their names inside; links are not followed."""
    return [
        (path, prefix + path.relative_to(folder).as_posix())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    ]


def result_files(output: Path) -> List[Tuple[Path, str]]:
    """What a trainer leaves beside its checkpoints: the adapter or the model, its tokenizer, its notes."""
    return [item for item in files_below(output) if not item[1].startswith("checkpoint-")]


def common_folder(files: List[Tuple[Path, str]]) -> Path:
    path, inside = files[0]
    return path.parents[inside.count("/")]


def checked(chunks: Iterator[bytes], check: Check) -> Iterator[bytes]:
    for chunk in chunks:
        check()
        yield chunk


def wait_checked(seconds: float, check: Check) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        check()
        time.sleep(min(0.1, max(0.0, end - time.monotonic())))


PROBLEMS = (NotKept, FolderChanged, OSError)
