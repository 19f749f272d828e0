"""The GPUs, as nvidia-smi and torch tell of them."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from typing import Callable, Dict, List, Mapping, Tuple

from .errors import RunnerError
from .launch import Machine
from .words import clean_line, number_of, shorten

ASK_SECONDS = 5.0
PROVE_SECONDS = 300


class GpuGauge:
    """Memory in use on the busiest GPU, and how busy they are on average; asked of nvidia-smi now and then."""

    def __init__(self) -> None:
        self._program = shutil.which("nvidia-smi")
        self._seen: Dict[str, float] = {}
        if self._program:
            threading.Thread(target=self._ask_on_and_on, args=(self._program,), daemon=True).start()

    def __call__(self) -> Mapping[str, float]:
        return self._seen

    def _ask_on_and_on(self, program: str) -> None:
        while True:
            rows = nvidia_smi(program, "memory.used", "utilization.gpu")
            used = [value for value in (number_of(row[0]) for row in rows) if value is not None]
            busy = [value for value in (number_of(row[1]) for row in rows if len(row) > 1) if value is not None]
            seen = {"gpu_memory_mib": max(used)} if used else {}
            if busy:
                seen["gpu_utilization"] = round(sum(busy) / len(busy), 1)
            self._seen = seen
            time.sleep(ASK_SECONDS)


def nvidia_smi(program: str, *fields: str) -> List[List[str]]:
    try:
        asked = [program, f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits"]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return []
    if done.returncode != 0:
        return []
    return [[cell.strip() for cell in line.split(",")] for line in done.stdout.splitlines() if line.strip()]


def look_at_machine(python: str, versions: Mapping[str, str]) -> Machine:
    program = shutil.which("nvidia-smi")
    gpus = nvidia_smi(program, "compute_cap", "name") if program else []
    capable = [(number_of(row[0]) or 0) >= 8 for row in gpus]
    name = gpus[0][1] if gpus and len(gpus[0]) > 1 else ""
    return Machine(python, len(gpus), bool(capable) and all(capable), name, versions)


# Computes on every GPU and brings the result back: a driver that lists a GPU may still not run anything on it.
PROOF = """
import json, torch
answers = []
for number in range(torch.cuda.device_count()):
    square = torch.ones(64, 64, device=f"cuda:{number}")
    answers.append(float((square @ square).sum().item()))
print(json.dumps({"cuda": torch.version.cuda, "answers": answers}))
"""
RIGHT_ANSWER = 64.0**3
# What torch says where the fault is its own build's.
IMAGE_FAULTS = ("no kernel image is available", "not compiled with CUDA enabled")


def prove_listed(expected: int) -> str:
    """What nvidia-smi says of the GPUs. Raises RunnerError("gpu_unusable")."""
    program = shutil.which("nvidia-smi")
    if not program:
        raise unusable(expected, "there is no nvidia-smi: the driver is not here, or not handed to the container")
    try:
        query = [program, "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
        done = subprocess.run(query, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        raise unusable(expected, f"nvidia-smi does not answer ({error})") from None
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    if done.returncode != 0:
        said = shorten(clean_line((done.stdout + done.stderr).strip().replace("\n", " ")), 500)
        raise unusable(expected, f"nvidia-smi ends with status {done.returncode}: {said}")
    if len(lines) < expected:
        raise unusable(expected, f"nvidia-smi lists {len(lines)}")
    return "; ".join(lines)


def prove_computing(expected: int, python: str, run: Callable[[List[str]], Tuple[int, str]]) -> str:
    """The CUDA version of the trainer's torch, once each GPU has computed something. Raises RunnerError: "gpu_unusable", or
    "image_unusable" where every other machine would fare no better."""
    status, printed = run([python, "-c", PROOF])
    try:
        answer = json.loads(printed.strip().splitlines()[-1])
        answers, cuda = answer["answers"], answer["cuda"]
    except (ValueError, LookupError, TypeError):
        last = shorten(clean_line(printed.strip().splitlines()[-1] if printed.strip() else "nothing"), 500)
        if any(words in printed for words in IMAGE_FAULTS):
            raise unfit(f"its torch has no code for this GPU ({last})") from None
        raise unusable(expected, f"torch cannot compute there (status {status}): {last}") from None
    if cuda is None:
        raise unfit("its torch was built without CUDA")
    if len(answers) < expected:
        raise unusable(expected, f"torch sees {len(answers)}; its CUDA is {cuda}, which the driver may be too old for")
    if any(value != RIGHT_ANSWER for value in answers):
        raise unusable(expected, f"a multiplication of ones came out wrong ({answers} instead of {RIGHT_ANSWER:g})")
    return str(cuda)


def run_proof(command: List[str]) -> Tuple[int, str]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROVE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return 124, f"no answer within {PROVE_SECONDS} s"
    return done.returncode, done.stdout if done.returncode == 0 else done.stderr


def unfit(why: str) -> RunnerError:
    return RunnerError("image_unusable", f"This image cannot compute on a GPU: {why}. Choose another image.")


def unusable(expected: int, why: str) -> RunnerError:
    wanted = "A GPU is" if expected == 1 else f"{expected} GPUs are"
    return RunnerError(
        "gpu_unusable", f"{wanted} expected here, and {why}. Nothing was trained; another machine may do."
    )
