import dataclasses
import time

from control_plane import cut_at, range_ignored, status, wrong_bytes, wrong_range
from support import JOB_ID, JOB_TOKEN, RunnerTest, StoredDataset, chat_rows, runner


class SilentJournal(runner.Journal):
    def __init__(self):
        super().__init__(lambda text: text)
        self.lines = []

    def _print(self, text):
        self.lines.append(text)


class DownloadTest(RunnerTest):
    def setUp(self):
        super().setUp()
        self.plane = self.double(chat_rows(400))
        self.dataset = next(iter(self.plane.datasets.values()))
        self.settings = runner.Settings(
            JOB_ID, self.work_dir, self.plane.url, JOB_TOKEN, retry_seconds=0.001, http_timeout_seconds=5
        )
        self.client = runner.ControlPlane(self.settings)
        self.journal = SilentJournal()
        self.renewals = 0

    def leased(self, dataset_id):
        return next(item for item in runner.Lease.from_json(self.client.lease()).datasets if item.id == dataset_id)

    def renew(self, dataset_id):
        self.renewals += 1
        return self.leased(dataset_id)

    def fetch(self, *faults):
        self.plane.faults = list(faults)
        downloader = runner.Downloader(
            self.work_dir / "datasets", self.settings, runner.Stop(), self.journal, self.renew
        )
        return downloader.fetch(self.leased(self.dataset.id))

    def ranges(self):
        return [download["range"] for download in self.plane.downloads]

    def assert_whole(self, path):
        self.assertEqual(path.read_bytes(), self.dataset.bytes)

    def test_a_download_cut_in_the_middle_goes_on_where_it_stopped(self):
        self.assert_whole(self.fetch(cut_at(0.5), cut_at(0.5)))
        first, second, third = self.ranges()
        half = len(self.dataset.bytes) // 2
        self.assertEqual((first, second), (None, f"bytes={half}-"))
        self.assertGreater(int(third[6:-1]), half)

    def put(self, content, name="rows.jsonl.gz"):
        """What a provider does that mounts the data."""
        folder = self.work_dir / "channels" / self.dataset.id
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        self.settings = dataclasses.replace(self.settings, datasets_dir=self.work_dir / "channels")
        return folder / name

    def test_what_the_provider_has_put_here_is_used_where_it_lies(self):
        path = self.put(self.dataset.bytes)
        self.assertEqual(self.fetch(), path)
        self.assertEqual(self.plane.downloads, [])

    def test_what_the_provider_has_put_here_is_not_trusted(self):
        self.put(self.dataset.bytes[:-1] + b"x")
        self.assert_whole(self.fetch())
        self.assertTrue([line for line in self.journal.lines if "not what the provider" in line])

    def test_a_neighbour_in_the_folder_is_not_taken_for_the_dataset(self):
        self.put(self.dataset.bytes)
        self.put(b"", "rows.jsonl.gz.bak")
        self.assert_whole(self.fetch())
        self.assertEqual(len(self.plane.downloads), 1)

    def test_a_store_that_ignores_ranges_is_read_from_the_start(self):
        self.assert_whole(self.fetch(cut_at(0.5), range_ignored))

    def test_a_range_that_was_not_asked_for_is_not_appended(self):
        self.assert_whole(self.fetch(cut_at(0.5), wrong_range))
        self.assertFalse([line for line in self.journal.lines if "was wrong" in line])

    def test_a_stale_link_is_renewed_and_the_download_goes_on(self):
        self.assert_whole(self.fetch(cut_at(0.5), status(403)))
        self.assertEqual(self.renewals, 1)
        self.assertNotEqual(self.plane.downloads[0]["path"], self.plane.downloads[-1]["path"])
        self.assertIsNotNone(self.ranges()[-1])

    def test_a_link_about_to_expire_is_renewed_before_it_is_used(self):
        self.plane.link_expires_in = 5
        self.plane.answer_lease = lambda count: setattr(self.plane, "link_expires_in", 5 if count == 1 else 7200)
        self.assert_whole(self.fetch())
        self.assertEqual((self.renewals, len(self.plane.downloads)), (1, 1))

    def test_a_link_that_stays_refused_ends_the_job_with_its_own_code(self):
        with self.assertRaises(runner.RunnerError) as caught:
            self.fetch(*[status(403)] * 10)
        self.assertEqual(caught.exception.code, "link_refused")

    def test_errors_of_the_store_are_retried(self):
        self.assert_whole(self.fetch(status(500), status(503), status(429)))

    def test_a_store_that_never_recovers_is_given_up(self):
        with self.assertRaises(runner.RunnerError) as caught:
            self.fetch(*[status(500)] * 50)
        self.assertEqual(caught.exception.code, "download_failed")

    def test_a_wrong_copy_is_deleted_and_fetched_once_more_from_scratch(self):
        self.assert_whole(self.fetch(wrong_bytes))
        self.assertEqual(self.ranges(), [None, None])

    def test_two_wrong_copies_are_refused(self):
        with self.assertRaises(runner.RunnerError) as caught:
            self.fetch(wrong_bytes, wrong_bytes)
        self.assertEqual(caught.exception.code, "dataset_corrupt")
        self.assertEqual(list((self.work_dir / "datasets").iterdir()), [])

    def test_what_is_here_already_is_verified_and_not_fetched_again(self):
        self.fetch()
        self.assert_whole(self.fetch())
        self.assertEqual(len(self.plane.downloads), 1)

    def test_a_part_that_is_longer_than_the_whole_is_thrown_away(self):
        part = self.work_dir / "datasets" / f"{self.dataset.id}.{self.dataset.sha256[:16]}.jsonl.part"
        part.parent.mkdir(parents=True)
        part.write_bytes(b"x" * (len(self.dataset.bytes) + 7))
        self.assert_whole(self.fetch())

    def test_the_jobs_token_never_goes_to_the_store(self):
        self.fetch()
        self.assertEqual([download["auth"] for download in self.plane.downloads], [None])

    def test_a_stop_ends_a_download(self):
        stop = runner.Stop()
        stop.ask("cancel")
        downloader = runner.Downloader(self.work_dir / "datasets", self.settings, stop, self.journal, self.renew)
        with self.assertRaises(runner.Stopped):
            downloader.fetch(self.leased(self.dataset.id))

    def test_a_lease_cannot_name_a_file_of_this_machine(self):
        secret = self.work_dir.parent / "secret"
        secret.write_text("secret")
        self.dataset.lease = lambda *_arguments: {
            **StoredDataset.lease(self.dataset, "", 1, 7200),
            "url": secret.as_uri(),
        }
        with self.assertRaises(runner.RunnerError) as caught:
            self.fetch()
        self.assertEqual(caught.exception.code, "lease_invalid")

    def test_the_clock_of_the_control_plane_is_the_one_that_counts(self):
        self.client.lease()
        self.assertLess(abs(self.client.clock_skew_seconds), 2)
        self.client._note_clock("Wed, 21 Oct 2099 07:28:00 GMT")
        self.assertGreater(self.client.clock_skew_seconds, time.time())
