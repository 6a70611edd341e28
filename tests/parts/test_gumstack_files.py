"""The provider files that people wrote for Gumstack load as they are, and the stand-ins answer them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest

from gumauth.registry import lookup
from gumauth.testing import Fault
from tests.testing.clients import sent_back

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gumauth.provider import AuthProvider
    from tests.parts.linear import Linear
    from tests.parts.service import Service

    Load = Callable[[str, Service], AuthProvider]

REDIRECT = "http://localhost:4862/callback"


@pytest.fixture
def load(gumstack_file: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Load:
    def load(name: str, service: Service) -> AuthProvider:
        for variable, value in service.environment.items():
            monkeypatch.setenv(variable, value)
            monkeypatch.delenv(variable.lower(), raising=False)
        found = lookup.find(str(gumstack_file(name)), cwd="/")
        return found.provider_class()

    return load


def code_of(service: Service, provider: AuthProvider) -> str:
    return sent_back(service.follow(provider.get_url(REDIRECT, "a-state")))["code"]


def test_the_linear_file_connects_and_says_whose_account_it_is(load: Load, linear: Linear) -> None:
    provider = load("gumstack_linear", linear)
    tokens = asyncio.run(provider.exchange(code_of(linear, provider), REDIRECT))
    assert linear.server.is_active(tokens.access_token)
    assert (tokens.refresh_token, tokens.expires_in) == (None, None)
    assert asyncio.run(provider.get_nickname(tokens.access_token)) == "ada@example.com"
    assert linear.server.families[0].scopes == ("read", "write")


def test_the_linear_file_does_not_refresh(load: Load, linear: Linear) -> None:
    with pytest.raises(NotImplementedError):
        asyncio.run(load("gumstack_linear", linear).refresh("x"))


def test_the_linear_file_takes_an_error_body_for_tokens(load: Load, linear: Linear) -> None:
    with pytest.raises(KeyError, match="access_token"):
        asyncio.run(load("gumstack_linear", linear).exchange("never-issued", REDIRECT))


def test_the_linear_file_names_its_variable_when_it_is_not_set(
    load: Load, linear: Linear, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = load("gumstack_linear", linear)
    monkeypatch.delenv("LINEAR_CLIENT_ID")
    with pytest.raises(KeyError, match="LINEAR_CLIENT_ID"):
        provider.get_url(REDIRECT, "a-state")


def test_the_habits_file_shows_every_other_habit(load: Load, habits: Service) -> None:
    provider = load("gumstack_habits", habits)
    tokens = asyncio.run(provider.exchange(code_of(habits, provider), REDIRECT))
    lifetime: object = tokens.expires_in  # the contract says a number; the file does not
    assert lifetime == "3600"
    assert asyncio.run(provider.get_nickname(tokens.access_token)) is None
    newer = asyncio.run(provider.refresh(tokens.refresh_token or ""))
    assert newer.refresh_token is None
    assert habits.server.is_active(tokens.refresh_token or "")
    assert asyncio.run(provider.revoke(newer.access_token)) is True
    assert not habits.server.is_active(newer.access_token)


def test_the_habits_file_raises_before_it_reads_the_error(load: Load, habits: Service) -> None:
    habits.server.misbehave("token", Fault.error("invalid_grant", description="The code is old"))
    with pytest.raises(httpx.HTTPStatusError) as caught:
        asyncio.run(load("gumstack_habits", habits).exchange("x", REDIRECT))
    assert caught.value.response.json() == {"error": "invalid_grant", "error_description": "The code is old"}


def test_the_habits_file_asks_with_an_empty_client_id_when_there_is_none(
    load: Load, habits: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = load("gumstack_habits", habits)
    monkeypatch.delenv("HABITS_CLIENT_ID")
    assert "client_id=&" in provider.get_url(REDIRECT, "a-state")
