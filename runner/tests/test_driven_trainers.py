"""Axolotl and LLaMA-Factory from end to end: programs in their place take the command line, check what they are given as
strictly as the real ones, and print what those print."""

import json
import os
import stat
import sys
import unittest
from pathlib import Path

from support import RunnerTest, assistant, chat_rows, config, runner, user
from test_rows import TOOL_CHAT

PACKAGES = Path(__file__).resolve().parent / "fake_packages"
SYSTEM = {"role": "system", "content": "be brief"}


def rows_for(method):
    if method == "sft":
        return chat_rows(30) + [TOOL_CHAT] * 5
    if method == "cpt":
        return [{"text": f"line {number}"} for number in range(30)]
    asked = [[SYSTEM, user(f"question {number}")] for number in range(30)]
    if method == "kto":
        return [{"prompt": prompt, "completion": [assistant("yes")], "label": True} for prompt in asked]
    if method == "reward":
        scored = ((prompt, answer, score) for prompt in asked for answer, score in (("good", 1.0), ("bad", 0.0)))
        return [
            {"prompt": prompt, "response": [assistant(answer)], "reward": score} for prompt, answer, score in scored
        ]
    return [{"prompt": prompt, "chosen": [assistant("yes")], "rejected": [assistant("no")]} for prompt in asked]


class DrivenRun(RunnerTest):
    """Runs a job with the fake packages in reach, and with the GPUs that a test gives it."""

    def setUp(self):
        super().setUp()
        self.told = self.work_dir.parent / "told.jsonl"
        self.programs = self.work_dir.parent / "bin"
        self.programs.mkdir()

    def gpus(self):
        """Puts an nvidia-smi on the path."""
        path = self.programs / "nvidia-smi"
        path.write_text(f'#!/bin/sh\nexec {sys.executable} {PACKAGES / "nvidia_smi.py"} "$@"\n')
        path.chmod(path.stat().st_mode | stat.S_IEXEC)

    def drive(self, plane, **env):
        status, printed = self.run_to_end(
            plane,
            PYTHONPATH=str(PACKAGES),
            FAKE_TRAINER_LOG=str(self.told),
            PATH=f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            **env,
        )
        return status, printed

    def last_told(self):
        return json.loads(self.told.read_text().splitlines()[-1])


class DrivenTest(DrivenRun):
    def test_every_method_reaches_its_trainer_in_words_and_rows_that_it_takes(self):
        for trainer in ("axolotl", "llamafactory"):
            for method in runner.ALL_METHODS:
                with self.subTest(trainer=trainer, method=method):
                    self.work_dir = self.work_dir.parent / f"{trainer} {method}"
                    settings = {
                        "eval_ratio": 0.2,
                        "logging_steps": 1,
                        "batch_size": 2,
                        "gradient_accumulation_steps": 2,
                    }
                    plane = self.double(rows_for(method), config(trainer, method, **settings))
                    status, printed = self.drive(plane)
                    self.assertEqual((status, plane.final["status"]), (0, "succeeded"), printed[-2000:])
                    steps = [point["step"] for point in plane.points if "loss" in point]
                    self.assertEqual(steps, list(range(1, steps[-1] + 1)))
                    self.assertEqual(sum("eval_loss" in point for point in plane.points), 1)
                    self.assertIn("adapter.tar", plane.artifacts)

    def test_an_interrupted_training_goes_on_and_leftovers_of_a_killed_one_do_not_stop_it(self):
        for trainer in ("axolotl", "llamafactory"):
            with self.subTest(trainer=trainer):
                self.work_dir = self.work_dir.parent / trainer
                output = self.work_dir / "output"
                (output / "checkpoint-9").mkdir(parents=True)  # Half-written: it has no state.
                (output / "runs").mkdir()
                plane = self.double(rows_for("sft"), config(trainer, logging_steps=1))
                self.assertEqual(self.drive(plane)[0], 0)
                self.assertNotIn("resume_from_checkpoint", self.last_told()["settings"])
                (self.work_dir / "result.json").unlink()
                plane = self.double(rows_for("sft"), config(trainer, logging_steps=1, max_steps=50))
                self.assertEqual(self.drive(plane)[0], 0)
                self.assertIn("checkpoint-", self.last_told()["settings"]["resume_from_checkpoint"])

    def test_several_gpus_are_used_and_shown(self):
        self.gpus()
        plane = self.double(rows_for("sft"), config("axolotl", logging_steps=1))
        self.assertEqual(self.drive(plane, FAKE_GPUS="2", EXPECT_GPU="2")[0], 0)
        told = self.last_told()
        self.assertEqual(told["words"], ["--launcher", "accelerate", "--", "--multi_gpu", "--num_processes", "2"])
        self.assertEqual((told["settings"]["bf16"], told["tracked"]), (True, "1"))
        self.assertTrue(any("NVIDIA A100, 570.86.15" in line for line in plane.lines))
        self.work_dir = self.work_dir.parent / "second"
        plane = self.double(rows_for("sft"), config("llamafactory", logging_steps=1))
        self.assertEqual(self.drive(plane, FAKE_GPUS="2", FAKE_GPU_CAPABILITY="7.5")[0], 0)
        told = self.last_told()
        self.assertEqual((told["torchrun"], told["settings"].get("fp16")), ("1", True))

    def test_memory_and_load_of_the_gpus_stand_beside_the_loss(self):
        self.gpus()
        plane = self.double(config_json=config("smoke", max_steps=150, max_seq_length=64))
        self.assertEqual(self.drive(plane)[0], 0)
        self.assertEqual(plane.points[-1]["gpu_memory_mib"], 20480)
        self.assertEqual(plane.points[-1]["gpu_utilization"], 97)


class GpuTest(DrivenRun):
    def unusable(self, **env):
        plane = self.double(config_json=config("smoke"))
        status, _ = self.drive(plane, **env)
        error = plane.final["error"]
        self.assertEqual((status, error["code"], plane.downloads), (1, "gpu_unusable", []))
        return error["message"]

    @unittest.skipIf(os.path.exists("/usr/bin/nvidia-smi"), "this machine has an nvidia-smi of its own")
    def test_no_driver(self):
        self.assertIn("no nvidia-smi", self.unusable(EXPECT_GPU="1"))

    def test_a_driver_that_fails_is_quoted(self):
        self.gpus()
        message = self.unusable(
            EXPECT_GPU="1", FAKE_GPU_ERROR="Failed to initialize NVML: Driver/library version mismatch"
        )
        self.assertIn("version mismatch", message)

    def test_fewer_than_expected(self):
        self.gpus()
        self.assertIn("4 GPUs are expected here, and nvidia-smi lists 2", self.unusable(EXPECT_GPU="4", FAKE_GPUS="2"))

    def test_a_gpu_that_is_listed_must_also_compute(self):
        def answers(status, text):
            return lambda _command: (status, text)

        good = json.dumps({"cuda": "12.8", "answers": [runner.RIGHT_ANSWER] * 2})
        self.assertEqual(runner.prove_computing(2, "python", answers(0, good)), "12.8")
        bad = {
            "torch sees 0": (0, json.dumps({"cuda": "13.0", "answers": []})),
            "came out wrong": (0, json.dumps({"cuda": "12.8", "answers": [0.0, runner.RIGHT_ANSWER]})),
            "unspecified launch failure": (1, "Traceback\nRuntimeError: CUDA error: unspecified launch failure"),
        }
        for words, answer in bad.items():
            with self.subTest(words=words), self.assertRaises(runner.RunnerError) as caught:
                runner.prove_computing(2, "python", answers(*answer))
            self.assertEqual(caught.exception.code, "gpu_unusable")
            self.assertIn(words, caught.exception.message)

    def test_what_is_the_images_fault_is_not_blamed_on_the_machine(self):
        for words, answer in {
            "without CUDA": (0, json.dumps({"cuda": None, "answers": []})),
            "no kernel image": (1, "RuntimeError: CUDA error: no kernel image is available for execution on the device"),
        }.items():
            with self.subTest(words=words), self.assertRaises(runner.RunnerError) as caught:
                runner.prove_computing(1, "python", lambda _command, answer=answer: answer)
            self.assertEqual(caught.exception.code, "image_unusable")
            self.assertIn(words, caught.exception.message)


class InstallTest(RunnerTest):
    def installer(self, *answers, allowed=True):
        self.commands, self.answers = [], list(answers)
        self.work_dir.mkdir(exist_ok=True)

        def run(command):
            self.commands.append(command)
            return self.answers.pop(0)

        return runner.Installer(sys.executable, self.work_dir, allowed, lambda _line: None, run, runner.Stop(), 0.001)

    def refusal(self, installer):
        pin = runner.Pin(("no_such_module_at_all",), ("no-such==1.0",), (3, 9))
        with self.assertRaises(runner.RunnerError) as caught:
            installer.provide([pin])
        self.assertEqual(caught.exception.code, "trainer_missing")
        return caught.exception.message

    def test_it_is_tried_three_times_and_then_said(self):
        message = self.refusal(
            self.installer((1, ["a mirror failed"]), (1, ["a mirror failed"]), (1, ["a mirror failed"]))
        )
        self.assertEqual(len(self.commands), 3)
        self.assertIn("a mirror failed", message)

    def test_without_a_way_to_the_index_it_says_what_to_do(self):
        offline = (1, ["NewConnectionError: Failed to establish a new connection: Name or service not known"])
        self.assertIn("set PIP_INDEX_URL", self.refusal(self.installer(offline, offline, offline)))

    def test_what_cannot_go_together_is_not_tried_again(self):
        message = self.refusal(self.installer((1, ["ERROR: ResolutionImpossible"])))
        self.assertEqual(len(self.commands), 1)
        self.assertIn("choose an image", message)

    def test_what_is_here_is_left_alone_and_what_is_not_asked_for_is_not_installed(self):
        runner_here = self.installer()
        runner_here.provide([runner.Pin(("json",), ("json==1",), (3, 9))])
        self.assertEqual(self.commands, [])
        self.assertIn("Install with:", self.refusal(self.installer(allowed=False)))

    def test_the_torch_of_the_image_stays(self):
        seen = runner.Surroundings((3, 12), True, True, ("trl",), {"torch": "2.8.0+cu128"})
        command = self.installer()._command(seen, ["trl==1.13.0"])
        self.assertIn("--break-system-packages", command)
        constraints = Path(command[command.index("--constraint") + 1])
        self.assertEqual(constraints.read_text(), "torch==2.8.0+cu128\n")


if __name__ == "__main__":
    unittest.main()
