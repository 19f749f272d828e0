"""Download: whole, or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from .errors import RunnerError, Stop, backoff_seconds
from .http_client import NETWORK_ERRORS, HttpRefusal, NoRedirect, opener_for, refusal_of
from .report import Journal
from .settings import VERSION, Settings
from .words import disk_error, file_name_for, parse_iso, plural, size_text

CHUNK_BYTES = 1 << 20
ATTEMPTS_WITHOUT_PROGRESS_MAX = 8
LINK_REFUSED_STATUSES = {400, 401, 403, 404}
LINK_MARGIN_SECONDS = 30
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


@dataclass(frozen=True)
class Dataset:
    """One dataset of the lease. A size or a count of 0 means that nobody said."""

    id: str
    name: str
    url: str
    sha256: str
    expires_at: Optional[float] = None
    size_bytes: int = 0
    total_examples: int = 0
    weight: float = 1.0

    @staticmethod
    def from_json(item: Mapping[str, Any]) -> "Dataset":
        return Dataset(
            id=str(item["id"]),
            name=str(item.get("name") or item["id"]),
            url=str(item["url"]),
            sha256=str(item["sha256"]).lower(),
            expires_at=parse_iso(item["expires_at"]) if item.get("expires_at") else None,
            size_bytes=int(item.get("size_bytes") or 0),
            total_examples=int(item.get("total_examples") or 0),
            weight=float(item.get("weight") or 1),
        )


@dataclass(frozen=True)
class Lease:
    datasets: List[Dataset]
    config: Dict[str, Any]

    @staticmethod
    def from_json(answer: Mapping[str, Any]) -> "Lease":
        try:
            return Lease([Dataset.from_json(item) for item in answer["datasets"]], dict(answer["config"]))
        except (KeyError, TypeError, ValueError) as error:
            raise RunnerError("lease_invalid", f"The lease cannot be read: {type(error).__name__}: {error}") from None


def only_file(url: str) -> str:
    """A link as it is; of a `file://` folder, as providers mount a dataset, the link to the one file in it."""
    parts = urllib.parse.urlsplit(url)
    folder = Path(urllib.request.url2pathname(parts.path))
    if parts.scheme != "file" or not folder.is_dir():
        return url
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    if len(files) != 1:
        raise RunnerError("download_failed", f"{folder} holds {plural(len(files), 'file')}; it must be exactly one.")
    return files[0].as_uri()


class LinkRefused(Exception):
    """The store does not honour the link (any more)."""


class Transient(Exception):
    """Worth another attempt."""


class Downloader:
    """Fetches one dataset whole, or says why not. What is on disk is continued, never trusted."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        stop: Stop,
        journal: Journal,
        renew: Callable[[str], Dataset],
        now: Callable[[], float] = time.time,
        headers: Optional[Mapping[str, str]] = None,
    ):
        self._folder = folder
        self._settings = settings
        self._stop = stop
        self._journal = journal
        self._renew = renew
        self._now = now
        # Only for addresses of the control plane itself; links of a store carry their own leave.
        self._headers = headers or {}

    def fetch(self, dataset: Dataset) -> Path:
        """The path of the stored bytes, verified. Raises RunnerError("dataset_corrupt") after a second wrong copy."""
        self._folder.mkdir(parents=True, exist_ok=True)
        mounted = self._mounted(dataset)
        if mounted:
            return mounted
        target = self._folder / f"{file_name_for(dataset.id)}.{dataset.sha256[:16]}.jsonl.gz"
        if target.exists() and self._problem_with(target, dataset) is None:
            self._journal.log(f"{dataset.name} is here already and whole.")
            return target
        problem: Optional[str] = ""
        for copy in ("first", "second"):
            part = target.with_suffix(".part")
            self._complete(part, dataset)
            problem = self._problem_with(part, dataset)
            if problem is None:
                os.replace(part, target)
                self._journal.log(
                    f"{dataset.name} is verified: {size_text(target.stat().st_size)}, SHA-256 {dataset.sha256[:12]}..."
                )
                return target
            part.unlink()
            self._journal.warn(f"The {copy} copy of {dataset.name} was wrong and was deleted: {problem}.")
        raise RunnerError("dataset_corrupt", f"{dataset.name} arrived wrong twice: {problem}. Nothing was trained.")

    def _mounted(self, dataset: Dataset) -> Optional[Path]:
        """The file that the provider has put here, if it is there and whole; otherwise it is downloaded like any other."""
        if not self._settings.datasets_dir:
            return None
        folder = self._settings.datasets_dir / file_name_for(dataset.id)
        files = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
        problem = (
            self._problem_with(files[0], dataset) if len(files) == 1 else f"{plural(len(files), 'file')} in {folder}"
        )
        if problem:
            self._journal.warn(f"{dataset.name} is not what the provider has put here: {problem}. It is downloaded.")
            return None
        size = size_text(files[0].stat().st_size)
        self._journal.log(
            f"{dataset.name} was put here by the provider and is verified: {size}, SHA-256 {dataset.sha256[:12]}..."
        )
        return files[0]

    def _problem_with(self, path: Path, dataset: Dataset) -> Optional[str]:
        size = path.stat().st_size
        if dataset.size_bytes and size != dataset.size_bytes:
            return f"{size:,} bytes instead of {dataset.size_bytes:,}"
        digest = hashlib.sha256()
        with path.open("rb") as file:
            for chunk in iter(lambda: file.read(CHUNK_BYTES), b""):
                self._stop.check()
                digest.update(chunk)
        if digest.hexdigest() != dataset.sha256:
            return f"SHA-256 {digest.hexdigest()[:12]}... instead of {dataset.sha256[:12]}..."
        return None

    def _complete(self, part: Path, dataset: Dataset) -> None:
        """Appends to `part` until the store says that it is whole."""
        link, refusals, attempt = dataset, 0, 0
        while True:
            self._stop.check()
            before = part.stat().st_size if part.exists() else 0
            try:
                if link.expires_at and link.expires_at - self._now() < LINK_MARGIN_SECONDS:
                    link = self._renew(dataset.id)
                self._transfer(part, link)
                return
            except LinkRefused as refusal:
                refusals += 1
                problem = f"the store refused the link ({refusal})"
                if refusals > 3 or self._settings.detached:
                    raise RunnerError("link_refused", f"{dataset.name}: {problem}.") from None
                link = self._renew(dataset.id)
            except Transient as error:
                problem = str(error)
            except OSError as error:
                raise disk_error(error) from None
            if part.exists() and part.stat().st_size > before:
                refusals, attempt = 0, 0
            if attempt >= ATTEMPTS_WITHOUT_PROGRESS_MAX:
                raise RunnerError("download_failed", f"{dataset.name} could not be downloaded: {problem}.")
            self._journal.warn(
                f"{dataset.name}: {problem}; trying again from {size_text(part.stat().st_size if part.exists() else 0)}."
            )
            self._stop.sleep(backoff_seconds(attempt, self._settings.retry_seconds))
            attempt += 1

    def _transfer(self, part: Path, link: Dataset) -> None:
        """One request, continuing where `part` ends. Raises LinkRefused, Transient or OSError (the disk's)."""
        have = part.stat().st_size if part.exists() else 0
        if link.size_bytes and have >= link.size_bytes:
            if have == link.size_bytes:
                return
            part.unlink()
            have = 0
        headers = {"Accept-Encoding": "identity", "User-Agent": f"finetunelab-runner/{VERSION}", **self._headers}
        if have:
            headers["Range"] = f"bytes={have}-"
        if urllib.parse.urlsplit(link.url).scheme not in (
            ("https", "http", "file") if self._settings.detached else ("https", "http")
        ):
            raise RunnerError("lease_invalid", f"The link to {link.name} is not an HTTP address.")
        try:
            opener = opener_for(link.url, *([NoRedirect()] if self._headers else []))
            response = opener.open(
                urllib.request.Request(link.url, headers=headers), timeout=self._settings.http_timeout_seconds
            )
        except urllib.error.HTTPError as error:
            raise self._refused(refusal_of(error), part) from None
        except (*NETWORK_ERRORS, ValueError) as error:
            raise Transient(f"the store cannot be reached ({getattr(error, 'reason', error)})") from None
        with response:
            start, expected = self._placement(response, have, link)
            self._append(response, part, start, expected, link)

    def _refused(self, refusal: HttpRefusal, part: Path) -> Exception:
        if refusal.status in LINK_REFUSED_STATUSES:
            return LinkRefused(f"HTTP {refusal.status}")
        if refusal.status == 416 and part.exists():
            part.unlink()  # What we have is longer than what there is: start over.
        return Transient(f"the store answered HTTP {refusal.status}")

    def _placement(self, response: Any, have: int, link: Dataset) -> Tuple[int, int]:
        """Where the body belongs and how long the whole must become (0: nobody said), checked against what we asked for."""
        if response.status != 206:
            return 0, link.size_bytes or int(response.headers.get("Content-Length") or 0)
        match = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range") or "")
        if not match or int(match.group(1)) != have:
            raise Transient(
                f"the store sent another range than bytes {have}-: {response.headers.get('Content-Range')!r}"
            )
        total = 0 if match.group(3) == "*" else int(match.group(3))
        if total and link.size_bytes and total != link.size_bytes:
            raise Transient(f"the store has {total:,} bytes where {link.size_bytes:,} were recorded")
        return have, link.size_bytes or total

    def _append(self, response: Any, part: Path, start: int, expected: int, link: Dataset) -> None:
        size, told = start, time.monotonic()
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            file.truncate()
            while True:
                self._stop.check()
                try:
                    chunk = response.read1(CHUNK_BYTES)
                except NETWORK_ERRORS as error:
                    raise Transient(
                        f"the connection broke at {size_text(size)} ({error or type(error).__name__})"
                    ) from None
                if not chunk:
                    break
                file.write(chunk)
                size += len(chunk)
                if expected and size > expected:
                    break  # More than there should be; the check that follows refuses it.
                if time.monotonic() - told > 10:
                    told = time.monotonic()
                    self._journal.log(f"{link.name}: {size_text(size)} of {size_text(expected) if expected else '?'}.")
        if expected and size < expected:
            raise Transient(f"the connection closed at {size_text(size)} of {size_text(expected)}")
