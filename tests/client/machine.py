"""A service that gives a client tokens of its own, and the connect of such an account."""

from __future__ import annotations

import asyncio
import json
import secrets

from gumauth.accounts.account import CLIENT_CREDENTIALS
from gumauth.client.connect.client_credentials import ClientCredentials
from gumauth.client.connect.connect import Connected, connect
from tests.client.world import Walker, World
from tests.loopback import Answer, Loopback, Seen


class Machine:
    """The endpoints for tokens and revocation, on a server of their own; the consent page is the world's.

    Args:
        world: Its provider's file is written again, so that it names these endpoints.
        server: Answers with a new token to every request, until it is told otherwise.
        attributes: More attributes of the provider.
    """

    def __init__(self, world: World, server: Loopback, **attributes: object) -> None:
        self.world, self.server = world, server
        endpoints = {"token_url": f"{server.url}/token", "revoke_url": f"{server.url}/revoke"}
        world.write_provider(scopes=("read",), **{"issuer": None, **endpoints, **attributes})
        self.tokens: list[str] = []
        self.give()

    def give(self, count: int = 20, **more: object) -> None:
        """Answer with so many different tokens in turn."""
        tokens = [secrets.token_urlsafe(16) for _ in range(count)]
        bodies = [{"access_token": token, "expires_in": 3600, "scope": "read", **more} for token in tokens]
        self.server.answers = [Answer(body=json.dumps(body).encode()) for body in bodies]
        self.tokens += tokens

    @property
    def asked(self) -> list[Seen]:
        """The token requests so far."""
        return [seen for seen in self.server.seen if seen.path == "/token"]

    def connect(self, person: Walker | None = None, **options: object) -> Connected:
        """Connect the client itself, which shows nobody anything."""
        request = self.world.request(grant_type=CLIENT_CREDENTIALS, **options)
        person = person or Walker(self.world)
        connected = asyncio.run(connect(self.world.new_context(), request, person, ClientCredentials))
        assert (person.urls, person.asked) == ([], [])
        return connected
