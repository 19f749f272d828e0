"""The trainers, by name."""

from __future__ import annotations

from typing import Dict

from .config import ALL_METHODS, TrainingConfig
from .drive_axolotl import axolotl_refuses, prepare_axolotl
from .drive_command import command_refuses, prepare_command
from .drive_llamafactory import llamafactory_refuses, prepare_llamafactory
from .drive_smoke import prepare_smoke
from .drive_trl import prepare_trl
from .errors import RunnerError
from .launch import Trainer
from .rows_axolotl import axolotl_row
from .rows_llamafactory import llamafactory_row
from .rows_trl import trl_row

TRAINERS: Dict[str, Trainer] = {
    "smoke": Trainer(ALL_METHODS, prepare_smoke),
    "trl": Trainer(ALL_METHODS, prepare_trl, trl_row, ("trl", "peft"), ("trl[peft]==1.13.0",)),
    "axolotl": Trainer(
        ALL_METHODS,
        prepare_axolotl,
        axolotl_row,
        ("axolotl",),
        ("axolotl==0.18.0",),
        hides_long_rows=True,
        refuses=axolotl_refuses,
    ),
    "llamafactory": Trainer(
        ALL_METHODS,
        prepare_llamafactory,
        llamafactory_row,
        ("llamafactory",),
        ("llamafactory==0.9.5",),
        hides_long_rows=True,
        refuses=llamafactory_refuses,
    ),
    "command": Trainer(ALL_METHODS, prepare_command, refuses=command_refuses),
}


def trainer_for(config: TrainingConfig) -> Trainer:
    """Raises RunnerError before anything is downloaded, if this training cannot be."""
    trainer = TRAINERS.get(config.trainer)
    if trainer is None:
        raise RunnerError(
            "trainer_unknown", f"There is no trainer {config.trainer!r}; there are {', '.join(TRAINERS)}."
        )
    if config.method not in trainer.methods:
        raise RunnerError(
            "method_unsupported",
            f"{config.trainer} has no method {config.method!r}; it has {', '.join(trainer.methods)}.",
        )
    reason = trainer.refuses(config)
    if reason:
        raise RunnerError("method_unsupported", reason)
    return trainer
