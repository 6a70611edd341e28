"""One value, encrypted and authenticated: "GUM1", 12 bytes nonce, AES-256-GCM."""

from __future__ import annotations

import os

try:
    # The public module of this class imports `typing`, which takes longer than all else that reading a value needs.
    from cryptography.hazmat.bindings._rust import openssl

    AESGCM = openssl.aead.AESGCM
except (ImportError, AttributeError):  # pragma: no cover - another version of cryptography
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # type: ignore[assignment,no-redef,unused-ignore]

MAGIC = b"GUM1"
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD = len(MAGIC) + NONCE_BYTES + TAG_BYTES
"""Bytes by which a sealed value is longer than the value."""


def seal(key: bytes, plain: bytes, about: bytes) -> bytes:
    """A value encrypted under a fresh random nonce, and authenticated together with `about`.

    Source: NIST SP 800-38D §8.2.2: random nonces are safe for 2**32 values under one key.
    """
    nonce = os.urandom(NONCE_BYTES)
    return MAGIC + nonce + AESGCM(key).encrypt(nonce, plain, b"gumauth 1 " + about)


def unseal(key: bytes, sealed: bytes, about: bytes) -> bytes | None:
    """The value that `seal` encrypted; None where the key or `about` is another one, or a byte has changed."""
    start = len(MAGIC) + NONCE_BYTES
    if not sealed.startswith(MAGIC) or len(sealed) < start + TAG_BYTES:
        return None
    try:
        return AESGCM(key).decrypt(sealed[len(MAGIC) : start], sealed[start:], b"gumauth 1 " + about)
    except Exception as error:
        from cryptography.exceptions import InvalidTag

        if isinstance(error, InvalidTag):
            return None
        raise
