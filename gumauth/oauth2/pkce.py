"""Proof Key for Code Exchange, S256 only. Source: RFC 7636 §4."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode


def new_verifier() -> str:
    """A verifier of 256 random bits, for one try. Secret until the code is exchanged."""
    return secrets.token_urlsafe(32)


def challenge(verifier: str) -> str:
    """What is shown of a verifier when the code is asked for: BASE64URL(SHA256(verifier)), unpadded."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")
