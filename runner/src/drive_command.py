"""Starting a command of one's own."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
from pathlib import Path
from typing import Dict, List, Optional

from .config import Lora, TrainingConfig
from .errors import RunnerError
from .launch import Launch, Machine, Workspace, resumption, write_text

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def command_values(config: TrainingConfig, workspace: Workspace, machine: Machine) -> Dict[str, str]:
    lora = config.lora or Lora(0, 0, 0.0)
    return {
        "dataset": str(workspace.train_file),
        "dataset_dir": str(workspace.data),
        "eval_dataset": str(workspace.eval_file) if workspace.eval_file.is_file() else "",
        "output_dir": str(workspace.output),
        "work_dir": str(workspace.root),
        "config": str(workspace.trainer / "config.json"),
        "python": machine.python,
        "base_model": config.base_model,
        "method": config.method,
        "epochs": f"{config.epochs:g}",
        "batch_size": str(config.batch_size),
        "gradient_accumulation_steps": str(config.gradient_accumulation_steps),
        "learning_rate": repr(float(config.learning_rate)),
        "max_seq_length": str(config.max_seq_length),
        "warmup_ratio": f"{config.warmup_ratio:g}",
        "weight_decay": f"{config.weight_decay:g}",
        "lr_scheduler": config.lr_scheduler,
        "max_grad_norm": f"{config.max_grad_norm:g}",
        "precision": config.precision,
        "gpus": str(machine.gpus),
        "seed": str(config.seed),
        # -1 is how trainers of the Hugging Face family say "no limit".
        "max_steps": str(config.max_steps or -1),
        "logging_steps": str(config.logging_steps),
        "lora_r": str(lora.r),
        "lora_alpha": f"{lora.alpha:g}",
        "lora_dropout": f"{lora.dropout:g}",
        "chat_template": config.chat_template,
    }


def split_command(config: TrainingConfig) -> List[str]:
    try:
        words = shlex.split(config.command)
    except ValueError as error:
        raise RunnerError("command_invalid", f"The command line cannot be split into words: {error}.") from None
    if not words:
        raise RunnerError("command_invalid", "The trainer is a command of your own, but the config has no command.")
    return words


def command_refuses(config: TrainingConfig) -> Optional[str]:
    known = command_values(config, Workspace(Path(".")), Machine(""))
    names = [name for word in split_command(config) for name in PLACEHOLDER.findall(word)]
    unknown = sorted({name for name in names if name not in known})
    if unknown:
        listed = " ".join("{%s}" % name for name in sorted(known))
        raise RunnerError(
            "command_invalid", f"Unknown placeholder {{{unknown[0]}}} in the command. Known are: {listed}"
        )
    return None


def prepare_command(config: TrainingConfig, workspace: Workspace, machine: Machine) -> Launch:
    write_text(workspace.trainer / "config.json", json.dumps(dataclasses.asdict(config), indent=2))
    values = command_values(config, workspace, machine)
    step, _, _ = resumption(workspace)
    words = [PLACEHOLDER.sub(lambda match: values[match.group(1)], word) for word in split_command(config)]
    logging_steps = config.logging_steps if "{logging_steps}" in config.command else None
    return Launch(words, logging_steps, resumed_step=step)
