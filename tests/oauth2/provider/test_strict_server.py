"""The whole flow against the strict server, and against the faults of real services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gumauth.errors import (
    InvalidGrant,
    Temporary,
    TokenEndpointError,
)
from gumauth.oauth2 import OAuth2Provider
from gumauth.testing import AuthorizationServer, Client, Fault
from gumauth.testing.faults import DEAD, REFUSED, TOLERATED, TRANSIENT
from tests.oauth2.provider.acme import REDIRECT, SECRET, acme
from tests.running import run


@pytest.fixture
def strict() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as running:
        yield running


def consented(server: AuthorizationServer, provider: OAuth2Provider) -> str:
    url = provider.get_url(REDIRECT, "st")
    redirect = server.follow(url)
    return parse_qs(urlsplit(redirect).query)["code"][0]


@pytest.mark.requirement("F1", "F13")
@pytest.mark.parametrize("method", ["body", "basic"])
def test_the_whole_life_of_a_grant_at_a_strict_server(strict: AuthorizationServer, method: Any) -> None:
    strict.register(Client(client_id="app", secret=SECRET, redirect_uris=(REDIRECT,), auth=(method,)))
    provider = acme(strict, scopes=("read",), client_auth=method)
    first = run(provider.exchange(consented(strict, provider), REDIRECT))
    assert run(provider.get_nickname(first.access_token)) == strict.person
    second = run(provider.refresh(str(first.refresh_token)))
    assert second.refresh_token != first.refresh_token
    assert run(provider.revoke_token(str(second.refresh_token), "refresh_token")) is True
    assert not strict.is_active(str(second.refresh_token))
    with pytest.raises(InvalidGrant):
        run(provider.refresh(str(second.refresh_token)))


def at_strict(strict: AuthorizationServer) -> OAuth2Provider:
    strict.register(Client(client_id="app", secret=SECRET, redirect_uris=(REDIRECT,)))
    return acme(strict, scopes=("read", "write"))


@pytest.mark.requirement("F9")
@pytest.mark.parametrize("fault", TOLERATED)
def test_an_odd_answer_is_understood(strict: AuthorizationServer, fault: str) -> None:
    provider = at_strict(strict)
    code = consented(strict, provider)
    strict.misbehave("token", TOLERATED[fault])
    assert strict.is_active(run(provider.exchange(code, REDIRECT)).access_token)


@pytest.mark.requirement("F6", "F8", "F9", "F10")
@pytest.mark.parametrize("fault", REFUSED)
def test_an_answer_without_tokens_is_refused(strict: AuthorizationServer, fault: str) -> None:
    provider = at_strict(strict)
    code = consented(strict, provider)
    strict.misbehave("token", REFUSED[fault])
    with pytest.raises((TokenEndpointError, Temporary)):
        run(provider.exchange(code, REDIRECT))


@pytest.mark.requirement("R7")
@pytest.mark.parametrize("fault", TRANSIENT)
def test_what_goes_by_itself_is_temporary_and_loses_nothing(strict: AuthorizationServer, fault: str) -> None:
    provider = at_strict(strict)
    tokens = run(provider.exchange(consented(strict, provider), REDIRECT))
    strict.misbehave("refresh", TRANSIENT[fault], times=1)
    with pytest.raises(Temporary):
        run(provider.refresh(str(tokens.refresh_token)))
    assert run(provider.refresh(str(tokens.refresh_token))).access_token


@pytest.mark.requirement("R8")
@pytest.mark.parametrize("fault", DEAD)
def test_a_dead_refresh_token_is_told_from_all_else(strict: AuthorizationServer, fault: str) -> None:
    provider = at_strict(strict)
    tokens = run(provider.exchange(consented(strict, provider), REDIRECT))
    strict.misbehave("refresh", DEAD[fault], times=1)
    with pytest.raises(InvalidGrant):
        run(provider.refresh(str(tokens.refresh_token)))


@pytest.mark.requirement("F13")
def test_a_secret_that_only_works_raw_can_be_said(strict: AuthorizationServer, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = SECRET + "%+ /"
    monkeypatch.setenv("ACME_CLIENT_SECRET", odd)
    for raw in (True, False):
        strict.register(Client(client_id="app", secret=odd, redirect_uris=(REDIRECT,), auth=("basic",), basic_raw=raw))
        right = acme(strict, client_auth="basic", basic_raw=raw)
        assert run(right.exchange(consented(strict, right), REDIRECT)).access_token
        wrong = acme(strict, client_auth="basic", basic_raw=not raw)
        with pytest.raises(TokenEndpointError, match="invalid_client"):
            run(wrong.exchange(consented(strict, wrong), REDIRECT))


def test_slow_answers_are_waited_for(strict: AuthorizationServer) -> None:
    provider = at_strict(strict)
    code = consented(strict, provider)
    strict.misbehave("token", Fault.slow(0.1))
    assert run(provider.exchange(code, REDIRECT)).access_token
