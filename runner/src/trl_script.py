"""TRL's training script. Runs in the trainer's Python, where torch, transformers, trl and peft are."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import os
import time
from typing import Any, Dict, Mapping, Tuple

from .config import TrainingConfig, read_spec
from .errors import Stop
from .launch import OPTIMIZERS
from .token_counter import CHATML_TEMPLATE


def trl_train(spec_path: str) -> int:
    """Trains with TRL; goes on from the spec's checkpoint. SIGTERM saves a checkpoint and ends with 143."""
    from datasets import load_dataset
    from transformers import AutoTokenizer

    config, spec = read_spec(spec_path)
    stop = Stop()
    stop.on_signals()
    tokenizer = AutoTokenizer.from_pretrained(config.base_model)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    if tokenizer.chat_template is None and config.method != "cpt":
        say(f"{config.base_model} has no chat template: ChatML is used.")
        tokenizer.chat_template = CHATML_TEMPLATE
    files = {"train": spec["dataset"], **({"test": spec["eval_dataset"]} if spec["eval_dataset"] else {})}
    datasets = {split: load_dataset("json", data_files=file, split="train") for split, file in files.items()}
    config_class, trainer_class = trl_classes(config.method)
    arguments = trl_arguments(config, spec)
    if config.method == "sft" and config.loss_on == "answers":
        arguments["assistant_only_loss"] = marks_answers(tokenizer)
        if not arguments["assistant_only_loss"]:
            say("The chat template does not mark answers: the loss is taken over the last answer of each conversation.")
            datasets = {
                split: dataset.map(last_answer_apart, remove_columns="messages") for split, dataset in datasets.items()
            }
    trainer = trainer_class(
        model=config.base_model,
        args=config_class(**only_known(config_class, arguments)),
        train_dataset=datasets["train"],
        eval_dataset=datasets.get("test"),
        processing_class=tokenizer,
        peft_config=trl_lora(config),
        callbacks=[watch(stop)],
    )
    trainer.train(resume_from_checkpoint=spec.get("checkpoint"))
    if stop.reason:
        say(
            f"Stopped by a signal at step {trainer.state.global_step}; checkpoint-{trainer.state.global_step} was saved."
        )
        return 143
    trainer.save_model(spec["output_dir"])
    return 0


def say(line: str) -> None:
    """Once, whatever the number of processes."""
    if os.environ.get("RANK", "0") == "0":
        print(line, flush=True)


def watch(stop: Stop) -> Any:
    """Puts the step and the rate into what is logged; on a signal, saves and ends at the end of a step, the same in all processes."""
    import torch
    from transformers import TrainerCallback

    counted = [0.0, time.monotonic()]

    class Watch(TrainerCallback):
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_rest: Any) -> None:
            if logs is None:
                return
            logs.update(step=state.global_step, total_steps=state.max_steps)
            if "loss" in logs and "num_tokens" in logs:  # Here they are whole; what is printed has four digits.
                before, counted[:] = list(counted), [logs["num_tokens"], time.monotonic()]
                logs["tokens_per_second"] = round((counted[0] - before[0]) / max(counted[1] - before[1], 1e-6), 1)

        def on_step_end(self, args: Any, state: Any, control: Any, **_rest: Any) -> Any:
            asked = bool(stop.reason)
            if torch.distributed.is_available() and torch.distributed.is_initialized():
                flag = torch.tensor([float(asked)], device=args.device)
                torch.distributed.all_reduce(flag, op=torch.distributed.ReduceOp.MAX)
                asked = flag.item() > 0
            if asked:
                stop.ask("signal")
                control.should_save = True
                control.should_training_stop = True
            return control

    return Watch()


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


def trl_arguments(config: TrainingConfig, spec: Mapping[str, Any]) -> Dict[str, Any]:
    """By the names of transformers.TrainingArguments and TRL's own configs."""
    precision = spec["precision_here"]
    arguments: Dict[str, Any] = {
        "output_dir": spec["output_dir"],
        "max_length": config.max_seq_length,
        "num_train_epochs": config.epochs,
        "max_steps": config.max_steps or -1,
        "per_device_train_batch_size": config.batch_size,
        "per_device_eval_batch_size": config.batch_size,
        "gradient_accumulation_steps": config.gradient_accumulation_steps,
        "learning_rate": config.learning_rate,
        "lr_scheduler_type": config.lr_scheduler,
        "optim": OPTIMIZERS[config.optimizer],
        "warmup_ratio": config.warmup_ratio,
        "weight_decay": config.weight_decay,
        "max_grad_norm": config.max_grad_norm,
        "seed": config.seed,
        **spec["intervals"],
        # A loss that is not a number is told as it is, not replaced by the average of the others.
        "logging_nan_inf_filter": False,
        "report_to": "none",
        "gradient_checkpointing": config.gradient_checkpointing,
        "use_cpu": precision == "fp32" and not has_accelerator(),
        "bf16": precision == "bf16",
        "fp16": precision == "fp16",
        "model_init_kwargs": model_arguments(config, precision),
    }
    if config.method in ("dpo", "orpo", "kto"):
        arguments["beta"] = config.preference_beta
    if config.method == "cpt":
        # Nothing is cut off: long texts go on in the next block.
        arguments.update(packing=True, packing_strategy="wrapped")
    elif config.method == "sft" and config.packing:
        arguments.update(packs_without_mixing())
    return arguments


def model_arguments(config: TrainingConfig, precision: str) -> Dict[str, Any]:
    """With an adapter, the base model lies in the short form; whole weights are trained in the long one."""
    short = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}[precision]
    arguments: Dict[str, Any] = {"dtype": short if config.lora else "float32"}
    if config.load_in_4bit:
        import torch
        from transformers import BitsAndBytesConfig

        arguments["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=getattr(torch, short),
        )
    return arguments


def packs_without_mixing() -> Dict[str, Any]:
    """Rows that share a sequence must not see each other, which only Flash Attention does for TRL."""
    if importlib.util.find_spec("flash_attn") is None:
        say("Packing is off: without flash-attn, the rows that share a sequence would see each other.")
        return {}
    return {"packing": True, "packing_strategy": "bfd_split"}


def has_accelerator() -> bool:
    import torch

    return torch.cuda.is_available() or torch.backends.mps.is_available()


def marks_answers(tokenizer: Any) -> bool:
    """Whether the template says where answers begin and end, itself or in a version of it that TRL knows."""
    if "{% generation" in tokenizer.chat_template or "{%- generation" in tokenizer.chat_template:
        return True
    try:
        module = importlib.import_module("trl.chat_template_utils")
        return module.get_training_chat_template(tokenizer) is not None
    except (ImportError, AttributeError, ValueError, TypeError):
        return False


def last_answer_apart(row: Dict[str, Any]) -> Dict[str, Any]:
    turns = row["messages"]
    end = max(at for at, turn in enumerate(turns) if turn["role"] == "assistant")
    return {"prompt": turns[:end], "completion": [turns[end]]}


def only_known(config_class: Any, arguments: Dict[str, Any]) -> Dict[str, Any]:
    """What this version of the trainer has a field for; what it has not is said."""
    known = {item.name for item in dataclasses.fields(config_class)}
    if "warmup_ratio" not in known:
        arguments["warmup_steps"] = arguments.pop("warmup_ratio")  # Newer versions take a ratio below 1 here.
    unknown = sorted(set(arguments) - known)
    if unknown:
        say(f"{config_class.__name__} of this version does not know {', '.join(unknown)}: left out.")
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
