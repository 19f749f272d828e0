"""Rows: from the canonical shapes to what each trainer reads.

A converter takes one canonical row and returns the trainer's row, or raises Unfit with a reason that
stands in a count: "12 of 1,000 rows left out: two user turns in a row". Nothing is cut to fit.
"""

from __future__ import annotations

import collections
import json
from typing import Any, Dict, Iterable, Iterator, List, Tuple

from .config import Message, Row, TrainingConfig


class Unfit(Exception):
    """This row cannot be said in the trainer's format."""


def as_text(content: Any) -> str:
    """A message's content as plain text. Parts are joined; anything but text is unfit."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise Unfit("content that is neither text nor parts")
    texts = []
    for part in content:
        text = (
            part if isinstance(part, str) else part.get("text", part.get("value")) if isinstance(part, dict) else None
        )
        if not isinstance(text, str) or (isinstance(part, dict) and part.get("type", "text") != "text"):
            raise Unfit("images or other parts that are not text")
        texts.append(text)
    return "\n".join(texts)


def messages_of(row: Row, key: str) -> List[Message]:
    turns = row.get(key)
    if isinstance(turns, str):
        turns = [{"role": "user" if key == "prompt" else "assistant", "content": turns}]
    if (
        not isinstance(turns, list)
        or not turns
        or not all(isinstance(turn, dict) and turn.get("role") for turn in turns)
    ):
        raise Unfit(f"no list of messages under {key!r}")
    return turns


def plain_turns(turns: List[Message]) -> List[Message]:
    """Role and text only; for formats that know nothing else."""
    for turn in turns:
        if turn.get("tool_calls") or turn["role"] in ("tool", "function"):
            raise Unfit("tool calls, which this format has no place for")
    return [{"role": turn["role"], "content": as_text(turn.get("content"))} for turn in turns]


def single_answer(row: Row, key: str) -> Message:
    turns = plain_turns(messages_of(row, key))
    if len(turns) != 1 or turns[0]["role"] != "assistant":
        raise Unfit(f"{key!r} that is not exactly one assistant turn")
    return turns[0]


def system_and_question(row: Row) -> Tuple[str, str]:
    """For formats that know one optional system text and one question."""
    turns = plain_turns(messages_of(row, "prompt"))
    system = turns.pop(0)["content"] if turns[0]["role"] == "system" else ""
    if [turn["role"] for turn in turns] != ["user"]:
        raise Unfit("a prompt of more than one turn")
    return system, turns[0]["content"]


def boolean_label(row: Row) -> bool:
    if not isinstance(row.get("label"), bool):
        raise Unfit("no true or false under 'label'")
    return row["label"]


def text_of(row: Row) -> Row:
    if not isinstance(row.get("text"), str):
        raise Unfit("no string under 'text'")
    return {"text": row["text"]}


UNPAIRED: Row = {"unpaired": True}


def reward_pairs(rows: Iterable[Row]) -> Iterator[Row]:
    """Scored answers to the same prompt, made into pairs: the best with the worst, the second with the second worst ...

    Rows that are pairs already pass through. An answer that finds no partner of another score is yielded as
    UNPAIRED, for the count.
    """
    groups: Dict[str, List[Row]] = collections.OrderedDict()
    for row in rows:
        if "chosen" in row and "rejected" in row:
            yield row
        elif isinstance(row.get("reward"), (int, float)) and not isinstance(row["reward"], bool):
            groups.setdefault(json.dumps(row.get("prompt"), sort_keys=True), []).append(row)
        else:
            yield UNPAIRED
    for group in groups.values():
        group.sort(key=lambda row: row["reward"])
        while len(group) > 1 and group[-1]["reward"] > group[0]["reward"]:
            best, worst = group.pop(), group.pop(0)
            yield {"prompt": best["prompt"], "chosen": best["response"], "rejected": worst["response"]}
        for _ in group:
            yield UNPAIRED


def json_object(line: bytes) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise Unfit("not JSON") from None
    if not isinstance(row, dict):
        raise Unfit("not a JSON object")
    return row


def with_parsed_arguments(call: Any) -> Any:
    """Chat templates expect a call's arguments as an object; the OpenAI form writes them as a string."""
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("arguments"), str):
        return call
    try:
        return {**call, "function": {**function, "arguments": json.loads(function["arguments"])}}
    except ValueError:
        raise Unfit("tool call arguments that are not JSON") from None


def row_as_it_is(row: Row, _config: TrainingConfig) -> Row:
    return row
