import gzip
import json
import unittest

from control_plane import pack
from support import RunnerTest, assistant, chat_rows, config_of, runner, user

CALL = {"id": "1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Bern"}'}}
TOOL_CHAT = {
    "messages": [
        {"role": "system", "content": "be brief"},
        user("weather?"),
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "1", "content": "rain"},
        {"role": "tool", "tool_call_id": "2", "content": "wind"},
        assistant("It rains."),
    ],
    "tools": [{"type": "function", "function": {"name": "weather", "parameters": {}}}],
}
PAIR = {"prompt": [user("2+2?")], "chosen": [assistant("4")], "rejected": [assistant("5")]}
LABELLED = {"prompt": [{"role": "system", "content": "s"}, user("2+2?")], "completion": [assistant("4")], "label": True}


class MixTest(RunnerTest):
    def source(self, name, rows, weight):
        self.work_dir.mkdir(exist_ok=True)
        path = self.work_dir / name
        path.write_bytes(pack(rows))
        dataset = runner.Dataset(name, name, "", "", total_examples=len(rows), weight=weight)
        return runner.count_rows(dataset, path, runner.Stop())

    def mixed(self, seed=1):
        sources = [
            self.source("half", [{"text": f"h{number}"} for number in range(100)], 0.5),
            self.source("once", [{"text": f"o{number}"} for number in range(30)], 1),
            self.source("twice", [{"text": f"t{number}"} for number in range(20)], 2),
        ]
        return [json.loads(line)["text"] for line in runner.mixed_rows(sources, seed)]

    def test_weights_take_half_of_the_rows_each_once_and_each_twice(self):
        mixed = self.mixed()
        half = [text for text in mixed if text[0] == "h"]
        self.assertEqual((len(half), len(set(half))), (50, 50))
        self.assertEqual(sorted(text for text in mixed if text[0] == "o"), sorted(f"o{number}" for number in range(30)))
        self.assertEqual(
            sorted(text for text in mixed if text[0] == "t"), sorted(f"t{number}" for number in [*range(20)] * 2)
        )

    def test_the_mix_depends_on_the_seed_and_on_nothing_else(self):
        self.assertEqual(self.mixed(seed=7), self.mixed(seed=7))
        self.assertNotEqual(self.mixed(seed=7), self.mixed(seed=8))

    def test_datasets_are_interleaved_not_appended(self):
        self.assertGreater(len({text[0] for text in self.mixed()[:20]}), 1)

    def test_a_count_other_than_the_recorded_one_is_refused(self):
        path = self.work_dir
        path.mkdir()
        (path / "rows").write_bytes(pack(chat_rows(5)))
        with self.assertRaises(runner.RunnerError) as caught:
            runner.count_rows(runner.Dataset("d", "d", "", "", total_examples=6), path / "rows", runner.Stop())
        self.assertEqual(caught.exception.code, "dataset_corrupt")

    def test_truncated_gzip_is_refused(self):
        self.work_dir.mkdir()
        path = self.work_dir / "rows"
        path.write_bytes(gzip.compress(b'{"text": "a"}\n' * 1000)[:-9])
        with self.assertRaises(runner.RunnerError) as caught:
            runner.count_rows(runner.Dataset("d", "d", "", ""), path, runner.Stop())
        self.assertEqual(caught.exception.code, "dataset_corrupt")

    def test_rows_that_do_not_fit_are_counted_by_reason_and_the_others_kept(self):
        rows = [*chat_rows(3), {"messages": [user("a"), user("b")]}, {"messages": []}]
        lines = [json.dumps(row).encode() for row in rows] + [b"[1]", b"{"]
        config = config_of(trainer="llamafactory")
        written = runner.write_rows(lines, self.work_dir, config, runner.llamafactory_row, stop=runner.Stop())
        self.assertEqual((written.rows, sum(written.left_out.values())), (3, 4))
        self.assertEqual(len((self.work_dir / "train.jsonl").read_text().splitlines()), 3)

    def test_nothing_left_is_an_error(self):
        with self.assertRaises(runner.RunnerError) as caught:
            runner.write_rows([b'{"text": "a"}'], self.work_dir, config_of(), runner.trl_row, stop=runner.Stop())
        self.assertEqual(caught.exception.code, "no_usable_rows")


class HeldOutTest(RunnerTest):
    def written(self, rows, **changes):
        lines = [json.dumps(row).encode() for row in rows]
        written = runner.write_rows(
            lines, self.work_dir, config_of(eval_ratio=0.25, **changes), runner.row_as_it_is, stop=runner.Stop()
        )
        texts = [
            [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
            for path in (self.work_dir / "train.jsonl", self.work_dir / "eval.jsonl")
        ]
        return written, *texts

    def test_about_the_share_that_was_asked_for_is_held_out_and_never_trained_on(self):
        written, train, held_out = self.written(chat_rows(400))
        self.assertEqual((written.rows, written.eval_rows), (len(train), len(held_out)))
        self.assertTrue(60 < len(held_out) < 140, len(held_out))
        self.assertEqual([row for row in held_out if row in train], [])

    def test_the_same_question_is_never_on_both_sides_and_a_weight_does_not_repeat_it(self):
        rows = [{"prompt": [user(f"q{number % 40}")], "completion": [assistant(str(number))]} for number in range(200)]
        _, train, held_out = self.written(rows * 2, method="kto")
        self.assertEqual(
            {row["prompt"][0]["content"] for row in train} & {row["prompt"][0]["content"] for row in held_out}, set()
        )
        self.assertEqual(len(train), 2 * (200 - len(held_out)))

    def test_the_seed_decides_which(self):
        first, second, third = [self.written(chat_rows(100), seed=seed)[2] for seed in (1, 1, 2)]
        self.assertEqual(first, second)
        self.assertNotEqual(first, third)

    def test_there_is_no_file_of_nothing(self):
        self.written(chat_rows(3), seed=3)
        written, _, _ = self.written(chat_rows(1), seed=next(s for s in range(50) if not self.holds_out(s)))
        self.assertEqual(written.eval_rows, 0)
        self.assertFalse((self.work_dir / "eval.jsonl").exists())

    @staticmethod
    def holds_out(seed):
        return runner.is_held_out(chat_rows(1)[0], config_of(eval_ratio=0.25, seed=seed))


class LongRowsTest(RunnerTest):
    def written(self, policy, count_tokens=lambda rows: [size(row) for row in rows], **changes):
        rows = chat_rows(8) + chat_rows(2, "word " * 500)
        return runner.write_rows(
            [json.dumps(row).encode() for row in rows],
            self.work_dir,
            config_of(long_rows=policy, max_seq_length=100, **changes),
            runner.row_as_it_is,
            stop=runner.Stop(),
            count_tokens=count_tokens,
        )

    def test_rows_that_will_be_cut_are_counted_and_the_longest_is_named(self):
        written = self.written("cut")
        self.assertEqual((written.rows, written.long_rows), (10, 2))
        said = written.long_rows_said(config_of(max_seq_length=100))
        self.assertIn("2 of 10 rows are longer than max_seq_length (100 tokens; the longest has", said)
        self.assertIn("are cut there", said)

    def test_rows_can_be_left_out_instead(self):
        written = self.written("drop")
        self.assertEqual((written.rows, written.long_rows), (8, 2))

    def test_or_the_training_does_not_begin(self):
        with self.assertRaises(runner.RunnerError) as caught:
            self.written("fail")
        self.assertEqual(caught.exception.code, "rows_too_long")
        self.assertIn("2 of 10 rows", caught.exception.message)

    def test_a_row_that_the_template_refuses_is_guessed_and_counted_and_the_others_are_not_lost(self):
        class Strict:
            def apply_chat_template(self, turns, **_options):
                if "question 3" in turns[0]["content"]:
                    raise ValueError("Conversation roles must alternate")
                return " ".join(turn["content"] for turn in turns)

            def __call__(self, text, **_options):
                return {"input_ids": text.split()}

        written = self.written("drop", lambda rows: [runner.counted(Strict(), row) for row in rows])
        self.assertEqual((written.rows, written.long_rows, written.uncounted), (8, 2, 1))

    def test_a_guess_is_called_one(self):
        self.assertIn("About 2 of 10", self.written("cut", None).long_rows_said(config_of(max_seq_length=100)))


def size(row):
    return len(row["messages"][-1]["content"].split())


class TrlRowsTest(unittest.TestCase):
    def test_calls_get_their_arguments_as_objects_and_tools_as_text(self):
        row = runner.trl_row(TOOL_CHAT, config_of())
        self.assertEqual(row["messages"][2]["tool_calls"][0]["function"]["arguments"], {"city": "Bern"})
        self.assertEqual(row["messages"][2]["content"], "")
        self.assertEqual(json.loads(row["tools"]), TOOL_CHAT["tools"])

    def test_preference_rows_stay_as_they_are(self):
        for method in ("dpo", "orpo", "reward"):
            self.assertEqual(runner.trl_row({**PAIR, "source": "x"}, config_of(method=method)), PAIR)

    def test_kto_keeps_its_label(self):
        self.assertEqual(runner.trl_row(LABELLED, config_of(method="kto")), LABELLED)

    def test_text_parts_are_joined_and_images_refused(self):
        parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
        row = runner.trl_row({"messages": [user(parts), assistant("c")]}, config_of())
        self.assertEqual(row["messages"][0]["content"], "a\nb")
        with self.assertRaises(runner.Unfit):
            runner.trl_row({"messages": [user([{"type": "image_url", "image_url": "x"}]), assistant("c")]}, config_of())


class AxolotlRowsTest(unittest.TestCase):
    def test_dpo_has_the_prompt_as_messages_and_one_message_each_side(self):
        row = runner.axolotl_row(PAIR, config_of(method="dpo"))
        self.assertEqual(row, {"messages": [user("2+2?")], "chosen": assistant("4"), "rejected": assistant("5")})

    def test_dpo_answers_are_trimmed_and_never_empty_because_axolotl_looks_them_up(self):
        row = runner.axolotl_row({**PAIR, "chosen": [assistant("  4\n")]}, config_of(method="dpo"))
        self.assertEqual(row["chosen"], assistant("4"))
        with self.assertRaises(runner.Unfit):
            runner.axolotl_row({**PAIR, "rejected": [assistant(" ")]}, config_of(method="dpo"))

    def test_dpo_refuses_tool_calls_that_axolotl_would_drop(self):
        called = {**PAIR, "chosen": [{"role": "assistant", "content": "", "tool_calls": [CALL]}]}
        with self.assertRaises(runner.Unfit):
            runner.axolotl_row(called, config_of(method="dpo"))

    def test_orpo_has_whole_conversations_and_the_system_text_apart(self):
        row = runner.axolotl_row({**PAIR, "prompt": LABELLED["prompt"]}, config_of(method="orpo"))
        self.assertEqual(
            row, {"system": "s", "chosen": [user("2+2?"), assistant("4")], "rejected": [user("2+2?"), assistant("5")]}
        )

    def test_kto_and_reward_are_single_turn(self):
        self.assertEqual(
            runner.axolotl_row(LABELLED, config_of(method="kto")),
            {"system": "s", "prompt": "2+2?", "completion": "4", "label": True},
        )
        self.assertEqual(
            runner.axolotl_row(PAIR, config_of(method="reward")),
            {"system": "", "input": "2+2?", "chosen": "4", "rejected": "5"},
        )
        with self.assertRaises(runner.Unfit):
            runner.axolotl_row({**LABELLED, "prompt": [user("a"), assistant("b"), user("c")]}, config_of(method="kto"))


class LlamaFactoryRowsTest(unittest.TestCase):
    def row(self, row, method="sft"):
        return runner.llamafactory_row(row, config_of(trainer="llamafactory", method=method))

    def test_tool_turns_get_their_own_roles_and_results_are_joined(self):
        row = self.row(TOOL_CHAT)
        self.assertEqual(
            [turn["from"] for turn in row["conversations"]], ["human", "function_call", "observation", "gpt"]
        )
        self.assertEqual(
            json.loads(row["conversations"][1]["value"]), [{"name": "weather", "arguments": {"city": "Bern"}}]
        )
        self.assertIn("rain", row["conversations"][2]["value"])
        self.assertIn("wind", row["conversations"][2]["value"])
        self.assertEqual(row["system"], "be brief")
        self.assertEqual(json.loads(row["tools"])[0]["function"]["name"], "weather")

    def test_every_sft_row_has_the_same_columns(self):
        self.assertEqual(set(self.row(chat_rows(1)[0])), set(self.row(TOOL_CHAT)))

    def test_what_it_would_skip_silently_is_refused_with_a_reason(self):
        for messages in (
            [user("a"), user("b"), assistant("c")],
            [user("a"), assistant("b"), user("c")],
            [assistant("a"), user("b")],
            [user("a"), {"role": "system", "content": "s"}, assistant("b")],
            [user("a"), {"role": "assistant", "content": "I look", "tool_calls": [CALL]}],
        ):
            with self.subTest(messages=messages), self.assertRaises(runner.Unfit):
                self.row({"messages": messages})

    def test_pairs_have_one_message_a_side_and_an_odd_prompt(self):
        row = self.row(PAIR, "dpo")
        self.assertEqual(row["conversations"], [{"from": "human", "value": "2+2?"}])
        self.assertEqual(row["chosen"], {"from": "gpt", "value": "4"})

    def test_kto_ends_with_the_answer_and_has_a_boolean(self):
        row = self.row(LABELLED, "kto")
        self.assertEqual((len(row["conversations"]), row["label"]), (2, True))
        with self.assertRaises(runner.Unfit):
            self.row({**LABELLED, "label": "true"}, "kto")


class RewardPairsTest(unittest.TestCase):
    def scored(self, prompt, *scores):
        return [
            {"prompt": [user(prompt)], "response": [assistant(f"{prompt}{score}")], "reward": score} for score in scores
        ]

    def test_the_best_answer_meets_the_worst_and_equals_find_nobody(self):
        rows = [*self.scored("a", 1, 5, 3, 2), *self.scored("b", 1, 1), *self.scored("c", 4)]
        pairs = list(runner.reward_pairs(rows))
        made = [(pair["chosen"][0]["content"], pair["rejected"][0]["content"]) for pair in pairs if "chosen" in pair]
        self.assertEqual(made, [("a5", "a1"), ("a3", "a2")])
        self.assertEqual(sum("unpaired" in pair for pair in pairs), 3)

    def test_rows_that_are_pairs_pass_through(self):
        self.assertEqual(list(runner.reward_pairs([PAIR])), [PAIR])


class SmokeTextTest(unittest.TestCase):
    def test_every_canonical_shape_becomes_text(self):
        self.assertEqual(runner.smoke_text(chat_rows(1)[0]), "user: question 0\nassistant: the cat sat on the mat 0\n")
        self.assertEqual(runner.smoke_text({"text": "plain"}), "plain\n")
        self.assertIn("4", runner.smoke_text(PAIR))
        self.assertNotIn("5", runner.smoke_text(PAIR))
        self.assertIn("rain", runner.smoke_text(TOOL_CHAT))
        self.assertIn("anything", runner.smoke_text({"other": "anything"}))


if __name__ == "__main__":
    unittest.main()
