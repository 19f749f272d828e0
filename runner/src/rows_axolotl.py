"""Rows for Axolotl, which has a format of its own for each method."""

from __future__ import annotations

import dataclasses
from typing import Callable, Dict

from .config import EMPTY_CONFIG, Message, Row, TrainingConfig
from .rows import Unfit, boolean_label, messages_of, plain_turns, single_answer, system_and_question, text_of
from .rows_trl import trl_row


def axolotl_row(row: Row, config: TrainingConfig) -> Row:
    return AXOLOTL_ROWS[config.method](row)


def axolotl_chat(row: Row) -> Row:
    made = trl_row(row, dataclasses.replace(EMPTY_CONFIG, method="sft"))
    return {**made, "tools": made.get("tools", "[]")}


def axolotl_dpo(row: Row) -> Row:
    turns = plain_turns(messages_of(row, "prompt"))
    if turns[-1]["role"] != "user":
        raise Unfit("a prompt that does not end with the user")
    return {"messages": turns, "chosen": trimmed_answer(row, "chosen"), "rejected": trimmed_answer(row, "rejected")}


def trimmed_answer(row: Row, key: str) -> Message:
    """Axolotl looks an answer up in what the template made of it, and templates trim: untrimmed, it would not be found."""
    answer = single_answer(row, key)
    content = answer["content"].strip()
    if not content:
        raise Unfit(f"an empty answer under {key!r}")
    return {**answer, "content": content}


def axolotl_orpo(row: Row) -> Row:
    turns = plain_turns(messages_of(row, "prompt"))
    system = turns.pop(0)["content"] if turns[0]["role"] == "system" else ""
    if any(turn["role"] != ("user", "assistant")[index % 2] for index, turn in enumerate(turns)) or len(turns) % 2 == 0:
        raise Unfit("a prompt that is not user, assistant, ... user")
    return {
        "system": system,
        "chosen": turns + [single_answer(row, "chosen")],
        "rejected": turns + [single_answer(row, "rejected")],
    }


def axolotl_kto(row: Row) -> Row:
    system, question = system_and_question(row)
    answer = single_answer(row, "completion")["content"]
    return {"system": system, "prompt": question, "completion": answer, "label": boolean_label(row)}


def axolotl_reward(row: Row) -> Row:
    system, question = system_and_question(row)
    return {
        "system": system,
        "input": question,
        "chosen": single_answer(row, "chosen")["content"],
        "rejected": single_answer(row, "rejected")["content"],
    }


AXOLOTL_ROWS: Dict[str, Callable[[Row], Row]] = {
    "sft": axolotl_chat,
    "dpo": axolotl_dpo,
    "orpo": axolotl_orpo,
    "kto": axolotl_kto,
    "reward": axolotl_reward,
    "cpt": text_of,
}
