"""The few calls of huggingface_hub that the runner makes, with their real signatures, on a folder; each is written down."""

import fnmatch
import json
import os
import shutil
from pathlib import Path


class HfApi:
    def create_repo(self, repo_id, *, token=None, private=None, repo_type=None, exist_ok=False):
        assert exist_ok or not repository(repo_id).exists(), repo_id
        repository(repo_id).mkdir(parents=True, exist_ok=True)
        log(call="create_repo", repo_id=repo_id, private=private, exist_ok=exist_ok)
        return f"https://huggingface.co/{repo_id}"

    def upload_folder(
        self,
        *,
        repo_id,
        folder_path,
        path_in_repo=None,
        commit_message=None,
        allow_patterns=None,
        ignore_patterns=None,
        delete_patterns=None,
    ):
        missing = [name for name in allow_patterns if not os.path.isfile(os.path.join(folder_path, name))]
        assert not missing, missing
        target = repository(repo_id) / (path_in_repo or "")
        for path in [path for path in target.rglob("*") if path.is_file()]:
            name = path.relative_to(target).as_posix()
            if delete_patterns and fnmatch.fnmatch(name, delete_patterns) and name not in allow_patterns:
                path.unlink()
        for name in allow_patterns:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(os.path.join(folder_path, name), target / name)
        log(
            call="upload_folder", repo_id=repo_id, path_in_repo=path_in_repo, allow_patterns=allow_patterns,
            token_seen=os.environ.get("HF_TOKEN"),
        )  # fmt: skip

    def snapshot_download(self, repo_id, *, local_dir=None, allow_patterns=None):
        assert repository(repo_id).is_dir(), f"RepositoryNotFoundError: {repo_id}"
        log(call="snapshot_download", repo_id=repo_id, allow_patterns=allow_patterns)
        for path in [path for path in repository(repo_id).rglob("*") if path.is_file()]:
            name = path.relative_to(repository(repo_id)).as_posix()
            if any(fnmatch.fnmatch(name, pattern) for pattern in allow_patterns):
                (Path(local_dir) / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, Path(local_dir) / name)
        return local_dir


def repository(repo_id):
    return Path(os.environ["FAKE_HUB_LOG"]).parent / "hub" / repo_id


def log(**entry):
    with open(os.environ["FAKE_HUB_LOG"], "a") as file:
        file.write(json.dumps(entry) + "\n")
