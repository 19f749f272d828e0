"""The GPUs, as nvidia-smi tells of them."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from typing import List, Optional

from .launch import Machine
from .words import number_of


class GpuMemory:
    """Mebibytes in use on the busiest GPU, asked of nvidia-smi now and then where there is one."""

    def __init__(self) -> None:
        self._program = shutil.which("nvidia-smi")
        self._value: Optional[float] = None
        if self._program:
            threading.Thread(target=self._ask_on_and_on, args=(self._program,), daemon=True).start()

    def __call__(self) -> Optional[float]:
        return self._value

    def _ask_on_and_on(self, program: str) -> None:
        while True:
            used = [number_of(row[0]) for row in nvidia_smi(program, "memory.used")]
            self._value = max((value for value in used if value is not None), default=None)
            time.sleep(5)


def nvidia_smi(program: str, *fields: str) -> List[List[str]]:
    try:
        asked = [program, f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits"]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return []
    if done.returncode != 0:
        return []
    return [[cell.strip() for cell in line.split(",")] for line in done.stdout.splitlines() if line.strip()]


def look_at_machine(python: str) -> Machine:
    program = shutil.which("nvidia-smi")
    gpus = nvidia_smi(program, "compute_cap", "name") if program else []
    capable = [(number_of(row[0]) or 0) >= 8 for row in gpus]
    return Machine(python, len(gpus), bool(capable) and all(capable))
