"""Main."""

from __future__ import annotations

import os
import sys
from typing import List

from .errors import RunnerError
from .hub_script import hub
from .life import run, stay_until_killed
from .processes import guard
from .settings import VERSION, Settings, is_on
from .smoke import smoke_train
from .token_counter import count_tokens_for_ever
from .trl_script import trl_train


def main(arguments: List[str]) -> int:
    if arguments[:1] == ["--version"]:
        print(VERSION)
        return 0
    if arguments[:1] == ["--guard"]:
        return guard(arguments[1:])
    if arguments[:1] == ["--smoke-train"] and len(arguments) == 2:
        return smoke_train(arguments[1])
    if arguments[:1] == ["--hub"] and len(arguments) == 2:
        return hub(arguments[1])
    if arguments[:1] == ["--count-tokens"] and len(arguments) == 2:
        return count_tokens_for_ever(arguments[1])
    if arguments[:1] == ["--trl-train"] and len(arguments) == 2:
        return trl_train(arguments[1])
    if arguments:
        print("The runner takes its settings from the environment; see runner/README.md.", file=sys.stderr)
        return 2
    try:
        return run(Settings.from_environment(os.environ))
    except RunnerError as error:
        print(f"[runner] {error.code}: {error.message}", file=sys.stderr, flush=True)
        if is_on(os.environ, "KEEP_ALIVE"):
            stay_until_killed()
        return 2
