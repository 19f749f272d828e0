"""Words and time."""

from __future__ import annotations

import datetime
import os
import re
from pathlib import Path
from typing import Any, Optional

from .errors import RunnerError

LINE_CHARACTERS_MAX = 4_000
MESSAGE_CHARACTERS_MAX = 4_000
TERMINAL_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def now_iso() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_iso(text: str) -> float:
    """Seconds since 1970; Python before 3.11 does not read the Z."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def file_name_for(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)[:100] or "_"


def shorten(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    kept = limit - 40
    return f"{text[:kept]} ... (+{len(text) - kept} characters)"


def size_text(size: float) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.2f} GiB"


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def clean_line(text: str) -> str:
    """One line as it may be stored and shown: no terminal codes, no control characters but tabs."""
    return CONTROL_CHARACTERS.sub("", TERMINAL_CODES.sub("", text)).rstrip()


def read_number(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0


def replace_file(path: Path, text: str) -> None:
    """Writes a whole file or none of it."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)


def disk_error(error: OSError) -> RunnerError:
    return RunnerError("disk_error", f"The work folder cannot be written: {error.strerror or error}.")


def number_of(value: Any) -> Optional[float]:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
