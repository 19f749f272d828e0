"""Rows for LLaMA-Factory: its ShareGPT form, strictly alternating; calls and results of tools have roles of their own."""

from __future__ import annotations

import json
from typing import List, Tuple

from .config import Message, Row, TrainingConfig
from .rows import Unfit, as_text, boolean_label, messages_of, text_of, with_parsed_arguments

LLAMAFACTORY_ROLES = {"user": "human", "assistant": "gpt", "tool": "observation", "function": "observation"}
TOOL_RESULTS_JOINT = "\n</tool_response>\n<tool_response>\n"


def llamafactory_turn(turn: Message) -> Message:
    content = as_text(turn.get("content"))
    if turn.get("tool_calls"):
        if content.strip():
            raise Unfit("text beside a tool call")
        calls = [with_parsed_arguments(call) for call in turn["tool_calls"]]
        functions = [call.get("function", call) for call in calls if isinstance(call, dict)]
        if not functions or any("name" not in function or "arguments" not in function for function in functions):
            raise Unfit("tool calls without a name or arguments")
        wanted = [{"name": function["name"], "arguments": function["arguments"]} for function in functions]
        return {"from": "function_call", "value": json.dumps(wanted, ensure_ascii=False)}
    if turn["role"] not in LLAMAFACTORY_ROLES:
        raise Unfit(
            f"the role {turn['role']!r} where it may not stand"
            if turn["role"] == "system"
            else f"the role {turn['role']!r}"
        )
    return {"from": LLAMAFACTORY_ROLES[turn["role"]], "value": content}


def llamafactory_turns(turns: List[Message], ends_with_answer: bool) -> Tuple[str, List[Message]]:
    """The system text and the conversation. Several tool results in a row become one, as LLaMA-Factory itself joins them."""
    turns = list(turns)
    system = as_text(turns.pop(0).get("content")) if turns and turns[0]["role"] == "system" else ""
    made: List[Message] = []
    for turn in map(llamafactory_turn, turns):
        if made and turn["from"] == made[-1]["from"] == "observation":
            made[-1]["value"] += TOOL_RESULTS_JOINT + turn["value"]
        else:
            made.append(turn)
    for index, turn in enumerate(made):
        if turn["from"] not in (("human", "observation"), ("gpt", "function_call"))[index % 2]:
            raise Unfit("turns that do not alternate between user and assistant")
    if not made or (len(made) % 2 == 0) != ends_with_answer:
        raise Unfit(
            "a conversation that does not end with an answer"
            if ends_with_answer
            else "a prompt that does not end with the user"
        )
    return system, made


def llamafactory_answer(row: Row, key: str) -> Message:
    turns = messages_of(row, key)
    if len(turns) != 1 or turns[0]["role"] != "assistant":
        raise Unfit(f"{key!r} that is not exactly one assistant turn")
    return llamafactory_turn(turns[0])


def llamafactory_row(row: Row, config: TrainingConfig) -> Row:
    if config.method == "cpt":
        return text_of(row)
    if config.method == "sft":
        system, turns = llamafactory_turns(messages_of(row, "messages"), ends_with_answer=True)
        tools = row.get("tools") or ""
        return {
            "conversations": turns,
            "system": system,
            "tools": tools if isinstance(tools, str) else json.dumps(tools, ensure_ascii=False),
        }
    system, prompt = llamafactory_turns(messages_of(row, "prompt"), ends_with_answer=False)
    if config.method == "kto":
        turns = prompt + [llamafactory_answer(row, "completion")]
        return {"conversations": turns, "system": system, "label": boolean_label(row)}
    return {
        "conversations": prompt,
        "system": system,
        "chosen": llamafactory_answer(row, "chosen"),
        "rejected": llamafactory_answer(row, "rejected"),
    }
