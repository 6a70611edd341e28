"""A grant that has just come, for tests of what becomes of it."""

from __future__ import annotations

from collections.abc import Callable

from gumauth.client.account_match import Login
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.connect.grant import Grant
from gumauth.client.connect.notices import notices_of
from gumauth.client.connect.pending_account import PendingAccount
from gumauth.client.identity_request import Whose
from gumauth.client.provider_calls.calls import ProviderCalls
from tests.client.world import World


class Coming:
    """A grant that has just come, and its pending account."""

    def __init__(self, world: World, calls: ProviderCalls, grant: Grant, request: ConnectRequest) -> None:
        self.grant, self.request = grant, request
        self.pending = PendingAccount(world.context, calls)

    @property
    def key(self) -> str:
        """Of the account without a name."""
        return self.pending._unnamed.key

    @property
    def notices(self) -> list[str]:
        return notices_of(self.pending)

    def save(self) -> None:
        self.pending.save(self.grant)

    def commit(self, whose: Whose) -> None:
        login = Login(
            whose=whose,
            alias=self.request.alias,
            source=self.request.resolved.source,
            has_refresh_token=True,
            replaces=self.request.replace,
        )
        self.pending.commit(self.grant, login)

    def discard(self) -> None:
        self.pending.discard()


Make = Callable[..., Coming]


def called(nickname: str) -> Whose:
    """What a provider says that tells a nickname and no identity."""
    return Whose(nickname=nickname, identity="")
