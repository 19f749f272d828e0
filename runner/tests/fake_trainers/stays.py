"""Trains for ever, with a child of its own. On SIGTERM it saves and ends, unless told to be stubborn.

usage: stays.py OUTPUT_DIR [stubborn]
"""

import os
import signal
import subprocess
import sys
import time

output = sys.argv[1]
os.makedirs(output, exist_ok=True)


def save(_number, _frame):
    if "stubborn" in sys.argv:
        return
    with open(os.path.join(output, "saved"), "w") as file:
        file.write("yes")
    print("saved", flush=True)
    sys.exit(143)


signal.signal(signal.SIGTERM, save)
child = subprocess.Popen(
    [
        sys.executable,
        "-c",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)",
    ],
    stdout=subprocess.PIPE,
)
child.stdout.readline()
with open(os.path.join(output, "pids.new"), "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
os.rename(os.path.join(output, "pids.new"), os.path.join(output, "pids"))
step = 0
while True:
    step += 1
    print({"loss": 1.0, "step": step}, flush=True)
    time.sleep(0.1)
