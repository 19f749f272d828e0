"""Every configuration that is written, against the fields that the trainers take at the pinned versions."""

import contextlib
import io
import itertools
import json
import shutil
import unittest
from pathlib import Path
from unittest import mock

from small_yaml import parsed_yaml
from support import RunnerTest, config_of, runner

ACCEPTED = {
    name: words.split() if isinstance(words, str) else words
    for name, words in json.loads(Path(__file__).with_name("accepted_fields.json").read_text(encoding="utf-8")).items()
}
FULL = {
    "load_in_4bit": True,
    "packing": True,
    "optimizer": "paged_adamw_8bit",
    "lr_scheduler": "constant_with_warmup",
    "beta": 0.2,
    "eval_steps": 7,
    "save_steps": 9,
    "max_steps": 50,
    "long_rows": "drop",
    "loss_on": "everything",
}
VARIANTS = ({}, FULL, {"lora": None, "gradient_checkpointing": False, "precision": "fp32"})
MACHINES = (
    runner.Machine("python3"),
    runner.Machine("python3", 1, False, "Tesla T4", {"transformers": "4.57.6"}),
    runner.Machine("python3", 4, True, "NVIDIA A100", {"transformers": "5.6.0"}),
)


class AcceptedFieldsTest(RunnerTest):
    def setUp(self):
        super().setUp()
        self.workspace = runner.Workspace(self.work_dir)

    def cases(self, trainer):
        """Each method, each variant, each machine, with and without rows held out, at the start and after a checkpoint."""
        checkpoint = self.workspace.output / "checkpoint-5"
        for method, variant, machine, later in itertools.product(runner.ALL_METHODS, VARIANTS, MACHINES, (False, True)):
            shutil.rmtree(self.workspace.root, ignore_errors=True)
            if later:
                checkpoint.mkdir(parents=True)
                (checkpoint / "trainer_state.json").write_text("{}")
                self.workspace.data.mkdir()
                self.workspace.eval_file.write_text("{}\n")
            settings = config_of(trainer=trainer, method=method, eval_ratio=0.1 if later else 0.0, **variant)
            yield settings, machine, later

    def written(self, launch):
        path = next(word for word in launch.command if word.endswith((".json", ".yaml")))
        return parsed_yaml((self.workspace.root / path).read_text())

    @mock.patch.object(runner, "has_accelerator", return_value=True)
    @mock.patch.object(runner, "model_arguments", return_value={})
    def test_trl(self, _model, _accelerator):
        classes = {"sft": "SFT", "cpt": "SFT", "dpo": "DPO", "orpo": "ORPO", "kto": "KTO", "reward": "Reward"}
        for settings, machine, later in self.cases("trl"):
            launch = runner.prepare_trl(settings, self.workspace, machine)
            read_back, spec = runner.read_spec(launch.command[-1])
            self.assertEqual(read_back, settings)
            with contextlib.redirect_stdout(io.StringIO()):
                arguments = runner.trl_arguments(read_back, spec)
            del arguments["warmup_ratio"]  # The script renames it where the version asks for it.
            with self.subTest(settings=settings, gpus=machine.gpus):
                known = ACCEPTED[f"{classes[settings.method]}Config"]
                self.assertEqual(set(arguments) - set(known), set())
                self.assertIn(arguments["optim"], ACCEPTED["optimizers"])
                self.assertIn(arguments["lr_scheduler_type"], ACCEPTED["schedulers"])
                self.assertEqual(("eval_steps" in arguments, bool(spec["checkpoint"])), (later, later))

    def test_axolotl(self):
        for settings, machine, later in self.cases("axolotl"):
            written = self.written(runner.prepare_axolotl(settings, self.workspace, machine))
            with self.subTest(settings=settings, gpus=machine.gpus):
                self.assertEqual(set(written) - set(ACCEPTED["axolotl"]), set())
                for dataset in written["datasets"] + written.get("test_datasets", []):
                    self.assertEqual(set(dataset) - set(ACCEPTED["axolotl_dataset"]), set())
                self.assertIn(written["optimizer"], ACCEPTED["optimizers"])
                self.assertEqual(("test_datasets" in written, "resume_from_checkpoint" in written), (later, later))

    def test_llamafactory(self):
        known = set(ACCEPTED["llamafactory"]) | set(ACCEPTED["transformers"])
        for settings, machine, later in self.cases("llamafactory"):
            written = self.written(runner.prepare_llamafactory(settings, self.workspace, machine))
            old = {"warmup_ratio"} if machine.major("transformers") != 5 else set()
            with self.subTest(settings=settings, gpus=machine.gpus):
                self.assertEqual(set(written) - known - old, set())
                self.assertIn(written["optim"], ACCEPTED["optimizers"])
                self.assertIn(written.get("template", "qwen3"), ACCEPTED["llamafactory_templates"])
                self.assertEqual(("eval_dataset" in written, "resume_from_checkpoint" in written), (later, later))

    def test_templates_are_ones_that_llamafactory_has(self):
        named = {template for _, template in runner.LLAMAFACTORY_TEMPLATES if template}
        self.assertEqual(named - set(ACCEPTED["llamafactory_templates"]), set())

    def test_the_tables_are_those_of_the_pinned_versions(self):
        pinned = dict(package.split("==") for package in runner.PINS["trl"].packages)
        self.assertEqual({name: pinned[name] for name in ACCEPTED["versions"]}, ACCEPTED["versions"])


if __name__ == "__main__":
    unittest.main()
