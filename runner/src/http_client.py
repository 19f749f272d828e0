"""HTTP: what a failed request means, and who may be sent the token."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from .words import clean_line, shorten

TRANSIENT_STATUSES = {408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524}
# The request itself is at fault; anything else that is not success may be a proxy's, and pass.
CONTENT_STATUSES = {400, 413, 422}
JOB_OVER_STATUSES = {401, 404, 409, 410}
NETWORK_ERRORS = (OSError, http.client.HTTPException)


class HttpRefusal(Exception):
    """An answer other than success."""

    def __init__(self, status: int, body: bytes):
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body

    @property
    def details(self) -> str:
        text = self.body[:2000].decode("utf-8", "replace").strip()
        try:
            answer = json.loads(text)
            text = " ".join(str(answer[key]) for key in ("error", "details") if answer.get(key))
        except (ValueError, AttributeError, TypeError):
            pass
        return f"HTTP {self.status}" + (f": {shorten(clean_line(text), 500)}" if text else "")

    @property
    def code(self) -> str:
        """The control plane's own word for it; empty where some proxy in front of a stopped one answered."""
        try:
            return str(json.loads(self.body)["code"])
        except (ValueError, TypeError, LookupError):
            return ""

    @property
    def is_ours(self) -> bool:
        return self.code != ""


class JobOver(Exception):
    """The control plane does not want to hear of this job any more; `code` is its own word for why."""

    def __init__(self, details: str, code: str = ""):
        super().__init__(details)
        self.code = code


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The control plane does not redirect; whoever does must not be handed the job's token."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def opener_for(url: str, *handlers: urllib.request.BaseHandler) -> urllib.request.OpenerDirector:
    host = urllib.parse.urlsplit(url).hostname or ""
    local = host == "localhost" or host == "::1" or host.startswith("127.")
    return urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if local else []), *handlers)


def refusal_of(error: urllib.error.HTTPError) -> HttpRefusal:
    with error:
        try:
            body = error.read(65536)
        except NETWORK_ERRORS:
            body = b""
    return HttpRefusal(error.code, body)
