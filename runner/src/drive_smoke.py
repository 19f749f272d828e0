"""Starting the smoke trainer."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

from .config import TrainingConfig
from .launch import Launch, Machine, Workspace, write_text


def prepare_smoke(config: TrainingConfig, workspace: Workspace, machine: Machine) -> Launch:
    spec = {
        **dataclasses.asdict(config),
        "dataset": str(workspace.train_file),
        "eval_dataset": str(workspace.eval_file) if workspace.eval_file.is_file() else None,
        "output_dir": str(workspace.output),
    }
    path = write_text(workspace.trainer / "smoke.json", json.dumps(spec, indent=2))
    return Launch([sys.executable, str(Path(__file__).absolute()), "--smoke-train", str(path)])
