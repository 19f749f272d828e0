"""A folder as one file: an uncompressed tar, made while it is read, and the same bytes every time."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
from pathlib import Path, PurePosixPath
from typing import Callable, Iterable, Iterator, List, NamedTuple, Tuple

BLOCK_BYTES = 512
READ_BYTES = 1 << 20


class Member(NamedTuple):
    path: Path
    size: int
    header: bytes


class FolderChanged(Exception):
    """A file has another size than when the archive was begun, or is gone."""


class FolderTar:
    """Takes no room on the disk, so that a full one can still be emptied; can be read from any byte on."""

    def __init__(self, files: Iterable[Tuple[Path, str]]):
        """`files`: each with its name in the archive."""
        self._members: List[Member] = []
        for path, name in sorted(files, key=lambda item: item[1]):
            info = tarfile.TarInfo(name)
            info.size, info.mode = path.stat().st_size, 0o644
            self._members.append(Member(path, info.size, info.tobuf(tarfile.GNU_FORMAT)))
        self.size = sum(len(member.header) + padded(member.size) for member in self._members) + 2 * BLOCK_BYTES

    def __len__(self) -> int:
        return len(self._members)

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """Everything from byte `start` on. Raises FolderChanged or OSError."""
        at = 0
        for member in self._members:
            end = at + len(member.header) + padded(member.size)
            if end > start:
                yield from self._member_from(member, max(0, start - at))
            at = end
        yield bytes(2 * BLOCK_BYTES)[max(0, start - at) :]

    def sha256(self, check: Callable[[], None]) -> str:
        digest = hashlib.sha256()
        for chunk in self.chunks():
            check()
            digest.update(chunk)
        return digest.hexdigest()

    @staticmethod
    def _member_from(member: Member, skip: int) -> Iterator[bytes]:
        header, left = len(member.header), member.size
        if skip < header:
            yield member.header[skip:]
        with member.path.open("rb") as file:
            inside = max(0, skip - header)
            file.seek(min(inside, member.size))
            left -= min(inside, member.size)
            while left:
                chunk = file.read(min(READ_BYTES, left))
                if not chunk:
                    raise FolderChanged(member.path.name)
                left -= len(chunk)
                yield chunk
        padding = padded(member.size) - member.size
        yield bytes(padding)[max(0, inside - member.size) :]


def padded(size: int) -> int:
    return -(-size // BLOCK_BYTES) * BLOCK_BYTES


def unpack(archive: Path, target: Path) -> None:
    """Only plain files, only below `target`, whatever the archive says. Raises ValueError, tarfile.TarError or OSError."""
    with tarfile.open(archive, "r:") as tar:
        for member in tar:
            parts = PurePosixPath(member.name).parts
            if not member.isreg() or member.name.startswith("/") or ".." in parts or not parts:
                raise ValueError(f"{member.name!r} has no place in an archive of ours")
            path = target.joinpath(*parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            source = tar.extractfile(member)
            if source is None:
                raise ValueError(f"{member.name!r} cannot be read")
            with source, path.open("wb") as file:
                shutil.copyfileobj(source, file, READ_BYTES)
