import json
import threading
import unittest

from support import JOB_ID, JOB_TOKEN, ControlPlaneDouble, RunnerTest, config, fake, runner


class QuietReporter(runner.Reporter):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.printed = []

    def _print(self, text):
        self.printed.append(text)


class ReporterTest(RunnerTest):
    def setUp(self):
        super().setUp()
        self.plane = self.double()
        self.work_dir.mkdir()
        self.stop = runner.Stop()

    def reporter(self, **changes):
        defaults = {"heartbeat_seconds": 0.2, "flush_seconds": 0.02, "retry_seconds": 0.02, "final_report_seconds": 3.0}
        settings = runner.Settings(JOB_ID, self.work_dir, self.plane.url, JOB_TOKEN, **{**defaults, **changes})
        reporter = QuietReporter(runner.ControlPlane(settings), settings, self.stop, lambda text: text)
        reporter.start()
        return reporter

    def finished(self, reporter):
        return reporter.finish(runner.Outcome("succeeded"))

    def test_heartbeats_come_when_nothing_happens(self):
        reporter = self.reporter()
        self.plane.wait_for(lambda reports: len(reports) >= 3)
        self.assertTrue(self.finished(reporter))
        first = self.plane.reports[0]["seq"]
        self.assertEqual([report["seq"] - first for report in self.plane.reports], list(range(len(self.plane.reports))))

    def test_a_runner_on_another_machine_counts_on_above_the_one_before(self):
        self.finished(self.reporter())
        last = self.plane.reports[-1]["seq"]
        (self.work_dir / "report.seq").unlink()
        self.finished(self.reporter())
        self.assertGreater(self.plane.reports[-1]["seq"], last)

    def test_the_sequence_goes_on_after_a_restart(self):
        self.finished(self.reporter())
        last = self.plane.reports[-1]["seq"]
        self.finished(self.reporter())
        self.assertGreater(self.plane.reports[-1]["seq"], last)

    def test_a_report_whose_answer_was_lost_is_repeated_unchanged(self):
        seen = []
        lost = threading.Event()

        def lose_one(report):
            seen.append(report)
            if report.get("metrics") and not lost.is_set():
                lost.set()
                return 502, b"<html>"
            return None

        self.plane.answer_report = lose_one
        reporter = self.reporter()
        reporter.metric({"step": 1, "loss": 1.0})
        self.assertTrue(lost.wait(5))
        reporter.metric({"step": 2, "loss": 0.5})
        self.finished(reporter)
        first, second = [report for report in seen if report["seq"] == next(r["seq"] for r in seen if r.get("metrics"))]
        self.assertEqual(first, second)
        self.assertEqual([point["step"] for point in self.plane.points], [1, 2])

    def test_old_lines_are_dropped_when_nobody_listens_and_metrics_never_are(self):
        port = self.plane.port
        self.plane.stop()
        reporter = self.reporter()
        self.wait_until(lambda: any("cannot be reached" in line for line in reporter.printed))
        for number in range(runner.QUEUED_LINES_MAX + 2_000):
            reporter.log(f"line {number}")
            if number % 10 == 0:
                reporter.metric({"step": number, "loss": 1.0})
        self.plane.start(port)
        self.assertTrue(self.finished(reporter))
        self.assertEqual([point["step"] for point in self.plane.points], list(range(0, 7_000, 10)))
        dropped = [line for line in self.plane.lines if "dropped here" in line]
        self.assertEqual(len(dropped), 1)
        said = int(dropped[0].split()[0].replace(",", ""))
        arrived = [line for line in self.plane.lines if line.startswith("line ")]
        own = 1 - sum("cannot be reached" in line for line in self.plane.lines)  # that line is in the queue as well
        self.assertEqual(said + len(arrived), runner.QUEUED_LINES_MAX + 2_000 + own)
        self.assertEqual(arrived[-1], f"line {runner.QUEUED_LINES_MAX + 1_999}")

    def test_big_batches_are_cut_into_reports_of_bounded_size(self):
        reporter = self.reporter(flush_seconds=0.5)
        for number in range(3_000):
            reporter.log("x")
            reporter.metric({"step": number, "loss": 1.0})
        self.finished(reporter)
        for report in self.plane.reports:
            self.assertLessEqual(len(report.get("logs", [])), runner.REPORT_LINES_MAX)
            self.assertLessEqual(len(report.get("metrics", [])), runner.REPORT_POINTS_MAX)
        self.assertEqual(len(self.plane.points), 3_000)

    def test_a_report_that_is_refused_as_such_does_not_block_the_next_ones(self):
        self.plane.answer_report = lambda report: (
            (422, {"error": "bad", "code": "invalid"}) if report.get("logs") else None
        )
        reporter = self.reporter()
        reporter.log("a line that it does not like")
        reporter.metric({"step": 1, "loss": 1.0})
        self.assertTrue(self.finished(reporter))
        self.assertEqual([point["step"] for point in self.plane.points], [1])
        self.assertEqual(self.plane.final["status"], "succeeded")

    def test_an_end_that_is_refused_is_told_more_briefly(self):
        self.plane.answer_report = lambda report: (
            (400, {"error": "bad", "code": "invalid"}) if report.get("result_path") else None
        )
        reporter = self.reporter()
        self.assertTrue(reporter.finish(runner.Outcome("succeeded", result_path="/nowhere")))
        self.assertEqual(self.plane.final["status"], "succeeded")

    def test_a_proxy_that_answers_for_a_stopped_control_plane_costs_nothing(self):
        answers = [(403, b"<html>"), (404, b"<html>"), (502, b"")]
        self.plane.answer_report = lambda report: answers.pop(0) if report.get("metrics") and answers else None
        reporter = self.reporter()
        reporter.metric({"step": 1, "loss": 1.0})
        self.assertTrue(self.finished(reporter))
        self.assertEqual(len(self.plane.points), 1)

    def test_cancel_in_the_answer_stops_the_job(self):
        self.plane.cancel = True
        self.reporter()
        self.wait_until(lambda: self.stop.reason == "cancel")

    def test_a_dead_job_stops_the_job_and_the_reports(self):
        for status in (401, 409, 410):
            self.plane.answer_report = lambda report, status=status: (status, {"error": "over", "code": "job_over"})
            reporter = self.reporter()
            self.assertFalse(self.finished(reporter))
            self.assertEqual(self.stop.reason, "over")
            self.stop.reason = None

    def test_a_404_counts_only_if_the_control_plane_said_it(self):
        answers = [(404, b"<html>no such host</html>"), (404, b"no"), None]
        self.plane.answer_report = lambda report: answers.pop(0) if len(answers) > 1 else None
        self.assertTrue(self.finished(self.reporter()))
        self.plane.answer_report = lambda report: (404, {"error": "no", "code": "not_found"})
        self.assertFalse(self.finished(self.reporter()))

    def test_the_end_is_given_up_after_its_time(self):
        self.plane.stop()
        self.assertFalse(self.finished(self.reporter(final_report_seconds=0.2)))

    def test_progress_that_nobody_heard_is_replaced_by_newer_progress(self):
        reporter = self.reporter(flush_seconds=0.3)
        for step in range(1, 50):
            reporter.metric({"step": step, "total_steps": 100, "at": "x"})
        self.finished(reporter)
        self.assertLess(len(self.plane.points), 10)
        self.assertEqual(self.plane.points[-1]["step"], 49)

    def test_the_token_is_not_sent_on_to_where_a_redirect_points(self):
        other = ControlPlaneDouble()
        self.addCleanup(other.stop)
        location = f"{other.url}/api/training/jobs/{JOB_ID}/lease"
        for status in (301, 302, 303, 307, 308):
            self.plane.answer_lease = lambda _count, status=status: (status, b"", [("Location", location)])
            settings = runner.Settings(JOB_ID, self.work_dir, self.plane.url, JOB_TOKEN)
            with self.assertRaises(runner.HttpRefusal):
                runner.ControlPlane(settings).lease()
        self.assertEqual((other.leases, other.downloads), (0, []))


class OutageTest(RunnerTest):
    def test_training_survives_a_restart_of_the_control_plane(self):
        flag = self.work_dir.parent / "go"
        plane = self.double(config_json=config("command", command=fake("says.py", "--hold", str(flag))))
        process = self.start(plane)
        plane.wait_for(lambda reports: any(report.get("metrics") for report in reports))
        plane.stop()
        before = len(plane.reports)
        self.wait_until(
            lambda: "cannot be reached" in (self.work_dir / "trainer.log").read_text() or self.steps_printed() > 30
        )
        plane.start(plane.port)
        plane.wait_for(lambda reports: len(reports) > before + 1)
        flag.write_text("")
        self.assertEqual(process.wait(timeout=20), 0)
        steps = [point["step"] for point in plane.points]
        self.assertEqual(steps, list(range(1, len(steps) + 1)))
        self.assertGreater(len(steps), 30)
        self.assertEqual(plane.final["status"], "succeeded")

    def steps_printed(self):
        return (self.work_dir / "trainer.log").read_text().count("'loss'")

    def test_a_control_plane_that_starts_late_is_waited_for(self):
        plane = self.double(config_json=config("command", command=fake("says.py")))
        plane.stop()
        process = self.start(plane)
        self.wait_until(lambda: "No lease yet" in process.stdout.readline())
        plane.start(plane.port)
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(plane.final["status"], "succeeded")

    def test_an_end_that_could_not_be_told_is_kept_and_told_by_the_next_runner(self):
        flag = self.work_dir.parent / "go"
        plane = self.double(config_json=config("command", command=fake("says.py", "--hold", str(flag))))
        process = self.start(plane, FINAL_REPORT_SECONDS="0.3")
        plane.wait_for(lambda reports: any(report.get("metrics") for report in reports))
        plane.stop()
        flag.write_text("")
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 0)
        kept = json.loads((self.work_dir / "result.json").read_text())
        self.assertEqual((kept["status"], kept["reported"]), ("succeeded", False))
        plane.start(plane.port)
        leases = plane.leases
        status, _ = self.run_to_end(plane)
        self.assertEqual((status, plane.leases), (0, leases))
        self.assertEqual(plane.final["status"], "succeeded")
        self.assertIs(json.loads((self.work_dir / "result.json").read_text())["reported"], True)


if __name__ == "__main__":
    unittest.main()
