"""The contract is Gumstack's, to the letter."""

from __future__ import annotations

import asyncio
import inspect
import secrets

import pytest

import gumauth
from gumauth.provider import AuthProvider, TokenResponse, credential_variables


def test_a_token_response_takes_the_contracts_fields_in_its_order_with_its_defaults() -> None:
    parameters = inspect.signature(TokenResponse).parameters
    assert list(parameters) == ["access_token", "refresh_token", "expires_in", "token_type", "scope"]
    defaults = [parameter.default for parameter in list(parameters.values())[1:]]
    assert defaults == [None, None, "Bearer", None]


@pytest.mark.requirement("S2")
def test_a_token_response_shows_no_token() -> None:
    access, refresh = secrets.token_urlsafe(), secrets.token_urlsafe()
    response = TokenResponse(access, refresh, 3600)
    assert repr(response) == str(response) == "TokenResponse(expires_in=3600, token_type='Bearer', scope=None)"


def test_the_methods_are_the_contracts_by_name_order_and_kind() -> None:
    assert list(inspect.signature(AuthProvider.get_url).parameters) == ["self", "redirect_uri", "state"]
    assert list(inspect.signature(AuthProvider.exchange).parameters) == ["self", "code", "redirect_uri"]
    assert not inspect.iscoroutinefunction(AuthProvider.get_url)
    for method in (AuthProvider.exchange, AuthProvider.refresh, AuthProvider.get_nickname, AuthProvider.revoke):
        assert inspect.iscoroutinefunction(method)


def test_revoke_is_optional_and_says_true() -> None:
    class Small(AuthProvider):
        name = "small"

        def get_url(self, redirect_uri: str, state: str) -> str:
            return ""

        async def exchange(self, code: str, redirect_uri: str) -> TokenResponse:
            raise NotImplementedError

        async def refresh(self, refresh_token: str) -> TokenResponse:
            raise NotImplementedError

        async def get_nickname(self, access_token: str) -> str:
            return ""

    assert asyncio.run(Small().revoke("a")) is True


def test_the_contract_is_importable_from_the_package() -> None:
    assert gumauth.AuthProvider is AuthProvider
    assert gumauth.TokenResponse is TokenResponse
    assert issubclass(gumauth.OAuth2Provider, AuthProvider)


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("linear", ("LINEAR_CLIENT_ID", "LINEAR_CLIENT_SECRET")),
        ("my-app.eu", ("MY_APP_EU_CLIENT_ID", "MY_APP_EU_CLIENT_SECRET")),
    ],
)
def test_the_variables_are_named_after_the_provider(name: str, variables: tuple[str, str]) -> None:
    assert credential_variables(name) == variables
