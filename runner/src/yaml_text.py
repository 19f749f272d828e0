"""Enough YAML for a trainer's config."""

from __future__ import annotations

import json
from typing import Any


def yaml_text(value: Any, indent: int = 0) -> str:
    """Enough YAML for a trainer's config. Floats keep their point: YAML 1.1 reads 1e-05 as a string."""
    pad = "  " * indent
    if isinstance(value, dict):
        return "".join(
            (
                f"{pad}{key}:\n{yaml_text(item, indent + 1)}"
                if isinstance(item, (dict, list)) and item
                else f"{pad}{key}: {yaml_scalar(item)}\n"
            )
            for key, item in value.items()
        )
    lines = []
    for item in value:
        if isinstance(item, dict):
            lines.append(f"{pad}- " + yaml_text(item, indent + 1).lstrip())
        else:
            lines.append(f"{pad}- {yaml_scalar(item)}\n")
    return "".join(lines)


def yaml_scalar(value: Any) -> str:
    if isinstance(value, float):
        text = repr(value)
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    return json.dumps(value, ensure_ascii=False)
