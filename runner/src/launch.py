"""What a trainer is given, and how it is started."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from .config import TENTH, Row, TrainingConfig
from .errors import RunnerError
from .rows import row_as_it_is


@dataclass(frozen=True)
class Workspace:
    root: Path

    @property
    def datasets(self) -> Path:
        return self.root / "datasets"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def train_file(self) -> Path:
        return self.data / "train.jsonl"

    @property
    def eval_file(self) -> Path:
        """Is there only where rows were held out."""
        return self.data / "eval.jsonl"

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
        """The step and the folder of the newest whole checkpoint."""
        return max(((step, folder) for step, folder in self._checkpoints() if is_whole(folder)), default=(0, None))

    def clear_leftovers(self) -> None:
        """What an attempt left behind that was killed while it wrote. Trainers stumble over it: they take the newest
        checkpoint whether it is whole or not, or refuse a folder that is not empty."""
        for _, folder in self._checkpoints():
            if not is_whole(folder):
                shutil.rmtree(folder, ignore_errors=True)
        if self.last_checkpoint()[1] is not None or not self.output.is_dir():
            return
        for path in self.output.iterdir():  # The folder itself may be a link to where the provider keeps it.
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def _checkpoints(self) -> List[Tuple[int, Path]]:
        numbered = [(folder.name.rpartition("-")[2], folder) for folder in self.output.glob("checkpoint-*")]
        return [(int(number), folder) for number, folder in numbered if number.isdigit()]


def is_whole(checkpoint: Path) -> bool:
    """The Hugging Face Trainer writes this file last."""
    return (checkpoint / "trainer_state.json").is_file()


@dataclass(frozen=True)
class Machine:
    """What the trainer will find: its Python, the packages there, and the GPUs that nvidia-smi lists."""

    python: str
    gpus: int = 0
    # Ampere and later; before, float16 is what the hardware has.
    bfloat16: bool = False
    gpu_name: str = ""
    # Versions by distribution name, of those that the configuration depends on.
    versions: Mapping[str, str] = field(default_factory=dict)

    def major(self, package: str) -> Optional[int]:
        first = self.versions.get(package, "").split(".")[0]
        return int(first) if first.isdigit() else None

    def precision(self, config: TrainingConfig) -> str:
        """bf16, fp16 or fp32. Raises RunnerError where the hardware has not what was asked for."""
        if config.precision == "auto":
            return "bf16" if self.bfloat16 else "fp16" if self.gpus else "fp32"
        if config.precision == "bf16" and self.gpus and not self.bfloat16:
            name = self.gpu_name or "This GPU"
            raise RunnerError("precision_unsupported", f"{name} has no bfloat16: set precision to auto, fp16 or fp32.")
        if config.precision != "fp32" and not self.gpus:
            raise RunnerError("precision_unsupported", f"{config.precision} needs a GPU, and there is none here.")
        return config.precision


@dataclass(frozen=True)
class Launch:
    """How to start a trainer, and what its output means."""

    command: List[str]
    # The trainer prints a log dictionary every so many steps; None where nobody knows.
    logging_steps: Optional[int] = None
    resumed_step: int = 0
    # It evaluates every so many steps; below 1, a share of the whole; None where nobody knows.
    eval_steps: Optional[float] = None
    notes: Tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Trainer:
    """One way to train. `prepare` writes its configuration and tells how to start it."""

    methods: Tuple[str, ...]
    prepare: Callable[[TrainingConfig, Workspace, Machine], Launch]
    convert: Callable[[Row, TrainingConfig], Row] = row_as_it_is
    refuses: Callable[[TrainingConfig], Optional[str]] = lambda _config: None
    # Of the Hugging Face family: has a tokenizer, packages to install, and checkpoints in output/ that are ours to clear.
    transformers: bool = False
    # Goes on from the newest checkpoint-N in its output folder, as those of the family do.
    resumes: bool = False


def write_text(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def resumption(workspace: Workspace) -> Tuple[int, Optional[Path], Tuple[str, ...]]:
    step, checkpoint = workspace.last_checkpoint()
    return step, checkpoint, ((f"Going on from {checkpoint.name}.",) if checkpoint else ())


def launch_of(
    command: List[str],
    config: TrainingConfig,
    workspace: Workspace,
    notes: Tuple[str, ...] = (),
    env: Optional[Mapping[str, str]] = None,
) -> Launch:
    """For trainers of the Hugging Face family, which log, evaluate and go on by the same rules."""
    step, _, going_on = resumption(workspace)
    evaluates = intervals(config, workspace).get("eval_steps")
    return Launch(command, config.logging_steps, step, evaluates, going_on + notes, env or {})


def intervals(config: TrainingConfig, workspace: Workspace) -> Dict[str, Any]:
    """When to log, to save and to evaluate, by the names that the Hugging Face Trainer and all its relatives have."""
    chosen: Dict[str, Any] = {
        "logging_steps": config.logging_steps,
        "save_strategy": "steps",
        "save_steps": config.save_steps or TENTH,
        "save_total_limit": config.save_total_limit,
    }
    if workspace.eval_file.is_file():
        chosen.update(eval_strategy="steps", eval_steps=config.eval_steps or TENTH)
    return chosen


OPTIMIZERS = {
    "adamw": "adamw_torch",
    "adamw_8bit": "adamw_8bit",
    "paged_adamw_8bit": "paged_adamw_8bit",
    "adafactor": "adafactor",
}


def needs_bitsandbytes(config: TrainingConfig) -> bool:
    return config.load_in_4bit or "8bit" in config.optimizer
