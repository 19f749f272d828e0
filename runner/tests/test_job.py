import base64
import json
import os
import signal
import time
import unittest

from control_plane import wrong_bytes
from support import JOB_TOKEN, RunnerTest, chat_rows, config, fake, runner


class JobTest(RunnerTest):
    def command(self, name, *arguments, **hyperparameters):
        return config("command", command=fake(name, *arguments), **hyperparameters)

    def words(self, plane):
        return json.loads(next(line for line in plane.lines if line.startswith("WORDS "))[6:])

    # What goes well

    def test_metrics_of_a_hugging_face_trainer_arrive_once_with_step_and_total(self):
        for style in ("", "strings"):
            with self.subTest(style=style):
                plane = self.double(
                    config_json=self.command(
                        "hf_like.py", "{output_dir}", "20", style, "{logging_steps}", logging_steps=2
                    )
                )
                self.work_dir = self.work_dir.parent / f"work-{style}"
                status, _ = self.run_to_end(plane)
                self.assertEqual(status, 0)
                train = {point["step"]: point["loss"] for point in plane.points if "loss" in point}
                self.assertEqual(sorted(train), [1, *range(2, 21, 2)])
                self.assertEqual(train[10], 3.0)
                self.assertEqual(len(plane.points), 12)
                self.assertEqual([point["step"] for point in plane.points if "eval_loss" in point], [10])
                self.assertTrue(all(point.get("total_steps", 20) == 20 for point in plane.points))

    def test_a_loss_that_is_not_a_number_is_a_warning_in_the_log(self):
        plane = self.double(
            config_json=self.command("hf_like.py", "{output_dir}", "8", "nan", "{logging_steps}", logging_steps=2)
        )
        self.assertEqual(self.run_to_end(plane)[0], 0)
        warnings = [line for report in plane.reports for line in report.get("logs", []) if line["level"] == "warning"]
        self.assertTrue(any("Step 4: loss is not a finite number" in line["line"] for line in warnings))

    def test_a_command_finds_the_rows_where_its_placeholders_say(self):
        plane = self.double(chat_rows(7), self.command("says.py", "{dataset}", "{dataset_dir}", "{seed}", seed=9))
        self.assertEqual(self.run_to_end(plane)[0], 0)
        dataset, folder, seed = self.words(plane)
        with open(dataset) as file:
            self.assertEqual([json.loads(line) for line in file], chat_rows(7))
        self.assertEqual((os.listdir(folder), seed), (["train.jsonl"], "9"))

    def test_a_flood_of_output_does_not_hold_the_trainer_up(self):
        plane = self.double(config_json=self.command("says.py", "--lines", "60000"))
        plane.answer_report = lambda report: time.sleep(0.2)
        self.assertEqual(self.run_to_end(plane)[0], 0)
        self.assertLess(len(plane.lines), 30_000)
        self.assertTrue(any("dropped here" in line for line in plane.lines))
        self.assertEqual((self.work_dir / "trainer.log").read_text().count("chatter"), 60_000)

    def test_an_endless_line_is_cut(self):
        plane = self.double(config_json=self.command("says.py", "--long"))
        self.assertEqual(self.run_to_end(plane)[0], 0)
        self.assertLessEqual(max(len(line) for line in plane.lines), runner.LINE_CHARACTERS_MAX)
        self.assertIn("after the long line", plane.lines)

    def test_the_trainer_does_not_see_the_jobs_token_and_no_log_shows_a_secret(self):
        plane = self.double(
            config_json=self.command("says.py", "--env", JOB_TOKEN, "https://s3/x?X-Amz-Signature=abcdef")
        )
        status, printed = self.run_to_end(plane, HF_TOKEN="hf_secretsecret")
        self.assertEqual(status, 0)
        everything = printed + json.dumps(plane.reports)
        for secret in (JOB_TOKEN, "hf_secretsecret", "abcdef", "secret-signature"):
            self.assertNotIn(secret, everything)
        names = json.loads(next(line for line in plane.lines if line.startswith("ENV "))[4:])
        self.assertIn("HF_TOKEN", names)
        self.assertEqual(set(names) & set(runner.SECRET_VARIABLES), set())

    # What goes wrong

    def test_a_failing_trainer_is_reported_with_its_last_lines(self):
        plane = self.double(config_json=self.command("fails.py"))
        status, _ = self.run_to_end(plane)
        error = plane.final["error"]
        self.assertEqual((status, plane.final["status"], error["code"]), (1, "failed", "trainer_failed"))
        self.assertIn("exit status 1", error["message"])
        self.assertIn("CUDA out of memory", error["message"])
        self.assertIn("line 29", error["message"])
        self.assertNotIn("line 5\n", error["message"])

    def test_a_program_that_is_not_there_is_said_so(self):
        plane = self.double(config_json=config("command", command="no-such-program {dataset}"))
        self.run_to_end(plane)
        self.assertIn("there is no such program", plane.final["error"]["message"])

    def test_wrong_bytes_are_never_trained_on(self):
        plane = self.double(config_json=self.command("says.py"))
        plane.faults = [wrong_bytes, wrong_bytes]
        status, _ = self.run_to_end(plane)
        self.assertEqual(
            (status, plane.final["error"]["code"], plane.statuses), (1, "dataset_corrupt", ["starting", "failed"])
        )

    def test_a_refused_lease_ends_the_runner_without_a_report(self):
        plane = self.double()
        plane.answer_lease = lambda count: (410, {"error": "over", "code": "job_over"})
        status, printed = self.run_to_end(plane)
        self.assertEqual((status, plane.reports), (4, []))
        self.assertIn("job is over", printed)

    def test_a_lease_that_is_refused_because_of_a_cancel_is_reported_as_one(self):
        plane = self.double()
        plane.answer_lease = lambda count: (409, {"error": "no", "code": "job_cancelled"})
        status, _ = self.run_to_end(plane)
        self.assertEqual((status, plane.final["status"]), (3, "cancelled"))

    def test_a_setting_of_another_kind_is_named_before_anything_is_downloaded(self):
        for wrong, words in (
            ({"epochs": "three"}, "epochs"),
            ({"optimizer": "magic"}, "adafactor"),
            ({"packing": 1}, "packing"),
        ):
            with self.subTest(wrong=wrong):
                self.work_dir = self.work_dir.parent / words
                plane = self.double(config_json=config("smoke", **wrong))
                status, _ = self.run_to_end(plane)
                self.assertEqual((status, plane.final["error"]["code"], plane.downloads), (1, "config_invalid", []))
                self.assertIn(words, plane.final["error"]["message"])

    def test_missing_settings_are_named(self):
        status, printed = self.run_to_end(None, FINETUNELAB_URL="http://127.0.0.1:1", JOB_ID="j")
        self.assertEqual(status, 2)
        self.assertIn("JOB_TOKEN", printed)
        status, printed = self.run_to_end(
            None, FINETUNELAB_URL="http://127.0.0.1:1", JOB_ID="j", JOB_TOKEN="t", RETRY_SECONDS="soon"
        )
        self.assertEqual(status, 2)
        self.assertIn("RETRY_SECONDS", printed)

    def test_two_runners_do_not_share_a_folder(self):
        plane = self.double(config_json=self.command("stays.py", "{output_dir}"))
        self.start(plane)
        plane.wait_for(lambda reports: any(report.get("metrics") for report in reports))
        status, printed = self.run_to_end(plane)
        self.assertEqual(status, 2)
        self.assertIn("Another runner", printed)


class StopTest(RunnerTest):
    def training(self, *options, **env):
        """A runner whose trainer runs, and the trainer's process ids."""
        plane = self.double(config_json=config("command", command=fake("stays.py", "{output_dir}", *options)))
        process = self.start(plane, **env)
        self.wait_until((self.work_dir / "output" / "pids").exists)
        pids = [int(pid) for pid in (self.work_dir / "output" / "pids").read_text().split()]
        self.assertTrue(all(map(self.alive, pids)))
        return plane, process, pids

    def assert_gone(self, pids):
        self.wait_until(lambda: not any(map(self.alive, pids)))

    def test_cancel_lets_the_trainer_save_and_ends_its_whole_tree(self):
        plane, process, pids = self.training()
        plane.cancel = True
        self.assertEqual(process.wait(timeout=20), 3)
        self.assert_gone(pids)
        self.assertTrue((self.work_dir / "output" / "saved").exists())
        self.assertEqual(plane.final["status"], "cancelled")

    def test_a_trainer_that_does_not_listen_is_killed_after_the_grace(self):
        plane, process, pids = self.training("stubborn", STOP_GRACE_SECONDS="0.5")
        plane.cancel = True
        self.assertEqual(process.wait(timeout=20), 3)
        self.assert_gone(pids)

    def test_a_job_that_is_over_is_stopped_without_a_word(self):
        plane, process, pids = self.training()
        plane.answer_report = lambda report: (410, {"error": "over", "code": "job_over"})
        self.assertEqual(process.wait(timeout=20), 4)
        self.assert_gone(pids)
        self.assertNotIn("cancelled", plane.statuses)

    def test_a_signal_is_an_interruption_and_the_trainer_may_save(self):
        plane, process, pids = self.training()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=20), 1)
        self.assert_gone(pids)
        self.assertTrue((self.work_dir / "output" / "saved").exists())
        self.assertEqual((plane.final["status"], plane.final["error"]["code"]), ("failed", "interrupted"))

    def test_a_machine_that_the_provider_takes_away_is_not_the_end_and_another_is_heard(self):
        plane, process, pids = self.training(PROVIDER_TELLS_END="1")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=20), 1)
        self.assert_gone(pids)
        self.assertNotIn("failed", plane.statuses)
        last = plane.reports[-1]["seq"]
        self.work_dir = self.work_dir.with_name("another machine")
        plane.config = config("command", command=fake("says.py"))
        status, _ = self.run_to_end(plane, PROVIDER_TELLS_END="1")
        self.assertEqual((status, plane.final["status"]), (0, "succeeded"))
        self.assertGreater(next(report["seq"] for report in plane.reports if report["seq"] > last), last + 1)

    def test_a_result_that_the_provider_takes_elsewhere_is_told_to_lie_there(self):
        plane = self.double(config_json=config("command", command=fake("says.py")))
        status, _ = self.run_to_end(plane, ARTIFACTS="none", RESULT_URI="s3://bucket/output/model")
        self.assertEqual((status, plane.final["result_path"]), (0, "s3://bucket/output/model"))

    def test_a_signal_that_comes_with_a_cancel_is_a_cancel(self):
        plane, process, _ = self.training(HEARTBEAT_SECONDS="60", FLUSH_SECONDS="60")
        plane.cancel = True
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=20), 3)
        self.assertEqual(plane.final["status"], "cancelled")

    def test_a_second_signal_does_not_wait_for_the_grace(self):
        _, process, pids = self.training("stubborn", STOP_GRACE_SECONDS="600")
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=20), 1)
        self.assert_gone(pids)

    def test_nothing_outlives_a_runner_that_was_killed(self):
        _, process, pids = self.training("stubborn")
        process.kill()
        self.assert_gone(pids)

    def test_an_interrupted_job_may_go_on_and_an_ended_one_may_not(self):
        plane, process, _ = self.training()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
        self.assertEqual(json.loads((self.work_dir / "result.json").read_text())["error"]["code"], "interrupted")
        leases = plane.leases
        again = self.start(plane)
        plane.wait_for(lambda _reports: plane.leases > leases)
        plane.cancel = True
        self.assertEqual(again.wait(timeout=20), 3)
        leases = plane.leases
        status, printed = self.run_to_end(plane)
        self.assertEqual((status, plane.leases), (3, leases))
        self.assertIn("Nothing is trained twice", printed)


class RestartTest(RunnerTest):
    def test_a_container_that_is_started_again_stays_and_does_not_train_again(self):
        plane = self.double(config_json=config("command", command=fake("says.py")))
        first = self.start(plane, KEEP_ALIVE="1")
        self.wait_until(lambda: "KEEP_ALIVE" in first.stdout.readline())
        self.assertIsNone(first.poll())
        first.send_signal(signal.SIGTERM)
        self.assertEqual(first.wait(timeout=10), 0)
        second = self.start(plane, KEEP_ALIVE="1")
        self.wait_until(lambda: "KEEP_ALIVE" in second.stdout.readline())
        self.assertEqual(plane.leases, 1)
        second.send_signal(signal.SIGTERM)
        self.assertEqual(second.wait(timeout=10), 0)

    def test_a_misconfigured_container_stays_too(self):
        process = self.start(None, KEEP_ALIVE="1")
        self.wait_until(lambda: "KEEP_ALIVE" in process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=10), 2)

    def test_another_job_in_the_same_folder_is_trained(self):
        plane = self.double(config_json=config("command", command=fake("says.py")))
        self.run_to_end(plane)
        result = self.work_dir / "result.json"
        result.write_text(json.dumps({**json.loads(result.read_text()), "job_id": "another"}))
        self.run_to_end(plane)
        self.assertEqual(plane.leases, 2)


class DetachedTest(RunnerTest):
    def detached(self, plane, **env):
        dataset = next(iter(plane.datasets.values()))
        variables = {
            "JOB_ID": "detached-1",
            "DATASET_URL": f"{plane.url}/store/{dataset.id}?signature=secret-signature-1",
            "DATASET_SHA256": dataset.sha256,
            "TRAINING_CONFIG_B64": base64.b64encode(json.dumps(plane.config).encode()).decode(),
            **env,
        }
        status, printed = self.run_to_end(None, **variables)
        news = [
            json.loads(line[len(runner.MARKER) :]) for line in printed.splitlines() if line.startswith(runner.MARKER)
        ]
        return status, printed, news

    def test_everything_is_told_on_standard_output(self):
        plane = self.double(config_json=config("command", command=fake("hf_like.py", "{output_dir}", "10")))
        status, printed, news = self.detached(plane)
        self.assertEqual(status, 0)
        self.assertEqual(
            [item["status"] for item in news if item["type"] == "status"], ["starting", "running", "succeeded"]
        )
        self.assertTrue(any(item["data"].get("loss") for item in news if item["type"] == "metrics"))
        self.assertNotIn("secret-signature", printed)
        self.assertEqual((plane.leases, plane.reports), (0, []))

    def test_a_failure_is_told_too(self):
        plane = self.double(config_json=config("command", command=fake("fails.py")))
        status, _, news = self.detached(plane)
        self.assertEqual((status, news[-1]["status"], news[-1]["error"]["code"]), (1, "failed", "trainer_failed"))

    def test_a_stale_link_cannot_be_renewed(self):
        plane = self.double(config_json=config("command", command=fake("says.py")))
        plane.faults = [lambda handler, _dataset: handler.answer(403) or True]
        status, _, news = self.detached(plane)
        self.assertEqual((status, news[-1]["error"]["code"]), (1, "link_refused"))

    def test_a_file_of_the_machine_will_do(self):
        plane = self.double(config_json=config("command", command=fake("says.py")))
        path = self.work_dir.parent / "channel.jsonl.gz"
        path.write_bytes(next(iter(plane.datasets.values())).bytes)
        self.assertEqual(self.detached(plane, DATASET_URL=path.as_uri())[0], 0)

    def test_a_wrong_hash_is_refused(self):
        plane = self.double(config_json=config("command", command=fake("says.py")))
        status, _, news = self.detached(plane, DATASET_SHA256="0" * 64)
        self.assertEqual((status, news[-1]["error"]["code"]), (1, "dataset_corrupt"))

    def test_a_config_that_cannot_be_read_is_named(self):
        status, printed, _ = self.detached(self.double(), TRAINING_CONFIG_B64="!!")
        self.assertEqual(status, 2)
        self.assertIn("TRAINING_CONFIG_B64", printed)


if __name__ == "__main__":
    unittest.main()
