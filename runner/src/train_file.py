"""train.jsonl: what the trainer reads."""

from __future__ import annotations

import collections
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterable, Iterator

from .config import Row, TrainingConfig
from .errors import RunnerError, Stop
from .rows import Unfit, json_object, reward_pairs
from .words import plural


@dataclass
class Written:
    """What came of writing train.jsonl."""

    rows: int = 0
    left_out: "collections.Counter[str]" = field(default_factory=collections.Counter)
    # Rows of more than four characters a token times the context length: an estimate, for want of a tokenizer.
    long_rows: int = 0


def write_rows(
    lines: Iterable[bytes],
    target: Path,
    config: TrainingConfig,
    convert: Callable[[Row, TrainingConfig], Row],
    pair_rewards: bool,
    stop: Stop,
) -> Written:
    """Writes what the trainer reads. Raises RunnerError("no_usable_rows") when nothing remains."""
    written = Written()

    def parsed() -> Iterator[Row]:
        for number, line in enumerate(lines):
            if number % 1024 == 0:
                stop.check()
            try:
                yield json_object(line)
            except Unfit as reason:
                written.left_out[str(reason)] += 1

    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(target.name + ".new")
    with fresh.open("w", encoding="utf-8") as file:
        for row in reward_pairs(parsed()) if pair_rewards else parsed():
            try:
                if row.get("unpaired") is True and pair_rewards:
                    raise Unfit("no second answer with another reward to the same prompt")
                text = json.dumps(convert(row, config), ensure_ascii=False)
            except Unfit as reason:
                written.left_out[str(reason)] += 1
                continue
            file.write(text.encode("utf-8", "replace").decode("utf-8") + "\n")
            written.rows += 1
            written.long_rows += len(text) > 4 * config.max_seq_length
    os.replace(fresh, target)
    if not written.rows:
        reasons = "; ".join(f"{plural(count, 'row')}: {reason}" for reason, count in written.left_out.most_common(5))
        raise RunnerError("no_usable_rows", f"No row fits {config.trainer} with method {config.method}. {reasons}")
    return written
