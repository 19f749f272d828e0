"""Settings: everything that comes from the environment."""

from __future__ import annotations

import base64
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Tuple

from .errors import RunnerError
from .words import file_name_for

VERSION = "1.0.0"


@dataclass(frozen=True)
class Settings:
    """Everything that comes from the environment; README.md documents each variable."""

    job_id: str
    work_dir: Path
    url: str = ""
    job_token: str = ""
    dataset_url: str = ""
    dataset_sha256: str = ""
    config: Optional[Dict[str, Any]] = None
    # Where the provider has put the datasets: a sub-folder for each, named by its id, with one file in it.
    datasets_dir: Optional[Path] = None
    # The provider says how a machine that it takes away has ended, and may start the job on another.
    provider_tells_end: bool = False
    keep_alive: bool = False
    install_trainer: bool = False
    # So many GPUs must be there and able to compute; 0: whatever there is.
    expect_gpu: int = 0
    trainer_python: str = sys.executable
    # Where checkpoints and the result go; artifacts.py has the names.
    artifacts: Tuple[str, ...] = ()
    hf_repo_id: str = ""
    result_put_url: str = ""
    result_dir: Optional[Path] = None
    # Where the provider takes what lies in the output folder: told as the result's place.
    result_uri: str = ""
    heartbeat_seconds: float = 5.0
    flush_seconds: float = 1.0
    retry_seconds: float = 1.0
    http_timeout_seconds: float = 30.0
    lease_patience_seconds: float = 600.0
    final_report_seconds: float = 600.0
    stop_grace_seconds: float = 30.0
    upload_seconds: float = 3600.0

    @property
    def detached(self) -> bool:
        return not self.url

    @staticmethod
    def from_environment(env: Mapping[str, str]) -> "Settings":
        """Raises RunnerError("misconfigured") naming the variable that is missing or wrong."""
        url = env.get("FINETUNELAB_URL", "").rstrip("/")
        job_id = env.get("JOB_ID", "") or ("" if url else "detached")
        common: Dict[str, Any] = {
            "job_id": job_id,
            "work_dir": Path(env.get("WORK_DIR") or f"finetunelab-{file_name_for(job_id)}").absolute(),
            "keep_alive": is_on(env, "KEEP_ALIVE"),
            "install_trainer": is_on(env, "INSTALL_TRAINER"),
            "expect_gpu": whole_number(env, "EXPECT_GPU"),
            "artifacts": artifact_names(env),
            "hf_repo_id": env.get("HF_REPO_ID", "").strip(),
            "result_put_url": env.get("RESULT_PUT_URL", "").strip(),
            "result_dir": Path(env["RESULT_DIR"]) if env.get("RESULT_DIR") else None,
            "result_uri": env.get("RESULT_URI", "").strip(),
            "trainer_python": env.get("TRAINER_PYTHON") or sys.executable,
            "datasets_dir": Path(env["DATASETS_DIR"]) if env.get("DATASETS_DIR") else None,
            "provider_tells_end": is_on(env, "PROVIDER_TELLS_END"),
        }
        for name in SECONDS:
            text = env.get(f"{name.upper()}_SECONDS")
            if text:
                common[f"{name}_seconds"] = positive_number(f"{name.upper()}_SECONDS", text)
        if url:
            return Settings(
                url=url, job_token=required(env, "JOB_TOKEN"), **{**common, "job_id": required(env, "JOB_ID")}
            )
        return Settings(
            dataset_url=required(env, "DATASET_URL"),
            dataset_sha256=required(env, "DATASET_SHA256").lower(),
            config=decode_config(required(env, "TRAINING_CONFIG_B64")),
            **common,
        )


SECONDS = (
    "heartbeat",
    "flush",
    "retry",
    "http_timeout",
    "lease_patience",
    "final_report",
    "stop_grace",
    "upload",
)
ARTIFACT_NAMES = ("control-plane", "huggingface", "put-url", "folder")


def artifact_names(env: Mapping[str, str]) -> Tuple[str, ...]:
    """What ARTIFACTS lists; unset, what the other variables name, else the control plane where there is one."""
    text = env.get("ARTIFACTS", "").strip()
    if text == "none":
        return ()
    if text:
        names = tuple(name.strip() for name in text.split(","))
        unknown = [name for name in names if name not in ARTIFACT_NAMES]
        if unknown:
            known = ", ".join(ARTIFACT_NAMES)
            raise RunnerError("misconfigured", f"ARTIFACTS names {unknown[0]!r}; there are {known}, and none.")
        return names
    named = {"HF_REPO_ID": "huggingface", "RESULT_PUT_URL": "put-url", "RESULT_DIR": "folder"}
    implied = tuple(name for variable, name in named.items() if env.get(variable, "").strip())
    return implied or (("control-plane",) if env.get("FINETUNELAB_URL") else ())


def is_on(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").lower() in {"1", "true", "yes", "on"}


def required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        mode = "with FINETUNELAB_URL" if env.get("FINETUNELAB_URL") else "without FINETUNELAB_URL (detached mode)"
        raise RunnerError("misconfigured", f"The environment variable {name} is required {mode}.")
    return value


def positive_number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not value > 0 or math.isinf(value):
        raise RunnerError("misconfigured", f"{name} must be a positive number of seconds, not {text!r}.")
    return value


def whole_number(env: Mapping[str, str], name: str) -> int:
    text = env.get(name, "").strip() or "0"
    if not text.isdigit():
        raise RunnerError("misconfigured", f"{name} must be a whole number, not {text!r}.")
    return int(text)


def decode_config(text: str) -> Dict[str, Any]:
    try:
        config = json.loads(base64.b64decode(text, validate=True))
    except ValueError as error:
        raise RunnerError("misconfigured", f"TRAINING_CONFIG_B64 is not base64 of JSON: {error}") from None
    if not isinstance(config, dict):
        raise RunnerError("misconfigured", "TRAINING_CONFIG_B64 must hold a JSON object.")
    return config
