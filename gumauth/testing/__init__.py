"""A strict OAuth authorization server on loopback: for tests, `gumauth demo` and authors of providers.

In pytest, `authorization_server` is a fixture. Elsewhere:

    with AuthorizationServer() as server:
        server.register(Client("my-app", "my-secret", redirect_uris=("http://localhost:4862/callback",)))
        write_provider(server, ".", name="acme")  # its client: ACME_CLIENT_ID=my-app ACME_CLIENT_SECRET=my-secret
        input()  # while `gumauth connect ./acme.py` runs in another process

Values in, values out: server, addresses, settings, parts, routes, authorization_endpoint, consent, pushed,
token_endpoint, token_responses, token_uses, client_requests, clients, grants, families, issued, indicators, identity,
id_token, log; in discovery/ what a client can find out by itself, in device/ the grant for devices.
Around them: messages, listening (sockets), faults and misbehaviour, person, provider_file, plugin (pytest).
Imports of gumauth only the errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gumauth.testing.clients import Client
    from gumauth.testing.faults import Fault
    from gumauth.testing.log import Event
    from gumauth.testing.person import PageRefused, deliver
    from gumauth.testing.provider_file import write_provider
    from gumauth.testing.server import AuthorizationServer

__all__ = ["AuthorizationServer", "Client", "Event", "Fault", "PageRefused", "deliver", "write_provider"]

_PLACES = {
    "AuthorizationServer": "server",
    "Client": "clients",
    "Event": "log",
    "Fault": "faults",
    "PageRefused": "person",
    "deliver": "person",
    "write_provider": "provider_file",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for (PEP 562): pytest imports this package in every test run."""
    if name not in _PLACES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module

    value = getattr(import_module(f"gumauth.testing.{_PLACES[name]}"), name)
    globals()[name] = value
    return value
