"""The smoke model: a byte-level language model in pure Python.

It shows the whole loop on any machine, in well under a minute. It is a log-linear model: the score of the
next byte is the sum of one learned row of numbers for each of the last 0, 1, 2 and 3 bytes; softmax turns
the scores into probabilities, and gradient descent after every byte turns the rows towards what came. It
learns spelling and common words, no more, and knows nothing of the base model that the config names.
"""

from __future__ import annotations

import collections
import json
import math
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from .config import Row, TrainingConfig, read_spec
from .errors import Stop
from .words import plural, replace_file

SMOKE_BYTES_BUDGET = 350_000
SMOKE_SECONDS_MAX = 45.0
SMOKE_WINDOW_MIN = 32
SMOKE_ORDER = 3
SMOKE_CONTEXTS_MAX = 12_000
SMOKE_SYMBOLS_MAX = 128
SMOKE_ROWS_MAX = 12_000
SMOKE_RATE_SCALE = 1_500.0
SMOKE_RATE_MAX = 1.0
SMOKE_STEPS_MIN = 20
SMOKE_EVAL_ROWS_MAX = 20
SMOKE_EVALUATIONS_MAX = 10


class SmokeModel:
    """Rows of numbers by context. Bytes too rare for a symbol of their own share the last one."""

    def __init__(self, sample: bytes):
        common = [byte for byte, _ in collections.Counter(sample).most_common(SMOKE_SYMBOLS_MAX - 1)]
        self.bytes_of_symbols = sorted(common)
        self.symbols = len(common) + 1
        self._symbol_of = [self.symbols - 1] * 256
        for symbol, byte in enumerate(self.bytes_of_symbols):
            self._symbol_of[byte] = symbol
        self.tables: List[Dict[bytes, List[float]]] = [{} for _ in range(SMOKE_ORDER + 1)]
        self.contexts = 0

    def learn(self, text: bytes, rate: float) -> float:
        """One pass over a text; the sum of the losses, each taken before its byte was learned."""
        exp, total = math.exp, 0.0
        padded = b"\0" * SMOKE_ORDER + text
        for at in range(SMOKE_ORDER, len(padded)):
            rows = self._rows(padded, at)
            scores = [sum(column) for column in zip(*rows)]
            top = max(scores)
            odds = [exp(score - top) for score in scores]
            all_odds = sum(odds)
            target = self._symbol_of[padded[at]]
            total -= math.log(odds[target] / all_odds + 1e-12)
            scale = rate / all_odds
            gradient = [scale * odd for odd in odds]
            gradient[target] -= rate
            for row in rows:
                row[:] = [weight - slope for weight, slope in zip(row, gradient)]
        return total

    def loss(self, text: bytes) -> float:
        """The sum of the losses over a text, without learning from it."""
        total = 0.0
        padded = b"\0" * SMOKE_ORDER + text
        for at in range(SMOKE_ORDER, len(padded)):
            scores = [sum(column) for column in zip(*self._rows(padded, at, grow=False))]
            top = max(scores)
            odds = [math.exp(score - top) for score in scores]
            total -= math.log(odds[self._symbol_of[padded[at]]] / sum(odds) + 1e-12)
        return total

    def write(self, length: int, chance: random.Random, temperature: float = 0.7) -> str:
        """A sample of what it has learned."""
        written = b"\0" * SMOKE_ORDER
        for _ in range(length):
            scores = [sum(column) / temperature for column in zip(*self._rows(written, len(written)))]
            top = max(scores[:-1])
            symbol = chance.choices(range(self.symbols - 1), [math.exp(score - top) for score in scores[:-1]])[0]
            written += bytes([self.bytes_of_symbols[symbol]])
        return written[SMOKE_ORDER:].decode("utf-8", "replace")

    def _rows(self, text: bytes, at: int, grow: bool = True) -> List[List[float]]:
        rows = []
        for order, table in enumerate(self.tables):
            context = text[at - order : at]
            row = table.get(context)
            if row is None:
                if order and (not grow or self.contexts >= SMOKE_CONTEXTS_MAX):
                    continue
                row = table[context] = [0.0] * self.symbols
                self.contexts += 1
            rows.append(row)
        return rows

    def save(self, path: Path, about: Mapping[str, Any]) -> None:
        """JSON; a context in hexadecimal has its weights as {symbol: weight}, the negligible ones left out."""
        weights = {
            context.hex(): {str(symbol): round(weight, 2) for symbol, weight in enumerate(row) if abs(weight) >= 0.05}
            for table in self.tables
            for context, row in table.items()
        }
        model = {
            "kind": "finetunelab-smoke",
            "about": dict(about),
            "order": SMOKE_ORDER,
            "bytes": self.bytes_of_symbols,
            "weights": weights,
        }
        replace_file(path, json.dumps(model, separators=(",", ":")))


@dataclass(frozen=True)
class SmokePlan:
    """How much of the work that was asked for is done, so that it ends in time on one core."""

    rows: int
    steps_per_epoch: int
    steps_asked: int
    steps: int
    rows_per_step: int
    window_bytes: int
    logging_steps: int

    @staticmethod
    def of(config: TrainingConfig, rows: int) -> "SmokePlan":
        asked_rows = min(rows, config.batch_size * config.gradient_accumulation_steps)
        steps_per_epoch = math.ceil(rows / asked_rows)
        asked = config.max_steps or max(1, math.ceil(config.epochs * steps_per_epoch))
        rows_per_step = min(asked_rows, SMOKE_BYTES_BUDGET // (SMOKE_WINDOW_MIN * SMOKE_STEPS_MIN))
        steps = min(asked, SMOKE_BYTES_BUDGET // (SMOKE_WINDOW_MIN * rows_per_step))
        window = max(SMOKE_WINDOW_MIN, min(config.max_seq_length, SMOKE_BYTES_BUDGET // (steps * rows_per_step)))
        return SmokePlan(
            rows, steps_per_epoch, asked, steps, rows_per_step, window, max(1, min(config.logging_steps, steps // 20))
        )

    def notes(self, config: TrainingConfig) -> Iterator[str]:
        yield (
            "This is the smoke trainer: a byte-level log-linear model in pure Python that shows the whole loop. "
            f"It really learns from the data, but it does not load or change {config.base_model}."
        )
        if config.method not in ("sft", "cpt"):
            yield f"Method {config.method} is not carried out: the model reads the rows as plain text (of a pair, the preferred answer)."
        yield (
            f"It learns after every byte; a step is {plural(self.rows_per_step, 'row')}, of each at most {self.window_bytes} bytes. "
            f"learning_rate is shown as configured and multiplied by {SMOKE_RATE_SCALE:g} (at most {SMOKE_RATE_MAX:g}) for this small model. "
            "Tokens are bytes; LoRA and weight_decay have no meaning here."
        )
        if self.steps < self.steps_asked:
            yield f"Capped: {self.steps:,} of the {self.steps_asked:,} steps that were asked for, so that it ends in well under a minute."


def smoke_text(row: Row) -> str:
    """A row as running text: turns in the order in which they were said."""
    if isinstance(row.get("text"), str):
        return row["text"] + "\n"
    turns: List[Any] = []
    for key in ("messages", "prompt", "completion", "chosen", "response"):
        value = row.get(key)
        turns += (
            value if isinstance(value, list) else [{"role": key, "content": value}] if isinstance(value, str) else []
        )
    lines = []
    for turn in turns:
        if not isinstance(turn, dict):
            continue
        content = turn.get("content")
        if not isinstance(content, str):
            content = json.dumps(content if content is not None else turn.get("tool_calls"), ensure_ascii=False)
        lines.append(f"{turn.get('role', '')}: {content}\n")
    return "".join(lines) or json.dumps(row, ensure_ascii=False) + "\n"


def read_smoke_texts(path: Path) -> Tuple[int, List[bytes]]:
    """How many rows there are, and as many of them as the model can look at, evenly spread."""
    with path.open("rb") as file:
        rows = sum(1 for _ in file)
    stride = math.ceil(rows / SMOKE_ROWS_MAX)
    with path.open("rb") as file:
        texts = [
            smoke_text(json.loads(line)).encode("utf-8", "replace")
            for number, line in enumerate(file)
            if number % stride == 0
        ]
    return rows, texts


def smoke_train(spec_path: str) -> int:
    """Trains and prints as a Hugging Face Trainer does, with the step besides. SIGTERM saves and ends with 143."""
    stop = Stop()
    stop.on_signals()
    config, spec = read_spec(spec_path)
    rows, texts = read_smoke_texts(Path(spec["dataset"]))
    plan = SmokePlan.of(config, rows)
    for note in plan.notes(config):
        print(note, flush=True)
    if len(texts) < rows:
        print(f"It looks at {len(texts):,} of the {rows:,} rows, evenly spread.", flush=True)
    model = SmokeModel(b"".join(texts[: SMOKE_ROWS_MAX // 10]))
    held_out = read_smoke_texts(Path(spec["eval_dataset"]))[1] if spec.get("eval_dataset") else []
    done = smoke_steps(model, config, plan, texts, held_out[:SMOKE_EVAL_ROWS_MAX], stop)
    about = {
        "rows": rows,
        "steps": done,
        "seed": config.seed,
        "method": config.method,
        "base_model_of_the_config": config.base_model,
    }
    output = Path(spec["output_dir"])
    output.mkdir(parents=True, exist_ok=True)
    model.save(output / "model.json", about)
    sample = model.write(240, random.Random(f"{config.seed}:sample"))
    print(
        f"Saved model.json ({plural(model.contexts, 'context')}, {model.symbols} symbols). What it writes now:",
        flush=True,
    )
    for line in sample.splitlines():
        print(f"  | {line}", flush=True)
    if stop.reason:
        print(f"Stopped by a signal after step {done}; the model was saved as it is.", flush=True)
        return 143
    return 0


def smoke_steps(
    model: SmokeModel,
    config: TrainingConfig,
    plan: SmokePlan,
    texts: List[bytes],
    held_out: List[bytes],
    stop: Stop,
) -> int:
    """The training loop; how many steps were done."""
    eval_steps = max(config.eval_steps or 0, math.ceil(plan.steps / SMOKE_EVALUATIONS_MAX))
    chance = random.Random(config.seed)
    order: List[int] = []
    started = logged_at = time.monotonic()
    loss, learned = 0.0, 0
    for step in range(1, plan.steps + 1):
        nominal = smoke_rate(config, step, plan.steps)
        for _ in range(plan.rows_per_step):
            if not order:
                order = chance.sample(range(len(texts)), len(texts))
            text = texts[order.pop()]
            start = chance.randrange(len(text) - plan.window_bytes + 1) if len(text) > plan.window_bytes else 0
            window = text[start : start + plan.window_bytes]
            loss += model.learn(window, min(SMOKE_RATE_MAX, nominal * SMOKE_RATE_SCALE))
            learned += len(window)
        late = time.monotonic() - started > SMOKE_SECONDS_MAX
        if step == 1 or step % plan.logging_steps == 0 or step == plan.steps or stop.reason or late:
            now = time.monotonic()
            entry = {
                "loss": round(loss / max(learned, 1), 4),
                "learning_rate": float(f"{nominal:.4g}"),
                "epoch": round(step / plan.steps_per_epoch, 4),
                "step": step,
                "total_steps": plan.steps,
                "tokens_per_second": round(learned / max(now - logged_at, 1e-6), 1),
            }
            print(entry, flush=True)
            loss, learned, logged_at = 0.0, 0, now
        if held_out and (step % eval_steps == 0 or step == plan.steps):
            print(smoke_evaluation(model, plan, held_out, step), flush=True)
        if late and step < plan.steps:
            print(f"Out of time: ended after step {step} of {plan.steps}, since this machine is slow.", flush=True)
        if stop.reason or late:
            return step
    return plan.steps


def smoke_evaluation(model: SmokeModel, plan: SmokePlan, held_out: List[bytes], step: int) -> Dict[str, float]:
    windows = [text[: plan.window_bytes] for text in held_out]
    loss = sum(map(model.loss, windows)) / max(1, sum(map(len, windows)))
    epoch = round(step / plan.steps_per_epoch, 4)
    return {"eval_loss": round(loss, 4), "epoch": epoch, "step": step, "total_steps": plan.steps}


def smoke_rate(config: TrainingConfig, step: int, steps: int) -> float:
    """The configured rate, warmed up linearly and then decayed linearly to a tenth."""
    warmup = config.warmup_ratio * steps
    if step < warmup:
        return config.learning_rate * step / warmup
    return config.learning_rate * (1 - 0.9 * (step - warmup) / max(steps - warmup, 1))
