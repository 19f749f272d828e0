"""Prints its arguments and what it finds, as a command trainer would.

usage: says.py [--lines N] [--env] [--hold FILE] WORD ...
"""

import json
import os
import sys
import time

arguments = sys.argv[1:]
if "--env" in arguments:
    print("ENV " + json.dumps(sorted(os.environ)), flush=True)
    print(" ".join(os.environ.values()), flush=True)
if "--lines" in arguments:
    for number in range(int(arguments[arguments.index("--lines") + 1])):
        print(f"chatter {number}", flush=False)
    sys.stdout.flush()
if "--long" in arguments:
    print("x" * 300_000 + "\nafter the long line", flush=True)
if "--hold" in arguments:
    path = arguments[arguments.index("--hold") + 1]
    step = 0
    while not os.path.exists(path):
        step += 1
        print({"loss": 2.0, "step": step}, flush=True)
        time.sleep(0.05)
print("WORDS " + json.dumps(arguments), flush=True)
