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
    lora: Optional[Lora] = Lora()
    seed: int = 42
    max_steps: Optional[int] = None
    logging_steps: int = 10
    command: str = ""
    chat_template: str = ""

    @staticmethod
    def from_json(config: Mapping[str, Any]) -> "TrainingConfig":
        given = dict(config.get("hyperparameters") or {})
        lora = given.pop("lora", {})
        known = {item.name for item in dataclasses.fields(TrainingConfig)} - {"base_model", "method", "trainer", "lora"}
        chosen = {
            key: value for key, value in given.items() if key in known and (value is not None or key == "max_steps")
        }
        try:
            return TrainingConfig(
                base_model=str(config["base_model"]),
                method=str(config["method"]),
                trainer=str(config["trainer"]),
                lora=(
                    None if lora is None else Lora(**{k: v for k, v in lora.items() if k in ("r", "alpha", "dropout")})
                ),
                **chosen,
            )
        except KeyError as missing:
            raise RunnerError("config_invalid", f"The training config has no {missing}.") from None


EMPTY_CONFIG = TrainingConfig(base_model="", method="sft", trainer="smoke")


ALL_METHODS = ("sft", "dpo", "orpo", "kto", "reward", "cpt")


def read_spec(path: str) -> Tuple[TrainingConfig, Dict[str, Any]]:
    spec = json.loads(Path(path).read_text(encoding="utf-8"))
    names = {item.name for item in dataclasses.fields(TrainingConfig)}
    fields = {name: value for name, value in spec.items() if name in names}
    fields["lora"] = Lora(**fields["lora"]) if fields.get("lora") else None
    return TrainingConfig(**fields), spec
