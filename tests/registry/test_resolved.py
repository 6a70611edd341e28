"""Whether a provider's class is more than facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gumauth import OAuth2Provider
from gumauth.provider import AuthProvider
from gumauth.providers.github import GitHub
from gumauth.registry.resolved import ResolvedProvider


class OfFacts(OAuth2Provider):
    """Facts alone."""

    name = "acme"
    scopes = ("read",)
    pkce = False
    revoke_url = None
    authorize_params: dict[str, str] = {"a": "b"}  # noqa: RUF012


class Below(OfFacts):
    """More facts."""

    title = "Acme"


async def _nickname(self: Any, access_token: str) -> str:
    return f"{self.name} {access_token}"


@pytest.mark.requirement("P4", "T2")
@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({}, False),
        ({"get_nickname": _nickname}, True),
        ({"client_id": property(str)}, True),
        ({"__init__": lambda self: None}, True),
        ({"token_url": type("Text", (), {"__get__": lambda *_: "https://a"})()}, True),
    ],
)
def test_whether_a_class_or_one_that_it_inherits_from_has_code(
    own: dict[str, Callable[..., Any]], expected: bool
) -> None:
    kind = type("Own", (Below,), {**own, "__module__": "auth"})
    for each in (kind, type("Last", (kind,), {"__module__": "auth"})):
        assert ResolvedProvider(provider_class=each, source="a", name="a", origin="a").has_own_code is expected


def test_a_class_of_the_contract_alone_has_code_and_a_built_in_one_none() -> None:
    members = dict.fromkeys(("get_url", "exchange", "refresh", "get_nickname", "revoke"), _nickname)
    contract = type("Contract", (AuthProvider,), {**members, "__module__": "auth"})
    assert ResolvedProvider(provider_class=contract, source="a", name="a", origin="a").has_own_code
    assert not ResolvedProvider(provider_class=GitHub, source="a", name="a", origin="a").has_own_code
