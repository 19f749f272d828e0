"""Hugging Face repositories. Runs in the trainer's Python, where huggingface_hub is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Mapping


def hub(spec_path: str) -> int:
    """Sends a folder, or fetches the last checkpoint. The last line that is printed is the repository's address, or the error."""
    spec = json.loads(Path(spec_path).read_text(encoding="utf-8"))
    try:
        from huggingface_hub import HfApi

        api = HfApi()
        print(fetch(api, spec) if "fetch" in spec else push(api, spec), flush=True)
    except Exception as error:
        print(f"{type(error).__name__}: {' '.join(str(error).split())}", flush=True)
        return 1
    return 0


def push(api: Any, spec: Mapping[str, Any]) -> str:
    """Private, unless the repository is there already and is not. The result's commit takes its checkpoint away."""
    repository = spec["repository"]
    url = api.create_repo(repository, private=True, exist_ok=True)
    inside = spec["path_in_repo"]
    api.upload_folder(
        repo_id=repository,
        folder_path=spec["folder"],
        path_in_repo=inside or None,
        allow_patterns=spec["files"],
        delete_patterns="*" if inside else f"{spec['obsolete']}/*",
        commit_message=f"Checkpoint {Path(spec['folder']).name}" if inside else "Trained by FineTune Lab",
    )
    return str(url)


def fetch(api: Any, spec: Mapping[str, Any]) -> str:
    """Puts the checkpoint below the folder, named by the step that its state tells."""
    target = Path(spec["folder"])
    api.snapshot_download(spec["repository"], local_dir=str(target), allow_patterns=[f"{spec['fetch']}/*"])
    state = target / spec["fetch"] / "trainer_state.json"
    if state.is_file():
        step = re.sub(r"\D", "", str(json.loads(state.read_text(encoding="utf-8"))["global_step"]))
        state.parent.rename(target / f"checkpoint-{step}")
    return str(spec["repository"])
