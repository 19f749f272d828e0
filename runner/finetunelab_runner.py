#!/usr/bin/env python3
"""FineTune Lab runner: what runs beside the GPU.

One file, standard library only, Python 3.9 to 3.14, Linux and macOS. It takes one job from the
control plane, proves that it has the right bytes, trains, and tells what happens as it happens.

The protocol (JSON over HTTPS, `Authorization: Bearer JOB_TOKEN`)

    POST {url}/api/training/jobs/{id}/lease    {start} -> {datasets: [{id, name, url, expires_at, sha256,
                                                   size_bytes, format, total_examples, weight}], config}
    GET  <dataset url>                            signed, short-lived; never sent the job's token
    POST {url}/api/training/jobs/{id}/report   {seq, status?, metrics?, logs?, error?, result_path?}
                                               -> {status, cancel}
    PUT  {url}/api/training/jobs/{id}/artifacts/{name}, and GET of the same, of .../progress and of the list

    A lease may be asked for again at any time, and is, whenever a link is refused or about to expire.
    `seq` grows by one with every report. A report whose answer was lost is sent again unchanged, under
    the same `seq`, so that the control plane can recognise it. The last `seq` is kept on disk and
    survives a restart; on a new disk it begins with the time. An empty report is the heartbeat.
    401, 404, 409 and 410 mean that the job is over; `cancel: true` that it should be.
    docs/guides/runner-protocol.md has the whole.

The work folder

    runner.lock     one runner at a time
    result.json     how it ended; a restarted container reads this and does not train again
    report.seq      the last `seq` that was used
    datasets/       what was downloaded, as stored (`.part` while incomplete)
    data/           train.jsonl: every dataset, by weight, in the shape the trainer reads; eval.jsonl: what is held out
    trainer/        the configuration that was generated for the trainer
    output/         what the trainer writes: checkpoints, the adapter or the model
    trainer.log     all that the trainer printed

Exit status: 0 succeeded, 1 failed, 2 misconfigured, 3 cancelled, 4 the control plane says the job is over.
"""

# Joined from runner/src by runner/build.py: change those, then build.

from __future__ import annotations

import ast
import base64
import collections
import contextlib
import dataclasses
import datetime
import email.utils
import gzip
import hashlib
import http.client
import importlib
import importlib.util
import json
import math
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
import uuid
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Set, Tuple


# ----------------------------------------------------------------------------------------------------
# Errors, and stopping.
# ----------------------------------------------------------------------------------------------------


class RunnerError(Exception):
    """A failure with a stable code that the control plane shows, and a message for a person."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        self.message = message


class Stopped(Exception):
    """The job should not go on; Stop.reason says why."""


class Stop:
    """Why the job should stop, once it should. Safe to set from a signal handler: it is only an attribute."""

    # A later reason replaces an earlier one only if it stands further left.
    RANK = ("over", "cancel", "signal")

    def __init__(self) -> None:
        self.reason: Optional[str] = None
        self.hurry = False

    def ask(self, reason: str) -> None:
        if self.reason is None or self.RANK.index(reason) < self.RANK.index(self.reason):
            self.reason = reason

    def check(self) -> None:
        if self.reason:
            raise Stopped(self.reason)

    def sleep(self, seconds: float) -> None:
        """Sleeps, but not past a stop."""
        end = time.monotonic() + seconds
        while True:
            self.check()
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(0.1, left))

    def on_signals(self) -> None:
        def handle(_number: int, _frame: Any) -> None:
            self.hurry = self.reason == "signal"
            self.ask("signal")

        signal.signal(signal.SIGTERM, handle)
        signal.signal(signal.SIGINT, handle)


def backoff_seconds(attempt: int, base: float) -> float:
    """1, 2, 4 ... at most 10 times the base, between half of it and all of it by chance."""
    return base * min(10.0, 2.0 ** min(attempt, 10)) * random.uniform(0.5, 1.0)


# ----------------------------------------------------------------------------------------------------
# Words and time.
# ----------------------------------------------------------------------------------------------------


LINE_CHARACTERS_MAX = 4_000
MESSAGE_CHARACTERS_MAX = 4_000
TERMINAL_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def now_iso() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_iso(text: str) -> float:
    """Seconds since 1970; Python before 3.11 does not read the Z."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def file_name_for(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)[:100] or "_"


def shorten(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    kept = limit - 40
    return f"{text[:kept]} ... (+{len(text) - kept} characters)"


def size_text(size: float) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.2f} GiB"


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def clean_line(text: str) -> str:
    """One line as it may be stored and shown: no terminal codes, no control characters but tabs."""
    return CONTROL_CHARACTERS.sub("", TERMINAL_CODES.sub("", text)).rstrip()


def read_number(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0


def replace_file(path: Path, text: str) -> None:
    """Writes a whole file or none of it."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)


def disk_error(error: OSError) -> RunnerError:
    return RunnerError("disk_error", f"The work folder cannot be written: {error.strerror or error}.")


def number_of(value: Any) -> Optional[float]:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


# ----------------------------------------------------------------------------------------------------
# Settings: everything that comes from the environment.
# ----------------------------------------------------------------------------------------------------


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


# ----------------------------------------------------------------------------------------------------
# Taking secrets out of text.
# ----------------------------------------------------------------------------------------------------


SECRET_NAMES = re.compile(r"(TOKEN|SECRET|PASSWORD|CREDENTIAL|_KEY|APIKEY)", re.IGNORECASE)
SIGNED_QUERY = re.compile(
    r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]*(?:sig|token|key|credential|expires)[^\s\"'<>]*", re.IGNORECASE
)


class Redactor:
    """Takes secrets out of text: the job's token, secret-looking environment values, signed query strings."""

    def __init__(self, settings: Settings, env: Mapping[str, str]):
        values = {settings.job_token}
        values.update(value for name, value in env.items() if SECRET_NAMES.search(name))
        self._secrets = sorted((value for value in values if len(value) >= 8), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[redacted]")
        return SIGNED_QUERY.sub(r"\1?[redacted]", text)


# ----------------------------------------------------------------------------------------------------
# The training config, in the words of the control plane.
# ----------------------------------------------------------------------------------------------------


Row = Dict[str, Any]
Message = Dict[str, Any]


@dataclass(frozen=True)
class Lora:
    r: int = 16
    alpha: float = 32
    dropout: float = 0.05


@dataclass(frozen=True)
class TrainingConfig:
    """One training, in the words of the control plane; absent hyperparameters take its defaults."""

    base_model: str
    method: str
    trainer: str
    epochs: float = 3
    batch_size: int = 4
    gradient_accumulation_steps: int = 4
    learning_rate: float = 2e-4
    max_seq_length: int = 2048
    warmup_ratio: float = 0.03
    weight_decay: float = 0.0
    lr_scheduler: str = "cosine"
    optimizer: str = "adamw"
    max_grad_norm: float = 1.0
    precision: str = "auto"
    gradient_checkpointing: bool = True
    packing: bool = False
    load_in_4bit: bool = False
    loss_on: str = "answers"
    long_rows: str = "cut"
    beta: Optional[float] = None
    eval_ratio: float = 0.0
    eval_steps: Optional[int] = None
    save_steps: Optional[int] = None
    save_total_limit: int = 2
    lora: Optional[Lora] = Lora()
    seed: int = 42
    max_steps: Optional[int] = None
    logging_steps: int = 10
    command: str = ""
    chat_template: str = ""

    @staticmethod
    def from_json(config: Mapping[str, Any]) -> "TrainingConfig":
        """Raises RunnerError("config_invalid") that names the field. Hyperparameters that are not known are left alone."""
        given = dict(config.get("hyperparameters") or {})
        lora = given.pop("lora", {})
        named = ("base_model", "method", "trainer")
        for name in named:
            if not isinstance(config.get(name), str):
                raise RunnerError("config_invalid", f"The training config has no {name}.")
        known = {
            field.name: field for field in dataclasses.fields(TrainingConfig) if field.name not in (*named, "lora")
        }
        chosen = {
            name: checked_value(name, known[name], value)
            for name, value in given.items()
            if name in known and value is not None
        }
        if chosen.get("load_in_4bit") and lora is None:
            raise RunnerError(
                "config_invalid", "load_in_4bit needs LoRA: weights in 4 bits cannot be trained themselves."
            )
        lora_known = {field.name: field for field in dataclasses.fields(Lora)}
        return TrainingConfig(
            **{name: config[name] for name in named},
            lora=None
            if lora is None
            else Lora(**{k: checked_value(f"lora.{k}", lora_known[k], v) for k, v in lora.items() if k in lora_known}),
            **chosen,
        )

    @property
    def preference_beta(self) -> float:
        return 0.1 if self.beta is None else float(self.beta)

    @property
    def evaluates(self) -> bool:
        return self.eval_ratio > 0


CHOICES = {
    "lr_scheduler": ("cosine", "linear", "constant", "constant_with_warmup"),
    "optimizer": ("adamw", "adamw_8bit", "paged_adamw_8bit", "adafactor"),
    "precision": ("auto", "bf16", "fp16", "fp32"),
    "loss_on": ("answers", "everything"),
    "long_rows": ("cut", "drop", "fail"),
}

# A share of the whole training: the Hugging Face Trainer reads an interval below 1 so.
TENTH = 0.1


def checked_value(name: str, field: Any, value: Any) -> Any:
    """The control plane has checked its bounds; here only what would be another type, or another word."""
    wanted = str(field.type)
    right = (
        isinstance(value, bool)
        if wanted == "bool"
        else isinstance(value, str)
        if wanted == "str"
        else isinstance(value, (int, float)) and not isinstance(value, bool)
    )
    if not right or (name in CHOICES and value not in CHOICES[name]):
        expected = (
            " or ".join(CHOICES[name]) if name in CHOICES else {"bool": "true or false", "str": "a text"}.get(wanted)
        )
        raise RunnerError("config_invalid", f"{name} is {value!r}; it must be {expected or 'a number'}.")
    return int(value) if "int" in wanted and float(value).is_integer() else value


EMPTY_CONFIG = TrainingConfig(base_model="", method="sft", trainer="smoke")

ALL_METHODS = ("sft", "dpo", "orpo", "kto", "reward", "cpt")


def read_spec(path: str) -> Tuple[TrainingConfig, Dict[str, Any]]:
    spec = json.loads(Path(path).read_text(encoding="utf-8"))
    names = {item.name for item in dataclasses.fields(TrainingConfig)}
    fields = {name: value for name, value in spec.items() if name in names}
    fields["lora"] = Lora(**fields["lora"]) if fields.get("lora") else None
    return TrainingConfig(**fields), spec


# ----------------------------------------------------------------------------------------------------
# HTTP: what a failed request means, and who may be sent the token.
# ----------------------------------------------------------------------------------------------------


TRANSIENT_STATUSES = {408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524}
# The request itself is at fault; anything else that is not success may be a proxy's, and pass.
CONTENT_STATUSES = {400, 413, 422}
JOB_OVER_STATUSES = {401, 404, 409, 410}
NETWORK_ERRORS = (OSError, http.client.HTTPException)


class HttpRefusal(Exception):
    """An answer other than success."""

    def __init__(self, status: int, body: bytes):
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body

    @property
    def details(self) -> str:
        text = self.body[:2000].decode("utf-8", "replace").strip()
        try:
            answer = json.loads(text)
            text = " ".join(str(answer[key]) for key in ("error", "details") if answer.get(key))
        except (ValueError, AttributeError, TypeError):
            pass
        return f"HTTP {self.status}" + (f": {shorten(clean_line(text), 500)}" if text else "")

    @property
    def code(self) -> str:
        """The control plane's own word for it; empty where some proxy in front of a stopped one answered."""
        try:
            return str(json.loads(self.body)["code"])
        except (ValueError, TypeError, LookupError):
            return ""

    @property
    def is_ours(self) -> bool:
        return self.code != ""


class JobOver(Exception):
    """The control plane does not want to hear of this job any more; `code` is its own word for why."""

    def __init__(self, details: str, code: str = ""):
        super().__init__(details)
        self.code = code


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The control plane does not redirect; whoever does must not be handed the job's token."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def opener_for(url: str, *handlers: urllib.request.BaseHandler) -> urllib.request.OpenerDirector:
    host = urllib.parse.urlsplit(url).hostname or ""
    local = host == "localhost" or host == "::1" or host.startswith("127.")
    return urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if local else []), *handlers)


def refusal_of(error: urllib.error.HTTPError) -> HttpRefusal:
    with error:
        try:
            body = error.read(65536)
        except NETWORK_ERRORS:
            body = b""
    return HttpRefusal(error.code, body)


# ----------------------------------------------------------------------------------------------------
# The control plane: the calls that a job's token is good for.
# ----------------------------------------------------------------------------------------------------


ANSWER_BYTES_MAX = 16 * 1048576


class Arrived(NamedTuple):
    """How much of an artifact is on the other side."""

    received_bytes: int
    complete: bool


class KeptArtifact(NamedTuple):
    name: str
    sha256: str


class ControlPlane:
    """Stateless; retrying is the caller's. Every call raises JobOver, HttpRefusal or one of NETWORK_ERRORS."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._base = f"{settings.url}/api/training/jobs/{urllib.parse.quote(settings.job_id, safe='')}"
        self._opener = opener_for(settings.url, NoRedirect())
        # One for each process, so that a container that is started over and over again is noticed.
        self._start = uuid.uuid4().hex
        # The control plane's clock minus ours.
        self.clock_skew_seconds = 0.0

    @property
    def authorization(self) -> Dict[str, str]:
        return {"Authorization": f"Bearer {self._settings.job_token}"}

    def lease(self) -> Dict[str, Any]:
        return self._post("lease", json.dumps({"start": self._start}).encode())

    def report(self, body: bytes) -> Dict[str, Any]:
        return self._post("report", body)

    def artifact_url(self, name: str) -> str:
        return f"{self._base}/artifacts/{urllib.parse.quote(name, safe='')}"

    def artifacts(self) -> List[KeptArtifact]:
        """What the job has left so far."""
        answer = self._call(urllib.request.Request(f"{self._base}/artifacts", headers=self._headers()), {401})
        kept = answer.get("artifacts")
        return [KeptArtifact(str(item["name"]), str(item["sha256"])) for item in kept] if isinstance(kept, list) else []

    def artifact_progress(self, name: str, sha256: str, size: int) -> Arrived:
        """Says the size too, so that what is too large is refused here, and not in the middle of its bytes."""
        query = f"sha256={sha256}&size_bytes={size}"
        request = urllib.request.Request(f"{self.artifact_url(name)}/progress?{query}", headers=self._headers())
        answer = self._call(request, {401})
        return Arrived(int(answer.get("received_bytes") or 0), answer.get("complete") is True)

    def put_artifact(self, name: str, sha256: str, size: int, start: int, chunks: Iterator[bytes]) -> None:
        """Sends an artifact from byte `start` on, as it is read."""
        headers = self._headers({"Content-Length": str(size - start), "X-Content-SHA256": sha256})
        headers["Content-Type"] = "application/octet-stream"
        if start:
            headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        self._call(urllib.request.Request(self.artifact_url(name), chunks, headers, method="PUT"), {401})  # type: ignore[arg-type]

    def _post(self, verb: str, body: bytes) -> Dict[str, Any]:
        headers = self._headers({"Content-Type": "application/json"})
        request = urllib.request.Request(f"{self._base}/{verb}", body, headers, method="POST")
        return self._call(request, JOB_OVER_STATUSES)

    def _headers(self, more: Optional[Mapping[str, str]] = None) -> Dict[str, str]:
        own = {"Accept": "application/json", "User-Agent": f"finetunelab-runner/{VERSION}"}
        return {**self.authorization, **own, **(more or {})}

    def _call(self, request: urllib.request.Request, over: "set[int]") -> Dict[str, Any]:
        try:
            with self._opener.open(request, timeout=self._settings.http_timeout_seconds) as response:
                answer = json.loads(response.read(ANSWER_BYTES_MAX))
                self._note_clock(response.headers.get("Date"))
        except urllib.error.HTTPError as error:
            refusal = refusal_of(error)
            if refusal.status in over and (refusal.status != 404 or refusal.is_ours):
                raise JobOver(refusal.details, refusal.code) from None
            raise refusal from None
        except ValueError:
            raise http.client.HTTPException("the answer is not JSON") from None
        if not isinstance(answer, dict):
            raise http.client.HTTPException("the answer is not a JSON object")
        return answer

    def _note_clock(self, date: Optional[str]) -> None:
        parsed = email.utils.parsedate_to_datetime(date) if date else None
        if parsed:
            self.clock_skew_seconds = parsed.timestamp() - time.time()


# ----------------------------------------------------------------------------------------------------
# Reporting: the news of a job, printed or sent.
# ----------------------------------------------------------------------------------------------------


QUEUED_LINES_MAX = 5_000
REPORT_LINES_MAX = 500
REPORT_POINTS_MAX = 1_000
MARKER = "finetunelab "


class Journal:
    """Where the job's news goes. This one prints, for detached jobs; Reporter also sends.

    Lines of the runner and the trainer appear as they are. Statuses and metrics are lines that begin with
    `finetunelab ` and go on with one JSON object, so that whoever reads the container's log can follow.
    """

    def __init__(self, redact: Callable[[str], str]):
        self._redact = redact
        self._print_lock = threading.Lock()

    def log(self, line: str, level: str = "info", stream: str = "runner") -> None:
        line = shorten(self._redact(clean_line(line)), LINE_CHARACTERS_MAX)
        self._print(line if stream != "runner" else f"[runner] {line}")
        self._queue_line({"at": now_iso(), "stream": stream, "level": level, "line": line})

    def warn(self, line: str) -> None:
        self.log(line, "warning")

    def metric(self, point: Dict[str, Any]) -> None:
        self._print(MARKER + json.dumps({"type": "metrics", "data": point}, allow_nan=False))

    def status(self, status: str) -> None:
        self._print(MARKER + json.dumps({"type": "status", "status": status}))

    def finish(self, outcome: "Outcome") -> bool:
        """Delivers the end. False when it could not be delivered."""
        self._print(MARKER + json.dumps({"type": "status", **outcome.report()}))
        return True

    def ask_now(self) -> None:
        """Learns at once whether the job was cancelled, where there is someone to ask."""

    def _queue_line(self, line: Dict[str, Any]) -> None:
        pass

    def _print(self, text: str) -> None:
        with self._print_lock:
            try:
                print(text, flush=True)
            except (OSError, ValueError):
                pass  # Whoever read our output is gone; the job is not.


class Reporter(Journal):
    """Sends the news in order from a thread of its own, and never makes the trainer wait.

    Lines queue up to a bound; beyond it the oldest go, counted and said. Metrics always stay.
    One report is under way at a time. Until it is answered, it is repeated unchanged.
    """

    def __init__(self, client: ControlPlane, settings: Settings, stop: Stop, redact: Callable[[str], str]):
        super().__init__(redact)
        self._client = client
        self._settings = settings
        self._stop = stop
        self._seq_file = settings.work_dir / "report.seq"
        # On another machine the folder is empty, and the numbers must still be larger than those of the machine before.
        self._seq = read_number(self._seq_file) or int(time.time() * 1000)
        self._wake = threading.Condition()
        self._lines: "collections.deque[Dict[str, Any]]" = collections.deque()
        self._points: "collections.deque[Dict[str, Any]]" = collections.deque()
        self._status: Optional[str] = None
        self._final: Optional[Dict[str, Any]] = None
        self._final_deadline = math.inf
        self._dropped_lines = 0
        self._urgent = False
        self._sent_reports = 0
        self._delivered = False
        self._thread = threading.Thread(target=self._run, name="reporter", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def metric(self, point: Dict[str, Any]) -> None:
        with self._wake:
            if self._points and is_progress_only(self._points[-1]):
                self._points.pop()  # Progress that nobody has heard yet is replaced by newer progress.
            self._points.append(point)
            self._wake.notify()

    def status(self, status: str) -> None:
        with self._wake:
            self._status = status
            self._urgent = True
            self._wake.notify()

    def finish(self, outcome: "Outcome") -> bool:
        with self._wake:
            self._final = outcome.report()
            self._final_deadline = time.monotonic() + self._settings.final_report_seconds
            self._wake.notify()
        self._thread.join()
        return self._delivered

    def ask_now(self) -> None:
        with self._wake:
            asked = self._sent_reports
            self._urgent = True
            self._wake.notify()
            self._wake.wait_for(lambda: self._sent_reports > asked or not self._thread.is_alive(), timeout=5)

    def _queue_line(self, line: Dict[str, Any]) -> None:
        with self._wake:
            self._lines.append(line)
            if len(self._lines) > QUEUED_LINES_MAX:
                self._lines.popleft()
                self._dropped_lines += 1
            self._wake.notify()

    def _run(self) -> None:
        while True:
            body = self._next_report()
            if not self._deliver(body):
                return
            with self._wake:
                self._sent_reports += 1
                self._wake.notify_all()
                if "final" in body:
                    self._delivered = True
                    return

    def _next_report(self) -> Dict[str, Any]:
        """Waits until there is something worth saying, at the latest until the next heartbeat."""
        with self._wake:
            started = time.monotonic()
            while not (self._final or self._urgent):
                waited = time.monotonic() - started
                full = len(self._lines) >= REPORT_LINES_MAX or len(self._points) >= REPORT_POINTS_MAX
                due = self._settings.flush_seconds if self._lines or self._points else self._settings.heartbeat_seconds
                if full or waited >= due:
                    break
                self._wake.wait(due - waited)
            return self._take()

    def _take(self) -> Dict[str, Any]:
        """The next report's content. Must be called with the lock held."""
        self._urgent = False
        body: Dict[str, Any] = {}
        if self._dropped_lines:
            count = plural(self._dropped_lines, "log line")
            said = f"{count} dropped here: more was printed than could be sent. trainer.log has them all."
            self._lines.appendleft({"at": now_iso(), "stream": "runner", "level": "warning", "line": said})
            self._dropped_lines = 0
        if self._status:
            body["status"], self._status = self._status, None
        if self._points:
            body["metrics"] = [self._points.popleft() for _ in range(min(len(self._points), REPORT_POINTS_MAX))]
        if self._lines:
            body["logs"] = [self._lines.popleft() for _ in range(min(len(self._lines), REPORT_LINES_MAX))]
        if self._final and not self._lines and not self._points:
            body["final"] = self._final
        return body

    def _deliver(self, body: Dict[str, Any]) -> bool:
        """Sends one report until it is answered. False when nothing more can be sent, ever."""
        self._seq += 1
        self._keep_seq()
        lost_since: Optional[float] = None
        attempt = 0
        while True:
            try:
                answer = self._client.report(self._encode(body))
                break
            except JobOver as error:
                self._print(f"[runner] The control plane says that the job is over: {self._redact(str(error))}")
                self._stop.ask("over")
                return False
            except HttpRefusal as refusal:
                if refusal.status in CONTENT_STATUSES:
                    if self._lighten(body, refusal):
                        continue
                    if "final" not in body:
                        return True  # Nothing is left in it to lose.
                problem = refusal.details
            except NETWORK_ERRORS as error:
                problem = f"{type(error).__name__}: {error}"
            if lost_since is None:
                lost_since = time.monotonic()
                self.log(
                    f"The control plane cannot be reached ({problem}); training goes on, reports are kept.", "warning"
                )
            if time.monotonic() > self._final_deadline:
                self._print("[runner] Gave up on reporting the end; result.json holds it.")
                return False
            self._pause(backoff_seconds(attempt, self._settings.retry_seconds))
            attempt += 1
        if lost_since is not None:
            self.log(f"The control plane was reached again after {time.monotonic() - lost_since:.0f} s.")
        if answer.get("cancel") is True:
            self._stop.ask("cancel")
        return True

    def _keep_seq(self) -> None:
        try:
            replace_file(self._seq_file, str(self._seq))
        except OSError as error:
            # A full disk ends the training soon enough; it must not end the news of it.
            self._print(f"[runner] report.seq could not be written: {error}")

    def _encode(self, body: Dict[str, Any]) -> bytes:
        report = {key: value for key, value in body.items() if key != "final"}
        return json.dumps({"seq": self._seq, **report, **body.get("final", {})}, allow_nan=False).encode()

    def _lighten(self, body: Dict[str, Any], refusal: HttpRefusal) -> bool:
        """Takes out of a report that is refused as such what is most likely the cause. False if nothing is left to take."""
        final = body.get("final", {})
        for part, key in (
            (body, "logs"),
            (body, "metrics"),
            (body, "status"),
            (final, "result_path"),
            (final, "error"),
        ):
            if part.pop(key, None) is not None:
                self._print(
                    f"[runner] A report was refused ({self._redact(refusal.details)}); it is sent again without its {key}."
                )
                return True
        return False

    def _pause(self, seconds: float) -> None:
        """Waits before another attempt; the end of the job cuts the wait short, once."""
        with self._wake:
            had_final = self._final is not None
            self._wake.wait_for(lambda: self._final is not None and not had_final, timeout=seconds)


def is_progress_only(point: Mapping[str, Any]) -> bool:
    return not set(point) - {"step", "total_steps", "at", "gpu_memory_mib", "gpu_utilization"}


@dataclass
class Outcome:
    """How the job ended: what is reported last, and kept in result.json. `starting`: not ended, to be started again."""

    status: str
    code: str = ""
    message: str = ""
    result_path: str = ""

    EXIT = {"succeeded": 0, "failed": 1, "cancelled": 3, "over": 4}

    def report(self) -> Dict[str, Any]:
        report: Dict[str, Any] = {"status": self.status}
        if self.code:
            report["error"] = {"code": self.code, "message": shorten(self.message, MESSAGE_CHARACTERS_MAX)}
        if self.result_path:
            report["result_path"] = self.result_path
        return report

    @property
    def exit_status(self) -> int:
        return self.EXIT[self.status]


# ----------------------------------------------------------------------------------------------------
# A folder as one file: an uncompressed tar, made while it is read, and the same bytes every time.
# ----------------------------------------------------------------------------------------------------


BLOCK_BYTES = 512
READ_BYTES = 1 << 20


class Member(NamedTuple):
    path: Path
    size: int
    header: bytes


class FolderChanged(Exception):
    """A file has another size than when the archive was begun, or is gone."""


class FolderTar:
    """Takes no room on the disk, so that a full one can still be emptied; can be read from any byte on."""

    def __init__(self, files: Iterable[Tuple[Path, str]]):
        """`files`: each with its name in the archive."""
        self._members: List[Member] = []
        for path, name in sorted(files, key=lambda item: item[1]):
            info = tarfile.TarInfo(name)
            info.size, info.mode = path.stat().st_size, 0o644
            self._members.append(Member(path, info.size, info.tobuf(tarfile.GNU_FORMAT)))
        self.size = sum(len(member.header) + padded(member.size) for member in self._members) + 2 * BLOCK_BYTES

    def __len__(self) -> int:
        return len(self._members)

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """Everything from byte `start` on. Raises FolderChanged or OSError."""
        at = 0
        for member in self._members:
            end = at + len(member.header) + padded(member.size)
            if end > start:
                yield from self._member_from(member, max(0, start - at))
            at = end
        yield bytes(2 * BLOCK_BYTES)[max(0, start - at) :]

    def sha256(self, check: Callable[[], None]) -> str:
        digest = hashlib.sha256()
        for chunk in self.chunks():
            check()
            digest.update(chunk)
        return digest.hexdigest()

    @staticmethod
    def _member_from(member: Member, skip: int) -> Iterator[bytes]:
        header, left = len(member.header), member.size
        if skip < header:
            yield member.header[skip:]
        with member.path.open("rb") as file:
            inside = max(0, skip - header)
            file.seek(min(inside, member.size))
            left -= min(inside, member.size)
            while left:
                chunk = file.read(min(READ_BYTES, left))
                if not chunk:
                    raise FolderChanged(member.path.name)
                left -= len(chunk)
                yield chunk
        padding = padded(member.size) - member.size
        yield bytes(padding)[max(0, inside - member.size) :]


def padded(size: int) -> int:
    return -(-size // BLOCK_BYTES) * BLOCK_BYTES


def unpack(archive: Path, target: Path) -> None:
    """Only plain files, only below `target`, whatever the archive says. Raises ValueError, tarfile.TarError or OSError."""
    with tarfile.open(archive, "r:") as tar:
        for member in tar:
            parts = PurePosixPath(member.name).parts
            if not member.isreg() or member.name.startswith("/") or ".." in parts or not parts:
                raise ValueError(f"{member.name!r} has no place in an archive of ours")
            path = target.joinpath(*parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            source = tar.extractfile(member)
            if source is None:
                raise ValueError(f"{member.name!r} cannot be read")
            with source, path.open("wb") as file:
                shutil.copyfileobj(source, file, READ_BYTES)


# ----------------------------------------------------------------------------------------------------
# Artifacts: what should outlive the machine, sent to where its owner chose.
#
#     control-plane   PUT .../artifacts/{name}, resumable, proved by its hash on the other side
#     huggingface     a repository, with a token that the person has set themselves
#     put-url         one presigned address of any store that takes a PUT (the result alone)
#     folder          a mounted folder (the result alone)
#
# Whatever goes wrong here is a warning: a training that has ended well stays so.
# ----------------------------------------------------------------------------------------------------


CHECKPOINT_NAME = "checkpoint.tar"
UPLOADS_WITHOUT_PROGRESS_MAX = 6
# Nothing that is sent again as it is would fare better.
HOPELESS_STATUSES = {400, 401, 403, 404, 405, 411, 413, 501}


class NotKept(Exception):
    """Why an artifact did not get there, in words."""


class Abandoned(Exception):
    """There is no time for it any more."""


Check = Callable[[], None]
Say = Callable[[str], None]


class Destination:
    """Somewhere that artifacts go. Methods raise NotKept, Abandoned (from `check`) or OSError."""

    name = ""
    keeps_checkpoints = False

    def put_result(self, files: List[Tuple[Path, str]], name: str, check: Check) -> str:
        """Sends the trained result; where it lies then."""
        raise NotImplementedError

    def put_checkpoint(self, folder: Path, check: Check) -> None:
        """Replaces the checkpoint that is there by this one, in one step."""
        raise NotImplementedError


class ControlPlaneDestination(Destination):
    name = "control-plane"
    keeps_checkpoints = True

    def __init__(self, client: ControlPlane, settings: Settings, say: Say):
        self._client = client
        self._settings = settings
        self._say = say

    def put_result(self, files: List[Tuple[Path, str]], name: str, check: Check) -> str:
        self._put(name, FolderTar(files), check)
        return self._client.artifact_url(name)

    def put_checkpoint(self, folder: Path, check: Check) -> None:
        self._put(CHECKPOINT_NAME, FolderTar(files_below(folder, f"{folder.name}/")), check)

    def _put(self, name: str, tar: FolderTar, check: Check) -> None:
        sha256 = tar.sha256(check)
        self._say(f"Sending {name}: {size_text(tar.size)}.")
        attempt, corrupt, furthest = 0, 0, 0
        while True:
            check()
            try:
                there = self._client.artifact_progress(name, sha256, tar.size)
                if there.complete:
                    return
                if there.received_bytes > furthest:
                    furthest, attempt = there.received_bytes, 0
                    self._say(f"{name}: going on at {size_text(furthest)}.")
                chunks = checked(tar.chunks(there.received_bytes), check)
                self._client.put_artifact(name, sha256, tar.size, there.received_bytes, chunks)
                return
            except JobOver as error:
                raise NotKept(str(error)) from None
            except HttpRefusal as refusal:
                problem = refusal.details
                if refusal.status in HOPELESS_STATUSES:
                    raise NotKept(problem) from None
                if refusal.status == 422:
                    corrupt += 1
                    if corrupt > 1:
                        raise NotKept(problem) from None
            except NETWORK_ERRORS as error:
                problem = f"{type(error).__name__}: {error}"
            attempt += 1
            if attempt > UPLOADS_WITHOUT_PROGRESS_MAX:
                raise NotKept(f"no way through after {attempt} attempts ({problem})")
            wait_checked(backoff_seconds(attempt, self._settings.retry_seconds), check)


class PutUrlDestination(Destination):
    """A presigned address. Those who sign cannot sign for parts, so each attempt begins at the first byte."""

    name = "put-url"

    def __init__(self, url: str, settings: Settings):
        self._url = url
        self._settings = settings

    def put_result(self, files: List[Tuple[Path, str]], name: str, check: Check) -> str:
        tar = FolderTar(files)
        problem = ""
        for attempt in range(UPLOADS_WITHOUT_PROGRESS_MAX):
            check()
            headers = {
                "Content-Length": str(tar.size),
                "User-Agent": f"finetunelab-runner/{VERSION}",
                "Content-Type": "",
            }
            request = urllib.request.Request(self._url, checked(tar.chunks(), check), headers, method="PUT")  # type: ignore[arg-type]
            try:
                with opener_for(self._url).open(request, timeout=self._settings.http_timeout_seconds * 4):
                    return self._url.partition("?")[0]
            except urllib.error.HTTPError as error:
                refusal = refusal_of(error)
                problem = f"the store answered {refusal.details}"
                if refusal.status in HOPELESS_STATUSES:
                    break
            except NETWORK_ERRORS as error:
                problem = f"{type(error).__name__}: {error}"
            wait_checked(backoff_seconds(attempt, self._settings.retry_seconds), check)
        raise NotKept(problem)


class FolderDestination(Destination):
    name = "folder"

    def __init__(self, folder: Path):
        self._folder = folder

    def put_result(self, files: List[Tuple[Path, str]], name: str, check: Check) -> str:
        for path, inside in files:
            check()
            target = self._folder / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target.with_name(target.name + ".new"))
            target.with_name(target.name + ".new").replace(target)
        return str(self._folder)


HUB_SECONDS = 3_600


class HubDestination(Destination):
    """A Hugging Face repository, written to by the trainer's own `huggingface_hub`."""

    name = "huggingface"
    keeps_checkpoints = True

    def __init__(self, python: str, repository: str, job_id: str, env: Mapping[str, str], spec_folder: Path):
        self._python = python
        self._repository = repository
        # Several jobs may share a repository: none may go on from another's checkpoint.
        self._checkpoint = f"last-checkpoint/{file_name_for(job_id)}"
        self._env = env
        self._spec_folder = spec_folder

    def put_result(self, files: List[Tuple[Path, str]], name: str, check: Check) -> str:
        folder = common_folder(files)
        spec = {"folder": str(folder), "path_in_repo": "", "files": [inside for _, inside in files]}
        return self._run({**spec, "obsolete": self._checkpoint}, check)

    def put_checkpoint(self, folder: Path, check: Check) -> None:
        names = [inside for _, inside in files_below(folder)]
        self._run({"folder": str(folder), "path_in_repo": self._checkpoint, "files": names}, check)

    def fetch_checkpoint(self, target: Path) -> None:
        self._run({"fetch": self._checkpoint, "folder": str(target)}, lambda: None)

    def _run(self, spec: Mapping[str, object], check: Check) -> str:
        path = self._spec_folder / "hub.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**spec, "repository": self._repository}), encoding="utf-8")
        command = [self._python, str(Path(__file__).absolute()), "--hub", str(path)]
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(self._env), text=True, errors="replace"
        )
        deadline = time.monotonic() + HUB_SECONDS
        try:
            while True:
                try:
                    printed, _ = child.communicate(timeout=0.2)
                    break
                except subprocess.TimeoutExpired:
                    check()
                    if time.monotonic() > deadline:
                        raise NotKept(f"no end after {HUB_SECONDS} s") from None
        finally:
            if child.poll() is None:
                child.kill()
                child.communicate()
        last = clean_line(printed.strip().splitlines()[-1]) if printed.strip() else "it ended without a word"
        if child.returncode != 0:
            raise NotKept(shorten(last, 500))
        return last


def destinations_for(
    settings: Settings, client: Optional[ControlPlane], env: Mapping[str, str], say: Say
) -> List[Destination]:
    """What the environment asks for. Raises RunnerError("misconfigured") before anything is trained for nowhere."""
    chosen: List[Destination] = []
    for name in settings.artifacts:
        if name == "control-plane":
            if client is None:
                raise RunnerError(
                    "misconfigured", "ARTIFACTS names the control plane, which a detached runner has not."
                )
            chosen.append(ControlPlaneDestination(client, settings, say))
        elif name == "huggingface":
            if not settings.hf_repo_id or not env.get("HF_TOKEN"):
                raise RunnerError(
                    "misconfigured", "A Hugging Face repository needs HF_REPO_ID and HF_TOKEN, set by you."
                )
            chosen.append(
                HubDestination(
                    settings.trainer_python, settings.hf_repo_id, settings.job_id, env, settings.work_dir / "trainer"
                )
            )
        elif name == "put-url":
            if not settings.result_put_url:
                raise RunnerError("misconfigured", "ARTIFACTS names put-url, and RESULT_PUT_URL is not set.")
            chosen.append(PutUrlDestination(settings.result_put_url, settings))
        elif name == "folder":
            if not settings.result_dir:
                raise RunnerError("misconfigured", "ARTIFACTS names folder, and RESULT_DIR is not set.")
            chosen.append(FolderDestination(settings.result_dir))
    return chosen


def files_below(folder: Path, prefix: str = "") -> List[Tuple[Path, str]]:
    """Plain files with their names inside; links are not followed."""
    return [
        (path, prefix + path.relative_to(folder).as_posix())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    ]


def result_files(output: Path) -> List[Tuple[Path, str]]:
    """What a trainer leaves beside its checkpoints: the adapter or the model, its tokenizer, its notes."""
    return [item for item in files_below(output) if not item[1].startswith("checkpoint-")]


def common_folder(files: List[Tuple[Path, str]]) -> Path:
    path, inside = files[0]
    return path.parents[inside.count("/")]


def checked(chunks: Iterator[bytes], check: Check) -> Iterator[bytes]:
    for chunk in chunks:
        check()
        yield chunk


def wait_checked(seconds: float, check: Check) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        check()
        time.sleep(min(0.1, max(0.0, end - time.monotonic())))


PROBLEMS = (NotKept, FolderChanged, OSError)


# ----------------------------------------------------------------------------------------------------
# Download: whole, or not at all.
# ----------------------------------------------------------------------------------------------------


CHUNK_BYTES = 1 << 20
ATTEMPTS_WITHOUT_PROGRESS_MAX = 8
LINK_REFUSED_STATUSES = {400, 401, 403, 404}
LINK_MARGIN_SECONDS = 30
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


@dataclass(frozen=True)
class Dataset:
    """One dataset of the lease. A size or a count of 0 means that nobody said."""

    id: str
    name: str
    url: str
    sha256: str
    expires_at: Optional[float] = None
    size_bytes: int = 0
    total_examples: int = 0
    weight: float = 1.0

    @staticmethod
    def from_json(item: Mapping[str, Any]) -> "Dataset":
        return Dataset(
            id=str(item["id"]),
            name=str(item.get("name") or item["id"]),
            url=str(item["url"]),
            sha256=str(item["sha256"]).lower(),
            expires_at=parse_iso(item["expires_at"]) if item.get("expires_at") else None,
            size_bytes=int(item.get("size_bytes") or 0),
            total_examples=int(item.get("total_examples") or 0),
            weight=float(item.get("weight") or 1),
        )


@dataclass(frozen=True)
class Lease:
    datasets: List[Dataset]
    config: Dict[str, Any]

    @staticmethod
    def from_json(answer: Mapping[str, Any]) -> "Lease":
        try:
            return Lease([Dataset.from_json(item) for item in answer["datasets"]], dict(answer["config"]))
        except (KeyError, TypeError, ValueError) as error:
            raise RunnerError("lease_invalid", f"The lease cannot be read: {type(error).__name__}: {error}") from None


def only_file(url: str) -> str:
    """A link as it is; of a `file://` folder, as providers mount a dataset, the link to the one file in it."""
    parts = urllib.parse.urlsplit(url)
    folder = Path(urllib.request.url2pathname(parts.path))
    if parts.scheme != "file" or not folder.is_dir():
        return url
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    if len(files) != 1:
        raise RunnerError("download_failed", f"{folder} holds {plural(len(files), 'file')}; it must be exactly one.")
    return files[0].as_uri()


class LinkRefused(Exception):
    """The store does not honour the link (any more)."""


class Transient(Exception):
    """Worth another attempt."""


class Downloader:
    """Fetches one dataset whole, or says why not. What is on disk is continued, never trusted."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        stop: Stop,
        journal: Journal,
        renew: Callable[[str], Dataset],
        now: Callable[[], float] = time.time,
        headers: Optional[Mapping[str, str]] = None,
    ):
        self._folder = folder
        self._settings = settings
        self._stop = stop
        self._journal = journal
        self._renew = renew
        self._now = now
        # Only for addresses of the control plane itself; links of a store carry their own leave.
        self._headers = headers or {}

    def fetch(self, dataset: Dataset) -> Path:
        """The path of the stored bytes, verified. Raises RunnerError("dataset_corrupt") after a second wrong copy."""
        self._folder.mkdir(parents=True, exist_ok=True)
        mounted = self._mounted(dataset)
        if mounted:
            return mounted
        target = self._folder / f"{file_name_for(dataset.id)}.{dataset.sha256[:16]}.jsonl.gz"
        if target.exists() and self._problem_with(target, dataset) is None:
            self._journal.log(f"{dataset.name} is here already and whole.")
            return target
        problem: Optional[str] = ""
        for copy in ("first", "second"):
            part = target.with_suffix(".part")
            self._complete(part, dataset)
            problem = self._problem_with(part, dataset)
            if problem is None:
                os.replace(part, target)
                self._journal.log(
                    f"{dataset.name} is verified: {size_text(target.stat().st_size)}, SHA-256 {dataset.sha256[:12]}..."
                )
                return target
            part.unlink()
            self._journal.warn(f"The {copy} copy of {dataset.name} was wrong and was deleted: {problem}.")
        raise RunnerError("dataset_corrupt", f"{dataset.name} arrived wrong twice: {problem}. Nothing was trained.")

    def _mounted(self, dataset: Dataset) -> Optional[Path]:
        """The file that the provider has put here, if it is there and whole; otherwise it is downloaded like any other."""
        if not self._settings.datasets_dir:
            return None
        folder = self._settings.datasets_dir / file_name_for(dataset.id)
        files = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
        problem = (
            self._problem_with(files[0], dataset) if len(files) == 1 else f"{plural(len(files), 'file')} in {folder}"
        )
        if problem:
            self._journal.warn(f"{dataset.name} is not what the provider has put here: {problem}. It is downloaded.")
            return None
        size = size_text(files[0].stat().st_size)
        self._journal.log(
            f"{dataset.name} was put here by the provider and is verified: {size}, SHA-256 {dataset.sha256[:12]}..."
        )
        return files[0]

    def _problem_with(self, path: Path, dataset: Dataset) -> Optional[str]:
        size = path.stat().st_size
        if dataset.size_bytes and size != dataset.size_bytes:
            return f"{size:,} bytes instead of {dataset.size_bytes:,}"
        digest = hashlib.sha256()
        with path.open("rb") as file:
            for chunk in iter(lambda: file.read(CHUNK_BYTES), b""):
                self._stop.check()
                digest.update(chunk)
        if digest.hexdigest() != dataset.sha256:
            return f"SHA-256 {digest.hexdigest()[:12]}... instead of {dataset.sha256[:12]}..."
        return None

    def _complete(self, part: Path, dataset: Dataset) -> None:
        """Appends to `part` until the store says that it is whole."""
        link, refusals, attempt = dataset, 0, 0
        while True:
            self._stop.check()
            before = part.stat().st_size if part.exists() else 0
            try:
                if link.expires_at and link.expires_at - self._now() < LINK_MARGIN_SECONDS:
                    link = self._renew(dataset.id)
                self._transfer(part, link)
                return
            except LinkRefused as refusal:
                refusals += 1
                problem = f"the store refused the link ({refusal})"
                if refusals > 3 or self._settings.detached:
                    raise RunnerError("link_refused", f"{dataset.name}: {problem}.") from None
                link = self._renew(dataset.id)
            except Transient as error:
                problem = str(error)
            except OSError as error:
                raise disk_error(error) from None
            if part.exists() and part.stat().st_size > before:
                refusals, attempt = 0, 0
            if attempt >= ATTEMPTS_WITHOUT_PROGRESS_MAX:
                raise RunnerError("download_failed", f"{dataset.name} could not be downloaded: {problem}.")
            self._journal.warn(
                f"{dataset.name}: {problem}; trying again from {size_text(part.stat().st_size if part.exists() else 0)}."
            )
            self._stop.sleep(backoff_seconds(attempt, self._settings.retry_seconds))
            attempt += 1

    def _transfer(self, part: Path, link: Dataset) -> None:
        """One request, continuing where `part` ends. Raises LinkRefused, Transient or OSError (the disk's)."""
        have = part.stat().st_size if part.exists() else 0
        if link.size_bytes and have >= link.size_bytes:
            if have == link.size_bytes:
                return
            part.unlink()
            have = 0
        headers = {"Accept-Encoding": "identity", "User-Agent": f"finetunelab-runner/{VERSION}", **self._headers}
        if have:
            headers["Range"] = f"bytes={have}-"
        if urllib.parse.urlsplit(link.url).scheme not in (
            ("https", "http", "file") if self._settings.detached else ("https", "http")
        ):
            raise RunnerError("lease_invalid", f"The link to {link.name} is not an HTTP address.")
        try:
            opener = opener_for(link.url, *([NoRedirect()] if self._headers else []))
            response = opener.open(
                urllib.request.Request(link.url, headers=headers), timeout=self._settings.http_timeout_seconds
            )
        except urllib.error.HTTPError as error:
            raise self._refused(refusal_of(error), part) from None
        except (*NETWORK_ERRORS, ValueError) as error:
            raise Transient(f"the store cannot be reached ({getattr(error, 'reason', error)})") from None
        with response:
            start, expected = self._placement(response, have, link)
            self._append(response, part, start, expected, link)

    def _refused(self, refusal: HttpRefusal, part: Path) -> Exception:
        if refusal.status in LINK_REFUSED_STATUSES:
            return LinkRefused(f"HTTP {refusal.status}")
        if refusal.status == 416 and part.exists():
            part.unlink()  # What we have is longer than what there is: start over.
        return Transient(f"the store answered HTTP {refusal.status}")

    def _placement(self, response: Any, have: int, link: Dataset) -> Tuple[int, int]:
        """Where the body belongs and how long the whole must become (0: nobody said), checked against what we asked for."""
        if response.status != 206:
            return 0, link.size_bytes or int(response.headers.get("Content-Length") or 0)
        match = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range") or "")
        if not match or int(match.group(1)) != have:
            raise Transient(
                f"the store sent another range than bytes {have}-: {response.headers.get('Content-Range')!r}"
            )
        total = 0 if match.group(3) == "*" else int(match.group(3))
        if total and link.size_bytes and total != link.size_bytes:
            raise Transient(f"the store has {total:,} bytes where {link.size_bytes:,} were recorded")
        return have, link.size_bytes or total

    def _append(self, response: Any, part: Path, start: int, expected: int, link: Dataset) -> None:
        size, told = start, time.monotonic()
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            file.truncate()
            while True:
                self._stop.check()
                try:
                    chunk = response.read1(CHUNK_BYTES)
                except NETWORK_ERRORS as error:
                    raise Transient(
                        f"the connection broke at {size_text(size)} ({error or type(error).__name__})"
                    ) from None
                if not chunk:
                    break
                file.write(chunk)
                size += len(chunk)
                if expected and size > expected:
                    break  # More than there should be; the check that follows refuses it.
                if time.monotonic() - told > 10:
                    told = time.monotonic()
                    self._journal.log(f"{link.name}: {size_text(size)} of {size_text(expected) if expected else '?'}.")
        if expected and size < expected:
            raise Transient(f"the connection closed at {size_text(size)} of {size_text(expected)}")


# ----------------------------------------------------------------------------------------------------
# Mixing: several datasets, by weight, into one stream of rows.
# ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """A downloaded dataset: where it lies, how many rows it has, and how much of it each epoch takes."""

    dataset: Dataset
    path: Path
    rows: int

    @property
    def passes(self) -> int:
        return int(self.dataset.weight)

    @property
    def extra_rows(self) -> int:
        return int((self.dataset.weight - self.passes) * self.rows + 0.5)

    @property
    def rows_taken(self) -> int:
        return self.passes * self.rows + self.extra_rows


def open_rows(path: Path) -> Iterator[bytes]:
    """The rows of a stored object, one line each: gzip of any number of members, or plain."""
    with path.open("rb") as probe:
        packed = probe.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rb") if packed else path.open("rb") as lines:
        for line in lines:
            line = line.strip()
            if line:
                yield line


def count_rows(dataset: Dataset, path: Path, stop: Stop) -> Source:
    """Reads the whole object once. Raises RunnerError("dataset_corrupt") if it does not inflate or holds another number of rows."""
    rows = 0
    try:
        for _ in open_rows(path):
            rows += 1
            if rows % 4096 == 0:
                stop.check()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise RunnerError("dataset_corrupt", f"{dataset.name} does not unpack: {error}.") from None
    if dataset.total_examples and rows != dataset.total_examples:
        raise RunnerError(
            "dataset_corrupt", f"{dataset.name} holds {rows:,} rows where {dataset.total_examples:,} were recorded."
        )
    if rows == 0:
        raise RunnerError("no_usable_rows", f"{dataset.name} holds no rows.")
    return Source(dataset, path, rows)


def weighted_rows(source: Source, seed: int) -> Iterator[bytes]:
    """Weight 1 gives every row once, 2 twice, 0.5 a half of them that depends on nothing but the seed and the dataset."""
    for _ in range(source.passes):
        yield from open_rows(source.path)
    wanted, left = source.extra_rows, source.rows
    choice = random.Random(f"{seed}:{source.dataset.id}")
    if wanted:
        for line in open_rows(source.path):
            if choice.random() * left < wanted:
                wanted -= 1
                yield line
            left -= 1


def mixed_rows(sources: List[Source], seed: int) -> Iterator[bytes]:
    """All rows of an epoch. One dataset keeps its order; several are interleaved evenly, each in its own order."""
    streams = [weighted_rows(source, seed) for source in sources]
    left = [source.rows_taken for source in sources]
    choice = random.Random(f"{seed}:mix")
    while any(left):
        index = choice.choices(range(len(left)), weights=left)[0] if len(left) > 1 else 0
        left[index] -= 1
        yield next(streams[index])


# ----------------------------------------------------------------------------------------------------
# Rows: from the canonical shapes to what each trainer reads.
#
# A converter takes one canonical row and returns the trainer's row, or raises Unfit with a reason that
# stands in a count: "12 of 1,000 rows left out: two user turns in a row". Nothing is cut to fit.
# ----------------------------------------------------------------------------------------------------


class Unfit(Exception):
    """This row cannot be said in the trainer's format."""


def as_text(content: Any) -> str:
    """A message's content as plain text. Parts are joined; anything but text is unfit."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise Unfit("content that is neither text nor parts")
    texts = []
    for part in content:
        text = (
            part if isinstance(part, str) else part.get("text", part.get("value")) if isinstance(part, dict) else None
        )
        if not isinstance(text, str) or (isinstance(part, dict) and part.get("type", "text") != "text"):
            raise Unfit("images or other parts that are not text")
        texts.append(text)
    return "\n".join(texts)


def messages_of(row: Row, key: str) -> List[Message]:
    turns = row.get(key)
    if isinstance(turns, str):
        turns = [{"role": "user" if key == "prompt" else "assistant", "content": turns}]
    if (
        not isinstance(turns, list)
        or not turns
        or not all(isinstance(turn, dict) and turn.get("role") for turn in turns)
    ):
        raise Unfit(f"no list of messages under {key!r}")
    return turns


def plain_turns(turns: List[Message]) -> List[Message]:
    """Role and text only; for formats that know nothing else."""
    for turn in turns:
        if turn.get("tool_calls") or turn["role"] in ("tool", "function"):
            raise Unfit("tool calls, which this format has no place for")
    return [{"role": turn["role"], "content": as_text(turn.get("content"))} for turn in turns]


def single_answer(row: Row, key: str) -> Message:
    turns = plain_turns(messages_of(row, key))
    if len(turns) != 1 or turns[0]["role"] != "assistant":
        raise Unfit(f"{key!r} that is not exactly one assistant turn")
    return turns[0]


def system_and_question(row: Row) -> Tuple[str, str]:
    """For formats that know one optional system text and one question."""
    turns = plain_turns(messages_of(row, "prompt"))
    system = turns.pop(0)["content"] if turns[0]["role"] == "system" else ""
    if [turn["role"] for turn in turns] != ["user"]:
        raise Unfit("a prompt of more than one turn")
    return system, turns[0]["content"]


def boolean_label(row: Row) -> bool:
    if not isinstance(row.get("label"), bool):
        raise Unfit("no true or false under 'label'")
    return row["label"]


def text_of(row: Row) -> Row:
    if not isinstance(row.get("text"), str):
        raise Unfit("no string under 'text'")
    return {"text": row["text"]}


UNPAIRED: Row = {"unpaired": True}


def reward_pairs(rows: Iterable[Row]) -> Iterator[Row]:
    """Scored answers to the same prompt, made into pairs: the best with the worst, the second with the second worst ...

    Rows that are pairs already pass through. An answer that finds no partner of another score is yielded as
    UNPAIRED, for the count.
    """
    groups: Dict[str, List[Row]] = collections.OrderedDict()
    for row in rows:
        if "chosen" in row and "rejected" in row:
            yield row
        elif isinstance(row.get("reward"), (int, float)) and not isinstance(row["reward"], bool):
            groups.setdefault(json.dumps(row.get("prompt"), sort_keys=True), []).append(row)
        else:
            yield UNPAIRED
    for group in groups.values():
        group.sort(key=lambda row: row["reward"])
        while len(group) > 1 and group[-1]["reward"] > group[0]["reward"]:
            best, worst = group.pop(), group.pop(0)
            yield {"prompt": best["prompt"], "chosen": best["response"], "rejected": worst["response"]}
        for _ in group:
            yield UNPAIRED


def json_object(line: bytes) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise Unfit("not JSON") from None
    if not isinstance(row, dict):
        raise Unfit("not a JSON object")
    return row


def with_parsed_arguments(call: Any) -> Any:
    """Chat templates expect a call's arguments as an object; the OpenAI form writes them as a string."""
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("arguments"), str):
        return call
    try:
        return {**call, "function": {**function, "arguments": json.loads(function["arguments"])}}
    except ValueError:
        raise Unfit("tool call arguments that are not JSON") from None


def row_as_it_is(row: Row, _config: TrainingConfig) -> Row:
    return row


# ----------------------------------------------------------------------------------------------------
# Rows for TRL, which reads the canonical ones; they only lose what would confuse its loader.
# ----------------------------------------------------------------------------------------------------


def trl_messages(turns: List[Message]) -> List[Message]:
    made = []
    for turn in turns:
        message: Message = {"role": turn["role"], "content": as_text(turn.get("content"))}
        if turn.get("tool_calls"):
            message["tool_calls"] = [with_parsed_arguments(call) for call in turn["tool_calls"]]
        for key in ("name", "tool_call_id"):
            if turn.get(key):
                message[key] = turn[key]
        made.append(message)
    return made


def trl_row(row: Row, config: TrainingConfig) -> Row:
    if config.method == "cpt":
        return text_of(row)
    if config.method == "sft":
        made: Row = {"messages": trl_messages(messages_of(row, "messages"))}
        if row.get("tools"):
            made["tools"] = (
                row["tools"] if isinstance(row["tools"], str) else json.dumps(row["tools"], ensure_ascii=False)
            )
        return made
    keys = ("prompt", "completion") if config.method == "kto" else ("prompt", "chosen", "rejected")
    made = {key: trl_messages(messages_of(row, key)) for key in keys}
    return {**made, "label": boolean_label(row)} if config.method == "kto" else made


# ----------------------------------------------------------------------------------------------------
# Rows for Axolotl, which has a format of its own for each method.
# ----------------------------------------------------------------------------------------------------


def axolotl_row(row: Row, config: TrainingConfig) -> Row:
    return AXOLOTL_ROWS[config.method](row)


def axolotl_chat(row: Row) -> Row:
    made = trl_row(row, dataclasses.replace(EMPTY_CONFIG, method="sft"))
    return {**made, "tools": made.get("tools", "[]")}


def axolotl_dpo(row: Row) -> Row:
    turns = plain_turns(messages_of(row, "prompt"))
    if turns[-1]["role"] != "user":
        raise Unfit("a prompt that does not end with the user")
    return {"messages": turns, "chosen": trimmed_answer(row, "chosen"), "rejected": trimmed_answer(row, "rejected")}


def trimmed_answer(row: Row, key: str) -> Message:
    """Axolotl looks an answer up in what the template made of it, and templates trim: untrimmed, it would not be found."""
    answer = single_answer(row, key)
    content = answer["content"].strip()
    if not content:
        raise Unfit(f"an empty answer under {key!r}")
    return {**answer, "content": content}


def axolotl_orpo(row: Row) -> Row:
    turns = plain_turns(messages_of(row, "prompt"))
    system = turns.pop(0)["content"] if turns[0]["role"] == "system" else ""
    if any(turn["role"] != ("user", "assistant")[index % 2] for index, turn in enumerate(turns)) or len(turns) % 2 == 0:
        raise Unfit("a prompt that is not user, assistant, ... user")
    return {
        "system": system,
        "chosen": turns + [single_answer(row, "chosen")],
        "rejected": turns + [single_answer(row, "rejected")],
    }


def axolotl_kto(row: Row) -> Row:
    system, question = system_and_question(row)
    answer = single_answer(row, "completion")["content"]
    return {"system": system, "prompt": question, "completion": answer, "label": boolean_label(row)}


def axolotl_reward(row: Row) -> Row:
    system, question = system_and_question(row)
    return {
        "system": system,
        "input": question,
        "chosen": single_answer(row, "chosen")["content"],
        "rejected": single_answer(row, "rejected")["content"],
    }


AXOLOTL_ROWS: Dict[str, Callable[[Row], Row]] = {
    "sft": axolotl_chat,
    "dpo": axolotl_dpo,
    "orpo": axolotl_orpo,
    "kto": axolotl_kto,
    "reward": axolotl_reward,
    "cpt": text_of,
}


# ----------------------------------------------------------------------------------------------------
# Rows for LLaMA-Factory: its ShareGPT form, strictly alternating; calls and results of tools have roles of their own.
# ----------------------------------------------------------------------------------------------------


LLAMAFACTORY_ROLES = {"user": "human", "assistant": "gpt", "tool": "observation", "function": "observation"}
TOOL_RESULTS_JOINT = "\n</tool_response>\n<tool_response>\n"


def llamafactory_turn(turn: Message) -> Message:
    content = as_text(turn.get("content"))
    if turn.get("tool_calls"):
        if content.strip():
            raise Unfit("text beside a tool call")
        calls = [with_parsed_arguments(call) for call in turn["tool_calls"]]
        functions = [call.get("function", call) for call in calls if isinstance(call, dict)]
        if not functions or any("name" not in function or "arguments" not in function for function in functions):
            raise Unfit("tool calls without a name or arguments")
        wanted = [{"name": function["name"], "arguments": function["arguments"]} for function in functions]
        return {"from": "function_call", "value": json.dumps(wanted, ensure_ascii=False)}
    if turn["role"] not in LLAMAFACTORY_ROLES:
        raise Unfit(
            f"the role {turn['role']!r} where it may not stand"
            if turn["role"] == "system"
            else f"the role {turn['role']!r}"
        )
    return {"from": LLAMAFACTORY_ROLES[turn["role"]], "value": content}


def llamafactory_turns(turns: List[Message], ends_with_answer: bool) -> Tuple[str, List[Message]]:
    """The system text and the conversation. Several tool results in a row become one, as LLaMA-Factory itself joins them."""
    turns = list(turns)
    system = as_text(turns.pop(0).get("content")) if turns and turns[0]["role"] == "system" else ""
    made: List[Message] = []
    for turn in map(llamafactory_turn, turns):
        if made and turn["from"] == made[-1]["from"] == "observation":
            made[-1]["value"] += TOOL_RESULTS_JOINT + turn["value"]
        else:
            made.append(turn)
    for index, turn in enumerate(made):
        if turn["from"] not in (("human", "observation"), ("gpt", "function_call"))[index % 2]:
            raise Unfit("turns that do not alternate between user and assistant")
    if not made or (len(made) % 2 == 0) != ends_with_answer:
        raise Unfit(
            "a conversation that does not end with an answer"
            if ends_with_answer
            else "a prompt that does not end with the user"
        )
    return system, made


def llamafactory_answer(row: Row, key: str) -> Message:
    turns = messages_of(row, key)
    if len(turns) != 1 or turns[0]["role"] != "assistant":
        raise Unfit(f"{key!r} that is not exactly one assistant turn")
    return llamafactory_turn(turns[0])


def llamafactory_row(row: Row, config: TrainingConfig) -> Row:
    if config.method == "cpt":
        return text_of(row)
    if config.method == "sft":
        system, turns = llamafactory_turns(messages_of(row, "messages"), ends_with_answer=True)
        tools = row.get("tools") or ""
        return {
            "conversations": turns,
            "system": system,
            "tools": tools if isinstance(tools, str) else json.dumps(tools, ensure_ascii=False),
        }
    system, prompt = llamafactory_turns(messages_of(row, "prompt"), ends_with_answer=False)
    if config.method == "kto":
        turns = prompt + [llamafactory_answer(row, "completion")]
        return {"conversations": turns, "system": system, "label": boolean_label(row)}
    return {
        "conversations": prompt,
        "system": system,
        "chosen": llamafactory_answer(row, "chosen"),
        "rejected": llamafactory_answer(row, "rejected"),
    }


# ----------------------------------------------------------------------------------------------------
# train.jsonl and eval.jsonl: what the trainer reads.
# ----------------------------------------------------------------------------------------------------


BATCH_ROWS = 256
# Where long rows are cut anyway, so many are counted; a policy that acts on them counts all.
COUNTED_ROWS_MAX = 20_000
CHARACTERS_A_TOKEN = 4

CountTokens = Callable[[List[Row]], List[Optional[int]]]


@dataclass
class Written:
    """What came of writing the files."""

    rows: int = 0
    eval_rows: int = 0
    left_out: "collections.Counter[str]" = field(default_factory=collections.Counter)
    # Of the rows that were measured: how many are longer than the context, and the longest, in tokens.
    measured_rows: int = 0
    long_rows: int = 0
    longest_tokens: int = 0
    # Whether the lengths are counts of a tokenizer, or guessed from the characters.
    counted: bool = False
    # Rows that the tokenizer refuses, whose lengths are guessed all the same.
    uncounted: int = 0

    def long_rows_said(self, config: TrainingConfig) -> Optional[str]:
        if not self.long_rows:
            return None
        every = self.measured_rows == self.rows + self.eval_rows + (self.long_rows if config.long_rows == "drop" else 0)
        scope = plural(self.measured_rows, "row") + ("" if every else " looked at")
        by = "" if self.counted else f", at {CHARACTERS_A_TOKEN} characters a token"
        done = {"cut": "cut there", "drop": "left out"}.get(config.long_rows, "longer")
        return (
            f"{'' if self.counted else 'About '}{self.long_rows:,} of {scope} are longer than max_seq_length "
            f"({config.max_seq_length:,} tokens{by}; the longest has {self.longest_tokens:,}) and are {done}."
        )


def guessed_tokens(text: str) -> int:
    return len(text) // CHARACTERS_A_TOKEN


class RowWriter:
    """Takes canonical rows; writes those that fit, each to its side, and counts the others by reason."""

    def __init__(
        self,
        folder: Path,
        config: TrainingConfig,
        convert: Callable[[Row, TrainingConfig], Row],
        count_tokens: Optional[CountTokens],
    ):
        self._config = config
        self._convert = convert
        self._count_tokens = count_tokens
        self._measures = config.method != "cpt"  # Long texts go on in the next block: nothing is cut.
        self._pending: List[Tuple[Row, str]] = []
        self._evaluated: Set[bytes] = set()
        self._folder = folder
        self._train = (folder / "train.jsonl.new").open("w", encoding="utf-8")
        self._eval = (folder / "eval.jsonl.new").open("w", encoding="utf-8")
        self.written = Written(counted=count_tokens is not None)

    def add(self, row: Row) -> None:
        try:
            if row is UNPAIRED:
                raise Unfit("no second answer with another reward to the same prompt")
            text = json.dumps(self._convert(row, self._config), ensure_ascii=False)
        except Unfit as reason:
            self.written.left_out[str(reason)] += 1
            return
        self._pending.append((row, text))
        if len(self._pending) >= BATCH_ROWS:
            self._flush()

    def finish(self) -> Written:
        """Puts the files in their place. There is no eval.jsonl where no row was held out."""
        self._flush()
        self._train.close()
        self._eval.close()
        for name in ("train.jsonl", "eval.jsonl"):
            os.replace(self._folder / f"{name}.new", self._folder / name)
        if not self.written.eval_rows:
            (self._folder / "eval.jsonl").unlink()
        return self.written

    def _flush(self) -> None:
        for (row, text), tokens in zip(self._pending, self._lengths()):
            if tokens is not None:
                self.written.measured_rows += 1
                self.written.longest_tokens = max(self.written.longest_tokens, tokens)
                if tokens > self._config.max_seq_length:
                    self.written.long_rows += 1
                    if self._config.long_rows == "drop":
                        continue
            self._write(row, text.encode("utf-8", "replace").decode("utf-8") + "\n")
        self._pending.clear()

    def _lengths(self) -> List[Optional[int]]:
        rows = [row for row, _ in self._pending]
        if not rows or not self._measures:
            return [None] * len(rows)
        if self._count_tokens is None:
            return [guessed_tokens(text) for _, text in self._pending]
        if self._config.long_rows == "cut" and self.written.measured_rows >= COUNTED_ROWS_MAX:
            return [None] * len(rows)
        counts = self._count_tokens(rows)
        self.written.uncounted += counts.count(None)
        return [
            guessed_tokens(text) if count is None else count for count, (_, text) in zip(counts, self._pending)
        ]

    def _write(self, row: Row, line: str) -> None:
        if not self._config.evaluates or not is_held_out(row, self._config):
            self._train.write(line)
            self.written.rows += 1
            return
        digest = hashlib.blake2b(line.encode(), digest_size=8).digest()
        if digest not in self._evaluated:  # A weight above 1 repeats rows; once is enough to evaluate.
            self._evaluated.add(digest)
            self._eval.write(line)
            self.written.eval_rows += 1


def is_held_out(row: Row, config: TrainingConfig) -> bool:
    """By the seed and what is asked, so that the same question never stands on both sides."""
    asked = json.dumps(what_is_asked(row), sort_keys=True, ensure_ascii=False)
    digest = hashlib.blake2b(f"{config.seed}:{asked}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") < config.eval_ratio * 2**64


def what_is_asked(row: Row) -> Any:
    if "prompt" in row:
        return row["prompt"]
    turns = row.get("messages")
    if not isinstance(turns, list):
        return row
    first = next((at for at, turn in enumerate(turns) if isinstance(turn, dict) and turn.get("role") == "user"), 0)
    return turns[: first + 1]


def write_rows(
    lines: Iterable[bytes],
    folder: Path,
    config: TrainingConfig,
    convert: Callable[[Row, TrainingConfig], Row],
    *,
    stop: Stop,
    pair_rewards: bool = False,
    count_tokens: Optional[CountTokens] = None,
) -> Written:
    """Writes what the trainer reads. Raises RunnerError("no_usable_rows") when nothing remains to train on."""
    folder.mkdir(parents=True, exist_ok=True)
    writer = RowWriter(folder, config, convert, count_tokens)

    def parsed() -> Iterator[Row]:
        for number, line in enumerate(lines):
            if number % 1024 == 0:
                stop.check()
            try:
                yield json_object(line)
            except Unfit as reason:
                writer.written.left_out[str(reason)] += 1

    for row in reward_pairs(parsed()) if pair_rewards else parsed():
        writer.add(row)
    written = writer.finish()
    if written.long_rows and config.long_rows == "fail":
        raise RunnerError("rows_too_long", f"{written.long_rows_said(config)} Raise max_seq_length, or set long_rows.")
    if not written.rows:
        reasons = "; ".join(f"{plural(count, 'row')}: {reason}" for reason, count in written.left_out.most_common(5))
        said = reasons or written.long_rows_said(config) or "All of them are held out."
        raise RunnerError("no_usable_rows", f"No row fits {config.trainer} with method {config.method}. {said}")
    return written


# ----------------------------------------------------------------------------------------------------
# Counting tokens as the trainer will: in the trainer's Python, with the model's tokenizer and chat template.
# ----------------------------------------------------------------------------------------------------


# For base models that come without a template of their own.
CHATML_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
READY = "ready"


class TokenCounter:
    """A process that answers a line of rows with a line of lengths. `problem` says why there is none."""

    def __init__(self, python: str, config: TrainingConfig, env: Mapping[str, str]):
        self._process = subprocess.Popen(
            [python, str(Path(__file__).absolute()), "--count-tokens", config.base_model],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(env),
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self.problem: Optional[str] = None
        first = self._read()
        if first != READY:
            self.problem = shorten(clean_line(str(first or "it ended without a word")), 300)

    def __enter__(self) -> "TokenCounter":
        return self

    def __exit__(self, *_error: Any) -> None:
        self._process.kill()
        self._process.communicate()

    def __call__(self, rows: List[Row]) -> List[Optional[int]]:
        """None for a row that the tokenizer or the model's template refuses."""
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(rows) + "\n")
            self._process.stdin.flush()
        except OSError:
            pass  # The answer that does not come says so.
        answer = self._read()
        if not isinstance(answer, list) or len(answer) != len(rows):
            raise RunnerError("tokenizer_failed", f"The rows' tokens could not be counted: {shorten(str(answer), 500)}")
        return answer

    def _read(self) -> Any:
        """The next line that is ours; libraries may print others."""
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith(TOKENS_MARKER):
                return json.loads(line[len(TOKENS_MARKER) :])
        return None


TOKENS_MARKER = "finetunelab-tokens "


def count_tokens_for_ever(base_model: str) -> int:
    """The process of TokenCounter. Its first line is `ready`, or what is wrong."""

    def answer(value: Any) -> None:
        print(TOKENS_MARKER + json.dumps(value), flush=True)

    try:
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(base_model)
        if tokenizer.chat_template is None:
            tokenizer.chat_template = CHATML_TEMPLATE
    except Exception as error:  # Whatever it is, the runner says it and goes on without a tokenizer.
        answer(f"{type(error).__name__}: {error}")
        return 1
    answer(READY)
    for line in sys.stdin:
        try:
            answer([counted(tokenizer, row) for row in json.loads(line)])
        except Exception as error:
            answer(f"{type(error).__name__}: {error}")
            return 1
    return 0


def counted(tokenizer: Any, row: Row) -> Optional[int]:
    """None where the tokenizer or the model's template refuses the row."""
    try:
        return longest_side(tokenizer, row)
    except Exception:  # A template raises what it likes.
        return None


def longest_side(tokenizer: Any, row: Row) -> int:
    """Tokens of a canonical row; of a pair, those of its longer side."""
    if isinstance(row.get("text"), str):
        return len(tokenizer(row["text"])["input_ids"])
    prompt = row.get("prompt") or []
    sides = [row[key] for key in ("messages", "completion", "chosen", "rejected") if row.get(key)]
    texts = []
    for side in sides:
        turns = [*as_turns(prompt, "user"), *as_turns(side, "assistant")]
        tools = row.get("tools")
        tools = json.loads(tools) if isinstance(tools, str) else tools
        texts.append(tokenizer.apply_chat_template(turns, tools=tools or None, tokenize=False))
    return max((len(tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts), default=0)


def as_turns(value: Any, role: str) -> List[Any]:
    """Messages with content as text and the arguments of calls as objects, as templates expect them."""
    turns = []
    for turn in [{"role": role, "content": value}] if isinstance(value, str) else value:
        content = turn.get("content")
        if isinstance(content, list):
            content = "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
        turns.append({**turn, "content": content or ""})
        if turn.get("tool_calls"):
            turns[-1]["tool_calls"] = [with_parsed_arguments(call) for call in turn["tool_calls"]]
    return turns


# ----------------------------------------------------------------------------------------------------
# What a trainer is given, and how it is started.
# ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Workspace:
    root: Path

    @property
    def datasets(self) -> Path:
        return self.root / "datasets"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def train_file(self) -> Path:
        return self.data / "train.jsonl"

    @property
    def eval_file(self) -> Path:
        """Is there only where rows were held out."""
        return self.data / "eval.jsonl"

    @property
    def trainer(self) -> Path:
        return self.root / "trainer"

    @property
    def output(self) -> Path:
        return self.root / "output"

    @property
    def result(self) -> Path:
        return self.root / "result.json"

    @property
    def trainer_log(self) -> Path:
        return self.root / "trainer.log"

    def last_checkpoint(self) -> Tuple[int, Optional[Path]]:
        """The step and the folder of the newest whole checkpoint."""
        return max(((step, folder) for step, folder in self._checkpoints() if is_whole(folder)), default=(0, None))

    def clear_leftovers(self) -> None:
        """What an attempt left behind that was killed while it wrote. Trainers stumble over it: they take the newest
        checkpoint whether it is whole or not, or refuse a folder that is not empty."""
        for _, folder in self._checkpoints():
            if not is_whole(folder):
                shutil.rmtree(folder, ignore_errors=True)
        if self.last_checkpoint()[1] is not None or not self.output.is_dir():
            return
        for path in self.output.iterdir():  # The folder itself may be a link to where the provider keeps it.
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def _checkpoints(self) -> List[Tuple[int, Path]]:
        numbered = [(folder.name.rpartition("-")[2], folder) for folder in self.output.glob("checkpoint-*")]
        return [(int(number), folder) for number, folder in numbered if number.isdigit()]


def is_whole(checkpoint: Path) -> bool:
    """The Hugging Face Trainer writes this file last."""
    return (checkpoint / "trainer_state.json").is_file()


@dataclass(frozen=True)
class Machine:
    """What the trainer will find: its Python, the packages there, and the GPUs that nvidia-smi lists."""

    python: str
    gpus: int = 0
    # Ampere and later; before, float16 is what the hardware has.
    bfloat16: bool = False
    gpu_name: str = ""
    # Versions by distribution name, of those that the configuration depends on.
    versions: Mapping[str, str] = field(default_factory=dict)

    def major(self, package: str) -> Optional[int]:
        first = self.versions.get(package, "").split(".")[0]
        return int(first) if first.isdigit() else None

    def precision(self, config: TrainingConfig) -> str:
        """bf16, fp16 or fp32. Raises RunnerError where the hardware has not what was asked for."""
        if config.precision == "auto":
            return "bf16" if self.bfloat16 else "fp16" if self.gpus else "fp32"
        if config.precision == "bf16" and self.gpus and not self.bfloat16:
            name = self.gpu_name or "This GPU"
            raise RunnerError("precision_unsupported", f"{name} has no bfloat16: set precision to auto, fp16 or fp32.")
        if config.precision != "fp32" and not self.gpus:
            raise RunnerError("precision_unsupported", f"{config.precision} needs a GPU, and there is none here.")
        return config.precision


@dataclass(frozen=True)
class Launch:
    """How to start a trainer, and what its output means."""

    command: List[str]
    # The trainer prints a log dictionary every so many steps; None where nobody knows.
    logging_steps: Optional[int] = None
    resumed_step: int = 0
    # It evaluates every so many steps; below 1, a share of the whole; None where nobody knows.
    eval_steps: Optional[float] = None
    notes: Tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Trainer:
    """One way to train. `prepare` writes its configuration and tells how to start it."""

    methods: Tuple[str, ...]
    prepare: Callable[[TrainingConfig, Workspace, Machine], Launch]
    convert: Callable[[Row, TrainingConfig], Row] = row_as_it_is
    refuses: Callable[[TrainingConfig], Optional[str]] = lambda _config: None
    # Of the Hugging Face family: has a tokenizer, packages to install, and checkpoints in output/ that are ours to clear.
    transformers: bool = False
    # Goes on from the newest checkpoint-N in its output folder, as those of the family do.
    resumes: bool = False


def write_text(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def resumption(workspace: Workspace) -> Tuple[int, Optional[Path], Tuple[str, ...]]:
    step, checkpoint = workspace.last_checkpoint()
    return step, checkpoint, ((f"Going on from {checkpoint.name}.",) if checkpoint else ())


def launch_of(
    command: List[str],
    config: TrainingConfig,
    workspace: Workspace,
    notes: Tuple[str, ...] = (),
    env: Optional[Mapping[str, str]] = None,
) -> Launch:
    """For trainers of the Hugging Face family, which log, evaluate and go on by the same rules."""
    step, _, going_on = resumption(workspace)
    evaluates = intervals(config, workspace).get("eval_steps")
    return Launch(command, config.logging_steps, step, evaluates, going_on + notes, env or {})


def intervals(config: TrainingConfig, workspace: Workspace) -> Dict[str, Any]:
    """When to log, to save and to evaluate, by the names that the Hugging Face Trainer and all its relatives have."""
    chosen: Dict[str, Any] = {
        "logging_steps": config.logging_steps,
        "save_strategy": "steps",
        "save_steps": config.save_steps or TENTH,
        "save_total_limit": config.save_total_limit,
    }
    if workspace.eval_file.is_file():
        chosen.update(eval_strategy="steps", eval_steps=config.eval_steps or TENTH)
    return chosen


OPTIMIZERS = {
    "adamw": "adamw_torch",
    "adamw_8bit": "adamw_8bit",
    "paged_adamw_8bit": "paged_adamw_8bit",
    "adafactor": "adafactor",
}


def needs_bitsandbytes(config: TrainingConfig) -> bool:
    return config.load_in_4bit or "8bit" in config.optimizer


# ----------------------------------------------------------------------------------------------------
# Enough YAML for a trainer's config.
# ----------------------------------------------------------------------------------------------------


def yaml_text(value: Any, indent: int = 0) -> str:
    """Enough YAML for a trainer's config. Floats keep their point: YAML 1.1 reads 1e-05 as a string."""
    pad = "  " * indent
    if isinstance(value, dict):
        return "".join(
            (
                f"{pad}{key}:\n{yaml_text(item, indent + 1)}"
                if isinstance(item, (dict, list)) and item
                else f"{pad}{key}: {yaml_scalar(item)}\n"
            )
            for key, item in value.items()
        )
    lines = []
    for item in value:
        if isinstance(item, dict):
            lines.append(f"{pad}- " + yaml_text(item, indent + 1).lstrip())
        else:
            lines.append(f"{pad}- {yaml_scalar(item)}\n")
    return "".join(lines)


def yaml_scalar(value: Any) -> str:
    if isinstance(value, float):
        text = repr(value)
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    return json.dumps(value, ensure_ascii=False)


# ----------------------------------------------------------------------------------------------------
# Starting the smoke trainer.
# ----------------------------------------------------------------------------------------------------


def prepare_smoke(config: TrainingConfig, workspace: Workspace, machine: Machine) -> Launch:
    spec = {
        **dataclasses.asdict(config),
        "dataset": str(workspace.train_file),
        "eval_dataset": str(workspace.eval_file) if workspace.eval_file.is_file() else None,
        "output_dir": str(workspace.output),
    }
    path = write_text(workspace.trainer / "smoke.json", json.dumps(spec, indent=2))
    return Launch([sys.executable, str(Path(__file__).absolute()), "--smoke-train", str(path)])


# ----------------------------------------------------------------------------------------------------
# Starting TRL: this very file is its training script, because TRL's own cannot resume and has no ORPO.
# ----------------------------------------------------------------------------------------------------


def prepare_trl(config: TrainingConfig, workspace: Workspace, machine: Machine) -> Launch:
    _, checkpoint, _ = resumption(workspace)
    spec = {
        **dataclasses.asdict(config),
        "dataset": str(workspace.train_file),
        "eval_dataset": str(workspace.eval_file) if workspace.eval_file.is_file() else None,
        "output_dir": str(workspace.output),
        "checkpoint": str(checkpoint) if checkpoint else None,
        "precision_here": machine.precision(config),
        "intervals": intervals(config, workspace),
    }
    path = write_text(workspace.trainer / "trl.json", json.dumps(spec, indent=2))
    script = [str(Path(__file__).absolute()), "--trl-train", str(path)]
    many = ["-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", str(machine.gpus)]
    return launch_of([machine.python, *(many if machine.gpus > 1 else []), *script], config, workspace)


# ----------------------------------------------------------------------------------------------------
# Starting Axolotl.
# ----------------------------------------------------------------------------------------------------


def prepare_axolotl(config: TrainingConfig, workspace: Workspace, machine: Machine) -> Launch:
    _, checkpoint, _ = resumption(workspace)
    precision = machine.precision(config)
    settings: Dict[str, Any] = {
        "base_model": config.base_model,
        **AXOLOTL_METHODS[config.method](config),
        "datasets": [axolotl_dataset(config, workspace.train_file)],
        "dataset_prepared_path": str(workspace.trainer / "prepared"),
        "output_dir": str(workspace.output),
        "sequence_len": config.max_seq_length,
        # Whole rows were left out before, where that was asked for; `fail` has the last word even so.
        "excess_length_strategy": {"cut": "truncate", "drop": "drop", "fail": "raise"}[config.long_rows],
        "sample_packing": config.packing and config.method == "sft",
        "micro_batch_size": config.batch_size,
        "gradient_accumulation_steps": config.gradient_accumulation_steps,
        "num_epochs": config.epochs,
        "learning_rate": float(config.learning_rate),
        "lr_scheduler": config.lr_scheduler,
        "optimizer": OPTIMIZERS[config.optimizer],
        "warmup_ratio": float(config.warmup_ratio),
        "weight_decay": float(config.weight_decay),
        "max_grad_norm": float(config.max_grad_norm),
        "seed": config.seed,
        **intervals(config, workspace),
        "gradient_checkpointing": config.gradient_checkpointing,
        "bf16": precision == "bf16",
        "fp16": precision == "fp16",
    }
    if workspace.eval_file.is_file():
        settings["test_datasets"] = [axolotl_dataset(config, workspace.eval_file)]
        settings["eval_sample_packing"] = False
    if config.method != "cpt":
        settings["chat_template"] = "tokenizer_default_fallback_chatml"
    if config.method == "sft":
        settings["train_on_inputs"] = config.loss_on == "everything"
    if config.max_steps:
        settings["max_steps"] = config.max_steps
    if config.lora:
        settings.update(
            adapter="qlora" if config.load_in_4bit else "lora",
            lora_r=config.lora.r,
            lora_alpha=round(config.lora.alpha),
            lora_dropout=float(config.lora.dropout),
            lora_target_linear=True,
        )
    if config.load_in_4bit:
        settings["load_in_4bit"] = True
    if checkpoint:
        settings["resume_from_checkpoint"] = str(checkpoint)
    path = write_text(workspace.trainer / "axolotl.yaml", yaml_text(settings))
    command = axolotl_command(machine, path)
    notes = () if config.method == "cpt" else (TEMPLATE_NOTE,)
    return launch_of(command, config, workspace, notes, env={"AXOLOTL_DO_NOT_TRACK": "1"})


TEMPLATE_NOTE = "Should the tokenizer of the base model bring no chat template, Axolotl takes ChatML."


def axolotl_command(machine: Machine, path: Path) -> List[str]:
    several = ["accelerate", "--", "--multi_gpu", "--num_processes", str(machine.gpus)]
    launcher = several if machine.gpus > 1 else ["python"]
    return [machine.python, "-m", "axolotl.cli.main", "train", str(path), "--launcher", *launcher]


AXOLOTL_METHODS: Dict[str, Callable[[TrainingConfig], Dict[str, Any]]] = {
    "sft": lambda _config: {},
    "cpt": lambda _config: {},
    "dpo": lambda config: {"rl": "dpo", "rl_beta": config.preference_beta},
    "orpo": lambda config: {"rl": "orpo", "orpo_alpha": config.preference_beta, "remove_unused_columns": False},
    "kto": lambda config: {"rl": "kto", "rl_beta": config.preference_beta, "remove_unused_columns": False},
    "reward": lambda _config: {
        "reward_model": True,
        "model_type": "AutoModelForSequenceClassification",
        "num_labels": 1,
        "pad_to_sequence_len": True,
    },
}


def axolotl_dataset(config: TrainingConfig, path: Path) -> Dict[str, Any]:
    return {"path": str(path), "ds_type": "json", "split": "train", **axolotl_format(config)}


def axolotl_format(config: TrainingConfig) -> Dict[str, Any]:
    if config.method == "sft":
        return {"type": "chat_template", "field_messages": "messages"}
    if config.method == "dpo":
        return {
            "type": "chat_template.default",
            "field_messages": "messages",
            "field_chosen": "chosen",
            "field_rejected": "rejected",
            "message_property_mappings": {"role": "role", "content": "content"},
            "roles": {"user": ["user", "human"], "assistant": ["assistant", "gpt"], "system": ["system"]},
        }
    if config.method == "orpo":
        return {"type": "chat_template.argilla"}
    if config.method == "kto":
        return {"type": f"{axolotl_kto_template(config)}.prompt_pairs"}
    if config.method == "reward":
        return {"type": "bradley_terry.chat_template"}
    return {"type": "completion", "field": "text"}


def axolotl_kto_template(config: TrainingConfig) -> Optional[str]:
    """Axolotl writes KTO prompts in one of two fixed templates, whatever the model's own is."""
    if config.chat_template in ("chatml", "llama3"):
        return config.chat_template
    if re.search(r"llama-?3", config.base_model, re.IGNORECASE):
        return "llama3"
    return "chatml" if re.search(r"qwen|chatml|hermes", config.base_model, re.IGNORECASE) else None


def axolotl_refuses(config: TrainingConfig) -> Optional[str]:
    if config.method == "kto" and not axolotl_kto_template(config):
        return (
            f"Axolotl's KTO formats write ChatML or Llama 3 prompts, and {config.base_model} is not known to use either. "
            "Set chat_template to chatml or llama3 if it does, or train with TRL or LLaMA-Factory."
        )
    return None


# ----------------------------------------------------------------------------------------------------
# Starting LLaMA-Factory.
# ----------------------------------------------------------------------------------------------------


LLAMAFACTORY_STAGES = {"sft": "sft", "dpo": "dpo", "orpo": "dpo", "kto": "kto", "reward": "rm", "cpt": "pt"}

# The first that matches names the template, as LLaMA-Factory's own list of models does; "" where no guess is safe.
LLAMAFACTORY_TEMPLATES = (
    (r"deepseek-r1", "deepseekr1"),
    (r"qwen3-vl.*thinking", "qwen3_vl"),
    (r"qwen3-vl", "qwen3_vl_nothink"),
    (r"qwen3-omni.*thinking", "qwen3_omni"),
    (r"qwen3-omni", "qwen3_omni_nothink"),
    (r"qwen3\.6", "qwen3_6"),
    (r"qwen3\.5", "qwen3_5"),
    (r"qwen3-next.*thinking", "qwen3"),
    (r"qwen3.*(instruct-2507|nothink)|qwen3-next", "qwen3_nothink"),
    (r"qwen3", "qwen3"),
    (r"qwen2(\.5)?-vl|qvq", "qwen2_vl"),
    (r"qwen2(\.5)?-omni", "qwen2_omni"),
    (r"qwen2-audio", "qwen2_audio"),
    (r"deepseek-(v2\.5|v2-chat-0628|v3)", "deepseek3"),
    (r"deepseek-(llm|moe|math|v2|coder-v2)", "deepseek"),
    (r"deepseek-coder", "deepseekcoder"),
    (r"qwen-?(1\.5|2|2\.5)|codeqwen|qwq", "qwen"),
    (r"llava|paligemma|pixtral|chinese", ""),
    (r"llama-3\.2.*vision", "mllama"),
    (r"llama-?4", "llama4"),
    (r"llama-?3(?!0b)", "llama3"),
    (r"llama-?2", "llama2"),
    (r"tinyllama|zephyr", "zephyr"),
    (r"ministral-3", "ministral3"),
    (r"ministral|mistral-nemo", "ministral"),
    (r"(mistral|devstral)-small", "mistral_small"),
    (r"mistral|mixtral|codestral", "mistral"),
    (r"gemma-?4-e\d", "gemma4n"),
    (r"(?<!med)gemma-?4", "gemma4"),
    (r"medgemma.*text", "gemma2"),
    (r"gemma-?3n", "gemma3n"),
    (r"gemma-?3-(270m|1b)", "gemma2"),
    (r"gemma-?3|medgemma", "gemma3"),
    (r"(?<!med)gemma-?2(?!b)", "gemma2"),
    (r"gemma", "gemma"),
    (r"phi-?4-mini", "phi4_mini"),
    (r"phi-?4", "phi4"),
    (r"phi-?3-small", "phi_small"),
    (r"phi-?3", "phi"),
    (r"gpt-oss", "gpt_oss"),
    (r"granite-4", "granite4"),
    (r"granite-3", "granite3"),
    (r"falcon-h1", "falcon_h1"),
    (r"falcon-(7|11|40|180)b", "falcon"),
    (r"glm-4\.5v|glm-4\.6v", "glm4_5v"),
    (r"glm-4\.[56]", "glm4_moe"),
    (r"glm-4-", "glm4"),
    (r"smollm2", "smollm2"),
    (r"smollm-", "smollm"),
    (r"yi-vl", "yi_vl"),
    (r"yi-(1\.5|\d)", "yi"),
    (r"internlm[23]", "intern2"),
)


def llamafactory_template(config: TrainingConfig) -> Optional[str]:
    if config.chat_template:
        return config.chat_template
    name = config.base_model.lower()
    return next((template for pattern, template in LLAMAFACTORY_TEMPLATES if re.search(pattern, name)), None) or None


def llamafactory_refuses(config: TrainingConfig) -> Optional[str]:
    if config.method != "cpt" and not llamafactory_template(config):
        return f"LLaMA-Factory needs the name of the chat template of {config.base_model}. Set chat_template, to qwen3 or llama3 for example."
    return None


def prepare_llamafactory(config: TrainingConfig, workspace: Workspace, machine: Machine) -> Launch:
    _, checkpoint, _ = resumption(workspace)
    notes: Tuple[str, ...] = ()
    evaluates = workspace.eval_file.is_file()
    info = {"train": llamafactory_dataset(config, workspace.train_file)}
    if evaluates:
        info["eval"] = llamafactory_dataset(config, workspace.eval_file)
    write_text(workspace.data / "dataset_info.json", json.dumps(info, indent=2))
    settings: Dict[str, Any] = {
        "model_name_or_path": config.base_model,
        "stage": LLAMAFACTORY_STAGES[config.method],
        "do_train": True,
        "finetuning_type": "lora" if config.lora else "full",
        "dataset_dir": str(workspace.data),
        "dataset": "train",
        "cutoff_len": config.max_seq_length,
        "overwrite_cache": True,
        "output_dir": str(workspace.output),
        "per_device_train_batch_size": config.batch_size,
        "per_device_eval_batch_size": config.batch_size,
        "gradient_accumulation_steps": config.gradient_accumulation_steps,
        "num_train_epochs": float(config.epochs),
        "learning_rate": float(config.learning_rate),
        "lr_scheduler_type": config.lr_scheduler,
        "optim": OPTIMIZERS[config.optimizer],
        **warmup(config, machine),
        "weight_decay": float(config.weight_decay),
        "max_grad_norm": float(config.max_grad_norm),
        "disable_gradient_checkpointing": not config.gradient_checkpointing,
        "seed": config.seed,
        **intervals(config, workspace),
        "report_to": "none",
        "include_num_input_tokens_seen": True,
    }
    if evaluates:
        settings["eval_dataset"] = "eval"
    if config.method == "cpt":
        settings["packing"] = True
    else:
        settings["template"] = llamafactory_template(config)
        notes = (f"LLaMA-Factory's chat template: {settings['template']}.",)
    if config.method == "sft":
        settings.update(train_on_prompt=config.loss_on == "everything", neat_packing=config.packing)
    if config.method in ("dpo", "orpo", "kto"):
        settings["pref_beta"] = config.preference_beta
    if config.method in ("dpo", "orpo"):
        settings["pref_loss"] = "orpo" if config.method == "orpo" else "sigmoid"
    if config.lora:
        settings.update(
            lora_rank=config.lora.r,
            lora_alpha=round(config.lora.alpha),
            lora_dropout=float(config.lora.dropout),
            lora_target="all",
        )
    if config.load_in_4bit:
        settings.update(quantization_bit=4, quantization_method="bnb")
    if config.max_steps:
        settings["max_steps"] = config.max_steps
    precision = machine.precision(config)
    if precision != "fp32":
        settings[precision] = True
    if checkpoint:
        settings["resume_from_checkpoint"] = str(checkpoint)
    path = write_text(workspace.trainer / "llamafactory.yaml", yaml_text(settings))
    # It cuts the words of its own launch at spaces: a relative path has none, wherever the work folder lies.
    command = [machine.python, "-m", "llamafactory.cli", "train", str(path.relative_to(workspace.root))]
    several = {"FORCE_TORCHRUN": "1", "NPROC_PER_NODE": str(machine.gpus)} if machine.gpus > 1 else {}
    return launch_of(command, config, workspace, notes, several)


def warmup(config: TrainingConfig, machine: Machine) -> Dict[str, float]:
    """Transformers 5 takes a share of the steps as `warmup_steps`; its later releases no longer know `warmup_ratio`."""
    name = "warmup_steps" if (machine.major("transformers") or 4) >= 5 else "warmup_ratio"
    return {name: float(config.warmup_ratio)}


def llamafactory_dataset(config: TrainingConfig, path: Path) -> Dict[str, Any]:
    """An entry of dataset_info.json. Once `columns` or `tags` is there, whatever it does not list is null: so all is listed."""
    if config.method == "cpt":
        return {"file_name": path.name, "columns": {"prompt": "text"}}
    columns = {"messages": "conversations", "system": "system"}
    if config.method == "sft":
        columns["tools"] = "tools"
    elif config.method == "kto":
        columns["kto_tag"] = "label"
    else:
        columns.update(chosen="chosen", rejected="rejected")
    return {
        "file_name": path.name,
        "formatting": "sharegpt",
        **({"ranking": True} if "chosen" in columns else {}),
        "columns": columns,
        "tags": {
            "role_tag": "from",
            "content_tag": "value",
            "user_tag": "human",
            "assistant_tag": "gpt",
            "observation_tag": "observation",
            "function_tag": "function_call",
            "system_tag": "system",
        },
    }


# ----------------------------------------------------------------------------------------------------
# Starting a command of one's own.
# ----------------------------------------------------------------------------------------------------


PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def command_values(config: TrainingConfig, workspace: Workspace, machine: Machine) -> Dict[str, str]:
    lora = config.lora or Lora(0, 0, 0.0)
    return {
        "dataset": str(workspace.train_file),
        "dataset_dir": str(workspace.data),
        "eval_dataset": str(workspace.eval_file) if workspace.eval_file.is_file() else "",
        "output_dir": str(workspace.output),
        "work_dir": str(workspace.root),
        "config": str(workspace.trainer / "config.json"),
        "python": machine.python,
        "base_model": config.base_model,
        "method": config.method,
        "epochs": f"{config.epochs:g}",
        "batch_size": str(config.batch_size),
        "gradient_accumulation_steps": str(config.gradient_accumulation_steps),
        "learning_rate": repr(float(config.learning_rate)),
        "max_seq_length": str(config.max_seq_length),
        "warmup_ratio": f"{config.warmup_ratio:g}",
        "weight_decay": f"{config.weight_decay:g}",
        "lr_scheduler": config.lr_scheduler,
        "max_grad_norm": f"{config.max_grad_norm:g}",
        "precision": config.precision,
        "gpus": str(machine.gpus),
        "seed": str(config.seed),
        # -1 is how trainers of the Hugging Face family say "no limit".
        "max_steps": str(config.max_steps or -1),
        "logging_steps": str(config.logging_steps),
        "lora_r": str(lora.r),
        "lora_alpha": f"{lora.alpha:g}",
        "lora_dropout": f"{lora.dropout:g}",
        "chat_template": config.chat_template,
    }


def split_command(config: TrainingConfig) -> List[str]:
    try:
        words = shlex.split(config.command)
    except ValueError as error:
        raise RunnerError("command_invalid", f"The command line cannot be split into words: {error}.") from None
    if not words:
        raise RunnerError("command_invalid", "The trainer is a command of your own, but the config has no command.")
    return words


def command_refuses(config: TrainingConfig) -> Optional[str]:
    known = command_values(config, Workspace(Path(".")), Machine(""))
    names = [name for word in split_command(config) for name in PLACEHOLDER.findall(word)]
    unknown = sorted({name for name in names if name not in known})
    if unknown:
        listed = " ".join("{%s}" % name for name in sorted(known))
        raise RunnerError(
            "command_invalid", f"Unknown placeholder {{{unknown[0]}}} in the command. Known are: {listed}"
        )
    return None


def prepare_command(config: TrainingConfig, workspace: Workspace, machine: Machine) -> Launch:
    write_text(workspace.trainer / "config.json", json.dumps(dataclasses.asdict(config), indent=2))
    values = command_values(config, workspace, machine)
    step, _, _ = resumption(workspace)
    words = [PLACEHOLDER.sub(lambda match: values[match.group(1)], word) for word in split_command(config)]
    logging_steps = config.logging_steps if "{logging_steps}" in config.command else None
    return Launch(words, logging_steps, resumed_step=step)


# ----------------------------------------------------------------------------------------------------
# The trainers, by name.
# ----------------------------------------------------------------------------------------------------


TRAINERS: Dict[str, Trainer] = {
    "smoke": Trainer(ALL_METHODS, prepare_smoke),
    "trl": Trainer(ALL_METHODS, prepare_trl, trl_row, transformers=True),
    "axolotl": Trainer(ALL_METHODS, prepare_axolotl, axolotl_row, axolotl_refuses, transformers=True),
    "llamafactory": Trainer(
        ALL_METHODS, prepare_llamafactory, llamafactory_row, llamafactory_refuses, transformers=True
    ),
    "command": Trainer(ALL_METHODS, prepare_command, refuses=command_refuses, resumes=True),
}


def trainer_for(config: TrainingConfig) -> Trainer:
    """Raises RunnerError before anything is downloaded, if this training cannot be."""
    trainer = TRAINERS.get(config.trainer)
    if trainer is None:
        raise RunnerError(
            "trainer_unknown", f"There is no trainer {config.trainer!r}; there are {', '.join(TRAINERS)}."
        )
    if config.method not in trainer.methods:
        raise RunnerError(
            "method_unsupported",
            f"{config.trainer} has no method {config.method!r}; it has {', '.join(trainer.methods)}.",
        )
    reason = trainer.refuses(config)
    if reason:
        raise RunnerError("method_unsupported", reason)
    return trainer


# ----------------------------------------------------------------------------------------------------
# The versions that the runner knows, and how they come onto an image that lacks them.
# ----------------------------------------------------------------------------------------------------


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


# ----------------------------------------------------------------------------------------------------
# Reading a trainer's output.
#
# Trainers of the Hugging Face family say the same thing in three places:
#   - a Python dictionary on a line:  {'loss': 1.93, 'grad_norm': 0.7, 'learning_rate': 2e-05, 'epoch': 0.25}
#     (newer versions print the numbers as strings), without the step;
#   - a progress bar:                  4%|4         | 12/300 [00:10<04:00,  1.20it/s]  with the step and the total;
#   - checkpoint-N/trainer_state.json: log_history, with everything, but only when a checkpoint is written.
# Meter makes one series of points out of them.
# ----------------------------------------------------------------------------------------------------


LOG_TEXT_MAX = 8_192
NOT_FINITE = re.compile(r"(?<=[:\s])(-?(?:nan|inf|NaN|Infinity))(?=\s*[,}])")
PROGRESS_BAR = re.compile(r"^(?P<what>[^|%]*?)\s*\d{1,3}%\|[^|]*\|\s*(?P<step>\d+)/(?P<total>\d+)\s*\[")
TRAINING_BAR = re.compile(r"(?i)^(train\w*|steps?)?:?$")
TOTAL_STEPS = re.compile(r"Total optimization steps\s*=\s*([\d,]+)")
LOG_KEYS = {"loss", "learning_rate", "grad_norm", "epoch", "step", "global_step", "eval_loss", "train_loss"}
TOKEN_RATE_KEYS = (
    "tokens_per_second",
    "train_tokens_per_second",
    "tokens_per_second_per_gpu",
    "tokens/train_per_sec_per_gpu",
)
TOKEN_COUNT_KEYS = ("num_tokens", "num_input_tokens_seen")
NOT_POINTS = {"total_flos", "step", "global_step", "total_steps", "max_steps"}
POINT_KEYS_MAX = 40


def parse_log(text: str) -> Optional[Dict[str, Any]]:
    """The dictionary that a trainer logged on this line, if it did. Nothing is evaluated but literals."""
    start = min((at for at in (text.find("{'"), text.find('{"')) if at >= 0), default=-1)
    text = text[start:].strip()
    if start < 0 or len(text) > LOG_TEXT_MAX or not text.endswith("}"):
        return None
    quoted = NOT_FINITE.sub(r"'\1'", text)
    for read in (ast.literal_eval, json.loads):
        try:
            value = read(quoted if read is ast.literal_eval else text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
        if isinstance(value, dict) and all(isinstance(key, str) for key in value) and LOG_KEYS & set(value):
            return value
    return None


class LogPoint(NamedTuple):
    """One log entry, read: finite numbers by name, and the names of those that were not finite."""

    numbers: Dict[str, float]
    not_finite: List[str]

    @property
    def kind(self) -> str:
        if "train_runtime" in self.numbers:
            return "summary"
        evaluation = any(name.startswith("eval_") for name in self.numbers) and "loss" not in self.numbers
        return "eval" if evaluation else "train"


def read_point(entry: Mapping[str, Any]) -> LogPoint:
    numbers, not_finite = {}, []
    for name, value in entry.items():
        number = number_of(value)
        if number is None:
            continue
        if math.isfinite(number):
            numbers[name[:100]] = number
        else:
            not_finite.append(name[:100])
    return LogPoint(numbers, not_finite)


class Meter:
    """Turns what a trainer says into points, each once, with a step, never with null. Safe from several threads."""

    def __init__(
        self,
        launch: Launch,
        emit: Callable[[Dict[str, Any]], None],
        warn: Callable[[str], None],
        gauge: Callable[[], Mapping[str, float]] = dict,
        now: Callable[[], float] = time.monotonic,
    ):
        self._launch = launch
        self._emit = emit
        self._warn = warn
        self._gauge = gauge
        self._now = now
        self._lock = threading.Lock()
        self._bar_step = 0
        self._total = 0
        self._train_step = launch.resumed_step
        self._eval_step = launch.resumed_step
        self._told_step = launch.resumed_step
        self._told_at = now()
        self._told: Dict[Tuple[str, int], Dict[str, float]] = {}
        self._tokens: Optional[Tuple[float, float]] = None
        self._not_finite = 0
        self.last: Dict[str, Any] = {}

    def line(self, text: str) -> None:
        """A whole line of output."""
        match = TOTAL_STEPS.search(text)
        with self._lock:
            if match:
                self._total = int(match.group(1).replace(",", ""))
            entry = parse_log(text)
            if entry is not None:
                self._logged(entry)
            else:
                self._bar(text)

    def progress(self, text: str) -> None:
        """A line that was overwritten by the next: progress."""
        with self._lock:
            self._bar(text)

    def state(self, history: Iterable[Any]) -> None:
        """log_history of a trainer_state.json: fills in what the output did not say."""
        with self._lock:
            for entry in history:
                step = number_of(entry.get("step")) if isinstance(entry, dict) else None
                if step is not None and step > self._launch.resumed_step:
                    self._told_or_emit(read_point(entry), int(step))

    def _bar(self, text: str) -> None:
        match = PROGRESS_BAR.match(text)
        if not match or not TRAINING_BAR.match(match.group("what").strip()):
            return
        step, total = int(match.group("step")), int(match.group("total"))
        if total <= 0 or (self._total and total != self._total):
            return  # Another bar: an evaluation's, or a file's.
        self._total, self._bar_step = total, max(self._bar_step, step)
        if self._bar_step > self._told_step and self._now() - self._told_at >= 10:
            self._send({}, self._bar_step)

    def _logged(self, entry: Dict[str, Any]) -> None:
        point = read_point(entry)
        total = number_of(entry.get("total_steps", entry.get("max_steps")))
        if total and math.isfinite(total) and total > 0:
            self._total = int(total)
        if point.kind == "summary":
            return
        if point.kind == "train":
            step = self._train_step = self._step_of(point)
        else:
            step = self._eval_step = self._eval_step_of(point)
        if point.not_finite:
            self._complain(step, point.not_finite)
        self._told_or_emit(point, step)

    def _step_of(self, point: LogPoint) -> int:
        for key in ("step", "global_step"):
            if point.numbers.get(key, -1) >= 0:
                return int(point.numbers[key])
        if self._launch.logging_steps:
            # Trainers log at multiples of it, wherever a resumed training began.
            step = (self._train_step // self._launch.logging_steps + 1) * self._launch.logging_steps
            return min(step, self._total) if self._total else step
        return self._bar_step if self._bar_step > self._train_step else self._train_step + 1

    def _eval_step_of(self, point: LogPoint) -> int:
        for key in ("step", "global_step"):
            if point.numbers.get(key, -1) >= 0:
                return int(point.numbers[key])
        interval = self._launch.eval_steps or 0
        if 0 < interval < 1:
            interval = math.ceil(interval * self._total)
        if interval:
            step = (self._eval_step // int(interval) + 1) * int(interval)
            return min(step, self._total) if self._total else step  # The last one is at the end.
        return self._train_step

    def _told_or_emit(self, point: LogPoint, step: int) -> None:
        if point.kind == "summary" or not point.numbers:
            return
        told = self._told.get((point.kind, step)) or self._twin_of(point)
        if told is not None and not set(point.numbers) - set(told) - NOT_POINTS:
            return
        if told is None and len(self._told) > 100_000:
            self._told.pop(next(iter(self._told)))
        self._told[(point.kind, step)] = point.numbers
        self._send(point.numbers, step)

    def _twin_of(self, point: LogPoint) -> Optional[Dict[str, float]]:
        """The same entry, told before under a step that had to be guessed."""
        if (self._launch.logging_steps and point.kind == "train") or "epoch" not in point.numbers:
            return None
        loss = "eval_loss" if point.kind == "eval" else "loss"
        for (kind, _), told in reversed(list(self._told.items())[-500:]):
            same = kind == point.kind and all(
                math.isclose(point.numbers.get(key, math.inf), told.get(key, -math.inf), rel_tol=2e-3)
                for key in (loss, "epoch")
            )
            if same:
                return {**point.numbers, **told}
        return None

    def _send(self, numbers: Mapping[str, float], step: int) -> None:
        point: Dict[str, Any] = {"step": step, "at": now_iso()}
        if self._total >= max(step, 1):
            point["total_steps"] = self._total
        for name, number in list(numbers.items())[:POINT_KEYS_MAX]:
            if name not in NOT_POINTS and not (name == "epoch" and number < 0):
                point[name] = int(number) if name in TOKEN_COUNT_KEYS else number
        rate = self._token_rate(numbers)
        if rate is not None:
            point["tokens_per_second"] = round(rate, 1)
        point.update(self._gauge())
        self._told_step, self._told_at = max(self._told_step, step), self._now()
        self.last = {**self.last, **point}
        self._emit(point)

    def _token_rate(self, numbers: Mapping[str, float]) -> Optional[float]:
        """As the trainer says it, or from its running count of tokens."""
        for key in TOKEN_RATE_KEYS:
            if numbers.get(key, -1) >= 0:
                return numbers[key]
        count = next((numbers[key] for key in TOKEN_COUNT_KEYS if key in numbers), None)
        if count is None:
            return None
        before, self._tokens = self._tokens, (count, self._now())
        if before is None or count < before[0] or self._tokens[1] - before[1] < 0.05:
            return None
        return (count - before[0]) / (self._tokens[1] - before[1])

    def _complain(self, step: int, names: List[str]) -> None:
        self._not_finite += 1
        if self._not_finite == 1 or self._not_finite % 100 == 0:
            again = f" ({self._not_finite} times so far)" if self._not_finite > 1 else ""
            self._warn(
                f"Step {step}: {', '.join(names)} is not a finite number{again}. If it stays so, try a lower learning rate."
            )


class StateFiles:
    """Reads trainer_state.json of the newest checkpoint, once for each that appears."""

    STATE_BYTES_MAX = 64 * 1048576

    def __init__(self, workspace: Workspace, meter: Meter):
        self._workspace = workspace
        self._meter = meter
        self._read_step = workspace.last_checkpoint()[0]

    def poll(self) -> None:
        step, folder = self._workspace.last_checkpoint()
        if folder is None or step <= self._read_step:
            return
        path = folder / "trainer_state.json"
        try:
            if path.stat().st_size > self.STATE_BYTES_MAX:
                self._read_step = step
                return
            history = json.loads(path.read_text(encoding="utf-8")).get("log_history")
        except (OSError, ValueError, AttributeError, RecursionError):
            return  # Half-written, most likely: the next poll sees it whole.
        self._read_step = step
        if isinstance(history, list):
            self._meter.state(history)


# ----------------------------------------------------------------------------------------------------
# The GPUs, as nvidia-smi and torch tell of them.
# ----------------------------------------------------------------------------------------------------


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


# ----------------------------------------------------------------------------------------------------
# Processes: runner -> guard -> trainer -> whatever the trainer starts.
#
# Guard and trainer live in a session and process group of their own, so that one signal reaches the whole
# tree. The guard holds a pipe whose other end only the runner has: when the runner dies, even by kill -9,
# the pipe closes and the guard kills the group. No tree outlives its runner.
# ----------------------------------------------------------------------------------------------------


LINE_BYTES_MAX = 65_536
TRAINER_LOG_BYTES_MAX = 256 * 1048576
LINE_END = re.compile(rb"\r?\n|\r(?=.)", re.DOTALL)
SECRET_VARIABLES = (
    "JOB_TOKEN",
    "DATASET_URL",
    "DATASET_SHA256",
    "TRAINING_CONFIG_B64",
    "FINETUNELAB_URL",
    "RESULT_PUT_URL",
)


def guard(command: List[str]) -> int:
    """Runs a command as its only child, in its process group; kills the group when standard input closes."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)  # The child got it too; its end is ours.
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    except OSError as error:
        print(f"{command[0]}: {error.strerror or error}", file=sys.stderr, flush=True)
        return 127

    def die_with_runner() -> None:
        os.read(0, 1)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=die_with_runner, daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


class LineSplitter:
    """Cuts a byte stream into lines, and says of each whether the next one overwrote it (a carriage return)."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def feed(self, chunk: bytes) -> Iterator[Tuple[str, bool]]:
        data = self._rest + chunk
        start = 0
        for match in LINE_END.finditer(data):
            if not self._skipping and match.start() > start:
                yield self._text(data[start : match.start()]), match.group() == b"\r"
            self._skipping = False
            start = match.end()
        self._rest = data[start:]
        if len(self._rest) > LINE_BYTES_MAX:
            if not self._skipping:
                yield self._text(self._rest), False
            self._rest, self._skipping = b"", True

    def end(self) -> Iterator[Tuple[str, bool]]:
        if self._rest.strip() and not self._skipping:
            yield self._text(self._rest), False
        self._rest = b""

    @staticmethod
    def _text(line: bytes) -> str:
        return line[:LINE_BYTES_MAX].decode("utf-8", "replace")


class ProcessTree:
    """A command under guard. `on_line(stream, text, overwritten)` is called from two threads, one a stream."""

    def __init__(
        self, command: List[str], env: Mapping[str, str], cwd: Path, on_line: Callable[[str, str, bool], None]
    ):
        self._on_line = on_line
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).absolute()), "--guard", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=dict(env),
            start_new_session=True,
        )
        self.pid = self._process.pid
        self._readers = [
            threading.Thread(target=self._read, args=(stream, pipe), daemon=True)
            for stream, pipe in (("stdout", self._process.stdout), ("stderr", self._process.stderr))
        ]
        for reader in self._readers:
            reader.start()

    def signal(self, number: int) -> None:
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            pass

    def poll(self) -> Optional[int]:
        """The exit status once the command has ended and nothing of its group is left."""
        if hasattr(os, "waitid"):
            # Looked at, not reaped: until then no other process can get its number, and killpg hits ours only.
            if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                return None
        elif self._process.poll() is None:
            return None
        self.signal(signal.SIGKILL)
        code = self._process.wait()
        for reader in self._readers:
            reader.join(timeout=5)
        if self._process.stdin:
            self._process.stdin.close()
        return code

    def wait(self, stop: Stop, grace_seconds: float, meanwhile: Callable[[], None] = lambda: None) -> int:
        """Waits for the end. A stop is passed on as SIGTERM, and after the grace (or a second signal) as SIGKILL."""
        kill_at: Optional[float] = None
        while True:
            code = self.poll()
            if code is not None:
                return code
            if stop.reason and kill_at is None:
                self.signal(signal.SIGTERM)
                kill_at = time.monotonic() + grace_seconds
            if kill_at is not None and (stop.hurry or time.monotonic() > kill_at):
                self.signal(signal.SIGKILL)
            meanwhile()
            time.sleep(0.1)

    def _read(self, stream: str, pipe: Any) -> None:
        splitter = LineSplitter()
        with pipe:
            for chunk in iter(lambda: os.read(pipe.fileno(), 65536), b""):
                for text, overwritten in splitter.feed(chunk):
                    self._on_line(stream, text, overwritten)
            for text, overwritten in splitter.end():
                self._on_line(stream, text, overwritten)


def level_of(line: str) -> str:
    if re.search(r"\b(ERROR|CRITICAL|FATAL)\b|^Traceback |^\w*(Error|Exception)\b", line):
        return "error"
    return "warning" if re.search(r"\bWARN(ING)?\b|Warning:", line) else "info"


class OutputLog:
    """Every line of the trainer, to the journal, to trainer.log and to the meter; and the last ones, for the error."""

    def __init__(self, journal: Journal, path: Path, meter: Optional[Meter] = None):
        self._journal = journal
        self._meter = meter
        self._file = path.open("a", encoding="utf-8", errors="replace")
        self._left = TRAINER_LOG_BYTES_MAX - path.stat().st_size
        self._lock = threading.Lock()
        self._tails: Dict[str, "collections.deque[str]"] = {
            "stdout": collections.deque(maxlen=20),
            "stderr": collections.deque(maxlen=20),
        }

    @property
    def tail(self) -> List[str]:
        """The last twenty lines. The streams race each other, so each has its share: an error is on either."""
        errors = list(self._tails["stderr"])
        spoken = list(self._tails["stdout"])[-max(5, 20 - len(errors)) :]
        return spoken + errors[-(20 - len(spoken)) :]

    def __call__(self, stream: str, text: str, overwritten: bool) -> None:
        if overwritten:
            if self._meter:
                self._meter.progress(text)
            return
        line = clean_line(text)
        if not line:
            return
        if self._meter:
            self._meter.line(line)
        self._keep(stream, line)
        self._journal.log(line, level_of(line), stream)

    def _keep(self, stream: str, line: str) -> None:
        with self._lock:
            self._tails[stream].append(shorten(line, 500))
            if self._left > 0:
                self._left -= len(line) + 1
                self._file.write(line + "\n" if self._left > 0 else "(this file has reached its limit)\n")
                self._file.flush()

    def close(self) -> None:
        with self._lock:
            self._left = 0
            self._file.close()


def trainer_environment(env: Mapping[str, str]) -> Dict[str, str]:
    """What the trainer inherits: not the job's token, nor its links."""
    kept = {name: value for name, value in env.items() if name not in SECRET_VARIABLES}
    return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}


# ----------------------------------------------------------------------------------------------------
# Publishing: checkpoints while it trains, the result when it has.
# ----------------------------------------------------------------------------------------------------


LOOK_SECONDS = 2.0


class Publisher:
    """Sends from a thread of its own; the training never waits for it, and no failure here is one of the training."""

    def __init__(self, destinations: List[Destination], workspace: Workspace, journal: Journal):
        self._destinations = destinations
        self._workspace = workspace
        self._journal = journal
        self._closed = threading.Event()
        self._sent_step = workspace.last_checkpoint()[0]
        self._thread = threading.Thread(target=self._watch, name="publisher", daemon=True)

    def __enter__(self) -> "Publisher":
        if any(destination.keeps_checkpoints for destination in self._destinations):
            self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop_watching()

    def _stop_watching(self) -> None:
        """What is under way is left; it goes on from there, should it be sent again."""
        self._closed.set()
        if self._thread.ident:
            self._thread.join()

    def send_result(self, name: str, seconds: float, hurry: Callable[[], bool]) -> Optional[str]:
        """Where the result lies now, if it was sent anywhere. Once this is closed."""
        files = result_files(self._workspace.output)
        if not self._destinations:
            return None
        if not files:
            self._journal.warn("The trainer left nothing beside its checkpoints: there is no result to send.")
            return None
        places = [
            self._attempt(
                destination, f"{name} was sent to", lambda to, check: to.put_result(files, name, check), seconds, hurry
            )
            for destination in self._destinations
        ]
        return next((place for place in places if place), None)

    def send_last_checkpoint(self, seconds: float, hurry: Callable[[], bool]) -> None:
        """After an interruption: what the trainer has just saved, if there is time for it."""
        self._stop_watching()
        step, folder = self._workspace.last_checkpoint()
        if folder is not None and step > self._sent_step:
            self._send_checkpoint(
                step, folder, lambda destination, act: self._attempt(destination, "", act, seconds, hurry)
            )

    def _watch(self) -> None:
        while not self._closed.wait(LOOK_SECONDS):
            step, folder = self._workspace.last_checkpoint()
            if folder is not None and step > self._sent_step:
                self._send_checkpoint(step, folder, self._while_open)

    def _send_checkpoint(self, step: int, folder: Path, attempt: "Callable[[Destination, Act], Optional[str]]") -> None:
        def send(destination: Destination, check: Callable[[], None]) -> str:
            destination.put_checkpoint(folder, check)
            return destination.name

        sent = [attempt(each, send) for each in self._destinations if each.keeps_checkpoints]
        if any(sent):
            self._journal.log(f"{folder.name} is kept: another machine could go on from it.")
        if not self._closed.is_set() or any(sent):
            self._sent_step = step

    def _while_open(self, destination: Destination, act: "Act") -> Optional[str]:
        def check() -> None:
            if self._closed.is_set():
                raise Abandoned

        return self._try(destination, act, check)

    def _attempt(
        self, destination: Destination, said: str, act: "Act", seconds: float, hurry: Callable[[], bool] = lambda: False
    ) -> Optional[str]:
        deadline = time.monotonic() + seconds

        def check() -> None:
            if time.monotonic() > deadline or hurry():
                raise Abandoned

        place = self._try(destination, act, check)
        if place and said:
            self._journal.log(f"{said} {place}.")
        return place

    def _try(self, destination: Destination, act: "Act", check: Callable[[], None]) -> Optional[str]:
        try:
            return act(destination, check)
        except Abandoned:
            if not self._closed.is_set() or destination.keeps_checkpoints:
                self._journal.log(f"{destination.name}: there was no time to send everything.")
        except PROBLEMS as problem:
            self._journal.warn(
                f"{destination.name} did not take it: {problem or type(problem).__name__}. It stays in {self._workspace.output}."
            )
        return None


Act = Callable[[Destination, Callable[[], None]], str]


class Restorer:
    """Brings back the checkpoint of a machine that is gone, so that the job does not begin anew."""

    def __init__(
        self, workspace: Workspace, journal: Journal, destinations: List[Destination], client: Optional[ControlPlane]
    ):
        self._workspace = workspace
        self._journal = journal
        self._destinations = destinations
        self._client = client

    def restore(self, downloader_for: Callable[[Path], Downloader]) -> None:
        """Nothing happens where there is nothing, or where it cannot be had: then the training begins at its beginning."""
        fetched = self._workspace.root / "fetched"
        for destination in self._destinations:
            try:
                if isinstance(destination, HubDestination):
                    destination.fetch_checkpoint(fetched)
                elif destination.keeps_checkpoints and self._client:
                    self._from_control_plane(self._client, fetched, downloader_for)
                self._adopt(fetched)
            except (
                *PROBLEMS,
                *NETWORK_ERRORS,
                HttpRefusal,
                JobOver,
                RunnerError,
                ValueError,
                tarfile.TarError,
            ) as error:
                self._journal.log(f"No earlier checkpoint could be fetched from {destination.name} ({error}).")
            finally:
                shutil.rmtree(fetched, ignore_errors=True)
            if self._workspace.last_checkpoint()[1]:
                return

    def _from_control_plane(
        self, client: ControlPlane, fetched: Path, downloader_for: Callable[[Path], Downloader]
    ) -> None:
        kept = next((item for item in client.artifacts() if item.name == CHECKPOINT_NAME), None)
        if kept is None:
            return
        item = Dataset(
            "checkpoint", "The checkpoint of an earlier machine", client.artifact_url(kept.name), kept.sha256
        )
        fetched.mkdir(parents=True, exist_ok=True)
        unpack(downloader_for(fetched).fetch(item), fetched / "unpacked")

    def _adopt(self, fetched: Path) -> None:
        for state in fetched.glob("**/checkpoint-*/trainer_state.json"):
            folder = state.parent
            self._workspace.output.mkdir(parents=True, exist_ok=True)
            shutil.move(str(folder), str(self._workspace.output / folder.name))
            self._journal.log(f"{folder.name} was fetched: an earlier machine saved it.")


def result_name(lora: bool) -> str:
    return "adapter.tar" if lora else "model.tar"


# ----------------------------------------------------------------------------------------------------
# The job: from lease to result.
# ----------------------------------------------------------------------------------------------------


class Job:
    """From lease to result. Raises RunnerError, JobOver or Stopped; returns where the result lies."""

    def __init__(self, settings: Settings, stop: Stop, journal: Journal, client: Optional[ControlPlane]):
        self._settings = settings
        self._stop = stop
        self._journal = journal
        self._client = client
        self._workspace = Workspace(settings.work_dir)
        self.last_metrics: Dict[str, Any] = {}

    def run(self) -> str:
        lease = self._lease()
        self._journal.status("starting")
        config = TrainingConfig.from_json(lease.config)
        self._journal.log(
            f"{config.trainer}, {config.method} of {config.base_model}, {plural(len(lease.datasets), 'dataset')}; runner {VERSION}."
        )
        trainer = trainer_for(config)
        env = trainer_environment(os.environ)
        destinations = destinations_for(self._settings, self._client, env, self._journal.log)
        self._prove_gpus_listed()
        surroundings = self._installer().provide(pins_for(config))
        machine = look_at_machine(self._settings.trainer_python, surroundings.versions)
        self._prove_gpus_compute(machine)
        if trainer.transformers:
            machine.precision(config)  # Refused before anything is downloaded.
        try:
            self._prepare_rows(trainer, config, lease)
            if trainer.transformers:
                self._workspace.clear_leftovers()
            if trainer.transformers or trainer.resumes:
                self._fetch_checkpoint(destinations)
            self._workspace.output.mkdir(parents=True, exist_ok=True)
            launch = trainer.prepare(config, self._workspace, machine)
        except OSError as error:
            raise disk_error(error) from None
        for note in launch.notes:
            self._journal.log(note)
        with Publisher(destinations, self._workspace, self._journal) as publisher:
            try:
                self._train(launch)
            except Stopped:
                if self._stop.reason == "signal":
                    self._tell_what_was_saved()
                    publisher.send_last_checkpoint(self._settings.stop_grace_seconds, lambda: self._stop.hurry)
                raise
        name = result_name(config.lora is not None and trainer.transformers)
        place = publisher.send_result(name, self._settings.upload_seconds, self._give_up)
        return place or self._settings.result_uri or str(self._workspace.output)

    def _give_up(self) -> bool:
        """The training has ended well: only a job that is over, or a second signal, ends the sending of its result."""
        return self._stop.hurry or self._stop.reason == "over"

    def _fetch_checkpoint(self, destinations: List[Destination]) -> None:
        """On a machine that has none, the checkpoint that an earlier one has left."""
        if self._workspace.last_checkpoint()[1]:
            return

        def downloader_for(folder: Path) -> Downloader:
            headers = self._client.authorization if self._client else None
            settings = dataclasses.replace(self._settings, datasets_dir=None)
            return Downloader(folder, settings, self._stop, self._journal, no_other_link, headers=headers)

        Restorer(self._workspace, self._journal, destinations, self._client).restore(downloader_for)

    def _tell_what_was_saved(self) -> None:
        _, checkpoint = self._workspace.last_checkpoint()
        saved = f"{checkpoint.name} is saved" if checkpoint else "The trainer saved no checkpoint"
        self._journal.warn(f"A signal ended the training. {saved}.")

    # The machine

    def _prove_gpus_listed(self) -> None:
        expected = self._settings.expect_gpu
        if expected:
            self._journal.log(f"nvidia-smi: {prove_listed(expected)}.")

    def _prove_gpus_compute(self, machine: Machine) -> None:
        expected = self._settings.expect_gpu
        if expected and "torch" in machine.versions:
            cuda = prove_computing(expected, machine.python, run_proof)
            self._journal.log(f"torch {machine.versions['torch']} computes on every GPU, with CUDA {cuda}.")

    def _installer(self) -> Installer:
        def run(command: List[str]) -> Tuple[int, List[str]]:
            output = OutputLog(self._journal, self._workspace.trainer_log)
            status = self._run_tree(command, output)
            return status, output.tail

        settings = self._settings
        return Installer(
            settings.trainer_python,
            settings.work_dir,
            settings.install_trainer,
            self._journal.log,
            run,
            self._stop,
            settings.retry_seconds,
        )

    # The lease

    def _lease(self) -> Lease:
        """Asks until it gets one, for as long as the settings have patience."""
        if self._client is None:
            url = only_file(self._settings.dataset_url)
            only = Dataset("dataset", "The dataset", url, self._settings.dataset_sha256)
            return Lease([only], self._settings.config or {})
        deadline, attempt = time.monotonic() + self._settings.lease_patience_seconds, 0
        while True:
            self._stop.check()
            try:
                return Lease.from_json(self._client.lease())
            except JobOver as over:
                if over.code == "job_cancelled":
                    self._stop.ask("cancel")
                    self._stop.check()
                raise
            except HttpRefusal as refusal:
                problem = refusal.details
                if refusal.status not in TRANSIENT_STATUSES and (refusal.is_ours or refusal.status != 404):
                    raise RunnerError("lease_refused", f"The control plane refused the lease: {problem}") from None
            except NETWORK_ERRORS as error:
                problem = f"{type(error).__name__}: {error}"
            if time.monotonic() > deadline:
                raise RunnerError("lease_failed", f"No lease could be had: {problem}")
            self._journal.warn(f"No lease yet ({problem}); asking again.")
            self._stop.sleep(backoff_seconds(attempt, self._settings.retry_seconds))
            attempt += 1

    def _renewed(self, dataset_id: str) -> Dataset:
        self._journal.log("Asking for a fresh link.")
        for dataset in self._lease().datasets:
            if dataset.id == dataset_id:
                return dataset
        raise RunnerError("lease_invalid", f"The new lease does not hold dataset {dataset_id} any more.")

    # The data

    def _prepare_rows(self, trainer: Trainer, config: TrainingConfig, lease: Lease) -> None:
        if not lease.datasets:
            raise RunnerError("no_dataset", "The training has no dataset.")
        skew = self._client.clock_skew_seconds if self._client else 0.0
        downloader = Downloader(
            self._workspace.datasets,
            self._settings,
            self._stop,
            self._journal,
            self._renewed,
            now=lambda: time.time() + skew,
        )
        sources = [count_rows(dataset, downloader.fetch(dataset), self._stop) for dataset in lease.datasets]
        for source in sources:
            taken = f"weight {source.dataset.weight:g}, {source.rows_taken:,} an epoch"
            self._journal.log(f"{source.dataset.name}: {plural(source.rows, 'row')}, {taken}.")
        with contextlib.ExitStack() as open_until_written:
            written = write_rows(
                mixed_rows(sources, config.seed),
                self._workspace.data,
                config,
                trainer.convert,
                stop=self._stop,
                pair_rewards=config.method == "reward" and trainer.transformers,
                count_tokens=self._token_counter(trainer, config, open_until_written),
            )
        self._tell(written, trainer, config)

    def _token_counter(
        self, trainer: Trainer, config: TrainingConfig, stack: contextlib.ExitStack
    ) -> Optional[TokenCounter]:
        """None where lengths can only be guessed, which is said; or raised, where a policy would act on the guess."""
        if not trainer.transformers or config.method == "cpt":
            return None
        env = trainer_environment(os.environ)
        counter = stack.enter_context(TokenCounter(self._settings.trainer_python, config, env))
        if counter.problem is None:
            return counter
        problem = f"The tokenizer of {config.base_model} cannot be loaded ({counter.problem})"
        if config.long_rows != "cut":
            raise RunnerError("tokenizer_failed", f"{problem}, and long_rows is {config.long_rows!r}.")
        self._journal.warn(f"{problem}; lengths are guessed.")
        return None

    def _tell(self, written: Written, trainer: Trainer, config: TrainingConfig) -> None:
        total = written.rows + written.eval_rows + sum(written.left_out.values())
        for reason, count in written.left_out.most_common():
            self._journal.warn(f"{count:,} of {plural(total, 'row')} left out: {reason}.")
        if written.uncounted:
            self._journal.warn(
                f"{plural(written.uncounted, 'row')} that the chat template of {config.base_model} refuses: "
                "their lengths are guessed, and the trainer may refuse them too."
            )
        long_rows = written.long_rows_said(config)
        if long_rows and trainer.transformers:
            self._journal.warn(f"{long_rows} Raise max_seq_length to keep them whole.")
        held_out = ""
        if config.evaluates:
            held_out = f"; {plural(written.eval_rows, 'row')} held out"
            if not written.eval_rows:
                self._journal.warn(
                    f"No row was held out: {config.eval_ratio:g} of them is too little. Nothing is evaluated."
                )
        self._journal.log(f"{plural(written.rows, 'row')} an epoch{held_out}, ready in {self._workspace.data.name}/.")

    # The trainer

    def _train(self, launch: Launch) -> None:
        meter = Meter(launch, self._journal.metric, self._journal.warn, GpuGauge())
        states = StateFiles(self._workspace, meter)
        polled = [time.monotonic()]

        def meanwhile() -> None:
            self.last_metrics = meter.last
            if time.monotonic() - polled[0] > 5:
                polled[0] = time.monotonic()
                states.poll()

        self._journal.log(f"Training: {shlex.join(launch.command)}")
        self._journal.status("running")
        output = OutputLog(self._journal, self._workspace.trainer_log, meter)
        try:
            status = self._run_tree(launch.command, output, launch.env, meanwhile)
        finally:
            states.poll()
            self.last_metrics = meter.last
        if status != 0:
            first = f"The trainer ended with exit status {status}{why_killed(status)}. Its last lines:\n"
            last = "\n".join(output.tail)[len(first) - MESSAGE_CHARACTERS_MAX :]
            raise RunnerError("trainer_failed", first + last)

    def _run_tree(
        self,
        command: List[str],
        output: OutputLog,
        env: Mapping[str, str] = MappingProxyType({}),
        meanwhile: Callable[[], None] = lambda: None,
    ) -> int:
        """The exit status. Raises Stopped once the tree is gone, if that was asked for."""
        try:
            inherited = {**trainer_environment(os.environ), **env}
            tree = ProcessTree(command, inherited, self._settings.work_dir, output)
            status = tree.wait(self._stop, self._settings.stop_grace_seconds, meanwhile)
        finally:
            output.close()
        self._stop.check()
        return status


def no_other_link(name: str) -> Dataset:
    raise RunnerError("download_failed", f"The link to {name} is refused, and there is no other.")


def why_killed(status: int) -> str:
    if status in (137, -9):
        return " (killed: often the machine ran out of memory)"
    if status == 127:
        return " (there is no such program)"
    return f" (signal {status - 128})" if 128 < status < 160 else ""


# ----------------------------------------------------------------------------------------------------
# The life of a runner.
# ----------------------------------------------------------------------------------------------------


class WorkFolder:
    """Holds the folder for this runner alone, and remembers in result.json how its job ended."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._result = Workspace(settings.work_dir).result
        self._started_at = now_iso()
        try:
            settings.work_dir.mkdir(parents=True, exist_ok=True)
            self._lock = (settings.work_dir / "runner.lock").open("a+")
        except OSError as error:
            raise RunnerError(
                "misconfigured", f"WORK_DIR {settings.work_dir} cannot be used: {error.strerror}."
            ) from None
        self._take_lock()

    def _take_lock(self) -> None:
        import fcntl

        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunnerError("misconfigured", f"Another runner works in {self._settings.work_dir}.") from None

    def earlier_outcome(self) -> Tuple[Optional[Outcome], bool]:
        """How this job ended before, if it did, and whether the control plane knows. An interruption is no end: it may go on."""
        try:
            kept = json.loads(self._result.read_text(encoding="utf-8"))
            error = kept.get("error") or {}
            outcome = Outcome(
                kept["status"], error.get("code", ""), error.get("message", ""), kept.get("result_path", "")
            )
        except (OSError, ValueError, KeyError, AttributeError):
            return None, False
        if (
            kept.get("job_id") != self._settings.job_id
            or outcome.status not in Outcome.EXIT
            or outcome.code == "interrupted"
        ):
            return None, False
        return outcome, kept.get("reported") is True

    def remember(self, outcome: Outcome, metrics: Mapping[str, Any], reported: bool) -> None:
        kept = {
            "job_id": self._settings.job_id,
            **outcome.report(),
            "metrics": dict(metrics),
            "started_at": self._started_at,
            "ended_at": now_iso(),
            "reported": reported,
            "runner": VERSION,
        }
        try:
            replace_file(self._result, json.dumps(kept, indent=2))
        except OSError as error:
            print(f"[runner] result.json could not be written: {error}", flush=True)


def run(settings: Settings) -> int:
    """The whole life of a runner; the exit status."""
    stop = Stop()
    stop.on_signals()
    folder = WorkFolder(settings)
    redact = Redactor(settings, os.environ)
    client = None if settings.detached else ControlPlane(settings)
    journal = Reporter(client, settings, stop, redact) if client else Journal(redact)
    outcome, reported = folder.earlier_outcome()
    if outcome and (reported or outcome.status == "over" or client is None):
        print(f"[runner] This job has ended already: {outcome.status}. Nothing is trained twice.", flush=True)
        return rest(settings, stop, outcome)
    if isinstance(journal, Reporter):
        journal.start()
    metrics: Dict[str, Any] = {}
    if outcome is None:
        job = Job(settings, stop, journal, client)
        outcome = outcome_of(job, stop, journal, redact)
        metrics = job.last_metrics
        folder.remember(outcome, metrics, reported=False)
    if outcome.status == "over":
        print(f"[runner] {outcome.message}", flush=True)
    elif outcome.code == "interrupted" and settings.provider_tells_end:
        journal.log("The provider takes the machine away. It knows whether that is the end.", "warning")
        journal.finish(Outcome("starting"))
    else:
        reason = f" ({outcome.code})" if outcome.code else ""
        journal.log(f"The end: {outcome.status}{reason}.", "info" if outcome.status == "succeeded" else "warning")
        folder.remember(outcome, metrics, reported=journal.finish(outcome))
    return rest(settings, stop, outcome)


def outcome_of(job: Job, stop: Stop, journal: Journal, redact: Callable[[str], str]) -> Outcome:
    """Runs the job and puts into words how it ended."""
    try:
        return Outcome("succeeded", result_path=job.run())
    except JobOver as error:
        return Outcome("over", "job_over", f"The control plane says that the job is over: {redact(str(error))}")
    except Stopped:
        if stop.reason == "signal":
            journal.ask_now()  # Whoever sent the signal may have cancelled the job first.
        return {
            "over": Outcome(
                "over", "job_over", "The control plane said that the job is over; the trainer was stopped."
            ),
            "cancel": Outcome("cancelled", "cancelled", "Cancelled; the trainer was stopped."),
            "signal": Outcome(
                "failed",
                "interrupted",
                "The runner was told to stop by a signal (a preemption, or a shutdown of the machine).",
            ),
        }[stop.reason or "signal"]
    except RunnerError as error:
        return Outcome("failed", error.code, redact(error.message))
    except Exception as error:  # The control plane must learn of our own mistakes too.
        journal.log(traceback.format_exc().replace("\n", " | "), "error")
        return Outcome("failed", "runner_error", redact(f"{type(error).__name__}: {error}"))


def rest(settings: Settings, stop: Stop, outcome: Outcome) -> int:
    """The end of the runner, now or when it is killed; the exit status."""
    if settings.keep_alive and stop.reason != "signal":
        stay_until_killed()
    return outcome.exit_status


def stay_until_killed() -> None:
    """Some providers start a container again as soon as it ends, and bill it: there, it must not end by itself."""
    stop = Stop()
    stop.on_signals()
    print("[runner] Waiting to be terminated (KEEP_ALIVE).", flush=True)
    while not stop.reason:
        time.sleep(0.2)


# ----------------------------------------------------------------------------------------------------
# The smoke model: a byte-level language model in pure Python.
#
# It shows the whole loop on any machine, in well under a minute. It is a log-linear model: the score of the
# next byte is the sum of one learned row of numbers for each of the last 0, 1, 2 and 3 bytes; softmax turns
# the scores into probabilities, and gradient descent after every byte turns the rows towards what came. It
# learns spelling and common words, no more, and knows nothing of the base model that the config names.
# ----------------------------------------------------------------------------------------------------


SMOKE_BYTES_BUDGET = 350_000
SMOKE_SECONDS_MAX = 45.0
SMOKE_WINDOW_MIN = 32
SMOKE_ORDER = 3
SMOKE_CONTEXTS_MAX = 12_000
SMOKE_SYMBOLS_MAX = 128
SMOKE_ROWS_MAX = 12_000
SMOKE_RATE_SCALE = 1_500.0
SMOKE_RATE_MAX = 1.0
SMOKE_STEPS_MIN = 20
SMOKE_EVAL_ROWS_MAX = 20
SMOKE_EVALUATIONS_MAX = 10


class SmokeModel:
    """Rows of numbers by context. Bytes too rare for a symbol of their own share the last one."""

    def __init__(self, sample: bytes):
        common = [byte for byte, _ in collections.Counter(sample).most_common(SMOKE_SYMBOLS_MAX - 1)]
        self.bytes_of_symbols = sorted(common)
        self.symbols = len(common) + 1
        self._symbol_of = [self.symbols - 1] * 256
        for symbol, byte in enumerate(self.bytes_of_symbols):
            self._symbol_of[byte] = symbol
        self.tables: List[Dict[bytes, List[float]]] = [{} for _ in range(SMOKE_ORDER + 1)]
        self.contexts = 0

    def learn(self, text: bytes, rate: float) -> float:
        """One pass over a text; the sum of the losses, each taken before its byte was learned."""
        exp, total = math.exp, 0.0
        padded = b"\0" * SMOKE_ORDER + text
        for at in range(SMOKE_ORDER, len(padded)):
            rows = self._rows(padded, at)
            scores = [sum(column) for column in zip(*rows)]
            top = max(scores)
            odds = [exp(score - top) for score in scores]
            all_odds = sum(odds)
            target = self._symbol_of[padded[at]]
            total -= math.log(odds[target] / all_odds + 1e-12)
            scale = rate / all_odds
            gradient = [scale * odd for odd in odds]
            gradient[target] -= rate
            for row in rows:
                row[:] = [weight - slope for weight, slope in zip(row, gradient)]
        return total

    def loss(self, text: bytes) -> float:
        """The sum of the losses over a text, without learning from it."""
        total = 0.0
        padded = b"\0" * SMOKE_ORDER + text
        for at in range(SMOKE_ORDER, len(padded)):
            scores = [sum(column) for column in zip(*self._rows(padded, at, grow=False))]
            top = max(scores)
            odds = [math.exp(score - top) for score in scores]
            total -= math.log(odds[self._symbol_of[padded[at]]] / sum(odds) + 1e-12)
        return total

    def write(self, length: int, chance: random.Random, temperature: float = 0.7) -> str:
        """A sample of what it has learned."""
        written = b"\0" * SMOKE_ORDER
        for _ in range(length):
            scores = [sum(column) / temperature for column in zip(*self._rows(written, len(written)))]
            top = max(scores[:-1])
            symbol = chance.choices(range(self.symbols - 1), [math.exp(score - top) for score in scores[:-1]])[0]
            written += bytes([self.bytes_of_symbols[symbol]])
        return written[SMOKE_ORDER:].decode("utf-8", "replace")

    def _rows(self, text: bytes, at: int, grow: bool = True) -> List[List[float]]:
        rows = []
        for order, table in enumerate(self.tables):
            context = text[at - order : at]
            row = table.get(context)
            if row is None:
                if order and (not grow or self.contexts >= SMOKE_CONTEXTS_MAX):
                    continue
                row = table[context] = [0.0] * self.symbols
                self.contexts += 1
            rows.append(row)
        return rows

    def save(self, path: Path, about: Mapping[str, Any]) -> None:
        """JSON; a context in hexadecimal has its weights as {symbol: weight}, the negligible ones left out."""
        weights = {
            context.hex(): {str(symbol): round(weight, 2) for symbol, weight in enumerate(row) if abs(weight) >= 0.05}
            for table in self.tables
            for context, row in table.items()
        }
        model = {
            "kind": "finetunelab-smoke",
            "about": dict(about),
            "order": SMOKE_ORDER,
            "bytes": self.bytes_of_symbols,
            "weights": weights,
        }
        replace_file(path, json.dumps(model, separators=(",", ":")))


@dataclass(frozen=True)
class SmokePlan:
    """How much of the work that was asked for is done, so that it ends in time on one core."""

    rows: int
    steps_per_epoch: int
    steps_asked: int
    steps: int
    rows_per_step: int
    window_bytes: int
    logging_steps: int

    @staticmethod
    def of(config: TrainingConfig, rows: int) -> "SmokePlan":
        asked_rows = min(rows, config.batch_size * config.gradient_accumulation_steps)
        steps_per_epoch = math.ceil(rows / asked_rows)
        asked = config.max_steps or max(1, math.ceil(config.epochs * steps_per_epoch))
        rows_per_step = min(asked_rows, SMOKE_BYTES_BUDGET // (SMOKE_WINDOW_MIN * SMOKE_STEPS_MIN))
        steps = min(asked, SMOKE_BYTES_BUDGET // (SMOKE_WINDOW_MIN * rows_per_step))
        window = max(SMOKE_WINDOW_MIN, min(config.max_seq_length, SMOKE_BYTES_BUDGET // (steps * rows_per_step)))
        return SmokePlan(
            rows, steps_per_epoch, asked, steps, rows_per_step, window, max(1, min(config.logging_steps, steps // 20))
        )

    def notes(self, config: TrainingConfig) -> Iterator[str]:
        yield (
            "This is the smoke trainer: a byte-level log-linear model in pure Python that shows the whole loop. "
            f"It really learns from the data, but it does not load or change {config.base_model}."
        )
        if config.method not in ("sft", "cpt"):
            yield f"Method {config.method} is not carried out: the model reads the rows as plain text (of a pair, the preferred answer)."
        yield (
            f"It learns after every byte; a step is {plural(self.rows_per_step, 'row')}, of each at most {self.window_bytes} bytes. "
            f"learning_rate is shown as configured and multiplied by {SMOKE_RATE_SCALE:g} (at most {SMOKE_RATE_MAX:g}) for this small model. "
            "Tokens are bytes; LoRA and weight_decay have no meaning here."
        )
        if self.steps < self.steps_asked:
            yield f"Capped: {self.steps:,} of the {self.steps_asked:,} steps that were asked for, so that it ends in well under a minute."


def smoke_text(row: Row) -> str:
    """A row as running text: turns in the order in which they were said."""
    if isinstance(row.get("text"), str):
        return row["text"] + "\n"
    turns: List[Any] = []
    for key in ("messages", "prompt", "completion", "chosen", "response"):
        value = row.get(key)
        turns += (
            value if isinstance(value, list) else [{"role": key, "content": value}] if isinstance(value, str) else []
        )
    lines = []
    for turn in turns:
        if not isinstance(turn, dict):
            continue
        content = turn.get("content")
        if not isinstance(content, str):
            content = json.dumps(content if content is not None else turn.get("tool_calls"), ensure_ascii=False)
        lines.append(f"{turn.get('role', '')}: {content}\n")
    return "".join(lines) or json.dumps(row, ensure_ascii=False) + "\n"


def read_smoke_texts(path: Path) -> Tuple[int, List[bytes]]:
    """How many rows there are, and as many of them as the model can look at, evenly spread."""
    with path.open("rb") as file:
        rows = sum(1 for _ in file)
    stride = math.ceil(rows / SMOKE_ROWS_MAX)
    with path.open("rb") as file:
        texts = [
            smoke_text(json.loads(line)).encode("utf-8", "replace")
            for number, line in enumerate(file)
            if number % stride == 0
        ]
    return rows, texts


def smoke_train(spec_path: str) -> int:
    """Trains and prints as a Hugging Face Trainer does, with the step besides. SIGTERM saves and ends with 143."""
    stop = Stop()
    stop.on_signals()
    config, spec = read_spec(spec_path)
    rows, texts = read_smoke_texts(Path(spec["dataset"]))
    plan = SmokePlan.of(config, rows)
    for note in plan.notes(config):
        print(note, flush=True)
    if len(texts) < rows:
        print(f"It looks at {len(texts):,} of the {rows:,} rows, evenly spread.", flush=True)
    model = SmokeModel(b"".join(texts[: SMOKE_ROWS_MAX // 10]))
    held_out = read_smoke_texts(Path(spec["eval_dataset"]))[1] if spec.get("eval_dataset") else []
    done = smoke_steps(model, config, plan, texts, held_out[:SMOKE_EVAL_ROWS_MAX], stop)
    about = {
        "rows": rows,
        "steps": done,
        "seed": config.seed,
        "method": config.method,
        "base_model_of_the_config": config.base_model,
    }
    output = Path(spec["output_dir"])
    output.mkdir(parents=True, exist_ok=True)
    model.save(output / "model.json", about)
    sample = model.write(240, random.Random(f"{config.seed}:sample"))
    print(
        f"Saved model.json ({plural(model.contexts, 'context')}, {model.symbols} symbols). What it writes now:",
        flush=True,
    )
    for line in sample.splitlines():
        print(f"  | {line}", flush=True)
    if stop.reason:
        print(f"Stopped by a signal after step {done}; the model was saved as it is.", flush=True)
        return 143
    return 0


def smoke_steps(
    model: SmokeModel,
    config: TrainingConfig,
    plan: SmokePlan,
    texts: List[bytes],
    held_out: List[bytes],
    stop: Stop,
) -> int:
    """The training loop; how many steps were done."""
    eval_steps = max(config.eval_steps or 0, math.ceil(plan.steps / SMOKE_EVALUATIONS_MAX))
    chance = random.Random(config.seed)
    order: List[int] = []
    started = logged_at = time.monotonic()
    loss, learned = 0.0, 0
    for step in range(1, plan.steps + 1):
        nominal = smoke_rate(config, step, plan.steps)
        for _ in range(plan.rows_per_step):
            if not order:
                order = chance.sample(range(len(texts)), len(texts))
            text = texts[order.pop()]
            start = chance.randrange(len(text) - plan.window_bytes + 1) if len(text) > plan.window_bytes else 0
            window = text[start : start + plan.window_bytes]
            loss += model.learn(window, min(SMOKE_RATE_MAX, nominal * SMOKE_RATE_SCALE))
            learned += len(window)
        late = time.monotonic() - started > SMOKE_SECONDS_MAX
        if step == 1 or step % plan.logging_steps == 0 or step == plan.steps or stop.reason or late:
            now = time.monotonic()
            entry = {
                "loss": round(loss / max(learned, 1), 4),
                "learning_rate": float(f"{nominal:.4g}"),
                "epoch": round(step / plan.steps_per_epoch, 4),
                "step": step,
                "total_steps": plan.steps,
                "tokens_per_second": round(learned / max(now - logged_at, 1e-6), 1),
            }
            print(entry, flush=True)
            loss, learned, logged_at = 0.0, 0, now
        if held_out and (step % eval_steps == 0 or step == plan.steps):
            print(smoke_evaluation(model, plan, held_out, step), flush=True)
        if late and step < plan.steps:
            print(f"Out of time: ended after step {step} of {plan.steps}, since this machine is slow.", flush=True)
        if stop.reason or late:
            return step
    return plan.steps


def smoke_evaluation(model: SmokeModel, plan: SmokePlan, held_out: List[bytes], step: int) -> Dict[str, float]:
    windows = [text[: plan.window_bytes] for text in held_out]
    loss = sum(map(model.loss, windows)) / max(1, sum(map(len, windows)))
    epoch = round(step / plan.steps_per_epoch, 4)
    return {"eval_loss": round(loss, 4), "epoch": epoch, "step": step, "total_steps": plan.steps}


def smoke_rate(config: TrainingConfig, step: int, steps: int) -> float:
    """The configured rate, warmed up linearly and then decayed linearly to a tenth."""
    warmup = config.warmup_ratio * steps
    if step < warmup:
        return config.learning_rate * step / warmup
    return config.learning_rate * (1 - 0.9 * (step - warmup) / max(steps - warmup, 1))


# ----------------------------------------------------------------------------------------------------
# TRL's training script. Runs in the trainer's Python, where torch, transformers, trl and peft are.
# ----------------------------------------------------------------------------------------------------


def trl_train(spec_path: str) -> int:
    """Trains with TRL; goes on from the spec's checkpoint. SIGTERM saves a checkpoint and ends with 143."""
    from datasets import load_dataset
    from transformers import AutoTokenizer

    config, spec = read_spec(spec_path)
    stop = Stop()
    stop.on_signals()
    tokenizer = AutoTokenizer.from_pretrained(config.base_model)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    if tokenizer.chat_template is None and config.method != "cpt":
        say(f"{config.base_model} has no chat template: ChatML is used.")
        tokenizer.chat_template = CHATML_TEMPLATE
    files = {"train": spec["dataset"], **({"test": spec["eval_dataset"]} if spec["eval_dataset"] else {})}
    datasets = {split: load_dataset("json", data_files=file, split="train") for split, file in files.items()}
    config_class, trainer_class = trl_classes(config.method)
    arguments = trl_arguments(config, spec)
    if config.method == "sft" and config.loss_on == "answers":
        arguments["assistant_only_loss"] = marks_answers(tokenizer)
        if not arguments["assistant_only_loss"]:
            say("The chat template does not mark answers: the loss is taken over the last answer of each conversation.")
            datasets = {
                split: dataset.map(last_answer_apart, remove_columns="messages") for split, dataset in datasets.items()
            }
    trainer = trainer_class(
        model=config.base_model,
        args=config_class(**only_known(config_class, arguments)),
        train_dataset=datasets["train"],
        eval_dataset=datasets.get("test"),
        processing_class=tokenizer,
        peft_config=trl_lora(config),
        callbacks=[watch(stop)],
    )
    trainer.train(resume_from_checkpoint=spec.get("checkpoint"))
    if stop.reason:
        say(
            f"Stopped by a signal at step {trainer.state.global_step}; checkpoint-{trainer.state.global_step} was saved."
        )
        return 143
    trainer.save_model(spec["output_dir"])
    return 0


def say(line: str) -> None:
    """Once, whatever the number of processes."""
    if os.environ.get("RANK", "0") == "0":
        print(line, flush=True)


def watch(stop: Stop) -> Any:
    """Puts the step and the rate into what is logged; on a signal, saves and ends at the end of a step, the same in all processes."""
    import torch
    from transformers import TrainerCallback

    counted = [0.0, time.monotonic()]

    class Watch(TrainerCallback):
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_rest: Any) -> None:
            if logs is None:
                return
            logs.update(step=state.global_step, total_steps=state.max_steps)
            if "loss" in logs and "num_tokens" in logs:  # Here they are whole; what is printed has four digits.
                before, counted[:] = list(counted), [logs["num_tokens"], time.monotonic()]
                logs["tokens_per_second"] = round((counted[0] - before[0]) / max(counted[1] - before[1], 1e-6), 1)

        def on_step_end(self, args: Any, state: Any, control: Any, **_rest: Any) -> Any:
            asked = bool(stop.reason)
            if torch.distributed.is_available() and torch.distributed.is_initialized():
                flag = torch.tensor([float(asked)], device=args.device)
                torch.distributed.all_reduce(flag, op=torch.distributed.ReduceOp.MAX)
                asked = flag.item() > 0
            if asked:
                stop.ask("signal")
                control.should_save = True
                control.should_training_stop = True
            return control

    return Watch()


def trl_classes(method: str) -> Tuple[Any, Any]:
    name = {"sft": "SFT", "cpt": "SFT", "dpo": "DPO", "orpo": "ORPO", "kto": "KTO", "reward": "Reward"}[method]
    modules = ("trl.experimental.orpo", "trl") if method == "orpo" else ("trl",)
    for module_name in modules:
        try:
            module = importlib.import_module(module_name)
            return getattr(module, f"{name}Config"), getattr(module, f"{name}Trainer")
        except (ImportError, AttributeError):
            continue
    raise SystemExit(f"This version of TRL has no {name}Trainer.")


def trl_arguments(config: TrainingConfig, spec: Mapping[str, Any]) -> Dict[str, Any]:
    """By the names of transformers.TrainingArguments and TRL's own configs."""
    precision = spec["precision_here"]
    arguments: Dict[str, Any] = {
        "output_dir": spec["output_dir"],
        "max_length": config.max_seq_length,
        "num_train_epochs": config.epochs,
        "max_steps": config.max_steps or -1,
        "per_device_train_batch_size": config.batch_size,
        "per_device_eval_batch_size": config.batch_size,
        "gradient_accumulation_steps": config.gradient_accumulation_steps,
        "learning_rate": config.learning_rate,
        "lr_scheduler_type": config.lr_scheduler,
        "optim": OPTIMIZERS[config.optimizer],
        "warmup_ratio": config.warmup_ratio,
        "weight_decay": config.weight_decay,
        "max_grad_norm": config.max_grad_norm,
        "seed": config.seed,
        **spec["intervals"],
        # A loss that is not a number is told as it is, not replaced by the average of the others.
        "logging_nan_inf_filter": False,
        "report_to": "none",
        "gradient_checkpointing": config.gradient_checkpointing,
        "use_cpu": precision == "fp32" and not has_accelerator(),
        "bf16": precision == "bf16",
        "fp16": precision == "fp16",
        "model_init_kwargs": model_arguments(config, precision),
    }
    if config.method in ("dpo", "orpo", "kto"):
        arguments["beta"] = config.preference_beta
    if config.method == "cpt":
        # Nothing is cut off: long texts go on in the next block.
        arguments.update(packing=True, packing_strategy="wrapped")
    elif config.method == "sft" and config.packing:
        arguments.update(packs_without_mixing())
    return arguments


def model_arguments(config: TrainingConfig, precision: str) -> Dict[str, Any]:
    """With an adapter, the base model lies in the short form; whole weights are trained in the long one."""
    short = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}[precision]
    arguments: Dict[str, Any] = {"dtype": short if config.lora else "float32"}
    if config.load_in_4bit:
        import torch
        from transformers import BitsAndBytesConfig

        arguments["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=getattr(torch, short),
        )
    return arguments


def packs_without_mixing() -> Dict[str, Any]:
    """Rows that share a sequence must not see each other, which only Flash Attention does for TRL."""
    if importlib.util.find_spec("flash_attn") is None:
        say("Packing is off: without flash-attn, the rows that share a sequence would see each other.")
        return {}
    return {"packing": True, "packing_strategy": "bfd_split"}


def has_accelerator() -> bool:
    import torch

    return torch.cuda.is_available() or torch.backends.mps.is_available()


def marks_answers(tokenizer: Any) -> bool:
    """Whether the template says where answers begin and end, itself or in a version of it that TRL knows."""
    if "{% generation" in tokenizer.chat_template or "{%- generation" in tokenizer.chat_template:
        return True
    try:
        module = importlib.import_module("trl.chat_template_utils")
        return module.get_training_chat_template(tokenizer) is not None
    except (ImportError, AttributeError, ValueError, TypeError):
        return False


def last_answer_apart(row: Dict[str, Any]) -> Dict[str, Any]:
    turns = row["messages"]
    end = max(at for at, turn in enumerate(turns) if turn["role"] == "assistant")
    return {"prompt": turns[:end], "completion": [turns[end]]}


def only_known(config_class: Any, arguments: Dict[str, Any]) -> Dict[str, Any]:
    """What this version of the trainer has a field for; what it has not is said."""
    known = {item.name for item in dataclasses.fields(config_class)}
    if "warmup_ratio" not in known:
        arguments["warmup_steps"] = arguments.pop("warmup_ratio")  # Newer versions take a ratio below 1 here.
    unknown = sorted(set(arguments) - known)
    if unknown:
        say(f"{config_class.__name__} of this version does not know {', '.join(unknown)}: left out.")
    return {name: value for name, value in arguments.items() if name in known}


def trl_lora(config: TrainingConfig) -> Any:
    if config.lora is None:
        return None
    from peft import LoraConfig

    return LoraConfig(
        r=config.lora.r,
        lora_alpha=round(config.lora.alpha),
        lora_dropout=config.lora.dropout,
        target_modules="all-linear",
        task_type="SEQ_CLS" if config.method == "reward" else "CAUSAL_LM",
    )


# ----------------------------------------------------------------------------------------------------
# Hugging Face repositories. Runs in the trainer's Python, where huggingface_hub is.
# ----------------------------------------------------------------------------------------------------


def hub(spec_path: str) -> int:
    """Sends a folder, or fetches the last checkpoint. The last line that is printed is the repository's address, or the error."""
    spec = json.loads(Path(spec_path).read_text(encoding="utf-8"))
    try:
        from huggingface_hub import HfApi

        api = HfApi()
        print(fetch(api, spec) if "fetch" in spec else push(api, spec), flush=True)
    except Exception as error:
        print(f"{type(error).__name__}: {' '.join(str(error).split())}", flush=True)
        return 1
    return 0


def push(api: Any, spec: Mapping[str, Any]) -> str:
    """Private, unless the repository is there already and is not. The result's commit takes its checkpoint away."""
    repository = spec["repository"]
    url = api.create_repo(repository, private=True, exist_ok=True)
    inside = spec["path_in_repo"]
    api.upload_folder(
        repo_id=repository,
        folder_path=spec["folder"],
        path_in_repo=inside or None,
        allow_patterns=spec["files"],
        delete_patterns="*" if inside else f"{spec['obsolete']}/*",
        commit_message=f"Checkpoint {Path(spec['folder']).name}" if inside else "Trained by FineTune Lab",
    )
    return str(url)


def fetch(api: Any, spec: Mapping[str, Any]) -> str:
    """Puts the checkpoint below the folder, named by the step that its state tells."""
    target = Path(spec["folder"])
    api.snapshot_download(spec["repository"], local_dir=str(target), allow_patterns=[f"{spec['fetch']}/*"])
    state = target / spec["fetch"] / "trainer_state.json"
    if state.is_file():
        step = re.sub(r"\D", "", str(json.loads(state.read_text(encoding="utf-8"))["global_step"]))
        state.parent.rename(target / f"checkpoint-{step}")
    return str(spec["repository"])


# ----------------------------------------------------------------------------------------------------
# Main.
# ----------------------------------------------------------------------------------------------------


def main(arguments: List[str]) -> int:
    if arguments[:1] == ["--version"]:
        print(VERSION)
        return 0
    if arguments[:1] == ["--guard"]:
        return guard(arguments[1:])
    if arguments[:1] == ["--smoke-train"] and len(arguments) == 2:
        return smoke_train(arguments[1])
    if arguments[:1] == ["--hub"] and len(arguments) == 2:
        return hub(arguments[1])
    if arguments[:1] == ["--count-tokens"] and len(arguments) == 2:
        return count_tokens_for_ever(arguments[1])
    if arguments[:1] == ["--trl-train"] and len(arguments) == 2:
        return trl_train(arguments[1])
    if arguments:
        print("The runner takes its settings from the environment; see runner/README.md.", file=sys.stderr)
        return 2
    try:
        return run(Settings.from_environment(os.environ))
    except RunnerError as error:
        print(f"[runner] {error.code}: {error.message}", file=sys.stderr, flush=True)
        if is_on(os.environ, "KEEP_ALIVE"):
            stay_until_killed()
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
