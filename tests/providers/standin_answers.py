"""A service's answers, as its documentation shows them, with the tokens and times of the strict server in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.providers.row import ACCESS, REFRESH

ENDS = ("expires_at", "expires")
"""The members that say when a token ends, as seconds or milliseconds since 1970, or as an ISO 8601 time."""

MILLISECONDS = 1e11
LONGEST_LIFE = 1e9


def holds(template: Any, placeholder: str) -> bool:
    """Whether a placeholder stands anywhere in an answer."""
    if isinstance(template, Mapping):
        return any(holds(value, placeholder) for value in template.values())
    if isinstance(template, list):
        return any(holds(value, placeholder) for value in template)
    return isinstance(template, str) and placeholder in template


def filled(template: Any, tokens: Mapping[str, Any], ends: float) -> Any:
    """An answer with tokens in place of `ACCESS` and `REFRESH`, and with the time at which they end.

    Args:
        template: As the documentation shows it.
        tokens: The strict server's answer.
        ends: When the access token ends, in seconds since 1970.
    """
    if isinstance(template, Mapping):
        return {
            name: _end(value, ends) if name in ENDS else filled(value, tokens, ends) for name, value in template.items()
        }
    if isinstance(template, list):
        return [filled(value, tokens, ends) for value in template]
    if not isinstance(template, str):
        return template
    return template.replace(ACCESS, tokens["access_token"]).replace(REFRESH, tokens.get("refresh_token", ""))


def _end(shown: Any, ends: float) -> Any:
    """The time in the spelling of the one that the documentation shows."""
    if isinstance(shown, str) and not shown.isdigit():
        return f"{datetime.fromtimestamp(ends, UTC):%Y-%m-%dT%H:%M:%SZ}"
    if not shown or float(shown) <= LONGEST_LIFE:
        return shown  # seconds that it lives
    end = int(ends * 1000) if float(shown) >= MILLISECONDS else int(ends)
    return str(end) if isinstance(shown, str) else end
