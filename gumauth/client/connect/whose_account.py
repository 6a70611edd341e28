"""Whose account new tokens belong to, asked of the provider while they are being stored."""

from __future__ import annotations

import asyncio
from typing import Any

from gumauth.client.connect.interruption import Interruption
from gumauth.client.identity_request import PATIENCE, Whose, read_identity, read_nickname, unknown
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import GumauthError, Temporary
from gumauth.oauth2.identity import NONE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.oauth2.traits import Method


async def ask(calls: ProviderCalls, access_token: str, interruption: Interruption, shown: str) -> Whose:
    """Whose account it is, with what the person should know of the answers; Ctrl-C ends the asking.

    A token in hand is kept also where this cannot be told.

    Args:
        calls: The provider.
        access_token: Secret.
        interruption: Of the connect.
        shown: What people call the provider.
    """
    nickname, error = await _ask(calls, "get_nickname", access_token, interruption)
    identity, notices = _not_told(error), list[str]()
    if calls.traits.has("get_identity") and not interruption.heard:
        # What does not answer one question is not waited for as long again.
        seconds = None if error is None else PATIENCE
        told, failure = await _ask(calls, "get_identity", access_token, interruption, seconds)
        identity, odd = (_not_told(failure), ()) if failure else read_identity(told)
        notices += odd
        if error is not None and failure is None:
            # It answers again.
            nickname, error = await _ask(calls, "get_nickname", access_token, interruption, PATIENCE)
    if error is not None:
        notices += error.way if calls.shows_ways else ()
        notices.append(unknown(shown, error))
    name, odd = read_nickname(nickname)
    notices += odd
    if interruption.heard:
        return Whose(notices=tuple(notices))
    return Whose(nickname=name, identity=identity, notices=tuple(notices))


async def _ask(
    calls: ProviderCalls, method: Method, access_token: str, interruption: Interruption, seconds: float | None = None
) -> tuple[Any, GumauthError | None]:
    """What a method says of a token, or why it says nothing."""
    try:
        return await calls.finish(method, calls.start(method, access_token), seconds=seconds), None
    except asyncio.CancelledError:
        interruption.hear()
        return None, None
    except GumauthError as error:
        return None, error


def _not_told(error: GumauthError | None) -> str | None:
    """The identity where none was told: none at all, or unknown where the provider could not answer just now."""
    return None if isinstance(error, Temporary) else NONE
