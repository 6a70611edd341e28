"""Connecting by a flow that has no listener and no page: what a flow has to do, and what is done for it."""

from __future__ import annotations

import asyncio

import pytest

from gumauth.client.connect.connect import Connected, connect
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.connect.flow import Outcome
from gumauth.client.connect.grant import Grant
from gumauth.client.connect.token_request import TokenRequest
from gumauth.client.context import Context
from gumauth.client.prompts import Prompts
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import TokenEndpointError
from gumauth.platform.threads import in_thread
from gumauth.testing import Fault
from tests.client.world import Walker, World

REDIRECT_URI = "http://127.0.0.1:1/callback"


def connect_by_hand(world: World, outcomes: list[Outcome], *, tries: int = 1) -> Connected:
    """Connect with a code that nobody listened for; sent again, where the answer is an error, up to so many times."""

    class ByHand:
        def __init__(
            self, context: Context, request: ConnectRequest, calls: ProviderCalls, prompts: Prompts, shown: str
        ) -> None:
            self.calls = calls
            assert (context, request.resolved, prompts.attended, shown) == (
                world.context,
                calls.resolved,
                False,
                "acme",
            )

        async def obtain(self, tokens: TokenRequest) -> Grant:
            for _ in range(tries - 1):
                try:
                    return await self._send(tokens)
                except TokenEndpointError:
                    [account] = world.new_context().accounts.all()
                    assert (account.state, account.requested_scopes) == ("connecting", ("read",))
            return await self._send(tokens)

        async def _send(self, tokens: TokenRequest) -> Grant:
            url = await in_thread(self.calls.get_url, REDIRECT_URI, "state")
            code = await in_thread(world.server.code_from, url)
            return await tokens.send("exchange", code, REDIRECT_URI, client_id="acme-app", requested=("read",))

        async def finish(self, outcome: Outcome) -> None:
            outcomes.append(outcome)

    return asyncio.run(connect(world.context, world.request(), Walker(world), ByHand))


def test_an_account_is_connected_without_a_listener_and_the_flow_is_told_which(world: World) -> None:
    outcomes: list[Outcome] = []
    account = connect_by_hand(world, outcomes).account
    assert outcomes == [account]
    assert account == world.account()
    assert (account.nickname, account.requested_scopes) == ("ada@example.com", ("read",))
    assert world.server.is_active(world.token().access_token)


@pytest.mark.requirement("Y7")
def test_a_flow_that_asks_again_and_again_has_one_pending_account(world: World) -> None:
    world.server.misbehave("token", Fault.error("invalid_request"), times=2)
    outcomes: list[Outcome] = []
    account = connect_by_hand(world, outcomes, tries=3).account
    assert outcomes == [account]
    assert list(world.new_context().accounts.all()) == [account]


@pytest.mark.requirement("Y7")
def test_a_flow_that_obtains_nothing_is_told_why_and_leaves_nothing(world: World) -> None:
    world.server.misbehave("token", Fault.error("invalid_client"))
    outcomes: list[Outcome] = []
    with pytest.raises(TokenEndpointError) as caught:
        connect_by_hand(world, outcomes)
    assert outcomes == [caught.value]
    assert list(world.new_context().accounts.all()) == []
