"""llamafactory-cli train CONFIG.yaml"""

import json
import os
import sys
from pathlib import Path

from fake_training import accepted, read_rows, read_yaml, refuse_unknown, tell, train

ODD, EVEN = {"human", "observation"}, {"gpt", "function_call"}


def check_row(row, info):
    """Rows that the real one would skip with no more than a warning."""
    if info.get("formatting") != "sharegpt":
        assert isinstance(row[info["columns"]["prompt"]], str), row
        return
    assert set(info["columns"].values()) <= set(row), row
    turns = row[info["columns"]["messages"]]
    assert all(turn["from"] in (ODD, EVEN)[at % 2] for at, turn in enumerate(turns)), row
    assert len(turns) % 2 == (1 if info.get("ranking") else 0), row
    for side in ("chosen", "rejected") if info.get("ranking") else ():
        assert row[side]["from"] in EVEN, row
    if "kto_tag" in info["columns"]:
        assert isinstance(row[info["columns"]["kto_tag"]], bool), row


def main():
    command, path = sys.argv[1:]
    assert command == "train" and path.endswith(".yaml") and " " not in path, sys.argv
    settings = read_yaml(path)
    refuse_unknown(settings, accepted("llamafactory", "transformers") | {"warmup_ratio"})
    infos = json.loads((Path(settings["dataset_dir"]) / "dataset_info.json").read_text())
    names = [settings["dataset"], *([settings["eval_dataset"]] if "eval_dataset" in settings else [])]
    for name in names:
        file = Path(settings["dataset_dir"]) / infos[name]["file_name"]
        assert file.suffix == ".jsonl", "only arrow, csv, json, jsonl, parquet and txt are read"
        for row in read_rows(file):
            check_row(row, infos[name])
    output = Path(settings["output_dir"])
    if not settings.get("resume_from_checkpoint"):
        assert not output.exists() or not any(output.iterdir()), "Output directory already exists and is not empty."
    if settings["stage"] != "pt":
        assert settings["template"] in accepted("llamafactory_templates")
    tell(words=sys.argv[1:], torchrun=os.environ.get("FORCE_TORCHRUN"), settings=settings)
    batch = settings["per_device_train_batch_size"] * settings["gradient_accumulation_steps"]
    train(settings, read_rows(Path(settings["dataset_dir"]) / "train.jsonl"), batch, "eval_dataset" in settings)


if __name__ == "__main__":
    main()
