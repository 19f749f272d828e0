"""What every test of the runner needs: the module itself, a quick run of it, and rows to train on."""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from control_plane import JOB_ID, JOB_TOKEN, ControlPlaneDouble, StoredDataset

RUNNER = Path(__file__).resolve().parent.parent / "finetunelab_runner.py"
FAKES = Path(__file__).resolve().parent / "fake_trainers"
sys.path.insert(0, str(RUNNER.parent))
sys.dont_write_bytecode = True

import finetunelab_runner as runner  # noqa: E402

QUICK = {
    "RETRY_SECONDS": "0.02",
    "HEARTBEAT_SECONDS": "0.3",
    "FLUSH_SECONDS": "0.05",
    "FINAL_REPORT_SECONDS": "5",
    "LEASE_PATIENCE_SECONDS": "5",
    "STOP_GRACE_SECONDS": "10",
}


def user(text):
    return {"role": "user", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


def chat_rows(count, words="the cat sat on the mat"):
    return [{"messages": [user(f"question {number}"), assistant(f"{words} {number}")]} for number in range(count)]


def fake(name, *arguments):
    """A command line that runs one of the fake trainers."""
    return " ".join(["{python}", shlex.quote(str(FAKES / name)), *arguments])


def config(trainer="smoke", method="sft", base_model="Qwen/Qwen2.5-0.5B", **hyperparameters):
    return {"base_model": base_model, "method": method, "trainer": trainer, "hyperparameters": hyperparameters}


def config_of(**changes):
    return runner.TrainingConfig(**{"base_model": "Qwen/Qwen3-0.6B", "method": "sft", "trainer": "trl", **changes})


class RunnerTest(unittest.TestCase):
    """Gives each test a work folder, and ends what it left running."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.work_dir = Path(self.folder.name) / "work"

    def double(self, rows=None, config_json=None, **dataset):
        double = ControlPlaneDouble(
            [StoredDataset(rows if rows is not None else chat_rows(40), **dataset)], config_json or config()
        )
        self.addCleanup(double.stop)
        return double

    def start(self, double=None, **env):
        variables = {key: value for key, value in os.environ.items() if key not in runner.SECRET_VARIABLES}
        variables.update(QUICK, WORK_DIR=str(self.work_dir))
        if double:
            variables.update(FINETUNELAB_URL=double.url, JOB_ID=JOB_ID, JOB_TOKEN=JOB_TOKEN)
        variables.update(env)
        process = subprocess.Popen(
            [sys.executable, str(RUNNER)],
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self.addCleanup(self.end, process)
        return process

    def run_to_end(self, double=None, **env):
        """The exit status and everything that was printed."""
        process = self.start(double, **env)
        printed, _ = process.communicate(timeout=50)
        return process.returncode, printed

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def wait_until(self, condition, seconds=20):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end, "it did not happen in time")
            time.sleep(0.02)

    @staticmethod
    def alive(pid):
        try:
            with open(f"/proc/{pid}/stat") as file:
                return file.read().rpartition(")")[2].split()[0] != "Z"
        except FileNotFoundError:
            return False
        except OSError:
            pass
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True


__all__ = [
    "ControlPlaneDouble",
    "FAKES",
    "JOB_ID",
    "JOB_TOKEN",
    "Path",
    "QUICK",
    "RUNNER",
    "RunnerTest",
    "StoredDataset",
    "assistant",
    "chat_rows",
    "config",
    "config_of",
    "fake",
    "runner",
    "signal",
    "user",
]
