"""Every method with the real TRL, where a Python has it: TRL_PYTHON=/path/to/python python3 runner/tests/test_real_trl.py"""

import base64
import json
import os
import signal
import subprocess
import unittest

from support import RunnerTest, StoredDataset, assistant, config, runner, user

TRL_PYTHON = os.environ.get("TRL_PYTHON", "")

MAKE_MODEL = """
import sys
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM
made = Tokenizer(models.BPE())
made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
alphabet = pre_tokenizers.ByteLevel.alphabet()
made.train_from_iterator(["the cat sat"], trainers.BpeTrainer(vocab_size=300, special_tokens=special, initial_alphabet=alphabet))
tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<|im_end|>", pad_token="<|endoftext|>")
size = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2)
model = Qwen2ForCausalLM(Qwen2Config(vocab_size=len(tokenizer), max_position_embeddings=512, **size))
model.save_pretrained(sys.argv[1])
tokenizer.save_pretrained(sys.argv[1])
"""


def rows_for(method):
    if method == "cpt":
        return [{"text": f"the cat {number} sat on the mat " * 20} for number in range(40)]
    asked = [[user(f"question {number}")] for number in range(40)]
    good, bad = [assistant("the cat sat")], [assistant("no dog")]
    if method == "sft":
        return [{"messages": prompt + good} for prompt in asked]
    if method == "kto":
        return [{"prompt": prompt, "completion": good, "label": len(prompt[0]["content"]) % 2 == 0} for prompt in asked]
    return [{"prompt": prompt, "chosen": good, "rejected": bad} for prompt in asked]


@unittest.skipUnless(TRL_PYTHON, "TRL_PYTHON does not name a Python that has TRL")
class RealTrlTest(RunnerTest):
    def setUp(self):
        super().setUp()
        self.model = self.work_dir.parent / "model"
        subprocess.run([TRL_PYTHON, "-c", MAKE_MODEL, str(self.model)], check=True, capture_output=True)

    def environment(self, method, **hyperparameters):
        dataset = StoredDataset(rows_for(method))
        path = self.work_dir.parent / f"{method}.jsonl.gz"
        path.write_bytes(dataset.bytes)
        usual = {
            "epochs": 1,
            "batch_size": 2,
            "gradient_accumulation_steps": 2,
            "max_seq_length": 128,
            "logging_steps": 2,
        }
        training = config("trl", method, str(self.model), **{**usual, **hyperparameters})
        return {
            "DATASET_URL": path.as_uri(),
            "DATASET_SHA256": dataset.sha256,
            "TRAINING_CONFIG_B64": base64.b64encode(json.dumps(training).encode()).decode(),
            "TRAINER_PYTHON": TRL_PYTHON,
            "HF_HUB_OFFLINE": "1",
        }

    @staticmethod
    def points_in(printed):
        lines = [line for line in printed.splitlines() if line.startswith(runner.MARKER)]
        news = [json.loads(line[len(runner.MARKER) :]) for line in lines]
        return [item["data"] for item in news if item["type"] == "metrics"]

    def test_every_method_trains_and_evaluates(self):
        for method in runner.ALL_METHODS:
            with self.subTest(method=method):
                self.work_dir = self.work_dir.parent / method
                process = self.start(None, **self.environment(method, eval_ratio=0.2, eval_steps=4))
                printed, _ = process.communicate(timeout=300)
                self.assertEqual(process.returncode, 0, printed[-3000:])
                points = self.points_in(printed)
                evaluated = [point["step"] for point in points if "eval_loss" in point]
                self.assertEqual(evaluated, sorted(set(evaluated)))
                self.assertEqual(evaluated[0], 4)
                trained = [point["step"] for point in points if "loss" in point]
                self.assertEqual(trained, list(range(2, trained[-1] + 1, 2)))
                self.assertTrue((self.work_dir / "output" / "adapter_model.safetensors").is_file())

    def test_a_signal_saves_and_the_next_run_goes_on_from_there(self):
        env = self.environment("sft", epochs=60, save_steps=100_000)
        process = self.start(None, **env)
        while '"loss"' not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGTERM)
        printed, _ = process.communicate(timeout=120)
        self.assertIn("A signal ended the training. checkpoint-", printed)
        saved = runner.Workspace(self.work_dir).last_checkpoint()[0]
        self.assertGreater(saved, 0)
        process = self.start(None, **env)
        for line in process.stdout:
            if '"loss"' in line and line.startswith(runner.MARKER):
                self.assertGreater(json.loads(line[len(runner.MARKER) :])["data"]["step"], saved)
                break
        process.send_signal(signal.SIGTERM)


if __name__ == "__main__":
    unittest.main()
