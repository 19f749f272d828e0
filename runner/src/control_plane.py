"""The control plane: the calls that a job's token is good for."""

from __future__ import annotations

import email.utils
import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional

from .http_client import JOB_OVER_STATUSES, JobOver, NoRedirect, opener_for, refusal_of
from .settings import VERSION, Settings

ANSWER_BYTES_MAX = 16 * 1048576


class Arrived(NamedTuple):
    """How much of an artifact is on the other side."""

    received_bytes: int
    complete: bool


class KeptArtifact(NamedTuple):
    name: str
    sha256: str


class ControlPlane:
    """Stateless; retrying is the caller's. Every call raises JobOver, HttpRefusal or one of NETWORK_ERRORS."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._base = f"{settings.url}/api/training/jobs/{urllib.parse.quote(settings.job_id, safe='')}"
        self._opener = opener_for(settings.url, NoRedirect())
        # One for each process, so that a container that is started over and over again is noticed.
        self._start = uuid.uuid4().hex
        # The control plane's clock minus ours.
        self.clock_skew_seconds = 0.0

    @property
    def authorization(self) -> Dict[str, str]:
        return {"Authorization": f"Bearer {self._settings.job_token}"}

    def lease(self) -> Dict[str, Any]:
        return self._post("lease", json.dumps({"start": self._start}).encode())

    def report(self, body: bytes) -> Dict[str, Any]:
        return self._post("report", body)

    def artifact_url(self, name: str) -> str:
        return f"{self._base}/artifacts/{urllib.parse.quote(name, safe='')}"

    def artifacts(self) -> List[KeptArtifact]:
        """What the job has left so far."""
        answer = self._call(urllib.request.Request(f"{self._base}/artifacts", headers=self._headers()), {401})
        kept = answer.get("artifacts")
        return [KeptArtifact(str(item["name"]), str(item["sha256"])) for item in kept] if isinstance(kept, list) else []

    def artifact_progress(self, name: str, sha256: str, size: int) -> Arrived:
        """Says the size too, so that what is too large is refused here, and not in the middle of its bytes."""
        query = f"sha256={sha256}&size_bytes={size}"
        request = urllib.request.Request(f"{self.artifact_url(name)}/progress?{query}", headers=self._headers())
        answer = self._call(request, {401})
        return Arrived(int(answer.get("received_bytes") or 0), answer.get("complete") is True)

    def put_artifact(self, name: str, sha256: str, size: int, start: int, chunks: Iterator[bytes]) -> None:
        """Sends an artifact from byte `start` on, as it is read."""
        headers = self._headers({"Content-Length": str(size - start), "X-Content-SHA256": sha256})
        headers["Content-Type"] = "application/octet-stream"
        if start:
            headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        self._call(urllib.request.Request(self.artifact_url(name), chunks, headers, method="PUT"), {401})  # type: ignore[arg-type]

    def _post(self, verb: str, body: bytes) -> Dict[str, Any]:
        headers = self._headers({"Content-Type": "application/json"})
        request = urllib.request.Request(f"{self._base}/{verb}", body, headers, method="POST")
        return self._call(request, JOB_OVER_STATUSES)

    def _headers(self, more: Optional[Mapping[str, str]] = None) -> Dict[str, str]:
        own = {"Accept": "application/json", "User-Agent": f"finetunelab-runner/{VERSION}"}
        return {**self.authorization, **own, **(more or {})}

    def _call(self, request: urllib.request.Request, over: "set[int]") -> Dict[str, Any]:
        try:
            with self._opener.open(request, timeout=self._settings.http_timeout_seconds) as response:
                answer = json.loads(response.read(ANSWER_BYTES_MAX))
                self._note_clock(response.headers.get("Date"))
        except urllib.error.HTTPError as error:
            refusal = refusal_of(error)
            if refusal.status in over and (refusal.status != 404 or refusal.is_ours):
                raise JobOver(refusal.details, refusal.code) from None
            raise refusal from None
        except ValueError:
            raise http.client.HTTPException("the answer is not JSON") from None
        if not isinstance(answer, dict):
            raise http.client.HTTPException("the answer is not a JSON object")
        return answer

    def _note_clock(self, date: Optional[str]) -> None:
        parsed = email.utils.parsedate_to_datetime(date) if date else None
        if parsed:
            self.clock_skew_seconds = parsed.timestamp() - time.time()
