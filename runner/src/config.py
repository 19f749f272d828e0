"""The training config, in the words of the control plane."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Tuple

from .errors import RunnerError

Row = Dict[str, Any]
Message = Dict[str, Any]


@dataclass(frozen=True)
class Lora:
    r: int = 16
    alpha: float = 32
    dropout: float = 0.05


@dataclass(frozen=True)
class TrainingConfig:
    """One training, in the words of the control plane; absent hyperparameters take its defaults."""

    base_model: str
    method: str
    trainer: str
    epochs: float = 3
    batch_size: int = 4
    gradient_accumulation_steps: int = 4
    learning_rate: float = 2e-4
    max_seq_length: int = 2048
    warmup_ratio: float = 0.03
    weight_decay: float = 0.0
    lr_scheduler: str = "cosine"
    optimizer: str = "adamw"
    max_grad_norm: float = 1.0
    precision: str = "auto"
    gradient_checkpointing: bool = True
    packing: bool = False
    load_in_4bit: bool = False
    loss_on: str = "answers"
    long_rows: str = "cut"
    beta: Optional[float] = None
    eval_ratio: float = 0.0
    eval_steps: Optional[int] = None
    save_steps: Optional[int] = None
    save_total_limit: int = 2
    lora: Optional[Lora] = Lora()
    seed: int = 42
    max_steps: Optional[int] = None
    logging_steps: int = 10
    command: str = ""
    chat_template: str = ""

    @staticmethod
    def from_json(config: Mapping[str, Any]) -> "TrainingConfig":
        """Raises RunnerError("config_invalid") that names the field. Hyperparameters that are not known are left alone."""
        given = dict(config.get("hyperparameters") or {})
        lora = given.pop("lora", {})
        named = ("base_model", "method", "trainer")
        for name in named:
            if not isinstance(config.get(name), str):
                raise RunnerError("config_invalid", f"The training config has no {name}.")
        known = {
            field.name: field for field in dataclasses.fields(TrainingConfig) if field.name not in (*named, "lora")
        }
        chosen = {
            name: checked_value(name, known[name], value)
            for name, value in given.items()
            if name in known and value is not None
        }
        if chosen.get("load_in_4bit") and lora is None:
            raise RunnerError(
                "config_invalid", "load_in_4bit needs LoRA: weights in 4 bits cannot be trained themselves."
            )
        lora_known = {field.name: field for field in dataclasses.fields(Lora)}
        return TrainingConfig(
            **{name: config[name] for name in named},
            lora=None
            if lora is None
            else Lora(**{k: checked_value(f"lora.{k}", lora_known[k], v) for k, v in lora.items() if k in lora_known}),
            **chosen,
        )

    @property
    def preference_beta(self) -> float:
        return 0.1 if self.beta is None else float(self.beta)

    @property
    def evaluates(self) -> bool:
        return self.eval_ratio > 0


CHOICES = {
    "lr_scheduler": ("cosine", "linear", "constant", "constant_with_warmup"),
    "optimizer": ("adamw", "adamw_8bit", "paged_adamw_8bit", "adafactor"),
    "precision": ("auto", "bf16", "fp16", "fp32"),
    "loss_on": ("answers", "everything"),
    "long_rows": ("cut", "drop", "fail"),
}

# A share of the whole training: the Hugging Face Trainer reads an interval below 1 so.
TENTH = 0.1


def checked_value(name: str, field: Any, value: Any) -> Any:
    """The control plane has checked its bounds; here only what would be another type, or another word."""
    wanted = str(field.type)
    right = (
        isinstance(value, bool)
        if wanted == "bool"
        else isinstance(value, str)
        if wanted == "str"
        else isinstance(value, (int, float)) and not isinstance(value, bool)
    )
    if not right or (name in CHOICES and value not in CHOICES[name]):
        expected = (
            " or ".join(CHOICES[name]) if name in CHOICES else {"bool": "true or false", "str": "a text"}.get(wanted)
        )
        raise RunnerError("config_invalid", f"{name} is {value!r}; it must be {expected or 'a number'}.")
    return int(value) if "int" in wanted and float(value).is_integer() else value


EMPTY_CONFIG = TrainingConfig(base_model="", method="sft", trainer="smoke")

ALL_METHODS = ("sft", "dpo", "orpo", "kto", "reward", "cpt")


def read_spec(path: str) -> Tuple[TrainingConfig, Dict[str, Any]]:
    spec = json.loads(Path(path).read_text(encoding="utf-8"))
    names = {item.name for item in dataclasses.fields(TrainingConfig)}
    fields = {name: value for name, value in spec.items() if name in names}
    fields["lora"] = Lora(**fields["lora"]) if fields.get("lora") else None
    return TrainingConfig(**fields), spec
