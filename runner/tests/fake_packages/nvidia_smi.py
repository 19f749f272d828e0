"""An nvidia-smi. FAKE_GPUS says how many it lists; FAKE_GPU_ERROR what it says instead of working."""

import os
import sys

ANSWERS = {
    "compute_cap,name": os.environ.get("FAKE_GPU_CAPABILITY", "8.0") + ", NVIDIA A100",
    "memory.used,utilization.gpu": "20480, 97",
    "name,driver_version,memory.total": "NVIDIA A100, 570.86.15, 81920 MiB",
}
if os.environ.get("FAKE_GPU_ERROR"):
    print(os.environ["FAKE_GPU_ERROR"])
    sys.exit(9)
asked = next(word for word in sys.argv if word.startswith("--query-gpu=")).partition("=")[2]
for _ in range(int(os.environ.get("FAKE_GPUS", "1"))):
    print(ANSWERS[asked])
