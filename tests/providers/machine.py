"""A machine with gumauth, and a person before it who allows everything, below the command line and in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.client.connect.authorization_code import AuthorizationCode
from gumauth.client.connect.connect import connect
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.connect.device import DeviceCode
from gumauth.client.connect.flow import Flow
from gumauth.client.context import Context
from gumauth.client.prompts import Prompts
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.client.refresh.refresh import refresh
from gumauth.client.token import token
from gumauth.errors import GumauthError
from gumauth.registry.lookup import find
from tests.client.world import Clock
from tests.providers.standin_person import Person
from tests.store.memory import MemoryStore


class Machine:
    """Has accounts of one service.

    Args:
        service: Its name, and perhaps its place: "gitlab --host git.example.com".
        environ: Leads to the service, and holds the client's credentials.
        clock: Of the machine.
        follow: Opens an authorization URL as a person who allows access; gives the URL that follows.
        approve: Allows a user code.
        port: Of the callback; 0 for any.
        pastes: Whether the URL that follows is pasted.
    """

    def __init__(
        self,
        service: str,
        environ: Mapping[str, str],
        clock: Clock,
        *,
        follow: Callable[[str], str],
        approve: Callable[[str], None] = lambda _code: None,
        port: int = 0,
        pastes: bool = False,
    ) -> None:
        self.resolved = find(service, cwd="/")
        self.environ, self.clock, self.store = dict(environ), clock, MemoryStore()
        self._follow, self._approve, self._port, self._pastes = follow, approve, port, pastes
        self.notices: list[str] = []

    @property
    def context(self) -> Context:
        """Another run of gumauth."""
        return Context(self.environ, clock=self.clock, notify=self.notices.append, store=self.store)

    def connect(self, flow: type[Flow] = AuthorizationCode) -> tuple[Account, list[str]]:
        """The account, and what was said."""
        person = Person(self._follow, self._approve, pastes=self._pastes)
        request = ConnectRequest(resolved=self.resolved, port=self._port, timeout=20)
        try:
            connected = asyncio.run(connect(self.context, request, person, flow))
        finally:
            person.rest()
        return connected.account, [*connected.notices, *person.said]

    def connect_device(self) -> Account:
        """The account, by a code that the person enters elsewhere."""
        clock = self.clock

        async def sleep(seconds: float) -> None:
            clock.move(seconds)

        class OfThisClock(DeviceCode):
            def __init__(
                self, context: Context, request: ConnectRequest, calls: ProviderCalls, prompts: Prompts, shown: str
            ) -> None:
                super().__init__(context, request, calls, prompts, shown, clock=clock, sleep=sleep)

        return self.connect(OfThisClock)[0]

    def token(self) -> Record:
        """What is handed out now."""
        return token(self.context, self.resolved.name)[1]

    def account(self) -> Account:
        """The one account."""
        return self.context.accounts.look_up(self.resolved.name)

    def refresh_by_hand(self) -> GumauthError | None:
        """Why it did not work; None where it did."""
        return refresh(self.context, [self.resolved.name])[0].error
