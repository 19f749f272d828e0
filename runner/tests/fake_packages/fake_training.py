"""What the fake trainers share: reading a configuration as strictly as the real ones, and printing as they print."""

import json
import os
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))


def accepted(*names):
    tables = json.loads((TESTS / "accepted_fields.json").read_text(encoding="utf-8"))
    return {word for name in names for word in tables[name].split()}


def refuse_unknown(settings, known):
    unknown = sorted(set(settings) - known)
    if unknown:
        sys.exit(f"ValueError: Some keys are not used: {unknown}")


def read_yaml(path):
    from small_yaml import parsed_yaml

    return parsed_yaml(Path(path).read_text(encoding="utf-8"))


def read_rows(path):
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def train(settings, rows, batch_size, evaluates):
    """Logs as transformers.Trainer does: a bar on stderr, dictionaries on stdout, a checkpoint, the adapter."""
    output = Path(settings["output_dir"])
    resumed = settings.get("resume_from_checkpoint")
    first = int(str(resumed).rpartition("-")[2]) if resumed else 0
    total = settings.get("max_steps") or max(1, len(rows) // batch_size)
    every = settings["logging_steps"]
    print(f"***** Running training *****\n  Total optimization steps = {total:,}", flush=True)
    history = []
    for step in range(first + 1, total + 1):
        sys.stderr.write(f"\r{100 * step // total:3d}%|###   | {step}/{total} [00:01<00:01,  9.00it/s]")
        if step % every == 0:
            entry = {"loss": f"{4 - step / total:.4g}", "learning_rate": "1e-05", "epoch": f"{step / total:.4g}"}
            print(entry, flush=True)
            history.append({**{key: float(value) for key, value in entry.items()}, "step": step})
    sys.stderr.write("\n")
    if evaluates:
        print({"eval_loss": "3.25", "eval_runtime": "0.5", "epoch": "1"}, flush=True)
    checkpoint = output / f"checkpoint-{total}"
    checkpoint.mkdir(parents=True, exist_ok=True)
    state = json.dumps({"global_step": total, "log_history": history})
    (checkpoint / "trainer_state.json").write_text(state)
    (output / "adapter_config.json").write_text("{}")
    print({"train_runtime": "12.3", "train_loss": "2", "epoch": "1"}, flush=True)


def tell(**facts):
    """For the test: how it was started."""
    with open(os.environ["FAKE_TRAINER_LOG"], "a") as file:
        file.write(json.dumps(facts) + "\n")
