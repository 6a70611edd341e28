"""Ending a grant at providers of all kinds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gumauth import AuthProvider, TokenResponse
from gumauth.accounts.record import Record
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.client.revoke_request import end_grant, minutes
from gumauth.errors import CannotRevoke, GumauthError, NetworkError, ProviderCodeError, TokenEndpointError
from gumauth.platform.frozen import replace
from gumauth.registry.resolved import ResolvedProvider
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
        return given(self.answers[kind])  # type: ignore[no-any-return]


class Looking(TokenByToken):
    """Can be asked about an access token too."""

    active: Any = True

    async def is_active(self, access_token: str) -> bool | None:
        self.ended.append((access_token, "looked at"))
        return given(self.active)  # type: ignore[no-any-return]


def given(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


@contextmanager
def calling(world: World, provider_class: type) -> Iterator[ProviderCalls]:
    calls = ProviderCalls(
        world.context, ResolvedProvider(provider_class=provider_class, source="/a.py:A", name="acme", origin="/a.py")
    )
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
        end_grant(calls, record, now=0.0)
        assert calls.provider.ended == ended


@pytest.mark.requirement("L1")
@pytest.mark.parametrize(
    ("refresh", "access", "ended"), [(True, False, True), (False, True, True), (False, False, False)]
)
def test_a_grant_has_ended_when_a_token_of_it_has(world: World, refresh: bool, access: bool, ended: bool) -> None:
    with calling(world, TokenByToken) as calls:
        calls.provider.answers = {"refresh_token": refresh, "access_token": access}
        if ended:
            end_grant(calls, BOTH, now=0.0)
        else:
            with pytest.raises(CannotRevoke, match=r"^acme offers no way"):
                end_grant(calls, BOTH, now=0.0)
        assert len(calls.provider.ended) == 2


@pytest.mark.requirement("L1")
def test_a_provider_file_is_given_the_access_token(world: World) -> None:
    with calling(world, ByContract) as calls:
        end_grant(calls, BOTH, now=0.0)
        assert calls.provider.ended == [("access",)]


@pytest.mark.requirement("L1")
def test_a_provider_file_that_says_no_has_not_ended_the_grant(world: World) -> None:
    with calling(world, ByContract) as calls:
        calls.provider.answer = False
        with pytest.raises(TokenEndpointError, match=r"^acme did not end the grant"):
            end_grant(calls, BOTH, now=0.0)


@pytest.mark.requirement("L1")
@pytest.mark.parametrize("provider_class", [Acme, Foreign])
def test_the_contracts_own_revoke_which_does_nothing_is_no_way(world: World, provider_class: type) -> None:
    with calling(world, provider_class) as calls, pytest.raises(CannotRevoke):
        end_grant(calls, BOTH, now=0.0)


@pytest.mark.requirement("F12", "L1")
@pytest.mark.parametrize("provider_class", [ByContract, TokenByToken])
def test_tokens_are_not_sent_to_be_revoked_where_the_endpoint_is_another_one_than_they_came_from(
    world: World, provider_class: type
) -> None:
    with calling(world, provider_class) as calls:
        calls.provider.token_url = "https://acme.example/token"
        with pytest.raises(CannotRevoke, match="token endpoint of acme is not the one"):
            end_grant(calls, replace(BOTH, token_url="https://elsewhere.example/token"), now=0.0)
        assert calls.provider.ended == []


@pytest.mark.requirement("D9", "L1")
@pytest.mark.parametrize("token_url", [None, "https://acme.example/token", "https://old.example/token"])
def test_tokens_are_revoked_where_the_endpoint_is_the_same_or_moved_or_was_not_known(
    world: World, token_url: str | None
) -> None:
    with calling(world, ByContract) as calls:
        calls.provider.token_url = "https://acme.example/token"
        calls.provider.former_token_urls = ("https://old.example/token",)
        end_grant(calls, replace(BOTH, token_url=token_url), now=0.0)
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
            end_grant(calls, BOTH, now=0.0)


def no() -> TokenEndpointError:
    return TokenEndpointError("acme refused: invalid_client.", hint="Look at the app.", error="invalid_client")


def unsupported() -> TokenEndpointError:
    return TokenEndpointError("acme refused: unsupported_token_type.", error="unsupported_token_type")


NOW = 1000.0
LIVES_ON = r"(?m)^The access token was revoked, and the refresh token lives on at acme: acme refused: invalid_client\.$"
REFUSED = r"(?m)^acme refused: invalid_client\.$"
UNSUPPORTED = r"(?m)^acme refused: unsupported_token_type\.$"
NO_WAY = r"(?m)^acme offers no way to end a grant from here"
BY_ITSELF = r"(?m)^acme cannot end access tokens of this kind before their time, and there is no refresh token\."


@pytest.mark.requirement("L1", "I5")
@pytest.mark.parametrize(
    ("refresh", "access", "active", "expires", "outcome"),
    [
        # Both are gone, or the one that keeps the grant alive and what it gave.
        (True, True, True, 1500.0, None),
        (True, True, True, None, None),
        (False, True, True, 1500.0, None),
        # The refresh token is gone, and the access token cannot be ended: it lives until its end, if it still does.
        (True, False, True, 1500.0, 1500.0),
        (True, no, True, 1500.0, 1500.0),
        (True, unsupported, True, 1500.0, 1500.0),
        (True, no, True, None, math.inf),
        (True, False, True, None, math.inf),
        (True, no, True, 1000.1, 1000.1),
        (True, no, True, 1000.0, None),
        (True, no, True, 999.0, None),
        (True, unsupported, True, 999.0, None),
        # Whether it works can be looked at.
        (True, no, False, 1500.0, None),
        (True, no, False, None, None),
        (True, False, False, 1500.0, None),
        (True, no, None, 1500.0, 1500.0),
        (True, no, NetworkError("gone"), 1500.0, 1500.0),
        (True, no, ValueError("odd"), None, math.inf),
        (True, unsupported, False, 1500.0, 1500.0),  # it is refused at once, and lives elsewhere
        # The refresh token is refused: an access token that is refused before its end says that the grant is dead.
        (no, True, True, 1500.0, LIVES_ON),
        (no, True, False, 1500.0, LIVES_ON),
        (no, no, True, 1500.0, REFUSED),
        (no, no, None, 1500.0, REFUSED),
        (no, no, False, 1500.0, None),
        (no, no, False, None, None),
        (no, no, False, 1000.0, REFUSED),  # it has ended by itself, which says nothing of the grant
        (no, no, False, 999.0, REFUSED),
        (no, unsupported, False, 1500.0, REFUSED),
        (no, False, False, 1500.0, None),
        (no, False, True, 1500.0, REFUSED),
        (unsupported, no, True, 1500.0, UNSUPPORTED),
        # There is no way to end a refresh token.
        (False, False, True, 1500.0, NO_WAY),
        (False, False, True, 999.0, NO_WAY),
        (False, unsupported, True, 1500.0, NO_WAY),
        (False, unsupported, False, 999.0, NO_WAY),
        (False, False, False, 1500.0, None),
        (False, False, False, 999.0, NO_WAY),
        (False, no, True, 1500.0, REFUSED),
        (False, no, True, 999.0, REFUSED),
        (False, no, False, 1500.0, None),
        (False, no, False, 999.0, REFUSED),
    ],
)
def test_what_becomes_of_a_grant_with_both_tokens(
    world: World, refresh: Any, access: Any, active: Any, expires: float | None, outcome: Any
) -> None:
    record = replace(BOTH, expires_at=expires)
    assert_outcome(world, record, {"refresh_token": refresh, "access_token": access}, active, outcome)


@pytest.mark.requirement("L1", "I5")
@pytest.mark.parametrize(
    ("access", "active", "expires", "outcome"),
    [
        (True, True, 1500.0, None),
        (False, True, 1500.0, NO_WAY),
        (False, True, None, NO_WAY),
        (False, True, 999.0, None),
        (False, False, 1500.0, None),
        (no, True, 1500.0, REFUSED),
        (no, True, None, REFUSED),
        (no, None, 1500.0, REFUSED),
        (no, False, 1500.0, None),
        (no, False, None, None),
        (no, True, 1000.0, None),
        (unsupported, True, 1500.0, BY_ITSELF + r" It lives for 9 minutes more\.$"),
        (unsupported, False, 1060.0, BY_ITSELF + r" It lives for 1 minute more\.$"),
        (unsupported, True, None, BY_ITSELF + "$"),
        (unsupported, True, 1000.0, None),
    ],
)
def test_what_becomes_of_a_grant_without_a_refresh_token(
    world: World, access: Any, active: Any, expires: float | None, outcome: Any
) -> None:
    assert_outcome(world, replace(ACCESS, expires_at=expires), {"access_token": access}, active, outcome)


def assert_outcome(world: World, record: Record, answers: dict[str, Any], active: Any, outcome: Any) -> None:
    with calling(world, Looking) as calls:
        calls.provider.answers = {kind: answer() if callable(answer) else answer for kind, answer in answers.items()}
        calls.provider.active = active
        if not isinstance(outcome, str):
            assert end_grant(calls, record, now=NOW) == outcome
            return
        with pytest.raises(GumauthError, match=outcome) as caught:
            end_grant(calls, record, now=NOW)
        assert isinstance(caught.value, TokenEndpointError) is (outcome in (LIVES_ON, REFUSED, UNSUPPORTED))
        assert isinstance(caught.value, CannotRevoke) is (outcome not in (LIVES_ON, REFUSED, UNSUPPORTED))


@pytest.mark.requirement("I5")
def test_that_there_is_no_refresh_token_is_not_said_where_it_only_cannot_be_ended(world: World) -> None:
    with calling(world, TokenByToken) as calls:
        calls.provider.answers = {"refresh_token": False, "access_token": unsupported()}
        with pytest.raises(CannotRevoke) as caught:
            end_grant(calls, replace(BOTH, expires_at=1500.0), now=NOW)
        assert caught.value.message.startswith("acme offers no way to end a grant from here")


@pytest.mark.requirement("L1", "I5")
@pytest.mark.parametrize(
    ("access", "active", "expires", "outcome"),
    [
        (True, True, 1500.0, None),
        (no, True, 1500.0, 1500.0),
        (unsupported, True, 1500.0, 1500.0),
        (no, True, None, math.inf),
        (no, True, 999.0, None),
        (no, False, 1500.0, None),
        (False, True, 1500.0, 1500.0),
    ],
)
@pytest.mark.parametrize("refresh", [True, False, no])
def test_a_refresh_token_that_the_provider_has_called_dead_is_gone_whatever_it_says_of_it_now(
    world: World, refresh: Any, access: Any, active: Any, expires: float | None, outcome: float | None
) -> None:
    with calling(world, Looking) as calls:
        answers = {"refresh_token": refresh, "access_token": access}
        calls.provider.answers = {kind: answer() if callable(answer) else answer for kind, answer in answers.items()}
        calls.provider.active = active
        assert end_grant(calls, replace(BOTH, expires_at=expires), now=NOW, is_dead=True) == outcome


@pytest.mark.requirement("I5")
def test_a_refusal_tells_nothing_where_the_token_was_never_accepted_there(world: World) -> None:
    with calling(world, Looking) as calls:
        calls.provider.answers, calls.provider.active = {"refresh_token": True, "access_token": no()}, False
        assert end_grant(calls, replace(BOTH, expires_at=1500.0), now=NOW, can_look=False) == 1500.0
        assert ("access", "looked at") not in calls.provider.ended


@pytest.mark.requirement("I5")
@pytest.mark.parametrize(
    ("refresh", "access", "expires", "looked"),
    [
        (True, True, 1500.0, False),
        (True, no, 1500.0, True),
        (True, no, 999.0, True),
        (True, unsupported, 1500.0, False),
        (no, no, 1500.0, True),
        (no, no, 999.0, False),
        (no, no, None, True),
    ],
)
def test_a_token_is_looked_at_only_where_that_can_tell_something(
    world: World, refresh: Any, access: Any, expires: float | None, looked: bool
) -> None:
    with calling(world, Looking) as calls:
        answers = {"refresh_token": refresh, "access_token": access}
        calls.provider.answers = {kind: answer() if callable(answer) else answer for kind, answer in answers.items()}
        try:
            end_grant(calls, replace(BOTH, expires_at=expires), now=NOW)
        except TokenEndpointError:
            pass
        assert (("access", "looked at") in calls.provider.ended) is looked


@pytest.mark.requirement("I5")
def test_where_nothing_can_be_looked_at_the_refusal_stands(world: World) -> None:
    with calling(world, TokenByToken) as calls:
        calls.provider.answers = {"refresh_token": no(), "access_token": no()}
        with pytest.raises(TokenEndpointError, match=REFUSED):
            end_grant(calls, replace(BOTH, expires_at=1500.0), now=NOW)


@pytest.mark.requirement("L1", "I5")
def test_the_refusal_of_a_refresh_token_keeps_its_code_and_its_hint(world: World) -> None:
    refused = TokenEndpointError("acme refused: invalid_client.", hint="Look at the app.", error="unauthorized_client")
    with calling(world, TokenByToken) as calls:
        calls.provider.answers = {"refresh_token": refused, "access_token": True}
        with pytest.raises(TokenEndpointError, match=LIVES_ON) as caught:
            end_grant(calls, BOTH, now=NOW)
    assert (caught.value.error, caught.value.hint) == ("unauthorized_client", "Look at the app.")


@pytest.mark.requirement("L1", "R7")
@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
def test_a_provider_that_cannot_be_reached_has_ended_nothing(world: World, kind: str) -> None:
    with calling(world, Looking) as calls:
        calls.provider.answers = {"refresh_token": True, "access_token": True, kind: NetworkError("no answer")}
        with pytest.raises(NetworkError, match="no answer"):
            end_grant(calls, BOTH, now=NOW)


@pytest.mark.requirement("L1")
@pytest.mark.parametrize("provider_class", [Acme, TokenByToken])
def test_a_provider_without_a_way_is_named_with_what_can_be_done(world: World, provider_class: type) -> None:
    with calling(world, provider_class) as calls:
        calls.provider.answers = {"refresh_token": False, "access_token": False}
        with pytest.raises(CannotRevoke) as caught:
            end_grant(calls, BOTH, now=NOW)
    assert caught.value.message == (
        "acme offers no way to end a grant from here: it lives on until it is ended in the settings there."
    )
    assert caught.value.hint == "End it in the account's settings at acme."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "1 minute"),
        (0, "1 minute"),
        (0.1, "1 minute"),
        (60, "1 minute"),
        (60.1, "2 minutes"),
        (61, "2 minutes"),
        (120, "2 minutes"),
        (3600, "60 minutes"),
    ],
)
def test_seconds_are_whole_minutes_rounded_up(seconds: float, words: str) -> None:
    assert minutes(seconds) == words
