import contextlib
import io
import json
import random
import unittest
from unittest import mock

from support import RunnerTest, chat_rows, config, config_of, runner

WORDS = ["the cat sat on the mat", "a dog ran over the hill", "nine birds sing in the old tree"]


class SmokeTest(RunnerTest):
    def train(self, rows, **changes):
        """What it prints, and the model it saves; with a small budget, to be quick."""
        settings = config_of(trainer="smoke", **changes)
        workspace = runner.Workspace(self.work_dir)
        lines = [json.dumps(row).encode() for row in rows]
        runner.write_rows(lines, workspace.data, settings, runner.row_as_it_is, stop=runner.Stop())
        launch = runner.prepare_smoke(settings, workspace, runner.Machine(""))
        printed = io.StringIO()
        with mock.patch.object(runner.Stop, "on_signals"), mock.patch.object(runner, "SMOKE_BYTES_BUDGET", 20_000):
            with contextlib.redirect_stdout(printed):
                self.assertEqual(runner.smoke_train(launch.command[-1]), 0)
        entries = [runner.parse_log(line) for line in printed.getvalue().splitlines()]
        return printed.getvalue(), [entry for entry in entries if entry], (workspace.output / "model.json").read_text()

    def rows(self, count=200):
        chance = random.Random(1)
        return [chat_rows(1, chance.choice(WORDS))[0] for _ in range(count)]

    def test_it_learns(self):
        _, entries, _ = self.train(self.rows())
        self.assertLess(entries[-1]["loss"], entries[0]["loss"] / 2)

    def test_noise_cannot_be_learned(self):
        chance = random.Random(1)
        noise = [{"text": "".join(chance.choice("abcdefghijklmnop") for _ in range(80))} for _ in range(200)]
        _, entries, _ = self.train(noise, method="cpt")
        self.assertGreater(entries[-1]["loss"], 2.0)

    def test_the_same_seed_gives_the_same_model_and_another_one_another(self):
        timeless = [
            [{key: entry[key] for key in ("loss", "step", "epoch")} for entry in self.train(self.rows(), seed=seed)[1]]
            for seed in (1, 1, 2)
        ]
        self.assertEqual(timeless[0], timeless[1])
        self.assertNotEqual(timeless[0], timeless[2])

    def test_it_honours_epochs_batch_size_and_max_steps(self):
        _, entries, _ = self.train(self.rows(32), epochs=2, batch_size=4, gradient_accumulation_steps=2)
        self.assertEqual((entries[-1]["step"], entries[-1]["total_steps"], entries[-1]["epoch"]), (8, 8, 2.0))
        _, entries, _ = self.train(self.rows(32), max_steps=3)
        self.assertEqual(entries[-1]["step"], 3)

    def test_a_higher_learning_rate_learns_faster_here_too(self):
        slow, fast = [
            self.train(self.rows(64), learning_rate=rate, max_steps=8)[1][-1]["loss"] for rate in (1e-6, 2e-4)
        ]
        self.assertLess(fast, slow)

    def test_work_is_capped_and_the_cap_is_said(self):
        printed, entries, _ = self.train(self.rows(200), epochs=500)
        self.assertIn("Capped", printed)
        self.assertLess(entries[-1]["step"], 500 * 13)

    def test_it_says_what_it_is_not(self):
        printed, _, _ = self.train([{"prompt": "a", "chosen": "b", "rejected": "c"}] * 20, method="dpo")
        self.assertIn("does not load or change", printed)
        self.assertIn("dpo is not carried out", printed)

    def test_the_model_file_is_json_with_the_learned_weights(self):
        _, _, model = self.train(self.rows())
        model = json.loads(model)
        self.assertEqual(model["kind"], "finetunelab-smoke")
        self.assertGreater(len(model["weights"]), 50)

    def test_the_default_plan_fits_the_budget_whatever_the_size(self):
        for rows in (1, 10, 100, 1_000, 50_000, 10_000_000):
            for epochs in (1, 3, 100):
                for batch in (1, 4, 4096):
                    plan = runner.SmokePlan.of(config_of(epochs=epochs, batch_size=batch), rows)
                    work = plan.steps * plan.rows_per_step * plan.window_bytes
                    self.assertLessEqual(work, runner.SMOKE_BYTES_BUDGET * 1.01, (rows, epochs, batch))
                    self.assertGreaterEqual(plan.steps, 1)

    def test_any_bytes_can_be_learned(self):
        rows = [{"text": "日本語 🙂 \ud83d" + chr(code)} for code in range(1, 300)]
        self.train(rows, method="cpt")


class SmokeRunTest(RunnerTest):
    def test_the_whole_loop_through_a_real_control_plane(self):
        plane = self.double(chat_rows(60), config("smoke", max_steps=30, max_seq_length=64))
        status, _ = self.run_to_end(plane)
        self.assertEqual((status, plane.statuses), (0, ["starting", "running", "succeeded"]))
        self.assertTrue((self.work_dir / "output" / "model.json").is_file())
        self.assertTrue(plane.final["result_path"].endswith("/artifacts/model.tar"))
        losses = [point["loss"] for point in plane.points]
        self.assertLess(losses[-1], losses[0])
        self.assertEqual(plane.points[-1]["step"], plane.points[-1]["total_steps"])

    def test_what_it_never_saw_gets_more_likely_too(self):
        plane = self.double(chat_rows(120), config("smoke", max_steps=40, max_seq_length=64, eval_ratio=0.2))
        self.assertEqual(self.run_to_end(plane)[0], 0)
        evaluated = [point["eval_loss"] for point in plane.points if "eval_loss" in point]
        self.assertEqual(len(evaluated), 10)
        self.assertLess(evaluated[-1], evaluated[0])

    def test_a_cancelled_one_saves_what_it_has(self):
        plane = self.double(chat_rows(300, "a rather long line of words " * 30), config("smoke"))
        plane.cancel_when = lambda report: bool(report.get("metrics"))
        status, _ = self.run_to_end(plane)
        self.assertEqual((status, plane.final["status"]), (3, "cancelled"))
        self.assertTrue((self.work_dir / "output" / "model.json").is_file())
        self.assertLess(plane.points[-1]["step"], plane.points[-1]["total_steps"])


if __name__ == "__main__":
    unittest.main()
