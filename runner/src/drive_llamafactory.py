"""Starting LLaMA-Factory."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

from .config import TrainingConfig
from .launch import OPTIMIZERS, Launch, Machine, Workspace, intervals, launch_of, resumption, write_text
from .yaml_text import yaml_text

LLAMAFACTORY_STAGES = {"sft": "sft", "dpo": "dpo", "orpo": "dpo", "kto": "kto", "reward": "rm", "cpt": "pt"}

# The first that matches names the template, as LLaMA-Factory's own list of models does; "" where no guess is safe.
LLAMAFACTORY_TEMPLATES = (
    (r"deepseek-r1", "deepseekr1"),
    (r"qwen3-vl.*thinking", "qwen3_vl"),
    (r"qwen3-vl", "qwen3_vl_nothink"),
    (r"qwen3-omni.*thinking", "qwen3_omni"),
    (r"qwen3-omni", "qwen3_omni_nothink"),
    (r"qwen3\.6", "qwen3_6"),
    (r"qwen3\.5", "qwen3_5"),
    (r"qwen3-next.*thinking", "qwen3"),
    (r"qwen3.*(instruct-2507|nothink)|qwen3-next", "qwen3_nothink"),
    (r"qwen3", "qwen3"),
    (r"qwen2(\.5)?-vl|qvq", "qwen2_vl"),
    (r"qwen2(\.5)?-omni", "qwen2_omni"),
    (r"qwen2-audio", "qwen2_audio"),
    (r"deepseek-(v2\.5|v2-chat-0628|v3)", "deepseek3"),
    (r"deepseek-(llm|moe|math|v2|coder-v2)", "deepseek"),
    (r"deepseek-coder", "deepseekcoder"),
    (r"qwen-?(1\.5|2|2\.5)|codeqwen|qwq", "qwen"),
    (r"llava|paligemma|pixtral|chinese", ""),
    (r"llama-3\.2.*vision", "mllama"),
    (r"llama-?4", "llama4"),
    (r"llama-?3(?!0b)", "llama3"),
    (r"llama-?2", "llama2"),
    (r"tinyllama|zephyr", "zephyr"),
    (r"ministral-3", "ministral3"),
    (r"ministral|mistral-nemo", "ministral"),
    (r"(mistral|devstral)-small", "mistral_small"),
    (r"mistral|mixtral|codestral", "mistral"),
    (r"gemma-?4-e\d", "gemma4n"),
    (r"(?<!med)gemma-?4", "gemma4"),
    (r"medgemma.*text", "gemma2"),
    (r"gemma-?3n", "gemma3n"),
    (r"gemma-?3-(270m|1b)", "gemma2"),
    (r"gemma-?3|medgemma", "gemma3"),
    (r"(?<!med)gemma-?2(?!b)", "gemma2"),
    (r"gemma", "gemma"),
    (r"phi-?4-mini", "phi4_mini"),
    (r"phi-?4", "phi4"),
    (r"phi-?3-small", "phi_small"),
    (r"phi-?3", "phi"),
    (r"gpt-oss", "gpt_oss"),
    (r"granite-4", "granite4"),
    (r"granite-3", "granite3"),
    (r"falcon-h1", "falcon_h1"),
    (r"falcon-(7|11|40|180)b", "falcon"),
    (r"glm-4\.5v|glm-4\.6v", "glm4_5v"),
    (r"glm-4\.[56]", "glm4_moe"),
    (r"glm-4-", "glm4"),
    (r"smollm2", "smollm2"),
    (r"smollm-", "smollm"),
    (r"yi-vl", "yi_vl"),
    (r"yi-(1\.5|\d)", "yi"),
    (r"internlm[23]", "intern2"),
)


def llamafactory_template(config: TrainingConfig) -> Optional[str]:
    if config.chat_template:
        return config.chat_template
    name = config.base_model.lower()
    return next((template for pattern, template in LLAMAFACTORY_TEMPLATES if re.search(pattern, name)), None) or None


def llamafactory_refuses(config: TrainingConfig) -> Optional[str]:
    if config.method != "cpt" and not llamafactory_template(config):
        return f"LLaMA-Factory needs the name of the chat template of {config.base_model}. Set chat_template, to qwen3 or llama3 for example."
    return None


def prepare_llamafactory(config: TrainingConfig, workspace: Workspace, machine: Machine) -> Launch:
    _, checkpoint, _ = resumption(workspace)
    notes: Tuple[str, ...] = ()
    evaluates = workspace.eval_file.is_file()
    info = {"train": llamafactory_dataset(config, workspace.train_file)}
    if evaluates:
        info["eval"] = llamafactory_dataset(config, workspace.eval_file)
    write_text(workspace.data / "dataset_info.json", json.dumps(info, indent=2))
    settings: Dict[str, Any] = {
        "model_name_or_path": config.base_model,
        "stage": LLAMAFACTORY_STAGES[config.method],
        "do_train": True,
        "finetuning_type": "lora" if config.lora else "full",
        "dataset_dir": str(workspace.data),
        "dataset": "train",
        "cutoff_len": config.max_seq_length,
        "overwrite_cache": True,
        "output_dir": str(workspace.output),
        "per_device_train_batch_size": config.batch_size,
        "per_device_eval_batch_size": config.batch_size,
        "gradient_accumulation_steps": config.gradient_accumulation_steps,
        "num_train_epochs": float(config.epochs),
        "learning_rate": float(config.learning_rate),
        "lr_scheduler_type": config.lr_scheduler,
        "optim": OPTIMIZERS[config.optimizer],
        **warmup(config, machine),
        "weight_decay": float(config.weight_decay),
        "max_grad_norm": float(config.max_grad_norm),
        "disable_gradient_checkpointing": not config.gradient_checkpointing,
        "seed": config.seed,
        **intervals(config, workspace),
        "report_to": "none",
        "include_num_input_tokens_seen": True,
    }
    if evaluates:
        settings["eval_dataset"] = "eval"
    if config.method == "cpt":
        settings["packing"] = True
    else:
        settings["template"] = llamafactory_template(config)
        notes = (f"LLaMA-Factory's chat template: {settings['template']}.",)
    if config.method == "sft":
        settings.update(train_on_prompt=config.loss_on == "everything", neat_packing=config.packing)
    if config.method in ("dpo", "orpo", "kto"):
        settings["pref_beta"] = config.preference_beta
    if config.method in ("dpo", "orpo"):
        settings["pref_loss"] = "orpo" if config.method == "orpo" else "sigmoid"
    if config.lora:
        settings.update(
            lora_rank=config.lora.r,
            lora_alpha=round(config.lora.alpha),
            lora_dropout=float(config.lora.dropout),
            lora_target="all",
        )
    if config.load_in_4bit:
        settings.update(quantization_bit=4, quantization_method="bnb")
    if config.max_steps:
        settings["max_steps"] = config.max_steps
    precision = machine.precision(config)
    if precision != "fp32":
        settings[precision] = True
    if checkpoint:
        settings["resume_from_checkpoint"] = str(checkpoint)
    path = write_text(workspace.trainer / "llamafactory.yaml", yaml_text(settings))
    # It cuts the words of its own launch at spaces: a relative path has none, wherever the work folder lies.
    command = [machine.python, "-m", "llamafactory.cli", "train", str(path.relative_to(workspace.root))]
    several = {"FORCE_TORCHRUN": "1", "NPROC_PER_NODE": str(machine.gpus)} if machine.gpus > 1 else {}
    return launch_of(command, config, workspace, notes, several)


def warmup(config: TrainingConfig, machine: Machine) -> Dict[str, float]:
    """Transformers 5 takes a share of the steps as `warmup_steps`; its later releases no longer know `warmup_ratio`."""
    name = "warmup_steps" if (machine.major("transformers") or 4) >= 5 else "warmup_ratio"
    return {name: float(config.warmup_ratio)}


def llamafactory_dataset(config: TrainingConfig, path: Path) -> Dict[str, Any]:
    """An entry of dataset_info.json. Once `columns` or `tags` is there, whatever it does not list is null: so all is listed."""
    if config.method == "cpt":
        return {"file_name": path.name, "columns": {"prompt": "text"}}
    columns = {"messages": "conversations", "system": "system"}
    if config.method == "sft":
        columns["tools"] = "tools"
    elif config.method == "kto":
        columns["kto_tag"] = "label"
    else:
        columns.update(chosen="chosen", rejected="rejected")
    return {
        "file_name": path.name,
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
