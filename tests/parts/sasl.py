"""The two ways in which a mail program says a token, read to the byte. Pure.

Source: RFC 7628 §3.1; for XOAUTH2 Google's "OAuth 2.0 mechanism" of IMAP and SMTP, which Microsoft has too.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Literal

Mechanism = Literal["XOAUTH2", "OAUTHBEARER"]
MECHANISMS: tuple[Mechanism, ...] = ("XOAUTH2", "OAUTHBEARER")

TOKEN = rb"(?P<token>[A-Za-z0-9._~+/-]+=*)"
"""Source: RFC 6750 §2.1, b64token."""


def token_of(mechanism: str, said: bytes, *, user: str, host: str, port: int) -> str | None:
    """The token in a client's first message; None where any byte is not as it has to be.

    Args:
        mechanism: As the client named it.
        said: Encoded, without the end of the line.
        user: Whose mail it is; without "," and "=", which OAUTHBEARER writes otherwise.
        host: As the client knows the server. OAUTHBEARER has host and port; a client may leave both out.
        port: Of the server.
    """
    who = re.escape(user).encode()
    forms = {
        "XOAUTH2": b"user=%b\x01auth=Bearer %b\x01\x01" % (who, TOKEN),
        "OAUTHBEARER": b"n,a=%b,\x01(host=%b\x01port=%d\x01)?auth=Bearer %b\x01\x01"
        % (who, re.escape(host).encode(), port, TOKEN),
    }
    form, plain = forms.get(mechanism), decoded(said)
    match = re.fullmatch(form, plain) if form is not None and plain is not None else None
    return match["token"].decode() if match else None


def decoded(said: bytes) -> bytes | None:
    """What stands in base64; None where it is not base64 as RFC 4648 §4 has it, padding included."""
    try:
        return base64.b64decode(said, validate=True)
    except binascii.Error:
        return None


def reason() -> bytes:
    """Why a token is refused, as the server says it before it refuses. Source: RFC 7628 §3.2.2."""
    return base64.b64encode(b'{"status":"invalid_token","scope":"mail"}')
