"""Which fields of a request, and which variables and members, hold secrets, by their names. Pure. Promises S1, S2."""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

SECRET = re.compile(r"(?i)(token|secret|passw|assertion|verifier|credential|api_?key|auth\w*_code$|^authorization$)")
PUBLIC = re.compile(r"(?i)(type|hint|method|url|uri|endpoint|error|status|expires\w*|expiry|path|file|name|variable)$")
"""Names of members and variables that hold secrets, except for names that end so: `token_url`."""

PUBLIC_SENT = ("type", "type_hint", "method")
"""The only names of a request's fields that end so hold no secret: `token_type_hint`, but not `id_token_hint`."""


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
    """Whether a field, member or variable with this name holds a secret.

    Args:
        name: Of the field, member or variable.
        is_sent: Whether the name is of a request's field: a `code` there is a secret, and elsewhere mostly a status.
    """
    if is_sent:
        return bool(SECRET.search(name) or "code" in name.lower()) and not name.lower().endswith(PUBLIC_SENT)
    return bool(SECRET.search(name)) and not PUBLIC.search(name)


def credentials_in(authorization: str) -> list[str]:
    """The secrets in an Authorization header. Source: RFC 6749 §2.3.1, RFC 6750 §2.1."""
    scheme, _, credentials = authorization.partition(" ")
    found = [credentials]
    if scheme.lower() == "basic":
        with contextlib.suppress(ValueError):
            secret = base64.b64decode(credentials).decode().partition(":")[2]
            found += [secret, unquote_plus(secret)]
    return [text for text in found if text]
