"""TRL's training script. Runs in the trainer's Python, where torch, transformers, trl and peft are."""

from __future__ import annotations

import dataclasses
import importlib
import json
from typing import Any, Dict, Mapping, Tuple

from .config import TrainingConfig, read_spec
from .errors import Stop

CHATML_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LENGTH_CHECK_ROWS_MAX = 5_000


def trl_train(spec_path: str) -> int:
    """Trains with TRL; goes on from the spec's checkpoint. SIGTERM saves a checkpoint and ends with 143."""
    import torch
    from datasets import load_dataset
    from transformers import AutoTokenizer, TrainerCallback

    config, spec = read_spec(spec_path)
    stop = Stop()
    stop.on_signals()

    class SaveAndStop(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **_rest: Any) -> Any:
            if stop.reason:
                control.should_save = True
                control.should_training_stop = True
            return control

    tokenizer = AutoTokenizer.from_pretrained(config.base_model)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    if tokenizer.chat_template is None and config.method != "cpt":
        print(f"{config.base_model} has no chat template: ChatML is used.", flush=True)
        tokenizer.chat_template = CHATML_TEMPLATE
    dataset = load_dataset("json", data_files=spec["dataset"], split="train")
    say_long_rows(dataset, tokenizer, config)
    config_class, trainer_class = trl_classes(config.method)
    cuda = torch.cuda.is_available()
    arguments = trl_arguments(config, spec, cuda, cuda and torch.cuda.is_bf16_supported())
    trainer = trainer_class(
        model=config.base_model,
        args=config_class(**only_known(config_class, arguments)),
        train_dataset=dataset,
        processing_class=tokenizer,
        peft_config=trl_lora(config),
        callbacks=[SaveAndStop()],
    )
    trainer.train(resume_from_checkpoint=spec.get("checkpoint"))
    if stop.reason:
        print(f"Stopped by a signal at step {trainer.state.global_step}; a checkpoint was saved.", flush=True)
        return 143
    trainer.save_model(spec["output_dir"])
    return 0


def trl_classes(method: str) -> Tuple[Any, Any]:
    name = {"sft": "SFT", "cpt": "SFT", "dpo": "DPO", "orpo": "ORPO", "kto": "KTO", "reward": "Reward"}[method]
    modules = ("trl.experimental.orpo", "trl") if method == "orpo" else ("trl",)
    for module_name in modules:
        try:
            module = importlib.import_module(module_name)
            return getattr(module, f"{name}Config"), getattr(module, f"{name}Trainer")
        except (ImportError, AttributeError):
            continue
    raise SystemExit(f"This version of TRL has no {name}Trainer.")


def trl_arguments(config: TrainingConfig, spec: Mapping[str, Any], cuda: bool, bfloat16: bool) -> Dict[str, Any]:
    """By the names of transformers.TrainingArguments and TRL's own configs."""
    arguments: Dict[str, Any] = {
        "output_dir": spec["output_dir"],
        "max_length": config.max_seq_length,
        "num_train_epochs": config.epochs,
        "max_steps": config.max_steps or -1,
        "per_device_train_batch_size": config.batch_size,
        "gradient_accumulation_steps": config.gradient_accumulation_steps,
        "learning_rate": config.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_ratio": config.warmup_ratio,
        "weight_decay": config.weight_decay,
        "seed": config.seed,
        "logging_steps": config.logging_steps,
        "save_strategy": "steps",
        "save_steps": 0.1,
        "save_total_limit": 2,
        "report_to": "none",
        "gradient_checkpointing": cuda,
        "use_cpu": not cuda,
        "bf16": bfloat16,
        "fp16": cuda and not bfloat16,
        "model_init_kwargs": {"dtype": "bfloat16" if bfloat16 and config.lora else "float32"},
    }
    if config.method == "cpt":
        arguments.update(
            packing=True, packing_strategy="wrapped"
        )  # Nothing is cut off: long texts go on in the next block.
    return arguments


def only_known(config_class: Any, arguments: Dict[str, Any]) -> Dict[str, Any]:
    """What this version of the trainer has a field for; what it has not is said."""
    known = {item.name for item in dataclasses.fields(config_class)}
    if "warmup_ratio" not in known:
        arguments["warmup_steps"] = arguments.pop("warmup_ratio")  # Newer versions take a ratio below 1 here.
    unknown = sorted(set(arguments) - known)
    if unknown:
        print(f"{config_class.__name__} of this version does not know {', '.join(unknown)}: left out.", flush=True)
    return {name: value for name, value in arguments.items() if name in known}


def trl_lora(config: TrainingConfig) -> Any:
    if config.lora is None:
        return None
    from peft import LoraConfig

    return LoraConfig(
        r=config.lora.r,
        lora_alpha=round(config.lora.alpha),
        lora_dropout=config.lora.dropout,
        target_modules="all-linear",
        task_type="SEQ_CLS" if config.method == "reward" else "CAUSAL_LM",
    )


def say_long_rows(dataset: Any, tokenizer: Any, config: TrainingConfig) -> None:
    """TRL cuts rows that are longer than max_length without a word; this is the word."""
    if config.method == "cpt":
        return
    answers = {"sft": ("messages",), "kto": ("completion",)}.get(config.method, ("chosen", "rejected"))
    looked_at = min(len(dataset), LENGTH_CHECK_ROWS_MAX)
    long_rows = 0
    for row in dataset.select(range(looked_at)):
        tools = json.loads(row["tools"]) if row.get("tools") else None
        texts = [
            tokenizer.apply_chat_template((row.get("prompt") or []) + row[key], tools=tools, tokenize=False)
            for key in answers
        ]
        long_rows += max(len(tokenizer(text)["input_ids"]) for text in texts) > config.max_seq_length
    if long_rows:
        scope = "rows" if looked_at == len(dataset) else "rows looked at first"
        print(
            f"WARNING: {long_rows:,} of {looked_at:,} {scope} are longer than max_seq_length ({config.max_seq_length} tokens) and are cut there.",
            flush=True,
        )
