"""ID tokens: signed JWTs that tell the client who consented."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class IdTokens:
    """Signs ID tokens with a random key that it keeps to itself.

    Args:
        issuer: Gives the server's identifier.
        clock: Seconds since 1970.
        lifetime: Seconds that an ID token is good for.

    Source: OpenID Connect Core 1.0 §2, RFC 7515 §3.1 and §7.1.
    """

    def __init__(self, issuer: Callable[[], str], clock: Callable[[], float], lifetime: float) -> None:
        self._issuer, self._clock, self._lifetime = issuer, clock, lifetime
        self._key = secrets.token_bytes(32)

    def make(self, client_id: str, claims: Mapping[str, str]) -> str:
        """An ID token for a client, with these claims beside `iss`, `aud`, `iat` and `exp`."""
        now = self._clock()
        times = {"iat": int(now), "exp": int(now + self._lifetime)}
        payload = {"iss": self._issuer(), "aud": client_id, **claims, **times}
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(payload)}"
        return f"{signed}.{_base64url(hmac.digest(self._key, signed.encode(), hashlib.sha256))}"


def _part(value: Mapping[str, object]) -> str:
    return _base64url(json.dumps(value).encode())


def _base64url(raw: bytes) -> str:
    """Unpadded (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
