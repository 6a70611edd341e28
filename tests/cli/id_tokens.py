"""Id_tokens for tests that need no server: their claims are right, and their signature is nobody's."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode

NOW = 1_800_000_000.0


def id_token(*, ends: float = NOW + 3600, **claims: object) -> str:
    """An id_token of ada for the client `app`."""
    usual = {"iss": "https://issuer.example", "sub": "ada", "aud": "app", "iat": NOW - 60, "exp": ends}
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256"}, {**usual, **claims})]
    return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in [*parts, secrets.token_bytes(32)])
