"""Starting TRL: this very file is its training script, because TRL's own cannot resume and has no ORPO."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from .config import TrainingConfig
from .launch import Launch, Machine, Workspace, resumption, write_text


def prepare_trl(config: TrainingConfig, workspace: Workspace, machine: Machine) -> Launch:
    step, checkpoint, notes = resumption(workspace)
    spec = {
        **dataclasses.asdict(config),
        "dataset": str(workspace.train_file),
        "output_dir": str(workspace.output),
        "checkpoint": str(checkpoint) if checkpoint else None,
    }
    path = write_text(workspace.trainer / "trl.json", json.dumps(spec, indent=2))
    script = [str(Path(__file__).absolute()), "--trl-train", str(path)]
    many = ["-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", str(machine.gpus)]
    return Launch([machine.python, *(many if machine.gpus > 1 else []), *script], config.logging_steps, step, notes)
