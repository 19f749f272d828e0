import json
import subprocess
import sys
import unittest
from pathlib import Path

from support import RunnerTest, config, config_of, runner

SPEC = {"output_dir": "o", "precision_here": "bf16", "intervals": {}}
MACHINE = runner.Machine("/usr/bin/python3", gpus=1, bfloat16=True)


class TrainerTest(RunnerTest):
    def setUp(self):
        super().setUp()
        self.workspace = runner.Workspace(self.work_dir)

    def prepared(self, trainer, machine=MACHINE, **changes):
        settings = config_of(trainer=trainer, **changes)
        launch = runner.trainer_for(settings).prepare(settings, self.workspace, machine)
        path = next(word for word in launch.command if word.endswith((".json", ".yaml")))
        return launch, (self.workspace.root / path).read_text()

    def checkpoint(self, step):
        folder = self.workspace.output / f"checkpoint-{step}"
        folder.mkdir(parents=True)
        (folder / "trainer_state.json").write_text("{}")
        return folder

    def refused(self, **changes):
        with self.assertRaises(runner.RunnerError) as caught:
            runner.trainer_for(config_of(**changes))
        return caught.exception


class YamlTest(unittest.TestCase):
    def test_what_is_written_is_read_back_the_same(self):
        value = {
            "a": 2e-05,
            "b": [{"path": "/x y", "n": 1}, {"path": "ü: #"}],
            "c": {"d": [], "e": ["one"], "f": None, "g": True},
            "h": 0.1,
            "k": 3.0,
        }
        text = runner.yaml_text(value)
        self.assertIn("a: 2.0e-05\n", text)
        try:
            import yaml
        except ImportError:
            self.assertIn('- path: "/x y"\n    n: 1\n', text)
        else:
            self.assertEqual(yaml.safe_load(text), value)


class TrlTest(TrainerTest):
    def test_the_context_length_is_never_trls_own_default(self):
        for method in runner.ALL_METHODS:
            arguments = runner.trl_arguments(config_of(method=method, max_seq_length=3000), SPEC)
            self.assertEqual(arguments["max_length"], 3000)

    def test_long_texts_of_continued_pretraining_are_split_not_cut(self):
        arguments = runner.trl_arguments(config_of(method="cpt"), SPEC)
        self.assertEqual((arguments["packing"], arguments["packing_strategy"]), (True, "wrapped"))

    def test_it_goes_on_from_the_newest_whole_checkpoint(self):
        self.checkpoint(9)
        newest = self.checkpoint(100)
        (self.workspace.output / "checkpoint-200").mkdir()
        launch, spec = self.prepared("trl")
        self.assertEqual((json.loads(spec)["checkpoint"], launch.resumed_step), (str(newest), 100))

    def test_several_gpus_are_launched_through_accelerate(self):
        launch, _ = self.prepared("trl", runner.Machine("python", gpus=4, bfloat16=True))
        self.assertIn("accelerate.commands.launch", launch.command)
        self.assertIn("4", launch.command)

    def test_the_spec_is_read_back_as_the_same_config(self):
        launch, _ = self.prepared("trl", lora=None, max_steps=7)
        settings, _ = runner.read_spec(launch.command[-1])
        self.assertEqual(settings, config_of(trainer="trl", lora=None, max_steps=7))


class AxolotlTest(TrainerTest):
    def test_the_file_is_read_as_json_from_a_cache_of_this_run(self):
        _, text = self.prepared("axolotl")
        self.assertIn('ds_type: "json"', text)
        self.assertIn(f'dataset_prepared_path: "{self.workspace.trainer / "prepared"}"', text)
        self.assertIn("sequence_len: 2048\n", text)
        self.assertIn("learning_rate: 0.0002\n", text)
        self.assertIn('excess_length_strategy: "truncate"\n', text)

    def test_each_method_has_its_own_type(self):
        types = {
            "sft": 'type: "chat_template"',
            "dpo": 'type: "chat_template.default"',
            "orpo": 'type: "chat_template.argilla"',
            "kto": 'type: "chatml.prompt_pairs"',
            "reward": 'type: "bradley_terry.chat_template"',
            "cpt": 'type: "completion"',
        }
        for method, expected in types.items():
            self.assertIn(expected, self.prepared("axolotl", method=method)[1])
        self.assertIn('rl: "orpo"', self.prepared("axolotl", method="orpo")[1])
        self.assertIn("reward_model: true", self.prepared("axolotl", method="reward")[1])

    def test_a_base_model_without_a_chat_template_is_trained_in_chatml_and_that_is_said(self):
        launch, text = self.prepared("axolotl")
        self.assertIn('chat_template: "tokenizer_default_fallback_chatml"', text)
        self.assertTrue(any("ChatML" in note for note in launch.notes))
        launch, text = self.prepared("axolotl", method="cpt")
        self.assertNotIn("chat_template:", text)
        self.assertEqual(launch.notes, ())

    def test_kto_needs_a_template_that_axolotl_has(self):
        self.assertEqual(
            self.refused(trainer="axolotl", method="kto", base_model="google/gemma-2-2b").code, "method_unsupported"
        )
        self.assertIn(
            "llama3.prompt_pairs", self.prepared("axolotl", method="kto", base_model="meta-llama/Llama-3.1-8B")[1]
        )

    def test_without_lora_the_whole_model_is_trained(self):
        self.assertNotIn("lora", self.prepared("axolotl", lora=None)[1])


class LlamaFactoryTest(TrainerTest):
    def info(self, method):
        _, text = self.prepared("llamafactory", method=method)
        return json.loads((self.workspace.train_file.parent / "dataset_info.json").read_text())["train"], text

    def test_every_tag_is_listed_because_unlisted_ones_are_null(self):
        info, _ = self.info("sft")
        self.assertEqual(
            set(info["tags"]),
            {"role_tag", "content_tag", "user_tag", "assistant_tag", "observation_tag", "function_tag", "system_tag"},
        )
        self.assertEqual(info["file_name"], "train.jsonl")

    def test_columns_are_those_of_the_rows(self):
        rows = {
            "dpo": {"prompt": "a", "chosen": "b", "rejected": "c"},
            "kto": {"prompt": "a", "completion": "b", "label": False},
            "sft": {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]},
            "cpt": {"text": "a"},
        }
        for method, row in rows.items():
            info, _ = self.info(method)
            written = runner.llamafactory_row(row, config_of(method=method))
            self.assertEqual(set(info["columns"].values()), set(written), method)

    def test_stages_and_losses(self):
        for method, stage in {
            "sft": "sft",
            "dpo": "dpo",
            "orpo": "dpo",
            "kto": "kto",
            "reward": "rm",
            "cpt": "pt",
        }.items():
            self.assertIn(f'stage: "{stage}"\n', self.info(method)[1])
        self.assertIn('pref_loss: "orpo"', self.info("orpo")[1])
        self.assertEqual(self.info("reward")[0]["ranking"], True)
        self.assertNotIn("ranking", self.info("kto")[0])

    def test_the_template_is_known_or_given_or_the_job_is_refused(self):
        names = {
            "Qwen/Qwen3-4B-Instruct-2507": "qwen3_nothink",
            "Qwen/Qwen3-0.6B": "qwen3",
            "Qwen/Qwen2.5-0.5B": "qwen",
            "meta-llama/Llama-3.2-1B": "llama3",
            "mistralai/Mistral-7B-v0.3": "mistral",
            "google/gemma-3-4b-it": "gemma3",
        }
        for name, template in names.items():
            self.assertEqual(runner.llamafactory_template(config_of(base_model=name)), template)
        self.assertIn("chat_template", self.refused(trainer="llamafactory", base_model="acme/own").message)
        self.assertIn('template: "mine"', self.prepared("llamafactory", base_model="acme/own", chat_template="mine")[1])

    def test_precision_is_what_the_gpu_has(self):
        self.assertIn("bf16: true", self.prepared("llamafactory")[1])
        self.assertIn("fp16: true", self.prepared("llamafactory", runner.Machine("python", 1, False))[1])
        without = self.prepared("llamafactory", runner.Machine("python"))[1]
        self.assertNotIn("16: true", without)

    def test_it_goes_on_from_a_checkpoint(self):
        folder = self.checkpoint(30)
        self.assertIn(f'resume_from_checkpoint: "{folder}"', self.prepared("llamafactory")[1])


class CommandTest(TrainerTest):
    def words(self, command, **changes):
        settings = config_of(trainer="command", command=command, **changes)
        return runner.trainer_for(settings).prepare(settings, self.workspace, MACHINE).command

    def test_placeholders_are_filled_after_the_line_is_split(self):
        words = self.words(
            "train.py --data {dataset} --lr={learning_rate} 'a b' {epochs} {max_steps} {base_model}", base_model="a/b"
        )
        self.assertEqual(
            words, ["train.py", "--data", str(self.workspace.train_file), "--lr=0.0002", "a b", "3", "-1", "a/b"]
        )

    def test_no_shell_reads_the_line(self):
        self.assertEqual(
            self.words("echo $(id) ; rm -rf / | cat"), ["echo", "$(id)", ";", "rm", "-rf", "/", "|", "cat"]
        )

    def test_an_unknown_placeholder_is_named_with_the_known_ones(self):
        error = self.refused(trainer="command", command="x {dataset} {nonsense}")
        self.assertEqual(error.code, "command_invalid")
        self.assertIn("{nonsense}", error.message)
        self.assertIn("{output_dir}", error.message)

    def test_json_in_an_argument_is_left_alone(self):
        self.assertEqual(self.words("""x '{"a": 1}'"""), ["x", '{"a": 1}'])

    def test_an_unclosed_quote_and_an_empty_line_are_refused(self):
        self.assertEqual(self.refused(trainer="command", command="x 'y").code, "command_invalid")
        self.assertEqual(self.refused(trainer="command", command="  ").code, "command_invalid")


class ChoiceTest(TrainerTest):
    def test_unknown_trainers_and_methods_are_refused_by_name(self):
        self.assertEqual(self.refused(trainer="magic").code, "trainer_unknown")
        self.assertEqual(self.refused(method="grpo").code, "method_unsupported")

    def test_a_refused_training_downloads_nothing(self):
        plane = self.double(config_json=config("llamafactory", base_model="acme/own"))
        status, _ = self.run_to_end(plane)
        self.assertEqual((status, plane.final["error"]["code"], plane.downloads), (1, "method_unsupported", []))

    def test_a_missing_trainer_is_named_with_the_command_that_installs_it(self):
        plane = self.double(config_json=config("axolotl"))
        status, _ = self.run_to_end(plane, TRAINER_PYTHON=sys.executable)
        error = plane.final["error"]
        self.assertEqual((status, error["code"], plane.downloads), (1, "trainer_missing", []))
        if sys.version_info >= runner.PINS["axolotl"].python:
            self.assertIn("-m pip install", error["message"])
            self.assertIn("axolotl==0.18.0", error["message"])
        else:
            self.assertIn("needs Python 3.10 or newer", error["message"])

    def test_config_defaults_are_those_of_the_control_plane(self):
        settings = runner.TrainingConfig.from_json({"base_model": "m", "method": "sft", "trainer": "smoke"})
        self.assertEqual((settings.epochs, settings.lora, settings.max_steps), (3, runner.Lora(16, 32, 0.05), None))
        self.assertIsNone(runner.TrainingConfig.from_json({**config(), "hyperparameters": {"lora": None}}).lora)


class PythonTest(unittest.TestCase):
    def test_the_file_runs_by_itself_and_says_its_version(self):
        printed = subprocess.run(
            [sys.executable, runner.__file__, "--version"], capture_output=True, text=True, check=True
        )
        self.assertEqual(printed.stdout.strip(), runner.VERSION)


if __name__ == "__main__":
    unittest.main()
