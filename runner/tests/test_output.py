import json
import math
import unittest

from support import RunnerTest, runner

OLD = "{'loss': 1.9312, 'grad_norm': 0.71, 'learning_rate': 2e-05, 'epoch': 0.25}"
NEW = "{'loss': '1.931', 'grad_norm': '0.71', 'learning_rate': '2e-05', 'epoch': '0.25'}"
BAR = "  4%|▍         | {}/300 [00:10<04:00,  1.20it/s]"


class LinesTest(unittest.TestCase):
    def lines(self, *chunks):
        splitter = runner.LineSplitter()
        return [line for chunk in chunks for line in splitter.feed(chunk)] + list(splitter.end())

    def test_carriage_returns_are_progress_and_newlines_are_lines(self):
        self.assertEqual(
            self.lines(b"a\rb\rc\nd\r\ne"), [("a", True), ("b", True), ("c", False), ("d", False), ("e", False)]
        )

    def test_it_does_not_matter_where_the_stream_is_cut(self):
        whole = "é{'loss': 1}\r\n 5%|#| 1/2 [\r\rend\n".encode()
        expected = self.lines(whole)
        for at in range(len(whole)):
            self.assertEqual(self.lines(whole[:at], whole[at:]), expected)

    def test_a_line_without_end_is_bounded_and_the_next_one_is_whole(self):
        chunks = [b"x" * 65536] * 50 + [b"tail\nnext\n"]
        lines = self.lines(*chunks)
        self.assertEqual(lines[-1], ("next", False))
        self.assertEqual(len(lines), 2)
        self.assertLessEqual(len(lines[0][0]), runner.LINE_BYTES_MAX)

    def test_terminal_codes_and_zero_bytes_are_taken_out(self):
        self.assertEqual(runner.clean_line("\x1b[31mred\x1b[0m\x00 a\tb \n"), "red a\tb")


class ParseTest(unittest.TestCase):
    def test_numbers_may_be_numbers_or_strings(self):
        self.assertEqual(runner.read_point(runner.parse_log(OLD)).numbers["loss"], 1.9312)
        self.assertEqual(runner.read_point(runner.parse_log(NEW)).numbers["learning_rate"], 2e-05)

    def test_json_is_read_too_and_null_is_nothing(self):
        point = runner.read_point(runner.parse_log('{"loss": 1.5, "eval_loss": null, "done": false}'))
        self.assertEqual(point.numbers, {"loss": 1.5})

    def test_numbers_that_are_not_finite_are_named(self):
        for text in (
            "{'loss': nan, 'epoch': 1.0}",
            "{'loss': 'nan', 'epoch': '1'}",
            "{'loss': -inf, 'epoch': 1.0}",
            '{"loss": NaN, "epoch": 1}',
        ):
            point = runner.read_point(runner.parse_log(text))
            self.assertEqual((point.numbers, point.not_finite), ({"epoch": 1.0}, ["loss"]), text)

    def test_nothing_else_is_taken_for_a_log(self):
        for text in (
            "loss: 1.0",
            "{'a': 1}",
            "{'loss': __import__('os').getcwd()}",
            "{'loss': " + "[" * 500 + "]" * 500 + "}",
            "{'loss': 1" + " " * 9000 + "}",
            "{",
            "}",
            "",
            "{'loss': 1} and more",
        ):
            self.assertIsNone(runner.parse_log(text), text[:40])


class MeterTest(RunnerTest):
    def setUp(self):
        super().setUp()
        self.points, self.warnings, self.clock = [], [], 0.0

    def meter(self, logging_steps=10, resumed_step=0):
        launch = runner.Launch([], logging_steps, resumed_step)
        return runner.Meter(launch, self.points.append, self.warnings.append, now=lambda: self.clock)

    def test_steps_are_counted_from_the_logging_interval_and_totals_come_from_the_bar(self):
        meter = self.meter()
        meter.progress(BAR.format(10))
        meter.line(OLD)
        meter.line(NEW)
        self.assertEqual([(point["step"], point["total_steps"]) for point in self.points], [(10, 300), (20, 300)])

    def test_a_resumed_training_counts_on_at_the_next_multiple(self):
        meter = self.meter(logging_steps=5, resumed_step=27)
        meter.line(OLD)
        self.assertEqual(self.points[0]["step"], 30)

    def test_without_an_interval_the_bar_tells_the_step(self):
        meter = self.meter(logging_steps=None)
        meter.progress(BAR.format(12))
        meter.line(OLD)
        self.assertEqual(self.points[0]["step"], 12)

    def test_bars_of_other_things_are_not_steps(self):
        meter = self.meter()
        meter.progress("Map: 100%|####| 1000/1000 [00:00<00:00, 5000.00 examples/s]")
        meter.progress("Loading checkpoint shards:  50%|## | 1/2 [00:00<00:00,  5.00it/s]")
        meter.progress(BAR.format(10))
        meter.progress(" 50%|#####     | 5/10 [00:01<00:01,  5.00it/s]")
        meter.line(OLD)
        self.assertEqual(self.points[0]["total_steps"], 300)

    def test_a_total_is_never_zero_and_never_below_the_step(self):
        meter = self.meter()
        meter.line("{'loss': 1.0, 'step': 100, 'total_steps': 0}")
        meter.line("{'loss': 1.0, 'step': 200, 'total_steps': 100}")
        self.assertEqual(["total_steps" in point for point in self.points], [False, False])

    def test_an_evaluation_stands_at_the_step_of_the_training_and_overwrites_nothing(self):
        meter = self.meter()
        meter.line(OLD)
        meter.line("{'eval_loss': 2.5, 'eval_runtime': 3.0, 'epoch': 0.25}")
        meter.line(OLD)
        self.assertEqual([point["step"] for point in self.points], [10, 10, 20])
        self.assertEqual(self.points[1]["eval_loss"], 2.5)
        self.assertNotIn("loss", self.points[1])
        self.assertNotIn("eval_loss", self.points[2])
        self.assertEqual((meter.last["loss"], meter.last["eval_loss"]), (1.9312, 2.5))

    def test_trainer_state_repeats_nothing_and_fills_in_what_is_missing(self):
        meter = self.meter()
        meter.line(NEW)
        history = [
            {"step": 10, **json.loads(OLD.replace("'", '"'))},
            {"step": 20, "loss": 1.5, "learning_rate": 1e-5, "epoch": 0.5},
        ]
        meter.state(history)
        meter.state(history)
        self.assertEqual([point["step"] for point in self.points], [10, 20])

    def test_a_guessed_step_is_recognised_in_trainer_state(self):
        meter = self.meter(logging_steps=None)
        meter.line(NEW)
        meter.state([{"step": 10, **json.loads(OLD.replace("'", '"'))}])
        self.assertEqual(len(self.points), 1)

    def test_trainer_state_of_before_the_resumption_was_told_before(self):
        meter = self.meter(resumed_step=50)
        meter.state([{"step": 50, "loss": 1.0}, {"step": 60, "loss": 0.9}, "nonsense", {"loss": 3}])
        self.assertEqual([point["step"] for point in self.points], [60])

    def test_a_loss_that_is_not_finite_is_a_warning_and_never_a_value(self):
        meter = self.meter()
        meter.line("{'loss': nan, 'grad_norm': inf, 'epoch': 0.1}")
        for point in self.points:
            json.dumps(point, allow_nan=False)
        self.assertEqual(len(self.warnings), 1)
        self.assertIn("loss, grad_norm", self.warnings[0])

    def test_a_diverged_training_does_not_warn_at_every_step(self):
        meter = self.meter()
        for _ in range(250):
            meter.line("{'loss': nan, 'epoch': 0.1}")
        self.assertEqual(len(self.warnings), 3)

    def test_the_summary_is_not_a_point(self):
        self.meter().line("{'train_runtime': 12.0, 'train_loss': 1.0, 'epoch': 3.0}")
        self.assertEqual(self.points, [])

    def test_tokens_a_second_come_from_the_running_count(self):
        meter = self.meter()
        meter.line("{'loss': 1.0, 'num_tokens': 1000}")
        self.clock = 2.0
        meter.line("{'loss': 0.9, 'num_tokens': 5000}")
        self.assertEqual([point.get("tokens_per_second") for point in self.points], [None, 2000.0])

    def test_progress_without_a_log_is_told_now_and_then(self):
        meter = self.meter()
        for second in range(25):
            self.clock = float(second)
            meter.progress(BAR.format(second + 1))
        self.assertEqual([point["step"] for point in self.points], [11, 21])

    def test_no_point_holds_null_or_too_much(self):
        meter = self.meter()
        meter.line(str({"loss": 1.0, "extra": None, "text": "words", **{f"k{number}": number for number in range(90)}}))
        self.assertLess(len(self.points[0]), 50)
        self.assertNotIn("extra", self.points[0])
        self.assertTrue(all(math.isfinite(value) for value in self.points[0].values() if isinstance(value, float)))


class RedactionTest(unittest.TestCase):
    def test_tokens_and_signatures_are_taken_out_of_every_line(self):
        settings = runner.Settings("j", runner.Path("."), "http://x", "job-token-0123456789")
        redact = runner.Redactor(settings, {"HF_TOKEN": "hf_abcdefgh123", "HOME": "/home/me", "SHORT_KEY": "abc"})
        line = "job-token-0123456789 hf_abcdefgh123 /home/me abc https://s3/x?X-Amz-Signature=aa&b=c http://ok/?page=2"
        self.assertEqual(redact(line), "[redacted] [redacted] /home/me abc https://s3/x?[redacted] http://ok/?page=2")


if __name__ == "__main__":
    unittest.main()
