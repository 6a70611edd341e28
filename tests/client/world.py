"""A small world for the rules: a strict server, a provider file for it, a folder, a store, a clock, and a person."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.client.connect.connect import Connected, connect
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.context import Context
from gumauth.client.token import token
from gumauth.oauth2.device import DeviceAuthorization
from gumauth.platform.frozen import replace
from gumauth.registry.lookup import find
from gumauth.store.interface import Store
from gumauth.testing import AuthorizationServer, Client, deliver, write_provider
from tests.accounts.directly import records_of, save
from tests.store.memory import MemoryStore


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: float = 1_750_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds


class Walker:
    """A person who goes to the provider over plain HTTP, as soon as the URL is shown."""

    def __init__(
        self, world: World, *, approve: bool = True, nickname: str | None = None, workspace: str | None = None
    ) -> None:
        self.world, self.approve, self.nickname, self.workspace = world, approve, nickname, workspace
        self.urls: list[str] = []
        self.codes: list[tuple[DeviceAuthorization, str, tuple[str, ...]]] = []
        self.said: list[str] = []
        self.hints = 0
        self.answers: dict[str, bool] | None = None
        """What is answered to a question in which a text stands; None where nobody can be asked."""
        self.asked: list[str] = []
        self.page: tuple[int, str] | None = None
        self.details: list[tuple[str, str]] = []
        self.certificates: list[tuple[str, str]] = []
        self._walk: threading.Thread | None = None

    def show_details(self, rows: Sequence[tuple[str, str]]) -> None:
        self.details += rows

    def show_certificate(self, fingerprint: str, *, redirect_uri: str) -> None:
        self.certificates.append((fingerprint, redirect_uri))

    def show_url(self, url: str, *, port: int) -> None:
        self.urls.append(url)

    def show_code(self, authorization: DeviceAuthorization, *, shown: str, scopes: Sequence[str]) -> None:
        self.codes.append((authorization, shown, tuple(scopes)))

    def open_url(self, url: str) -> None:
        self._walk = threading.Thread(target=self._go, args=(url,))
        self._walk.start()

    def _go(self, url: str) -> None:
        server = self.world.server
        back = server.follow(url, approve=self.approve, person=self.nickname, workspace=self.workspace)
        self.page = deliver(back)

    def rest(self) -> None:
        """Wait until the page has been seen."""
        if self._walk is not None:
            self._walk.join(10)

    async def pasted(self) -> AsyncIterator[str]:
        await asyncio.Event().wait()
        yield ""  # pragma: no cover

    def waiting(self) -> None:
        pass

    def hint(self) -> None:
        self.hints += 1

    def say(self, sentence: str) -> None:
        self.said.append(sentence)

    @property
    def attended(self) -> bool:
        return self.answers is not None

    async def agree(self, question: str, *, usually: bool) -> bool:
        self.asked.append(question)
        return next((said for text, said in (self.answers or {}).items() if text in question), usually)


@dataclass
class World:
    """Everything that a test of the rules needs."""

    server: AuthorizationServer
    folder: Path
    clock: Clock
    store: Store = field(default_factory=MemoryStore)
    notices: list[str] = field(default_factory=list)
    attributes: dict[str, object] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The questions of the latest connect."""

    def __post_init__(self) -> None:
        secret = secrets.token_urlsafe(16)
        self.environ |= {
            "GUMAUTH_HOME": str(self.folder / "home"),
            "ACME_CLIENT_ID": "acme-app",
            "ACME_CLIENT_SECRET": secret,
        }
        uris = ("http://127.0.0.1/callback",)
        self.server.register(Client("acme-app", secret=secret, redirect_uris=uris, any_port=True))
        self.write_provider()
        self.context = self.new_context()

    def write_provider(self, **attributes: object) -> Path:
        """The provider's file, again, with other attributes."""
        self.attributes = {"redirect_host": "127.0.0.1", "redirect_ports": (), **self.attributes, **attributes}
        self.file = write_provider(self.server, self.folder, **self.attributes)  # type: ignore[arg-type]
        return self.file

    def new_context(self) -> Context:
        """Another run of gumauth on the same folder and store."""
        return Context(self.environ, clock=self.clock, notify=self.notices.append, store=self.store)

    def request(self, **options: object) -> ConnectRequest:
        found = find(str(self.file), cwd="/")
        return ConnectRequest(resolved=found, **options)  # type: ignore[arg-type]

    def connect(self, person: Walker | None = None, **options: object) -> Connected:
        """Connect, as a person who consents does."""
        person = person or Walker(self)
        try:
            return asyncio.run(connect(self.context, self.request(**options), person))
        finally:
            self.asked = person.asked
            person.rest()

    def token(self, reference: str = "acme", **options: float) -> Record:
        return token(self.new_context(), reference, **options)[1]

    def account(self, reference: str = "acme") -> Account:
        return self.new_context().accounts.look_up(reference)

    def hold(self, *, stored: bool = True) -> Account:
        """What the connect of the one account had listed before it was known whose it is, as a kill leaves it."""
        named = self.account()
        held = replace(named, id="0" * 16, nickname=None, alias=None, state="connecting", slot="a")
        if stored:
            held, _ = records_of(self.context).put(held, self.token())
        save(self.context, held)
        return held
