"""Starting Axolotl."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Optional

from .config import TrainingConfig
from .launch import Launch, Machine, Workspace, resumption, write_text
from .yaml_text import yaml_text


def prepare_axolotl(config: TrainingConfig, workspace: Workspace, machine: Machine) -> Launch:
    step, _, notes = resumption(workspace)
    settings: Dict[str, Any] = {
        "base_model": config.base_model,
        **AXOLOTL_METHODS[config.method](config),
        "datasets": [
            {"path": str(workspace.train_file), "ds_type": "json", "split": "train", **axolotl_format(config)}
        ],
        "dataset_prepared_path": str(workspace.trainer / "prepared"),
        "val_set_size": 0,
        "output_dir": str(workspace.output),
        "sequence_len": config.max_seq_length,
        "excess_length_strategy": "drop",
        "sample_packing": False,
        "micro_batch_size": config.batch_size,
        "gradient_accumulation_steps": config.gradient_accumulation_steps,
        "num_epochs": config.epochs,
        "learning_rate": float(config.learning_rate),
        "lr_scheduler": "cosine",
        "optimizer": "adamw_torch",
        "warmup_ratio": float(config.warmup_ratio),
        "weight_decay": float(config.weight_decay),
        "seed": config.seed,
        "logging_steps": config.logging_steps,
        "save_steps": 0.1,
        "save_total_limit": 2,
        "gradient_checkpointing": True,
        "bf16": "auto",
        "auto_resume_from_checkpoints": True,
    }
    if config.method != "cpt":
        settings["chat_template"] = "tokenizer_default"
    if config.max_steps:
        settings["max_steps"] = config.max_steps
    if config.lora:
        settings.update(
            adapter="lora",
            lora_r=config.lora.r,
            lora_alpha=round(config.lora.alpha),
            lora_dropout=float(config.lora.dropout),
            lora_target_linear=True,
        )
    path = write_text(workspace.trainer / "axolotl.yaml", yaml_text(settings))
    return Launch([machine.python, "-m", "axolotl.cli.main", "train", str(path)], config.logging_steps, step, notes)


AXOLOTL_METHODS: Dict[str, Callable[[TrainingConfig], Dict[str, Any]]] = {
    "sft": lambda _config: {},
    "cpt": lambda _config: {},
    "dpo": lambda _config: {"rl": "dpo"},
    "orpo": lambda _config: {"rl": "orpo", "orpo_alpha": 0.1, "remove_unused_columns": False},
    "kto": lambda _config: {"rl": "kto", "remove_unused_columns": False},
    "reward": lambda _config: {
        "reward_model": True,
        "model_type": "AutoModelForSequenceClassification",
        "num_labels": 1,
        "pad_to_sequence_len": True,
    },
}


def axolotl_format(config: TrainingConfig) -> Dict[str, Any]:
    if config.method == "sft":
        return {"type": "chat_template", "field_messages": "messages"}
    if config.method == "dpo":
        return {
            "type": "chat_template.default",
            "field_messages": "messages",
            "field_chosen": "chosen",
            "field_rejected": "rejected",
            "message_property_mappings": {"role": "role", "content": "content"},
            "roles": {"user": ["user", "human"], "assistant": ["assistant", "gpt"], "system": ["system"]},
        }
    if config.method == "orpo":
        return {"type": "chat_template.argilla"}
    if config.method == "kto":
        return {"type": f"{axolotl_kto_template(config)}.prompt_pairs"}
    if config.method == "reward":
        return {"type": "bradley_terry.chat_template"}
    return {"type": "completion", "field": "text"}


def axolotl_kto_template(config: TrainingConfig) -> Optional[str]:
    """Axolotl writes KTO prompts in one of two fixed templates, whatever the model's own is."""
    if config.chat_template in ("chatml", "llama3"):
        return config.chat_template
    if re.search(r"llama-?3", config.base_model, re.IGNORECASE):
        return "llama3"
    return "chatml" if re.search(r"qwen|chatml|hermes", config.base_model, re.IGNORECASE) else None


def axolotl_refuses(config: TrainingConfig) -> Optional[str]:
    if config.method == "kto" and not axolotl_kto_template(config):
        return (
            f"Axolotl's KTO formats write ChatML or Llama 3 prompts, and {config.base_model} is not known to use either. "
            "Set chat_template to chatml or llama3 if it does, or train with TRL or LLaMA-Factory."
        )
    return None
