"""What a trainer is given, and how it is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable, List, Optional, Tuple

from .config import Row, TrainingConfig
from .rows import row_as_it_is


@dataclass(frozen=True)
class Workspace:
    root: Path

    @property
    def datasets(self) -> Path:
        return self.root / "datasets"

    @property
    def train_file(self) -> Path:
        return self.root / "data" / "train.jsonl"

    @property
    def trainer(self) -> Path:
        return self.root / "trainer"

    @property
    def output(self) -> Path:
        return self.root / "output"

    @property
    def result(self) -> Path:
        return self.root / "result.json"

    @property
    def trainer_log(self) -> Path:
        return self.root / "trainer.log"

    def last_checkpoint(self) -> Tuple[int, Optional[Path]]:
        """The step and the folder of the newest checkpoint that is whole enough to have its state."""
        steps = []
        for folder in self.output.glob("checkpoint-*"):
            number = folder.name.rpartition("-")[2]
            if number.isdigit() and (folder / "trainer_state.json").is_file():
                steps.append((int(number), folder))
        return max(steps, default=(0, None))


@dataclass(frozen=True)
class Machine:
    """What the trainer will find: its Python, and the GPUs that nvidia-smi lists."""

    python: str
    gpus: int = 0
    # Ampere and later; before, float16 is what the hardware has.
    bfloat16: bool = False


@dataclass(frozen=True)
class Launch:
    """How to start a trainer, and what its output means."""

    command: List[str]
    # The trainer prints a log dictionary every so many steps; None where nobody knows.
    logging_steps: Optional[int] = None
    resumed_step: int = 0
    notes: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Trainer:
    """One way to train. `prepare` writes its configuration and tells how to start it."""

    methods: Tuple[str, ...]
    prepare: Callable[[TrainingConfig, Workspace, Machine], Launch]
    convert: Callable[[Row, TrainingConfig], Row] = row_as_it_is
    # The modules that must be importable, and what pip installs to make them so.
    modules: Tuple[str, ...] = ()
    packages: Tuple[str, ...] = ()
    # Whether it cuts or drops long rows by itself, so that we should say how many there may be.
    hides_long_rows: bool = False
    refuses: Callable[[TrainingConfig], Optional[str]] = lambda _config: None


def write_text(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def resumption(workspace: Workspace) -> Tuple[int, Optional[Path], Tuple[str, ...]]:
    step, checkpoint = workspace.last_checkpoint()
    return step, checkpoint, ((f"Going on from {checkpoint.name}.",) if checkpoint else ())
