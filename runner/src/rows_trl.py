"""Rows for TRL, which reads the canonical ones; they only lose what would confuse its loader."""

from __future__ import annotations

import json
from typing import List

from .config import Message, Row, TrainingConfig
from .rows import as_text, boolean_label, messages_of, text_of, with_parsed_arguments


def trl_messages(turns: List[Message]) -> List[Message]:
    made = []
    for turn in turns:
        message: Message = {"role": turn["role"], "content": as_text(turn.get("content"))}
        if turn.get("tool_calls"):
            message["tool_calls"] = [with_parsed_arguments(call) for call in turn["tool_calls"]]
        for key in ("name", "tool_call_id"):
            if turn.get(key):
                message[key] = turn[key]
        made.append(message)
    return made


def trl_row(row: Row, config: TrainingConfig) -> Row:
    if config.method == "cpt":
        return text_of(row)
    if config.method == "sft":
        made: Row = {"messages": trl_messages(messages_of(row, "messages"))}
        if row.get("tools"):
            made["tools"] = (
                row["tools"] if isinstance(row["tools"], str) else json.dumps(row["tools"], ensure_ascii=False)
            )
        return made
    keys = ("prompt", "completion") if config.method == "kto" else ("prompt", "chosen", "rejected")
    made = {key: trl_messages(messages_of(row, key)) for key in keys}
    return {**made, "label": boolean_label(row)} if config.method == "kto" else made
