"""Says a lot, then fails."""

import sys

for number in range(30):
    print(f"line {number}", flush=True)
sys.stderr.write("Traceback (most recent call last):\nRuntimeError: CUDA out of memory\n")
sys.exit(1)
