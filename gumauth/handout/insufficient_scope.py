"""The warning about a request that was refused because the token lacks a scope. Promise D10.

Source: RFC 6750 §3.1; MCP authorization, "Scope Challenge Handling".
"""

from __future__ import annotations

import shlex
import sys
import warnings
from collections.abc import Iterable
from types import FrameType

from gumauth.accounts.account import Account
from gumauth.handout import python
from gumauth.oauth2.discovery.challenge import bearer
from gumauth.platform.text import one_line

MOST_SHOWN = 10
"""Scopes that a warning names; a service may list any number."""

MOST_TOLD = 200
"""Warnings that are remembered, so that each is shown once."""

OURS = ("gumauth", "httpx", "requests")
"""The packages between a program's request and the warning about it."""

_told: dict[str | tuple[str, type[Warning], int], int] = {}


class InsufficientScope(UserWarning):
    """A request was refused because the account's token lacks a scope; the message has the command that asks for it."""


def tell(used: python.CachedToken, host: str, values: Iterable[str]) -> None:
    """Warn where a 403 says that the token lacks a scope. Promise D10.

    The next request looks for another token: the person may have connected the account with that scope meanwhile.

    Args:
        used: Holds the token that was sent.
        host: Where to: one that the token may be sent to.
        values: Of the WWW-Authenticate fields of the response.
    """
    needed = wanted(values)
    if needed is not None and not used.account.is_key:  # which has no scopes to ask for
        python.drop(used.record.access_token)
        warn(used.account, host, needed)


def wanted(values: Iterable[str]) -> tuple[str, ...] | None:
    """The scopes that a 403 asks for, empty where it does not say which; None where it asks for none.

    Args:
        values: Of the WWW-Authenticate fields of the response.
    """
    challenge = bearer(values)
    if challenge is None or challenge.error != "insufficient_scope":
        return None
    return challenge.scopes or ()


def warn(account: Account, host: str, needed: tuple[str, ...]) -> None:
    """Warn of a request for which a token lacks a scope.

    Args:
        account: Whose token was sent.
        host: Where to: one that the token may be sent to.
        needed: The scopes that are needed; foreign text.
    """
    if len(_told) >= MOST_TOLD:
        _told.clear()
    frame = _caller()
    place = frame.f_code.co_filename, frame.f_lineno
    module = str(frame.f_globals.get("__name__", "<unknown>"))
    message = sentence(account, host, needed)
    warnings.warn_explicit(message, InsufficientScope, *place, module=module, registry=_told)


def sentence(account: Account, host: str, needed: tuple[str, ...]) -> str:
    """That an account's token lacks scopes, with the command that asks for them.

    Args:
        account: Whose token was sent.
        host: Where to.
        needed: The scopes that are needed; foreign text.
    """
    scopes = [scope for scope in needed if scope not in account.scopes] or [*needed]
    return _message(account.label, account.argument, one_line(host), scopes[:MOST_SHOWN])


def _message(label: str, argument: str, host: str, scopes: list[str]) -> str:
    if not scopes:
        return f"The token of {label} lacks a scope for this request, and {host} does not say which."
    shown = [one_line(scope) for scope in scopes]
    # A scope that begins like an option is not to be read as one.
    added = " ".join(f"--add-scope{'=' if scope.startswith('-') else ' '}{shlex.quote(scope)}" for scope in shown)
    named = " ".join(shown)
    return f"The token of {label} lacks {named} for this request to {host}. Run `gumauth connect {argument} {added}`."


def _caller() -> FrameType:
    """The place in the program that sends the request: the nearest that is not the client's or ours."""
    frame = sys._getframe(1)  # noqa: SLF001 - `skip_file_prefixes` of `warnings` came with Python 3.12
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).partition(".")[0] in OURS:
        frame = frame.f_back
    return frame
