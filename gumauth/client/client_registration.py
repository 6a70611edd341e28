"""A client for a connect: a kept one that the server still knows, or a new one. Promises D7, D8, M23, M28."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass

from gumauth.client.context import Context
from gumauth.client.registered_clients import MOST, RegisteredClients, usable
from gumauth.client.trace.step import step
from gumauth.errors import GumauthError
from gumauth.oauth2 import registration, registration_calls
from gumauth.oauth2.discovery.addresses import is_address
from gumauth.oauth2.http import transport
from gumauth.oauth2.http.listeners import heard_by
from gumauth.oauth2.registered_client import RegisteredClient
from gumauth.platform.threads import in_thread

MOST_ASKED = 3
"""Kept clients of which the server is asked whether they still live, before a new one is registered."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a client has to be good for; the arguments of `obtain`."""

    issuer: str
    registration_url: str
    token_url: str
    auth_methods: tuple[str, ...] | None
    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    scope: str | None
    anew: bool
    keep: Collection[str]


async def obtain(
    context: Context,
    *,
    issuer: str,
    registration_url: str,
    token_url: str,
    auth_methods: tuple[str, ...] | None,
    redirect_uris: tuple[str, ...],
    grant_types: tuple[str, ...],
    anew: bool,
    say: Callable[[str], None],
    keep: Collection[str] = (),
    scope: str | None = None,
) -> RegisteredClient:
    """The client for a connect, kept in the store. One process at a time registers at an issuer.

    It runs on a thread of its own, with its own event loop: the caller's may serve a listener meanwhile.

    Args:
        context: Folders, store and clock.
        issuer: As its metadata spells it.
        registration_url: The registration endpoint.
        token_url: The token endpoint, at which a kept client is tried.
        auth_methods: Of client authentication, as the metadata lists them; None where it does not.
        redirect_uris: The redirect URIs that the connect can serve: on 127.0.0.1 and on localhost, with the port that
            is held. Empty for a grant without a browser. The client has at least one of them.
        grant_types: The grant that the connect begins with, then others, such as "refresh_token".
        anew: Whether no kept client will do. One that another process has registered meanwhile will.
        say: Shows the person one sentence; called on the caller's event loop.
        keep: Ids of clients that are kept whatever their number; empty for those to which accounts' tokens were issued.
        scope: Of the registration; None for none.

    Raises:
        RegistrationError: The server does not register clients, or none that can be used.
        Temporary: The server cannot answer now, or could not be reached.
        Busy: Another process has been registering for too long.
        StoreError: The store cannot be read, or does not keep the client.
    """
    wanted = Wanted(
        issuer=issuer,
        registration_url=registration_url,
        token_url=token_url,
        auth_methods=auth_methods,
        redirect_uris=redirect_uris,
        grant_types=grant_types,
        scope=scope,
        anew=anew,
        keep=keep,
    )
    loop = asyncio.get_running_loop()

    def tell(sentence: str) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(say, sentence)

    client: RegisteredClient = await in_thread(_obtain, context, wanted, tell)
    return client


def _obtain(context: Context, wanted: Wanted, say: Callable[[str], None]) -> RegisteredClient:
    clients = RegisteredClients(context, wanted.issuer)
    known = {client.client_id for client in clients.readable()}
    with clients.locked() as lock:
        candidates = usable(clients.readable(), wanted.grant_types[0], wanted.redirect_uris, context.clock())
        new = [client for client in candidates if client.client_id not in known]
        if lock.has_waited and new:
            return new[0]  # another process has registered it while this one waited
        return asyncio.run(_kept_or_new(context, clients, wanted, [] if wanted.anew else candidates, say))


async def _kept_or_new(
    context: Context,
    clients: RegisteredClients,
    wanted: Wanted,
    candidates: list[RegisteredClient],
    say: Callable[[str], None],
) -> RegisteredClient:
    try:
        for kept in candidates[:MOST_ASKED]:
            with step(context.trace, "client look-up") as heard, heard_by(*heard):
                is_alive, client = await registration_calls.look_up(kept, token_url=wanted.token_url)
            if is_alive is not False:
                clients.update(client)
                return client
            clients.doubt(client.client_id, context.clock())
        with step(context.trace, "registration") as heard, heard_by(*heard):
            client = await _register(context, wanted)
        clients.add(client, wanted.keep or _in_use(context, clients))
        say(f"{registration.speaker(wanted.issuer)} has registered gumauth as a client.")
        return client
    finally:
        await transport.close()


async def _register(context: Context, wanted: Wanted) -> RegisteredClient:
    url = wanted.registration_url
    request = registration.RegistrationRequest(
        redirect_uris=wanted.redirect_uris,
        grant_types=wanted.grant_types,
        auth_method=registration.choose_method(wanted.auth_methods, url),
        scope=wanted.scope,
    )
    return await registration_calls.register(url, request, clock=context.clock)


def _in_use(context: Context, clients: RegisteredClients) -> set[str]:
    """The ids of the clients to which accounts' tokens were issued, where there are too many to keep. Promise M41.

    Where an account's record cannot be read, each client may be its own.
    """
    kept = clients.readable()
    if len(kept) < MOST:
        return set()
    try:
        discovered = [account for account in context.accounts.all() if is_address(account.source)]
        return {context.accounts.read(account).client_id or "" for account in discovered}
    except GumauthError:
        return {client.client_id for client in kept}
