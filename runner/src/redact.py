"""Taking secrets out of text."""

from __future__ import annotations

import re
from typing import Mapping

from .settings import Settings

SECRET_NAMES = re.compile(r"(TOKEN|SECRET|PASSWORD|CREDENTIAL|_KEY|APIKEY)", re.IGNORECASE)
SIGNED_QUERY = re.compile(
    r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]*(?:sig|token|key|credential|expires)[^\s\"'<>]*", re.IGNORECASE
)


class Redactor:
    """Takes secrets out of text: the job's token, secret-looking environment values, signed query strings."""

    def __init__(self, settings: Settings, env: Mapping[str, str]):
        values = {settings.job_token}
        values.update(value for name, value in env.items() if SECRET_NAMES.search(name))
        self._secrets = sorted((value for value in values if len(value) >= 8), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[redacted]")
        return SIGNED_QUERY.sub(r"\1?[redacted]", text)
