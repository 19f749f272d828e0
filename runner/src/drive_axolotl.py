"""Starting Axolotl."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

from .config import TrainingConfig
from .launch import OPTIMIZERS, Launch, Machine, Workspace, intervals, launch_of, resumption, write_text
from .yaml_text import yaml_text


def prepare_axolotl(config: TrainingConfig, workspace: Workspace, machine: Machine) -> Launch:
    _, checkpoint, _ = resumption(workspace)
    precision = machine.precision(config)
    settings: Dict[str, Any] = {
        "base_model": config.base_model,
        **AXOLOTL_METHODS[config.method](config),
        "datasets": [axolotl_dataset(config, workspace.train_file)],
        "dataset_prepared_path": str(workspace.trainer / "prepared"),
        "output_dir": str(workspace.output),
        "sequence_len": config.max_seq_length,
        # Whole rows were left out before, where that was asked for; `fail` has the last word even so.
        "excess_length_strategy": {"cut": "truncate", "drop": "drop", "fail": "raise"}[config.long_rows],
        "sample_packing": config.packing and config.method == "sft",
        "micro_batch_size": config.batch_size,
        "gradient_accumulation_steps": config.gradient_accumulation_steps,
        "num_epochs": config.epochs,
        "learning_rate": float(config.learning_rate),
        "lr_scheduler": config.lr_scheduler,
        "optimizer": OPTIMIZERS[config.optimizer],
        "warmup_ratio": float(config.warmup_ratio),
        "weight_decay": float(config.weight_decay),
        "max_grad_norm": float(config.max_grad_norm),
        "seed": config.seed,
        **intervals(config, workspace),
        "gradient_checkpointing": config.gradient_checkpointing,
        "bf16": precision == "bf16",
        "fp16": precision == "fp16",
    }
    if workspace.eval_file.is_file():
        settings["test_datasets"] = [axolotl_dataset(config, workspace.eval_file)]
        settings["eval_sample_packing"] = False
    if config.method != "cpt":
        settings["chat_template"] = "tokenizer_default_fallback_chatml"
    if config.method == "sft":
        settings["train_on_inputs"] = config.loss_on == "everything"
    if config.max_steps:
        settings["max_steps"] = config.max_steps
    if config.lora:
        settings.update(
            adapter="qlora" if config.load_in_4bit else "lora",
            lora_r=config.lora.r,
            lora_alpha=round(config.lora.alpha),
            lora_dropout=float(config.lora.dropout),
            lora_target_linear=True,
        )
    if config.load_in_4bit:
        settings["load_in_4bit"] = True
    if checkpoint:
        settings["resume_from_checkpoint"] = str(checkpoint)
    path = write_text(workspace.trainer / "axolotl.yaml", yaml_text(settings))
    command = axolotl_command(machine, path)
    notes = () if config.method == "cpt" else (TEMPLATE_NOTE,)
    return launch_of(command, config, workspace, notes, env={"AXOLOTL_DO_NOT_TRACK": "1"})


TEMPLATE_NOTE = "Should the tokenizer of the base model bring no chat template, Axolotl takes ChatML."


def axolotl_command(machine: Machine, path: Path) -> List[str]:
    several = ["accelerate", "--", "--multi_gpu", "--num_processes", str(machine.gpus)]
    launcher = several if machine.gpus > 1 else ["python"]
    return [machine.python, "-m", "axolotl.cli.main", "train", str(path), "--launcher", *launcher]


AXOLOTL_METHODS: Dict[str, Callable[[TrainingConfig], Dict[str, Any]]] = {
    "sft": lambda _config: {},
    "cpt": lambda _config: {},
    "dpo": lambda config: {"rl": "dpo", "rl_beta": config.preference_beta},
    "orpo": lambda config: {"rl": "orpo", "orpo_alpha": config.preference_beta, "remove_unused_columns": False},
    "kto": lambda config: {"rl": "kto", "rl_beta": config.preference_beta, "remove_unused_columns": False},
    "reward": lambda _config: {
        "reward_model": True,
        "model_type": "AutoModelForSequenceClassification",
        "num_labels": 1,
        "pad_to_sequence_len": True,
    },
}


def axolotl_dataset(config: TrainingConfig, path: Path) -> Dict[str, Any]:
    return {"path": str(path), "ds_type": "json", "split": "train", **axolotl_format(config)}


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
