import io
import json
import os
import signal
import sys
import tarfile
import unittest
from pathlib import Path

from control_plane import half_arrives, refuses
from support import RunnerTest, config, fake, runner


def names_in(archive):
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return sorted(tar.getnames())


class FolderTarTest(RunnerTest):
    def archive(self):
        folder = self.work_dir / "made"
        (folder / "deep").mkdir(parents=True, exist_ok=True)
        (folder / "empty").write_bytes(b"")
        (folder / "exact").write_bytes(b"x" * 1024)
        (folder / "deep" / ("long-" * 40)).write_bytes(b"y" * 777)
        return runner.FolderTar(runner.files_below(folder, "checkpoint-3/"))

    def test_any_tar_reads_it_and_its_size_is_known_before(self):
        tar = self.archive()
        whole = b"".join(tar.chunks())
        self.assertEqual(len(whole), tar.size)
        self.assertEqual(len(names_in(whole)), 3)
        path = self.work_dir / "a.tar"
        path.write_bytes(whole)
        runner.unpack(path, self.work_dir / "out")
        self.assertEqual((self.work_dir / "out" / "checkpoint-3" / "exact").read_bytes(), b"x" * 1024)

    def test_it_is_the_same_from_any_byte_on(self):
        tar = self.archive()
        whole = b"".join(tar.chunks())
        for start in (*range(0, 600, 7), 1023, 1024, 1025, 2047, tar.size - 1025, tar.size - 1, tar.size):
            self.assertEqual(b"".join(tar.chunks(start)), whole[start:], start)

    def test_a_file_that_shrinks_meanwhile_is_noticed(self):
        tar = self.archive()
        (self.work_dir / "made" / "exact").write_bytes(b"x")
        with self.assertRaises(runner.FolderChanged):
            list(tar.chunks())

    def test_an_archive_cannot_write_beside_its_folder(self):
        self.work_dir.mkdir()
        path = self.work_dir / "bad.tar"
        for name, kind in (("../out", tarfile.REGTYPE), ("/etc/out", tarfile.REGTYPE), ("a", tarfile.SYMTYPE)):
            with tarfile.open(path, "w") as tar:
                info = tarfile.TarInfo(name)
                info.type, info.linkname = kind, "/etc/passwd"
                tar.addfile(info)
            with self.subTest(name=name), self.assertRaises(ValueError):
                runner.unpack(path, self.work_dir / "inside")


class ControlPlaneArtifactsTest(RunnerTest):
    def plane_for(self, *arguments):
        return self.double(config_json=config("command", command=fake("saves.py", "{output_dir}", *arguments)))

    def test_the_result_is_sent_whole_before_the_end_is_told(self):
        plane = self.plane_for("1")
        status, _ = self.run_to_end(plane)
        self.assertEqual((status, plane.final["status"]), (0, "succeeded"))
        self.assertEqual(names_in(plane.artifacts["model.tar"]), ["adapter_config.json", "adapter_model.safetensors"])
        self.assertTrue(plane.final["result_path"].endswith("/artifacts/model.tar"))

    def test_an_upload_that_breaks_goes_on_where_it_stopped(self):
        plane = self.plane_for("1")
        plane.artifact_faults = [half_arrives, half_arrives]
        self.assertEqual(self.run_to_end(plane)[0], 0)
        starts = [int(call.split()[2]) for call in plane.artifact_calls if call.startswith("PUT model.tar")]
        self.assertEqual((len(starts), starts[0], sorted(starts)), (3, 0, starts))
        self.assertGreater(starts[1], 0)
        self.assertIn("model.tar", plane.artifacts)

    def test_a_store_that_is_full_or_closed_does_not_fail_a_finished_training(self):
        for fault in (refuses(413, "artifact_too_large"), refuses(404, "not_found")):
            with self.subTest(fault=fault):
                plane = self.plane_for("1")
                self.work_dir = self.work_dir.with_name(f"work-{id(fault)}")
                plane.artifact_faults = [fault] * 20
                status, _ = self.run_to_end(plane)
                self.assertEqual((status, plane.final["status"]), (0, "succeeded"))
                self.assertTrue(any("did not take it" in line for line in plane.lines))
                self.assertEqual(plane.final["result_path"], str(self.work_dir / "output"))

    def test_nothing_is_sent_where_nobody_wants_it(self):
        plane = self.plane_for("1")
        self.assertEqual(self.run_to_end(plane, ARTIFACTS="none")[0], 0)
        self.assertEqual(plane.artifact_calls, [])

    def test_after_a_signal_the_last_checkpoint_is_sent_and_said(self):
        plane = self.plane_for("9", "hold")
        process = self.start(plane)
        self.wait_until((self.work_dir / "output" / "checkpoint-1" / "trainer_state.json").exists)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=30), 1)
        self.assertIn("checkpoint-2/trainer_state.json", names_in(plane.artifacts["checkpoint.tar"]))
        self.assertTrue(any("checkpoint-2 is saved" in line for line in plane.lines))
        self.assertTrue(any("checkpoint-2 is kept" in line for line in plane.lines))
        self.assertEqual(plane.final["error"]["code"], "interrupted")


class RestoreTest(RunnerTest):
    def setUp(self):
        super().setUp()
        self.plane = self.double()
        settings = runner.Settings(
            "0b6f1c9e-6a4e-4c53-9a1e-1f2d3c4b5a69", self.work_dir, self.plane.url, "job-token-0123456789abcdef",
            retry_seconds=0.001,
        )  # fmt: skip
        self.settings = settings
        self.client = runner.ControlPlane(settings)
        self.workspace = runner.Workspace(self.work_dir)
        self.said = []
        self.journal = runner.Journal(lambda text: text)
        self.journal._print = self.said.append

    def restore(self):
        destination = runner.ControlPlaneDestination(self.client, self.settings, self.said.append)

        def downloader_for(folder):
            return runner.Downloader(
                folder,
                self.settings,
                runner.Stop(),
                self.journal,
                runner.no_other_link,
                headers=self.client.authorization,
            )

        runner.Restorer(self.workspace, self.journal, [destination], self.client).restore(downloader_for)
        return self.workspace.last_checkpoint()

    def keep(self, step):
        folder = self.work_dir.parent / "elsewhere" / f"checkpoint-{step}"
        folder.mkdir(parents=True)
        (folder / "optimizer.pt").write_bytes(os.urandom(100_000))
        (folder / "trainer_state.json").write_text(json.dumps({"global_step": step}))
        destination = runner.ControlPlaneDestination(self.client, self.settings, self.said.append)
        destination.put_checkpoint(folder, lambda: None)
        return folder

    def test_a_new_machine_goes_on_from_what_the_last_one_left(self):
        folder = self.keep(40)
        step, restored = self.restore()
        self.assertEqual(step, 40)
        self.assertEqual((restored / "optimizer.pt").read_bytes(), (folder / "optimizer.pt").read_bytes())
        self.assertFalse((self.work_dir / "fetched").exists())

    def test_where_nothing_was_left_it_begins_at_the_beginning(self):
        self.assertEqual(self.restore(), (0, None))

    def test_a_checkpoint_that_arrives_wrong_is_not_used(self):
        self.keep(40)
        whole = self.plane.artifacts["checkpoint.tar"]
        self.plane.send_whole_or_range = lambda handler, _content: handler.answer(200, whole[:-1] + b"x")
        self.assertEqual(self.restore(), (0, None))
        self.assertTrue(any("No earlier checkpoint" in line for line in self.said))

    def test_the_newest_checkpoint_takes_the_place_of_the_older(self):
        self.keep(10)
        self.keep(20)
        self.assertEqual(list(self.plane.artifacts), ["checkpoint.tar"])
        self.assertEqual(self.restore()[0], 20)


class OtherDestinationsTest(RunnerTest):
    def command(self):
        return config("command", command=fake("saves.py", "{output_dir}", "1"))

    def test_a_folder_gets_the_result_and_not_the_checkpoints(self):
        plane = self.double(config_json=self.command())
        target = self.work_dir.parent / "model"
        status, _ = self.run_to_end(plane, RESULT_DIR=str(target))
        self.assertEqual((status, plane.final["result_path"]), (0, str(target)))
        self.assertEqual(sorted(os.listdir(target)), ["adapter_config.json", "adapter_model.safetensors"])
        self.assertEqual(plane.artifact_calls, [])

    def test_a_presigned_address_gets_the_result_and_stays_secret(self):
        plane, store = self.double(config_json=self.command()), self.double()
        received = []

        def take(handler):
            received.append(
                (handler.headers.get("Authorization"), handler.rfile.read(int(handler.headers["Content-Length"])))
            )
            handler.answer(200 if len(received) > 1 else 503)

        store.put = take
        url = f"{store.url}/bucket/model.tar?X-Amz-Signature=very-secret-signature"
        status, printed = self.run_to_end(plane, RESULT_PUT_URL=url)
        self.assertEqual((status, plane.final["result_path"]), (0, f"{store.url}/bucket/model.tar"))
        self.assertEqual([token for token, _ in received], [None, None])
        self.assertIn("adapter_config.json", names_in(received[-1][1]))
        self.assertNotIn("very-secret", printed + json.dumps(plane.reports))

    def test_a_repository_gets_the_result_with_the_persons_own_token(self):
        plane = self.double(config_json=self.command())
        told = self.work_dir.parent / "hub.jsonl"
        env = {"PYTHONPATH": str(Path(__file__).parent / "fake_packages"), "FAKE_HUB_LOG": str(told)}
        status, _ = self.run_to_end(plane, HF_REPO_ID="me/adapter", HF_TOKEN="hf_persons_token", **env)
        self.assertEqual((status, plane.final["result_path"]), (0, "https://huggingface.co/me/adapter"))
        calls = [json.loads(line) for line in told.read_text().splitlines()]
        created = next(call for call in calls if call["call"] == "create_repo")
        (uploaded,) = [call for call in calls if call["call"] == "upload_folder" and not call["path_in_repo"]]
        self.assertEqual((created["repo_id"], created["private"]), ("me/adapter", True))
        self.assertEqual(uploaded["allow_patterns"], ["adapter_config.json", "adapter_model.safetensors"])
        self.assertEqual(uploaded["token_seen"], "hf_persons_token")

    def test_a_job_goes_on_from_its_own_checkpoint_in_a_shared_repository_and_its_result_takes_it_away(self):
        fakes = Path(__file__).parent / "fake_packages"
        hub = self.work_dir.parent / "hub"
        env = {**os.environ, "PYTHONPATH": str(fakes), "FAKE_HUB_LOG": str(self.work_dir.parent / "hub.jsonl")}
        one, other = [
            runner.HubDestination(sys.executable, "me/adapter", job, env, self.work_dir / job) for job in ("a", "b")
        ]
        saved = self.work_dir / "output" / "checkpoint-7"
        saved.mkdir(parents=True)
        (saved / "trainer_state.json").write_text('{"global_step": 7}')

        def fetched(destination, name):
            destination.fetch_checkpoint(self.work_dir / name)
            return [path.parent.name for path in (self.work_dir / name).glob("**/checkpoint-*/trainer_state.json")]

        one.put_checkpoint(saved, lambda: None)
        self.assertEqual(fetched(other, "nothing"), [])
        other.put_checkpoint(saved, lambda: None)
        self.assertEqual(fetched(one, "own"), ["checkpoint-7"])
        adapter = saved.parent / "adapter_config.json"
        adapter.write_text("{}")
        one.put_result([(adapter, "adapter_config.json")], "adapter.tar", lambda: None)
        left = sorted(path.relative_to(hub).as_posix() for path in hub.rglob("*") if path.is_file())
        self.assertEqual(
            left, ["me/adapter/adapter_config.json", "me/adapter/last-checkpoint/b/trainer_state.json"]
        )

    def test_a_repository_without_a_token_is_refused_before_anything_is_trained(self):
        plane = self.double(config_json=self.command())
        status, _ = self.run_to_end(plane, HF_REPO_ID="me/adapter", HF_TOKEN="")
        self.assertEqual((status, plane.final["error"]["code"], plane.downloads), (1, "misconfigured", []))

    def test_a_destination_that_nobody_knows_is_named(self):
        status, printed = self.run_to_end(self.double(), ARTIFACTS="dropbox")
        self.assertEqual(status, 2)
        self.assertIn("dropbox", printed)


if __name__ == "__main__":
    unittest.main()
