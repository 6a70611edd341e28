"""ID tokens: signed JWTs that tell the client who consented, and the keys with which anybody can check them."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from typing import TYPE_CHECKING

from gumauth.testing.messages import Request, Response, json_response
from gumauth.testing.routes import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

ALGORITHM = "RS256"
"""The one that every client knows. Source: OpenID Connect Core 1.0 §15.1."""


class IdTokens:
    """Signs ID tokens with a key of its own, which is made when it is first needed, and publishes the public half.

    Args:
        issuer: Gives the server's identifier.
        clock: Seconds since 1970.
        lifetime: Gives the seconds that an ID token is good for.

    Source: OpenID Connect Core 1.0 §2, RFC 7515 §3.1 and §7.1, RFC 7517 §5.
    """

    def __init__(self, issuer: Callable[[], str], clock: Callable[[], float], lifetime: Callable[[], float]) -> None:
        self._issuer, self._clock, self._lifetime = issuer, clock, lifetime
        self._key_id, self._lock = secrets.token_hex(8), threading.Lock()
        self._made: RSAPrivateKey | None = None

    def make(self, client_id: str, claims: Mapping[str, str]) -> str:
        """An ID token for a client, with these claims beside `iss`, `aud`, `iat` and `exp`."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        now = self._clock()
        times = {"iat": int(now), "exp": int(now + self._lifetime())}
        payload = {"iss": self._issuer(), "aud": client_id, **claims, **times}
        signed = f"{_part({'alg': ALGORITHM, 'typ': 'JWT', 'kid': self._key_id})}.{_part(payload)}"
        return f"{signed}.{_base64url(self._key.sign(signed.encode(), PKCS1v15(), SHA256()))}"

    def route(self, request: Request) -> Route | None:
        """The public keys."""
        return Route(None, self._answer) if request.path == "/jwks" else None

    def _answer(self, _request: Request) -> Response:
        """The public half of the key, as RFC 7518 §6.3.1 writes it."""
        numbers = self._key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": ALGORITHM, "kid": self._key_id}
        return json_response({"keys": [{**key, "n": _number(numbers.n), "e": _number(numbers.e)}]})

    @property
    def _key(self) -> RSAPrivateKey:
        with self._lock:  # several requests may be the first
            if self._made is None:
                from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

                self._made = generate_private_key(public_exponent=65537, key_size=2048)
            return self._made


def _part(value: Mapping[str, object]) -> str:
    return _base64url(json.dumps(value).encode())


def _number(value: int) -> str:
    return _base64url(value.to_bytes((value.bit_length() + 7) // 8))


def _base64url(raw: bytes) -> str:
    """Unpadded (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
