"""axolotl train CONFIG [--launcher python|accelerate|torchrun] [-- launcher's words]"""

import os
import sys

from fake_training import accepted, read_rows, read_yaml, refuse_unknown, tell, train

ROLES = {"user", "assistant", "system", "tool"}


def check_row(row, method, kind):
    """Fails on what the real format would fail on, or drop without a word."""
    if kind == "chat_template":
        assert row["messages"] and all(turn["role"] in ROLES for turn in row["messages"]), row
        assert all(isinstance(turn["content"], str) for turn in row["messages"]), row
    elif kind == "chat_template.default":
        assert row["messages"][-1]["role"] == "user" and row["chosen"]["role"] == "assistant", row
        assert row["chosen"]["content"] and row["rejected"]["content"], row
    elif kind == "chat_template.argilla":
        assert len(row["chosen"]) % 2 == 0 and row["chosen"][-1]["role"] == "assistant", row
    elif kind.endswith(".prompt_pairs"):
        assert isinstance(row["prompt"], str) and isinstance(row["completion"], str), row
        assert isinstance(row["label"], bool), row
    elif kind == "bradley_terry.chat_template":
        assert {"system", "input", "chosen", "rejected"} <= set(row), row
    else:
        assert kind == "completion" and isinstance(row["text"], str), row


def main():
    words = sys.argv[1:]
    assert words[0] == "train", words
    settings = read_yaml(words[1])
    refuse_unknown(settings, accepted("axolotl"))
    rows = []
    for dataset in settings["datasets"] + settings.get("test_datasets", []):
        refuse_unknown(dataset, accepted("axolotl_dataset"))
        assert dataset["ds_type"] == "json", dataset
        rows = rows or read_rows(dataset["path"])
        for row in read_rows(dataset["path"]):
            check_row(row, settings.get("rl"), dataset["type"])
    assert not (settings["bf16"] and settings["fp16"])
    tell(words=words[2:], env=sorted(os.environ), tracked=os.environ.get("AXOLOTL_DO_NOT_TRACK"), settings=settings)
    batch = settings["micro_batch_size"] * settings["gradient_accumulation_steps"]
    train(settings, rows, batch, "test_datasets" in settings)


if __name__ == "__main__":
    main()
