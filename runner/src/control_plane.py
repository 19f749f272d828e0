"""The control plane: the calls that a job's token is good for."""

from __future__ import annotations

import email.utils
import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Dict, Optional

from .http_client import JOB_OVER_STATUSES, JobOver, NoRedirect, opener_for, refusal_of
from .settings import VERSION, Settings


class ControlPlane:
    """The two calls that a job's token is good for. Stateless; retrying is the caller's."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._base = f"{settings.url}/api/training/jobs/{urllib.parse.quote(settings.job_id, safe='')}"
        self._opener = opener_for(settings.url, NoRedirect())
        # The control plane's clock minus ours.
        self.clock_skew_seconds = 0.0

    def lease(self) -> Dict[str, Any]:
        return self._post("lease", {})

    def report(self, body: bytes, timeout: Optional[float] = None) -> Dict[str, Any]:
        return self._post("report", body, timeout)

    def _post(self, verb: str, body: Any, timeout: Optional[float] = None) -> Dict[str, Any]:
        """Raises JobOver, HttpRefusal or one of NETWORK_ERRORS."""
        request = urllib.request.Request(
            f"{self._base}/{verb}",
            data=body if isinstance(body, bytes) else json.dumps(body).encode(),
            method="POST",
            headers={
                "Authorization": f"Bearer {self._settings.job_token}",
                "Content-Type": "application/json",
                "Accept": "application/json",
                "User-Agent": f"finetunelab-runner/{VERSION}",
            },
        )
        try:
            with self._opener.open(request, timeout=timeout or self._settings.http_timeout_seconds) as response:
                answer = json.loads(response.read(16 * 1048576))
                self._note_clock(response.headers.get("Date"))
        except urllib.error.HTTPError as error:
            refusal = refusal_of(error)
            if refusal.status in JOB_OVER_STATUSES and (refusal.status != 404 or refusal.is_ours):
                raise JobOver(refusal.details) from None
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
