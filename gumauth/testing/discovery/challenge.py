"""The challenge that comes with a refusal of a protected resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Form = Literal["quoted", "unquoted", "twice", "after another scheme", "two headers", "missing"]
"""How the challenge is written; by which header a client has to find the same parameters.

"unquoted" leaves the quotes of URLs out; "twice" names another metadata document first, which is not there; "after
another scheme" and "two headers" have a Basic challenge first, in the same header or in one of its own.
"""

DECOY = 'Basic realm="Bearer resource_metadata=\\"no\\", scope=\\"no\\"", charset="UTF-8"'
"""A challenge of another scheme, whose realm looks like a Bearer challenge to who does not read quotes."""


def challenges(form: Form, parameters: Mapping[str, str], *, elsewhere: str) -> list[str]:
    """The values of the `WWW-Authenticate` headers.

    Args:
        form: How they are written.
        parameters: Of the Bearer challenge: `error`, `scope`, `resource_metadata`.
        elsewhere: The metadata document that "twice" names first.

    Source: RFC 9110 §11.6.1, RFC 6750 §3, RFC 9728 §5.1.
    """
    if form == "missing":
        return []
    pairs = list(parameters.items())
    if form == "twice" and "resource_metadata" in parameters:
        pairs.insert(0, ("resource_metadata", elsewhere))
    written = ", ".join(_written(name, value, form) for name, value in pairs)
    bearer = f"Bearer {written}".rstrip()
    if form == "two headers":
        return [DECOY, bearer]
    return [f"{DECOY}, {bearer}" if form == "after another scheme" else bearer]


def _written(name: str, value: str, form: Form) -> str:
    return f"{name}={value}" if form == "unquoted" and name == "resource_metadata" else f'{name}="{value}"'
