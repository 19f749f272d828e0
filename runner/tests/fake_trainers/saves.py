"""Saves checkpoints and a result as a Hugging Face Trainer does; goes on from the newest checkpoint that it finds.

usage: saves.py OUTPUT_DIR STEPS [hold]    hold: waits after the first checkpoint for SIGTERM, saves another, ends with 143
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

output, steps = Path(sys.argv[1]), int(sys.argv[2])
stopped = []
signal.signal(signal.SIGTERM, lambda *_arguments: stopped.append(True))


def save(step):
    folder = output / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_bytes(os.urandom(1_000_003))
    (folder / "trainer_state.json.new").write_text(json.dumps({"global_step": step, "log_history": []}))
    os.rename(folder / "trainer_state.json.new", folder / "trainer_state.json")


found = [int(folder.name.rpartition("-")[2]) for folder in output.glob("checkpoint-*")]
print(f"begins after step {max(found, default=0)}", flush=True)
for step in range(max(found, default=0) + 1, steps + 1):
    print({"loss": 1.0, "step": step}, flush=True)
    save(step)
    if "hold" in sys.argv:
        while not stopped:
            time.sleep(0.02)
        save(step + 1)
        print(f"saved checkpoint-{step + 1}", flush=True)
        sys.exit(143)
(output / "adapter_config.json").write_text("{}")
(output / "adapter_model.safetensors").write_bytes(b"weights" * 300_000)
