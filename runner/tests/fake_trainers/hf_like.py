"""Prints what a Hugging Face Trainer prints: dictionaries on stdout, bars on stderr, and a checkpoint's state.

usage: hf_like.py OUTPUT_DIR STEPS [strings] [nan] [slow]
"""

import json
import os
import sys
import time

output, steps = sys.argv[1], int(sys.argv[2])
options = set(sys.argv[3:])
history = []
sys.stderr.write("Map: 100%|##########| 1000/1000 [00:00<00:00, 5000.00 examples/s]\n")
for step in range(1, steps + 1):
    sys.stderr.write(f"\r{100 * step // steps:3d}%|###       | {step}/{steps} [00:{step:02d}<00:10,  1.00it/s]")
    sys.stderr.flush()
    if step % 2 == 0:
        loss = float("nan") if "nan" in options and step == 4 else round(4 - 0.1 * step, 4)
        entry = {"loss": loss, "grad_norm": 0.5, "learning_rate": 1e-05, "epoch": round(step / steps, 2)}
        print({key: f"{value:.4g}" for key, value in entry.items()} if "strings" in options else entry, flush=True)
        history.append({**entry, "step": step})
    if step == steps // 2:
        sys.stderr.write("\r 50%|#####     | 5/10 [00:01<00:01,  5.00it/s]\n")
        evaluation = {"eval_loss": 3.5, "eval_runtime": 1.2, "epoch": round(step / steps, 2)}
        print(evaluation, flush=True)
        history.append({**evaluation, "step": step})
    if "slow" in options:
        time.sleep(0.05)
history.append({"step": 1, "loss": 3.9, "learning_rate": 2e-05, "epoch": 0.01})
folder = os.path.join(output, f"checkpoint-{steps}")
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "trainer_state.json"), "w") as file:
    json.dump({"global_step": steps, "log_history": history}, file)
print({"train_runtime": 12.3, "train_loss": 2.0, "epoch": 1.0}, flush=True)
