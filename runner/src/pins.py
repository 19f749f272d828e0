"""The versions that the runner knows, and how they come onto an image that lacks them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List, Mapping, Optional, Tuple

from .config import TrainingConfig
from .errors import RunnerError, Stop, backoff_seconds
from .launch import needs_bitsandbytes
from .words import plural


@dataclass(frozen=True)
class Pin:
    """One trainer at the version whose configuration the runner writes."""

    modules: Tuple[str, ...]
    packages: Tuple[str, ...]
    python: Tuple[int, int]


PINS: Dict[str, Pin] = {
    "trl": Pin(
        ("trl", "peft"),
        ("trl==1.13.0", "transformers==5.18.0", "peft==0.21.0", "accelerate==1.15.0", "datasets==5.0.1"),
        (3, 10),
    ),
    # These two state the exact releases of what they stand on themselves.
    "axolotl": Pin(("axolotl",), ("axolotl==0.18.0",), (3, 10)),
    "llamafactory": Pin(("llamafactory",), ("llamafactory==0.9.5",), (3, 11)),
}
BITSANDBYTES = Pin(("bitsandbytes",), ("bitsandbytes==0.50.2",), (3, 10))

ATTEMPTS_TO_INSTALL = 3
VERSIONS_OF = (
    "torch",
    "transformers",
    "trl",
    "peft",
    "accelerate",
    "datasets",
    "axolotl",
    "llamafactory",
    "bitsandbytes",
)

# Prints what is there as JSON, without importing any of it: importing torch alone takes seconds.
LOOK = """
import importlib.metadata, importlib.util, json, os, sys, sysconfig
def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
managed = sys.prefix == sys.base_prefix and os.path.exists(os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED"))
modules, packages = json.loads(sys.argv[1])
print(json.dumps({
    "python": list(sys.version_info[:2]),
    "managed": managed,
    "pip": importlib.util.find_spec("pip") is not None,
    "missing": [name for name in modules if importlib.util.find_spec(name) is None],
    "versions": {name: version(name) for name in packages if version(name)},
}))
"""


@dataclass(frozen=True)
class Surroundings:
    """What the trainer's Python is and has."""

    python: Tuple[int, int]
    managed: bool
    pip: bool
    missing: Tuple[str, ...]
    versions: Mapping[str, str]


def look_at_python(python: str, modules: Tuple[str, ...]) -> Surroundings:
    """Raises RunnerError("trainer_missing") where there is no such Python."""
    try:
        asked = json.dumps([modules, VERSIONS_OF])
        done = subprocess.run([python, "-c", LOOK, asked], capture_output=True, text=True, timeout=120, check=True)
        seen = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        raise RunnerError("trainer_missing", f"TRAINER_PYTHON {python} cannot be asked what it has: {error}") from None
    return Surroundings(
        (seen["python"][0], seen["python"][1]), seen["managed"], seen["pip"], tuple(seen["missing"]), seen["versions"]
    )


def pins_for(config: TrainingConfig) -> List[Pin]:
    pin = PINS.get(config.trainer)
    if pin is None:
        return []
    return [pin, BITSANDBYTES] if needs_bitsandbytes(config) else [pin]


class Installer:
    """Makes the trainer importable, or says exactly what to do. `run` runs a command and answers its end and its last lines."""

    def __init__(
        self,
        python: str,
        work_dir: Path,
        allowed: bool,
        say: Callable[[str], None],
        run: Callable[[List[str]], Tuple[int, List[str]]],
        stop: Stop,
        retry_seconds: float,
    ):
        self._python = python
        self._work_dir = work_dir
        self._allowed = allowed
        self._say = say
        self._run = run
        self._stop = stop
        self._retry_seconds = retry_seconds

    def provide(self, pins: List[Pin]) -> Surroundings:
        """What is there when all the pins' modules are. Raises RunnerError("trainer_missing")."""
        modules = tuple(module for pin in pins for module in pin.modules)
        seen = look_at_python(self._python, modules)
        wanting = [pin for pin in pins if set(pin.modules) & set(seen.missing)]
        if not wanting:
            return seen
        missing = " and ".join(seen.missing)
        newest = max(pin.python for pin in wanting)
        if seen.python < newest:
            raise RunnerError(
                "trainer_missing",
                f"{missing} cannot be imported, and needs Python {newest[0]}.{newest[1]} or newer; {self._python} is "
                f"{seen.python[0]}.{seen.python[1]}. Choose another image, or set TRAINER_PYTHON.",
            )
        command = self._command(seen, [package for pin in wanting for package in pin.packages])
        if not self._allowed:
            raise RunnerError(
                "trainer_missing",
                f"{missing} cannot be imported by {self._python}. Install with: {shlex.join(command)}",
            )
        self._install(command, missing, seen)
        seen = look_at_python(self._python, modules)
        if seen.missing:
            raise RunnerError(
                "trainer_missing", f"{' and '.join(seen.missing)} cannot be imported even once installed."
            )
        return seen

    def _command(self, seen: Surroundings, packages: List[str]) -> List[str]:
        """The image's torch was made for its driver: it stays, and what does not go with it is refused by the resolver."""
        keep = []
        if "torch" in seen.versions:
            constraints = self._work_dir / "keep-torch.txt"
            constraints.write_text(f"torch=={seen.versions['torch']}\n", encoding="utf-8")
            keep = ["--constraint", str(constraints)]
        uv = shutil.which("uv")
        if not seen.pip and uv:
            return [uv, "pip", "install", "--python", self._python, *keep, *packages]
        managed = ["--break-system-packages"] if seen.managed else []
        return [self._python, "-m", "pip", "install", "--no-input", *managed, *keep, *packages]

    def _install(self, command: List[str], missing: str, seen: Surroundings) -> None:
        if not seen.pip and command[1] == "-m":
            self._run([self._python, "-m", "ensurepip", "--upgrade"])
        reason: Optional[str] = None
        status, lines = 0, [""]
        for attempt in range(ATTEMPTS_TO_INSTALL):
            self._say(f"Installing: {shlex.join(command)}")
            status, lines = self._run(command)
            if status == 0:
                return
            printed = "\n".join(lines)
            reason = why_not_installed(printed, seen)
            if CONFLICT.search(printed):
                break
            if attempt + 1 < ATTEMPTS_TO_INSTALL:
                self._say(
                    f"That did not work; trying again ({plural(ATTEMPTS_TO_INSTALL - attempt - 1, 'attempt')} left)."
                )
                self._stop.sleep(backoff_seconds(attempt + 2, self._retry_seconds))
        told = reason or f"The installation ended with exit status {status}."
        last = "\n".join(lines[-12:])
        raise RunnerError("trainer_missing", f"{missing} cannot be imported and could not be installed. {told}\n{last}")


OFFLINE = re.compile(
    r"Name or service not known|Temporary failure in name resolution|Network is unreachable|NewConnectionError"
    r"|Failed to establish a new connection|No route to host|dns error|failed to lookup address",
    re.IGNORECASE,
)
CONFLICT = re.compile(
    r"ResolutionImpossible|conflicting dependencies|No solution found|because these package versions", re.I
)


def why_not_installed(output: str, seen: Surroundings) -> Optional[str]:
    """In words and with the way out, where the output tells."""
    if CONFLICT.search(output):
        torch = seen.versions.get("torch")
        with_torch = f" with the torch {torch} of this image, which is kept" if torch else ""
        return f"It does not go together{with_torch}: choose an image that has the trainer, or another torch."
    if OFFLINE.search(output):
        index = os.environ.get("PIP_INDEX_URL", "")
        where = "PIP_INDEX_URL" if index else "the package index"
        return (
            f"This machine does not reach {where}: choose an image that has the trainer, or set PIP_INDEX_URL to an index "
            "that it reaches."
        )
    return None
