"""Ending a grant at providers of all kinds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gumauth import AuthProvider, TokenResponse
from gumauth.client.calls import Calls
from gumauth.client.grant import end_grant
from gumauth.errors import CannotRevoke, ProviderCodeError, TokenEndpointError
from gumauth.found import Found
from gumauth.store.records import Record
from gumauth.values import replace
from tests.client.world import World

BOTH = Record(access_token="access", refresh_token="refresh", account={})
ACCESS = Record(access_token="access", account={})


class Acme(AuthProvider):
    """The contract, and no way to revoke."""

    name = "acme"

    def __init__(self) -> None:
        self.ended: list[tuple[str, ...]] = []

    def get_url(self, redirect_uri: str, state: str) -> str:
        raise NotImplementedError

    async def exchange(self, code: str, redirect_uri: str) -> TokenResponse:
        raise NotImplementedError

    async def refresh(self, refresh_token: str) -> TokenResponse:
        raise NotImplementedError

    async def get_nickname(self, access_token: str) -> str:
        raise NotImplementedError


class Foreign:
    """Not of our class, and without `revoke`."""

    name = "acme"


class ByContract(Acme):
    """Revokes as the contract says."""

    answer: Any = True

    async def revoke(self, access_token: str) -> bool:
        self.ended.append((access_token,))
        return self.answer  # type: ignore[no-any-return]


class TokenByToken(Acme):
    """Revokes one token at a time."""

    answers: dict[str, Any] = {"refresh_token": True, "access_token": True}  # noqa: RUF012

    async def revoke_token(self, token: str, kind: str) -> bool:
        self.ended.append((token, kind))
        return self.answers[kind]  # type: ignore[no-any-return]


@contextmanager
def calling(world: World, provider_class: type) -> Iterator[Calls]:
    calls = Calls(world.context, Found(provider_class=provider_class, source="/a.py:A", name="acme", origin="/a.py"))
    try:
        yield calls
    finally:
        calls.close()


@pytest.mark.requirement("L1")
@pytest.mark.parametrize(
    ("record", "ended"),
    [(BOTH, [("refresh", "refresh_token"), ("access", "access_token")]), (ACCESS, [("access", "access_token")])],
)
def test_the_refresh_token_goes_first_where_there_is_one(
    world: World, record: Record, ended: list[tuple[str, ...]]
) -> None:
    with calling(world, TokenByToken) as calls:
        end_grant(calls, record)
        assert calls.provider.ended == ended


@pytest.mark.requirement("L1")
@pytest.mark.parametrize(
    ("refresh", "access", "ended"), [(True, False, True), (False, True, True), (False, False, False)]
)
def test_a_grant_has_ended_when_a_token_of_it_has(world: World, refresh: bool, access: bool, ended: bool) -> None:
    with calling(world, TokenByToken) as calls:
        calls.provider.answers = {"refresh_token": refresh, "access_token": access}
        if ended:
            end_grant(calls, BOTH)
        else:
            with pytest.raises(CannotRevoke, match=r"^acme offers no way"):
                end_grant(calls, BOTH)
        assert len(calls.provider.ended) == 2


@pytest.mark.requirement("L1")
def test_a_provider_file_is_given_the_access_token(world: World) -> None:
    with calling(world, ByContract) as calls:
        end_grant(calls, BOTH)
        assert calls.provider.ended == [("access",)]


@pytest.mark.requirement("L1")
def test_a_provider_file_that_says_no_has_not_ended_the_grant(world: World) -> None:
    with calling(world, ByContract) as calls:
        calls.provider.answer = False
        with pytest.raises(TokenEndpointError, match=r"^acme did not end the grant"):
            end_grant(calls, BOTH)


@pytest.mark.requirement("L1")
@pytest.mark.parametrize("provider_class", [Acme, Foreign])
def test_the_contracts_own_revoke_which_does_nothing_is_no_way(world: World, provider_class: type) -> None:
    with calling(world, provider_class) as calls, pytest.raises(CannotRevoke):
        end_grant(calls, BOTH)


@pytest.mark.requirement("F12", "L1")
@pytest.mark.parametrize("provider_class", [ByContract, TokenByToken])
def test_tokens_are_not_sent_to_be_revoked_where_the_endpoint_is_another_one_than_they_came_from(
    world: World, provider_class: type
) -> None:
    with calling(world, provider_class) as calls:
        calls.provider.token_url = "https://acme.example/token"
        with pytest.raises(CannotRevoke, match="token endpoint of acme is not the one"):
            end_grant(calls, replace(BOTH, token_url="https://elsewhere.example/token"))
        assert calls.provider.ended == []


@pytest.mark.requirement("L1")
@pytest.mark.parametrize("token_url", [None, "https://acme.example/token"])
def test_tokens_are_revoked_where_the_endpoint_is_the_same_or_was_not_known(
    world: World, token_url: str | None
) -> None:
    with calling(world, ByContract) as calls:
        calls.provider.token_url = "https://acme.example/token"
        end_grant(calls, replace(BOTH, token_url=token_url))
        assert calls.provider.ended == [("access",)]


@pytest.mark.requirement("P4")
@pytest.mark.parametrize(("provider_class", "method"), [(ByContract, "revoke"), (TokenByToken, "revoke_token")])
@pytest.mark.parametrize("answer", [None, 1, "yes"])
def test_another_answer_than_true_or_false_is_not_believed(
    world: World, provider_class: type, method: str, answer: object
) -> None:
    with calling(world, provider_class) as calls:
        calls.provider.answer = answer
        calls.provider.answers = {"refresh_token": answer, "access_token": answer}
        with pytest.raises(ProviderCodeError, match=rf"^`{method}` of acme .* returned {type(answer).__name__}"):
            end_grant(calls, BOTH)
