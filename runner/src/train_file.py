"""train.jsonl and eval.jsonl: what the trainer reads."""

from __future__ import annotations

import collections
import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator, List, Optional, Set, Tuple

from .config import Row, TrainingConfig
from .errors import RunnerError, Stop
from .rows import UNPAIRED, Unfit, json_object, reward_pairs
from .words import plural

BATCH_ROWS = 256
# Where long rows are cut anyway, so many are counted; a policy that acts on them counts all.
COUNTED_ROWS_MAX = 20_000
CHARACTERS_A_TOKEN = 4

CountTokens = Callable[[List[Row]], List[Optional[int]]]


@dataclass
class Written:
    """What came of writing the files."""

    rows: int = 0
    eval_rows: int = 0
    left_out: "collections.Counter[str]" = field(default_factory=collections.Counter)
    # Of the rows that were measured: how many are longer than the context, and the longest, in tokens.
    measured_rows: int = 0
    long_rows: int = 0
    longest_tokens: int = 0
    # Whether the lengths are counts of a tokenizer, or guessed from the characters.
    counted: bool = False
    # Rows that the tokenizer refuses, whose lengths are guessed all the same.
    uncounted: int = 0

    def long_rows_said(self, config: TrainingConfig) -> Optional[str]:
        if not self.long_rows:
            return None
        every = self.measured_rows == self.rows + self.eval_rows + (self.long_rows if config.long_rows == "drop" else 0)
        scope = plural(self.measured_rows, "row") + ("" if every else " looked at")
        by = "" if self.counted else f", at {CHARACTERS_A_TOKEN} characters a token"
        done = {"cut": "cut there", "drop": "left out"}.get(config.long_rows, "longer")
        return (
            f"{'' if self.counted else 'About '}{self.long_rows:,} of {scope} are longer than max_seq_length "
            f"({config.max_seq_length:,} tokens{by}; the longest has {self.longest_tokens:,}) and are {done}."
        )


def guessed_tokens(text: str) -> int:
    return len(text) // CHARACTERS_A_TOKEN


class RowWriter:
    """Takes canonical rows; writes those that fit, each to its side, and counts the others by reason."""

    def __init__(
        self,
        folder: Path,
        config: TrainingConfig,
        convert: Callable[[Row, TrainingConfig], Row],
        count_tokens: Optional[CountTokens],
    ):
        self._config = config
        self._convert = convert
        self._count_tokens = count_tokens
        self._measures = config.method != "cpt"  # Long texts go on in the next block: nothing is cut.
        self._pending: List[Tuple[Row, str]] = []
        self._evaluated: Set[bytes] = set()
        self._folder = folder
        self._train = (folder / "train.jsonl.new").open("w", encoding="utf-8")
        self._eval = (folder / "eval.jsonl.new").open("w", encoding="utf-8")
        self.written = Written(counted=count_tokens is not None)

    def add(self, row: Row) -> None:
        try:
            if row is UNPAIRED:
                raise Unfit("no second answer with another reward to the same prompt")
            text = json.dumps(self._convert(row, self._config), ensure_ascii=False)
        except Unfit as reason:
            self.written.left_out[str(reason)] += 1
            return
        self._pending.append((row, text))
        if len(self._pending) >= BATCH_ROWS:
            self._flush()

    def finish(self) -> Written:
        """Puts the files in their place. There is no eval.jsonl where no row was held out."""
        self._flush()
        self._train.close()
        self._eval.close()
        for name in ("train.jsonl", "eval.jsonl"):
            os.replace(self._folder / f"{name}.new", self._folder / name)
        if not self.written.eval_rows:
            (self._folder / "eval.jsonl").unlink()
        return self.written

    def _flush(self) -> None:
        for (row, text), tokens in zip(self._pending, self._lengths()):
            if tokens is not None:
                self.written.measured_rows += 1
                self.written.longest_tokens = max(self.written.longest_tokens, tokens)
                if tokens > self._config.max_seq_length:
                    self.written.long_rows += 1
                    if self._config.long_rows == "drop":
                        continue
            self._write(row, text.encode("utf-8", "replace").decode("utf-8") + "\n")
        self._pending.clear()

    def _lengths(self) -> List[Optional[int]]:
        rows = [row for row, _ in self._pending]
        if not rows or not self._measures:
            return [None] * len(rows)
        if self._count_tokens is None:
            return [guessed_tokens(text) for _, text in self._pending]
        if self._config.long_rows == "cut" and self.written.measured_rows >= COUNTED_ROWS_MAX:
            return [None] * len(rows)
        counts = self._count_tokens(rows)
        self.written.uncounted += counts.count(None)
        return [
            guessed_tokens(text) if count is None else count for count, (_, text) in zip(counts, self._pending)
        ]

    def _write(self, row: Row, line: str) -> None:
        if not self._config.evaluates or not is_held_out(row, self._config):
            self._train.write(line)
            self.written.rows += 1
            return
        digest = hashlib.blake2b(line.encode(), digest_size=8).digest()
        if digest not in self._evaluated:  # A weight above 1 repeats rows; once is enough to evaluate.
            self._evaluated.add(digest)
            self._eval.write(line)
            self.written.eval_rows += 1


def is_held_out(row: Row, config: TrainingConfig) -> bool:
    """By the seed and what is asked, so that the same question never stands on both sides."""
    asked = json.dumps(what_is_asked(row), sort_keys=True, ensure_ascii=False)
    digest = hashlib.blake2b(f"{config.seed}:{asked}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") < config.eval_ratio * 2**64


def what_is_asked(row: Row) -> Any:
    if "prompt" in row:
        return row["prompt"]
    turns = row.get("messages")
    if not isinstance(turns, list):
        return row
    first = next((at for at, turn in enumerate(turns) if isinstance(turn, dict) and turn.get("role") == "user"), 0)
    return turns[: first + 1]


def write_rows(
    lines: Iterable[bytes],
    folder: Path,
    config: TrainingConfig,
    convert: Callable[[Row, TrainingConfig], Row],
    *,
    stop: Stop,
    pair_rewards: bool = False,
    count_tokens: Optional[CountTokens] = None,
) -> Written:
    """Writes what the trainer reads. Raises RunnerError("no_usable_rows") when nothing remains to train on."""
    folder.mkdir(parents=True, exist_ok=True)
    writer = RowWriter(folder, config, convert, count_tokens)

    def parsed() -> Iterator[Row]:
        for number, line in enumerate(lines):
            if number % 1024 == 0:
                stop.check()
            try:
                yield json_object(line)
            except Unfit as reason:
                writer.written.left_out[str(reason)] += 1

    for row in reward_pairs(parsed()) if pair_rewards else parsed():
        writer.add(row)
    written = writer.finish()
    if written.long_rows and config.long_rows == "fail":
        raise RunnerError("rows_too_long", f"{written.long_rows_said(config)} Raise max_seq_length, or set long_rows.")
    if not written.rows:
        reasons = "; ".join(f"{plural(count, 'row')}: {reason}" for reason, count in written.left_out.most_common(5))
        said = reasons or written.long_rows_said(config) or "All of them are held out."
        raise RunnerError("no_usable_rows", f"No row fits {config.trainer} with method {config.method}. {said}")
    return written
