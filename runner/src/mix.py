"""Mixing: several datasets, by weight, into one stream of rows."""

from __future__ import annotations

import gzip
import random
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, List

from .download import Dataset
from .errors import RunnerError, Stop


@dataclass(frozen=True)
class Source:
    """A downloaded dataset: where it lies, how many rows it has, and how much of it each epoch takes."""

    dataset: Dataset
    path: Path
    rows: int

    @property
    def passes(self) -> int:
        return int(self.dataset.weight)

    @property
    def extra_rows(self) -> int:
        return int((self.dataset.weight - self.passes) * self.rows + 0.5)

    @property
    def rows_taken(self) -> int:
        return self.passes * self.rows + self.extra_rows


def open_rows(path: Path) -> Iterator[bytes]:
    """The rows of a stored object, one line each: gzip of any number of members, or plain."""
    with path.open("rb") as probe:
        packed = probe.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rb") if packed else path.open("rb") as lines:
        for line in lines:
            line = line.strip()
            if line:
                yield line


def count_rows(dataset: Dataset, path: Path, stop: Stop) -> Source:
    """Reads the whole object once. Raises RunnerError("dataset_corrupt") if it does not inflate or holds another number of rows."""
    rows = 0
    try:
        for _ in open_rows(path):
            rows += 1
            if rows % 4096 == 0:
                stop.check()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise RunnerError("dataset_corrupt", f"{dataset.name} does not unpack: {error}.") from None
    if dataset.total_examples and rows != dataset.total_examples:
        raise RunnerError(
            "dataset_corrupt", f"{dataset.name} holds {rows:,} rows where {dataset.total_examples:,} were recorded."
        )
    if rows == 0:
        raise RunnerError("no_usable_rows", f"{dataset.name} holds no rows.")
    return Source(dataset, path, rows)


def weighted_rows(source: Source, seed: int) -> Iterator[bytes]:
    """Weight 1 gives every row once, 2 twice, 0.5 a half of them that depends on nothing but the seed and the dataset."""
    for _ in range(source.passes):
        yield from open_rows(source.path)
    wanted, left = source.extra_rows, source.rows
    choice = random.Random(f"{seed}:{source.dataset.id}")
    if wanted:
        for line in open_rows(source.path):
            if choice.random() * left < wanted:
                wanted -= 1
                yield line
            left -= 1


def mixed_rows(sources: List[Source], seed: int) -> Iterator[bytes]:
    """All rows of an epoch. One dataset keeps its order; several are interleaved evenly, each in its own order."""
    streams = [weighted_rows(source, seed) for source in sources]
    left = [source.rows_taken for source in sources]
    choice = random.Random(f"{seed}:mix")
    while any(left):
        index = choice.choices(range(len(left)), weights=left)[0] if len(left) > 1 else 0
        left[index] -= 1
        yield next(streams[index])
