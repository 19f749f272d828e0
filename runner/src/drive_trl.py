"""Starting TRL: this very file is its training script, because TRL's own cannot resume and has no ORPO."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from .config import TrainingConfig
from .launch import Launch, Machine, Workspace, intervals, launch_of, resumption, write_text


def prepare_trl(config: TrainingConfig, workspace: Workspace, machine: Machine) -> Launch:
    _, checkpoint, _ = resumption(workspace)
    spec = {
        **dataclasses.asdict(config),
        "dataset": str(workspace.train_file),
        "eval_dataset": str(workspace.eval_file) if workspace.eval_file.is_file() else None,
        "output_dir": str(workspace.output),
        "checkpoint": str(checkpoint) if checkpoint else None,
        "precision_here": machine.precision(config),
        "intervals": intervals(config, workspace),
    }
    path = write_text(workspace.trainer / "trl.json", json.dumps(spec, indent=2))
    script = [str(Path(__file__).absolute()), "--trl-train", str(path)]
    many = ["-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", str(machine.gpus)]
    return launch_of([machine.python, *(many if machine.gpus > 1 else []), *script], config, workspace)
