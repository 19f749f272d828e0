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
    "trl": Trainer(ALL_METHODS, prepare_trl, trl_row, transformers=True),
    "axolotl": Trainer(ALL_METHODS, prepare_axolotl, axolotl_row, axolotl_refuses, transformers=True),
    "llamafactory": Trainer(
        ALL_METHODS, prepare_llamafactory, llamafactory_row, llamafactory_refuses, transformers=True
    ),
    "command": Trainer(ALL_METHODS, prepare_command, refuses=command_refuses, resumes=True),
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
