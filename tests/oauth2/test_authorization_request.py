"""The URL at which a person consents."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from gumauth.errors import ProviderCodeError
from gumauth.oauth2.authorization_request import build

OURS = {"client_id": "a&b=c d", "redirect_uri": "http://localhost:4862/callback", "response_type": "code", "state": "s"}


def test_every_value_is_escaped_and_comes_back_whole() -> None:
    url = build("https://example.com/authorize", OURS, {"prompt": "consent"})
    assert dict(parse_qsl(urlsplit(url).query)) == {**OURS, "prompt": "consent"}
    assert "client_id=a%26b%3Dc%20d" in url


def test_a_query_that_is_there_is_kept_and_a_fragment_goes() -> None:
    url = build("https://example.com/authorize?tenant=a%20b&empty=#top", {"state": "s"}, {})
    assert url == "https://example.com/authorize?tenant=a%20b&empty=&state=s"


@pytest.mark.requirement("F3")
@pytest.mark.parametrize(
    "name",
    ["client_id", "redirect_uri", "response_type", "state", "code_challenge", "code_challenge_method", "request"],
)
def test_a_provider_cannot_set_a_parameter_of_the_flow(name: str) -> None:
    with pytest.raises(ProviderCodeError, match=f"`{name}`"):
        build("https://example.com/authorize", OURS, {name: "other"})
    with pytest.raises(ProviderCodeError, match=f"`{name}`"):
        build(f"https://example.com/authorize?{name}=other", OURS, {})


@pytest.mark.requirement("F3")
def test_a_provider_cannot_set_the_scopes_a_second_time() -> None:
    with pytest.raises(ProviderCodeError, match="`user_scope`"):
        build("https://example.com/authorize", {**OURS, "user_scope": "read"}, {"user_scope": "admin"})
