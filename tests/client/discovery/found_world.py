"""A world in which services are connected by their address alone, as `gumauth connect https://…` does."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.client.connect.connect import Connected
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.connect.retries import connect_as_needed
from gumauth.client.context import Context
from gumauth.client.discovery import services
from gumauth.client.discovery.find import USUAL, Wishes, find
from gumauth.client.discovery.resolve import resolved
from gumauth.client.discovery.service_client import ServiceClient
from gumauth.client.registered_clients import RegisteredClients
from gumauth.client.token import token
from gumauth.oauth2.discovery.service import Service
from gumauth.oauth2.registered_client import RegisteredClient
from gumauth.store.interface import Store
from gumauth.testing import AuthorizationServer
from gumauth.testing.log import Event
from gumauth.testing.person import PageRefused
from tests.client.world import Clock, Walker
from tests.store.memory import MemoryStore


class Visitor(Walker):
    """A person who goes to the service as soon as its page is shown, and who stays there if it shows an error."""

    def __init__(self, world: FoundWorld, **options: str | None) -> None:
        super().__init__(world, **options)  # type: ignore[arg-type]
        self.refused: list[str] = []

    def _go(self, url: str) -> None:
        try:
            super()._go(url)
        except PageRefused as refused:
            self.refused.append(str(refused))

    def sent(self) -> list[dict[str, str]]:
        """The parameters of each authorization request."""
        return [{name: value[0] for name, value in parse_qs(urlsplit(url).query).items()} for url in self.urls]

    @property
    def client_ids(self) -> list[str]:
        """The clients in whose name the person was asked, in order."""
        return [each["client_id"] for each in self.sent()]


@dataclass
class FoundWorld:
    """Everything that a test of a discovered service needs."""

    server: AuthorizationServer
    folder: Path
    clock: Clock
    store: Store = field(default_factory=MemoryStore)
    notices: list[str] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environ["GUMAUTH_HOME"] = str(self.folder / "home")
        self.context = self.new_context()

    def new_context(self) -> Context:
        """Another run of gumauth on the same folder and store."""
        return Context(self.environ, clock=self.clock, notify=self.notices.append, store=self.store)

    def connect(
        self,
        person: Walker | None = None,
        *,
        url: str | None = None,
        wishes: Wishes = USUAL,
        register: bool = False,
        **options: object,
    ) -> Connected:
        """Connect an address, as a person who consents does.

        Args:
            person: Goes to the service; None for somebody who consents.
            url: The address; None for the first resource of the server.
            wishes: Of the person.
            register: Whether a client is registered anew.
            options: Further members of the request.
        """
        person, context = person or Visitor(self), self.new_context()
        service = find(context, url or self.server.resource_url, wishes).service
        services.write(context, service)
        request = ConnectRequest(
            resolved=resolved(service),
            client=ServiceClient(context, service, register=register, say=person.say),
            **options,  # type: ignore[arg-type]
        )
        try:
            return asyncio.run(connect_as_needed(context, request, person))
        finally:
            person.rest()

    @property
    def name(self) -> str:
        """What the service is called: by its host and port."""
        return f"127.0.0.1.{urlsplit(self.server.url).port}"

    def account(self, reference: str | None = None) -> Account:
        return self.new_context().accounts.look_up(reference or self.name)

    def accounts(self) -> list[str]:
        return sorted(account.label for account in self.new_context().accounts.all())

    def token(self, reference: str | None = None, **options: float) -> Record:
        return token(self.new_context(), reference or self.name, **options)[1]

    def refreshed(self, reference: str | None = None) -> Record:
        """The record once the present token has come near its end, and was refreshed."""
        self.clock.move(3590)
        return self.token(reference)

    def service(self, name: str | None = None) -> Service | None:
        """What is remembered of a service."""
        return services.read(self.new_context(), name or self.name)

    def kept(self) -> list[RegisteredClient]:
        """The clients that are kept for the server, the newest first."""
        return [*RegisteredClients(self.new_context(), self.server.issuer).all()]

    def events(self, kind: str, outcome: str = "ok") -> list[Event]:
        """What the server did of a kind, oldest first."""
        return [event for event in self.server.log if (event.kind, event.outcome) == (kind, outcome)]


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
