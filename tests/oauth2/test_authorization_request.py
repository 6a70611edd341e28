"""The authorization request: its URL, and PKCE."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from gumauth.errors import ProviderCodeError
from gumauth.oauth2.authorization_request import challenge, new_verifier, request_url

PARAMETERS = {
    "client_id": "a&b=c d",
    "redirect_uri": "http://localhost:4862/callback",
    "response_type": "code",
    "state": "s",
}


def test_every_value_is_escaped_and_comes_back_whole() -> None:
    url = request_url("https://example.com/authorize", PARAMETERS, {"prompt": "consent"})
    assert dict(parse_qsl(urlsplit(url).query)) == {**PARAMETERS, "prompt": "consent"}
    assert "client_id=a%26b%3Dc%20d" in url


def test_a_query_that_is_there_is_kept_and_a_fragment_goes() -> None:
    url = request_url("https://example.com/authorize?tenant=a%20b&empty=#top", {"state": "s"}, {})
    assert url == "https://example.com/authorize?tenant=a%20b&empty=&state=s"


@pytest.mark.requirement("F3")
@pytest.mark.parametrize(
    "name",
    ["client_id", "redirect_uri", "response_type", "state", "code_challenge", "code_challenge_method", "request"],
)
def test_a_provider_cannot_set_a_parameter_of_the_flow(name: str) -> None:
    with pytest.raises(ProviderCodeError, match=f"`{name}`"):
        request_url("https://example.com/authorize", PARAMETERS, {name: "other"})
    with pytest.raises(ProviderCodeError, match=f"`{name}`"):
        request_url(f"https://example.com/authorize?{name}=other", PARAMETERS, {})


@pytest.mark.requirement("F3")
def test_a_provider_cannot_set_the_scopes_a_second_time() -> None:
    with pytest.raises(ProviderCodeError, match="`user_scope`"):
        request_url("https://example.com/authorize", {**PARAMETERS, "user_scope": "read"}, {"user_scope": "admin"})


@pytest.mark.requirement("F1")
def test_the_challenge_is_the_one_of_the_specification() -> None:
    """Source: RFC 7636 appendix B."""
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.requirement("F1")
def test_a_verifier_is_32_random_bytes_and_new_every_time() -> None:
    verifiers = {new_verifier() for _ in range(100)}
    assert len(verifiers) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", verifier) for verifier in verifiers)
