"""The secrets in a request: its response may quote them, an error must not repeat them. Promises S1, S2."""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from gumauth.oauth2.response import Response
from gumauth.platform.text import SHORTEST, without_secrets

SECRET = re.compile(r"(?i)(token|secret|passw|assertion|verifier|credential|api_?key|auth\w*_code$|^authorization$)")
PUBLIC = re.compile(
    r"(?i)(type|type_hint|method|url|uri|endpoint|error|status|expires\w*|expiry|path|file|name|variable)$"
)
"""Names of fields, members and variables that hold secrets, except for names that end so: `token_type_hint`."""

LARGEST = 1 << 16
"""Bytes of a body that is searched for a secret; a request for a token is never larger."""


def secrets_in(fields: Mapping[str, Any]) -> list[str]:
    """The secret values in a request's body, at any depth."""
    found: list[str] = []
    for name, value in fields.items():
        if isinstance(value, Mapping):
            found += secrets_in(value)
        elif isinstance(value, str) and value and is_secret(str(name), is_sent=True):
            found.append(value)
    return found


def is_secret(name: str, *, is_sent: bool = False) -> bool:
    """Whether what has this name holds a secret.

    Args:
        name: Of a field, a member or a variable.
        is_sent: Whether it is a field of a request: a `code` there is a secret, and elsewhere mostly a status.
    """
    holds = SECRET.search(name) or (is_sent and "code" in name.lower())
    return bool(holds) and not PUBLIC.search(name)


def credentials_in(authorization: str) -> list[str]:
    """The secrets in an Authorization header. Source: RFC 6749 §2.3.1, RFC 6750 §2.1."""
    scheme, _, credentials = authorization.partition(" ")
    found = [credentials]
    if scheme.lower() == "basic":
        with contextlib.suppress(ValueError):
            secret = base64.b64decode(credentials).decode().partition(":")[2]
            found += [secret, unquote_plus(secret)]
    return [text for text in found if text]


def sent_in(error: BaseException) -> list[str]:
    """The secrets in the body and the credentials of the request behind a foreign error."""
    return sent_by(request_of(error))


def sent_by(request: Any) -> list[str]:
    """The secrets in the body and the credentials of a request of httpx or requests."""
    found: list[str] = []
    with contextlib.suppress(Exception):  # foreign objects' attributes may raise when they are asked for
        found += credentials_in(request.headers.get("Authorization") or "")
    with contextlib.suppress(Exception):
        body = _body(request)
        found += secrets_in(Response(status=0, body=body if isinstance(body, bytes) else body.encode()).fields())
    return found


def _body(request: Any) -> Any:
    """The body of a request of httpx or requests; httpx raises for a stream."""
    return request.content if hasattr(request, "content") else request.body


def carries(request: Any, secret: str) -> bool | None:
    """Whether a request of httpx or requests holds a secret, whole or in part; None where that cannot be seen.

    Args:
        request: Any object; None for an unknown request.
        secret: A code or token.
    """
    if request is None or len(secret) < SHORTEST:
        return None
    try:
        body = _body(request) or b""
        if len(body) > LARGEST:
            return None
        sent = [str(request.url), *map(str, request.headers.values())]
        sent.append(body if isinstance(body, str) else body.decode("utf-8", "replace"))
    except Exception:  # noqa: BLE001 - foreign objects' attributes may raise when they are asked for
        return None
    return any(without_secrets(text, [secret]) != text for text in sent)


def request_of(error: BaseException) -> Any:
    """The request behind a foreign error, from the error's response or the error itself; None where neither has it."""
    found: Any = None
    for holder in ("response", None):
        with contextlib.suppress(Exception):  # foreign errors' attributes may raise when they are asked for
            of: Any = getattr(error, holder) if holder else error
            found = found or of.request
    return found
