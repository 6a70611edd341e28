"""A connect that is tried once more where the service says that another client, or no `resource`, would do.

Promises D5, D7, M24, M25.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from gumauth.client.connect.authorization_code import AuthorizationCode
from gumauth.client.connect.client_source import ClientSource
from gumauth.client.connect.connect import Connected, connect
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.connect.flow import Flow
from gumauth.client.context import Context
from gumauth.client.prompts import Prompts
from gumauth.errors import CallbackTimeout, GumauthError
from gumauth.platform.threads import in_thread

NOTING = 1.0
"""Seconds for which a person who has pressed Ctrl-C waits for a note at most."""


async def connect_as_needed(
    context: Context, request: ConnectRequest, prompts: Prompts, flow: type[Flow] = AuthorizationCode
) -> Connected:
    """Connect an account; the arguments and errors are those of `connect`."""
    client = request.client
    if client is None:
        return await connect(context, request, prompts, flow)
    while True:
        try:
            connected = await _tried(context, request, prompts, flow, client)
        except GumauthError as error:
            again = await in_thread(client.again, error)
            if again is None:
                raise
            resolved, why = again
            prompts.say(why)
            request = replace(request, resolved=resolved)
        else:
            await in_thread(client.worked)
            return connected


async def _tried(
    context: Context, request: ConnectRequest, prompts: Prompts, flow: type[Flow], client: ClientSource
) -> Connected:
    """One try; where nobody came back, the client's source hears it, and what it advises is told."""
    try:
        return await connect(context, request, prompts, flow)
    except asyncio.CancelledError:
        if sentence := await _unanswered(client):
            prompts.say(sentence)
        raise
    except CallbackTimeout as error:
        error.add(hint=await _unanswered(client))
        raise


async def _unanswered(client: ClientSource) -> str:
    """What the client's source advises; "" where it does not answer soon, as with a store that hangs. Promise C10."""
    try:
        async with asyncio.timeout(NOTING):
            return str(await in_thread(client.unanswered))
    except TimeoutError:
        return ""
