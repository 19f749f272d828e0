"""Counting tokens as the trainer will: in the trainer's Python, with the model's tokenizer and chat template."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, List, Mapping, Optional

from .config import Row, TrainingConfig
from .errors import RunnerError
from .rows import with_parsed_arguments
from .words import clean_line, shorten

# For base models that come without a template of their own.
CHATML_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
READY = "ready"


class TokenCounter:
    """A process that answers a line of rows with a line of lengths. `problem` says why there is none."""

    def __init__(self, python: str, config: TrainingConfig, env: Mapping[str, str]):
        self._process = subprocess.Popen(
            [python, str(Path(__file__).absolute()), "--count-tokens", config.base_model],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(env),
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self.problem: Optional[str] = None
        first = self._read()
        if first != READY:
            self.problem = shorten(clean_line(str(first or "it ended without a word")), 300)

    def __enter__(self) -> "TokenCounter":
        return self

    def __exit__(self, *_error: Any) -> None:
        self._process.kill()
        self._process.communicate()

    def __call__(self, rows: List[Row]) -> List[Optional[int]]:
        """None for a row that the tokenizer or the model's template refuses."""
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(rows) + "\n")
            self._process.stdin.flush()
        except OSError:
            pass  # The answer that does not come says so.
        answer = self._read()
        if not isinstance(answer, list) or len(answer) != len(rows):
            raise RunnerError("tokenizer_failed", f"The rows' tokens could not be counted: {shorten(str(answer), 500)}")
        return answer

    def _read(self) -> Any:
        """The next line that is ours; libraries may print others."""
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith(TOKENS_MARKER):
                return json.loads(line[len(TOKENS_MARKER) :])
        return None


TOKENS_MARKER = "finetunelab-tokens "


def count_tokens_for_ever(base_model: str) -> int:
    """The process of TokenCounter. Its first line is `ready`, or what is wrong."""

    def answer(value: Any) -> None:
        print(TOKENS_MARKER + json.dumps(value), flush=True)

    try:
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(base_model)
        if tokenizer.chat_template is None:
            tokenizer.chat_template = CHATML_TEMPLATE
    except Exception as error:  # Whatever it is, the runner says it and goes on without a tokenizer.
        answer(f"{type(error).__name__}: {error}")
        return 1
    answer(READY)
    for line in sys.stdin:
        try:
            answer([counted(tokenizer, row) for row in json.loads(line)])
        except Exception as error:
            answer(f"{type(error).__name__}: {error}")
            return 1
    return 0


def counted(tokenizer: Any, row: Row) -> Optional[int]:
    """None where the tokenizer or the model's template refuses the row."""
    try:
        return longest_side(tokenizer, row)
    except Exception:  # A template raises what it likes.
        return None


def longest_side(tokenizer: Any, row: Row) -> int:
    """Tokens of a canonical row; of a pair, those of its longer side."""
    if isinstance(row.get("text"), str):
        return len(tokenizer(row["text"])["input_ids"])
    prompt = row.get("prompt") or []
    sides = [row[key] for key in ("messages", "completion", "chosen", "rejected") if row.get(key)]
    texts = []
    for side in sides:
        turns = [*as_turns(prompt, "user"), *as_turns(side, "assistant")]
        tools = row.get("tools")
        tools = json.loads(tools) if isinstance(tools, str) else tools
        texts.append(tokenizer.apply_chat_template(turns, tools=tools or None, tokenize=False))
    return max((len(tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts), default=0)


def as_turns(value: Any, role: str) -> List[Any]:
    """Messages with content as text and the arguments of calls as objects, as templates expect them."""
    turns = []
    for turn in [{"role": role, "content": value}] if isinstance(value, str) else value:
        content = turn.get("content")
        if isinstance(content, list):
            content = "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
        turns.append({**turn, "content": content or ""})
        if turn.get("tool_calls"):
            turns[-1]["tool_calls"] = [with_parsed_arguments(call) for call in turn["tool_calls"]]
    return turns
