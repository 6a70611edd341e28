"""The authorization request: its URL, PKCE and the nonce."""

from __future__ import annotations

import pytest

from gumauth.errors import (
    MissingCredentials,
    ProviderCodeError,
    TokenEndpointError,
)
from gumauth.oauth2.authorization_request import challenge
from tests.loopback import Loopback
from tests.oauth2.provider.acme import REDIRECT, TOKENS, acme, exchange, id_token, query
from tests.running import run


@pytest.mark.requirement("F1", "F3")
def test_the_url_holds_what_the_standard_asks_for_and_nothing_else(server: Loopback) -> None:
    sent = query(acme(server, scopes=("read", "write"), pkce=True))
    assert len(sent.pop("code_challenge")) == 43
    assert sent == {
        "client_id": "app",
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "state": "st",
        "scope": "read write",
        "code_challenge_method": "S256",
    }


@pytest.mark.requirement("F1")
def test_the_verifier_that_is_sent_fits_the_challenge_and_is_new_for_every_try(server: Loopback) -> None:
    provider = acme(server)
    challenges = []
    for _ in range(3):
        challenges.append(query(provider)["code_challenge"])
        run(provider.exchange("the-c0de", REDIRECT))
        assert challenge(server.seen[-1].form["code_verifier"]) == challenges[-1]
    assert len(set(challenges)) == 3


@pytest.mark.requirement("F1")
def test_only_an_attribute_leaves_pkce_out(server: Loopback) -> None:
    provider = acme(server, pkce=False)
    assert not {"code_challenge", "code_challenge_method"} & set(query(provider))
    run(provider.exchange("the-c0de", REDIRECT))
    assert "code_verifier" not in server.seen[0].form


@pytest.mark.requirement("F1", "F5")
def test_an_error_response_is_not_followed_by_a_try_without_pkce(server: Loopback) -> None:
    server.answer({"error": "invalid_request", "error_description": "code_verifier not supported"}, status=400)
    with pytest.raises(TokenEndpointError, match="code_verifier not supported"):
        exchange(acme(server))
    assert len(server.seen) == 1


def test_scopes_follow_the_services_habits_and_the_persons_wish(server: Loopback) -> None:
    provider = acme(server, scopes=("a",), scope_separator=",", scope_param="user_scope")
    provider.scopes = ("b", "c:d")
    assert query(provider)["user_scope"] == "b,c:d"
    assert "scope" not in query(acme(server, scopes=()))


@pytest.mark.requirement("F3")
def test_a_parameter_of_the_flow_cannot_be_overridden(server: Loopback) -> None:
    for name in ("client_id", "redirect_uri", "response_type", "state", "code_challenge", "code_challenge_method"):
        with pytest.raises(ProviderCodeError, match=name):
            query(acme(server, authorize_params={name: "x"}))
    provider = acme(server, token_params={"code": "x", "client_id": "x", "redirect_uri": "x", "code_verifier": "x"})
    exchange(provider)
    sent = server.seen[0].form
    assert (sent["code"], sent["client_id"], sent["redirect_uri"]) == ("the-c0de", "app", REDIRECT)
    assert len(sent["code_verifier"]) == 43


@pytest.mark.requirement("F6")
def test_an_authorization_url_without_tls_is_refused(server: Loopback) -> None:
    with pytest.raises(ProviderCodeError, match="not an https URL"):
        query(acme(server, authorize_url="http://example.com/authorize"))


@pytest.mark.requirement("F6")
def test_no_secret_goes_to_an_endpoint_without_tls(server: Loopback) -> None:
    with pytest.raises(ProviderCodeError, match="not an https URL"):
        query(acme(server, token_url="http://example.com/"))
    for url in ("token_url", "revoke_url", "nickname_url"):
        provider = acme(server)
        provider.get_url(REDIRECT, "st")
        setattr(provider, url, "http://example.com/")
        call = {
            "token_url": provider.exchange("c", REDIRECT),
            "revoke_url": provider.revoke("a"),
            "nickname_url": provider.get_nickname("a"),
        }
        with pytest.raises(ProviderCodeError, match="not an https URL"):
            run(call.pop(url))
        for unused in call.values():
            unused.close()


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("ACME_CLIENT_ID", "credentials of Acme are missing: ACME_CLIENT_ID and ACME_CLIENT_SECRET"),
        ("ACME_CLIENT_SECRET", "Acme needs a client secret too, and ACME_CLIENT_SECRET is not set"),
    ],
)
@pytest.mark.parametrize("empty", [True, False])
def test_missing_credentials_are_said_before_the_browser_opens(
    server: Loopback, monkeypatch: pytest.MonkeyPatch, missing: str, words: str, empty: bool
) -> None:
    monkeypatch.setenv(missing, "")
    if not empty:
        monkeypatch.delenv(missing)
    with pytest.raises(MissingCredentials, match=words) as caught:
        query(acme(server))
    assert "gumauth setup acme" in (caught.value.hint or "")


@pytest.mark.requirement("F3")
def test_a_nonce_is_sent_where_the_facts_say_so_and_is_new_each_time(server: Loopback) -> None:
    provider = acme(server, nonce=True)
    nonces = {query(provider)["nonce"] for _ in range(3)}
    assert len(nonces) == 3
    assert all(len(nonce) == 43 for nonce in nonces)
    assert "nonce" not in query(acme(server))
    with pytest.raises(ProviderCodeError, match="nonce"):
        query(acme(server, nonce=True, authorize_params={"nonce": "always the same"}))


def test_an_id_token_with_another_nonce_is_refused(server: Loopback) -> None:
    """Source: OpenID Connect Core §3.1.3.7, 11."""
    provider = acme(server, nonce=True)
    for claims in ({"nonce": query(provider)["nonce"]}, {"nonce": "another"}, {"sub": "ada"}):
        server.answer({**TOKENS, "id_token": id_token(**claims)})
        if claims.get("nonce") not in (None, "another"):
            assert run(provider.exchange("the-c0de", REDIRECT)).access_token == "a"
            continue
        query(provider)
        with pytest.raises(TokenEndpointError, match="nonce differs"):
            run(provider.exchange("the-c0de", REDIRECT))


def test_without_an_id_token_a_nonce_is_not_compared_and_never_at_a_refresh(server: Loopback) -> None:
    provider = acme(server, nonce=True)
    assert exchange(provider).access_token == "a"
    server.answer({**TOKENS, "id_token": id_token(sub="ada")})
    assert run(provider.refresh("r")).access_token == "a"
