"""Starting LLaMA-Factory."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Optional

from .config import TrainingConfig
from .launch import Launch, Machine, Workspace, resumption, write_text
from .yaml_text import yaml_text

LLAMAFACTORY_STAGES = {"sft": "sft", "dpo": "dpo", "orpo": "dpo", "kto": "kto", "reward": "rm", "cpt": "pt"}

# The first that matches names the template. A guess that is not here is not made.
LLAMAFACTORY_TEMPLATES = (
    (r"qwen3.*(instruct-2507|nothink)", "qwen3_nothink"),
    (r"qwen3(?!\.|-?vl|-?omni)", "qwen3"),
    (r"qwen-?(1\.5|2|2\.5)(?!-?vl|-?audio|-?omni)", "qwen"),
    (r"llama-?3", "llama3"),
    (r"llama-?2", "llama2"),
    (r"tinyllama|zephyr", "zephyr"),
    (r"mistral|mixtral", "mistral"),
    (r"gemma-?3", "gemma3"),
    (r"gemma-?2", "gemma2"),
    (r"gemma", "gemma"),
    (r"phi-?4", "phi4"),
    (r"phi-?3", "phi"),
    (r"smollm2", "smollm2"),
    (r"smollm", "smollm"),
    (r"yi-1\.5|yi-\d", "yi"),
)


def llamafactory_template(config: TrainingConfig) -> Optional[str]:
    if config.chat_template:
        return config.chat_template
    name = config.base_model.lower()
    return next((template for pattern, template in LLAMAFACTORY_TEMPLATES if re.search(pattern, name)), None)


def llamafactory_refuses(config: TrainingConfig) -> Optional[str]:
    if config.method != "cpt" and not llamafactory_template(config):
        return f"LLaMA-Factory needs the name of the chat template of {config.base_model}. Set chat_template, to qwen3 or llama3 for example."
    return None


def prepare_llamafactory(config: TrainingConfig, workspace: Workspace, machine: Machine) -> Launch:
    step, checkpoint, notes = resumption(workspace)
    write_text(
        workspace.train_file.parent / "dataset_info.json", json.dumps({"train": llamafactory_dataset(config)}, indent=2)
    )
    settings: Dict[str, Any] = {
        "model_name_or_path": config.base_model,
        "stage": LLAMAFACTORY_STAGES[config.method],
        "do_train": True,
        "finetuning_type": "lora" if config.lora else "full",
        "dataset_dir": str(workspace.train_file.parent),
        "dataset": "train",
        "cutoff_len": config.max_seq_length,
        "overwrite_cache": True,
        "output_dir": str(workspace.output),
        "per_device_train_batch_size": config.batch_size,
        "gradient_accumulation_steps": config.gradient_accumulation_steps,
        "num_train_epochs": float(config.epochs),
        "learning_rate": float(config.learning_rate),
        "lr_scheduler_type": "cosine",
        "warmup_ratio": float(config.warmup_ratio),
        "weight_decay": float(config.weight_decay),
        "seed": config.seed,
        "logging_steps": config.logging_steps,
        "save_strategy": "steps",
        "save_steps": 0.1,
        "save_total_limit": 2,
        "report_to": "none",
        "include_num_input_tokens_seen": True,
    }
    if config.method == "cpt":
        settings["packing"] = True
    else:
        settings["template"] = llamafactory_template(config)
        notes += (f"LLaMA-Factory's chat template: {settings['template']}.",)
    if config.method in ("dpo", "orpo"):
        settings.update(pref_beta=0.1, pref_loss="orpo" if config.method == "orpo" else "sigmoid")
    if config.lora:
        settings.update(
            lora_rank=config.lora.r,
            lora_alpha=round(config.lora.alpha),
            lora_dropout=float(config.lora.dropout),
            lora_target="all",
        )
    if config.max_steps:
        settings["max_steps"] = config.max_steps
    if machine.gpus:
        settings["bf16" if machine.bfloat16 else "fp16"] = True
    if checkpoint:
        settings["resume_from_checkpoint"] = str(checkpoint)
    path = write_text(workspace.trainer / "llamafactory.yaml", yaml_text(settings))
    return Launch([machine.python, "-m", "llamafactory.cli", "train", str(path)], config.logging_steps, step, notes)


def llamafactory_dataset(config: TrainingConfig) -> Dict[str, Any]:
    """An entry of dataset_info.json. Once `columns` or `tags` is there, whatever it does not list is null: so all is listed."""
    if config.method == "cpt":
        return {"file_name": "train.jsonl", "columns": {"prompt": "text"}}
    columns = {"messages": "conversations", "system": "system"}
    if config.method == "sft":
        columns["tools"] = "tools"
    elif config.method == "kto":
        columns["kto_tag"] = "label"
    else:
        columns.update(chosen="chosen", rejected="rejected")
    return {
        "file_name": "train.jsonl",
        "formatting": "sharegpt",
        **({"ranking": True} if "chosen" in columns else {}),
        "columns": columns,
        "tags": {
            "role_tag": "from",
            "content_tag": "value",
            "user_tag": "human",
            "assistant_tag": "gpt",
            "observation_tag": "observation",
            "function_tag": "function_call",
            "system_tag": "system",
        },
    }
