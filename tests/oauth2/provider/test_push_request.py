"""The authorization request that is sent to the service first. Source: RFC 9126."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gumauth.errors import GumauthError, ProviderCodeError, Temporary, TokenEndpointError
from gumauth.oauth2 import OAuth2Provider
from tests.loopback import Loopback
from tests.oauth2.provider.acme import REDIRECT, SECRET, acme
from tests.running import run

REFERENCE = "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c"
TAKEN = {"request_uri": REFERENCE, "expires_in": 60}


def pushing(server: Loopback, **facts: object) -> OAuth2Provider:
    return acme(server, par_url=f"{server.url}/par", **facts)


def push(provider: OAuth2Provider) -> str:
    return run(provider.push_request(provider.get_url(REDIRECT, "st")))


def test_the_url_holds_the_clients_id_and_the_reference_alone(server: Loopback) -> None:
    server.answer(TAKEN, status=201)
    url = push(pushing(server, scopes=("read",), resource="https://api.example/mcp"))
    assert url == (
        f"{server.url}/authorize?client_id=app"
        "&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A6esc_11ACC5bwc014ltc14eY22c"
    )


def test_the_service_is_sent_the_parameters_of_the_url_and_the_clients_secret(server: Loopback) -> None:
    server.answer(TAKEN, status=201)
    provider = pushing(server, scopes=("read", "write"), resource="https://api.example/mcp")
    url = provider.get_url(REDIRECT, "a state+")
    run(provider.push_request(url))
    [seen] = server.seen
    assert (seen.method, seen.path) == ("POST", "/par")
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    assert seen.form == {**dict(parse_qsl(urlsplit(url).query)), "client_secret": SECRET}
    assert (seen.form["state"], seen.form["scope"]) == ("a state+", "read write")
    assert (seen.form["resource"], seen.form["code_challenge_method"]) == ("https://api.example/mcp", "S256")


def test_the_client_authenticates_as_at_the_token_endpoint(server: Loopback) -> None:
    server.answer(TAKEN, status=201)
    push(pushing(server, client_auth="basic", token_encoding="json"))
    push(pushing(server, client_auth="none"))
    basic, public = server.seen
    assert basic.headers["authorization"] == f"Basic {b64encode(f'app:{SECRET}'.encode()).decode()}"
    assert (basic.form["client_id"], public.form["client_id"]) == ("app", "app")
    assert "client_secret" not in {**basic.form, **public.form}
    assert "authorization" not in public.headers


def test_the_code_is_exchanged_with_the_verifier_of_the_pushed_request(server: Loopback) -> None:
    server.answer(TAKEN, status=201)
    provider = pushing(server)
    push(provider)
    server.answer({"access_token": "a"})
    assert run(provider.exchange("the-c0de", REDIRECT)).access_token == "a"
    assert len(server.seen[-1].form["code_verifier"]) == 43


def test_a_query_of_the_authorization_endpoint_stays_there(server: Loopback) -> None:
    """Source: RFC 6749 §3.1."""
    server.answer(TAKEN, status=201)
    url = push(pushing(server, authorize_url=f"{server.url}/authorize?tenant=a"))
    assert list(dict(parse_qsl(urlsplit(url).query))) == ["tenant", "client_id", "request_uri"]


def test_a_service_that_takes_no_pushed_requests_is_sent_none(server: Loopback) -> None:
    provider = acme(server)
    url = provider.get_url(REDIRECT, "st")
    assert run(provider.push_request(url)) == url
    assert server.seen == []


@pytest.mark.parametrize(
    ("status", "data", "code", "words"),
    [
        (401, {"error": "invalid_client"}, "invalid_client", "Acme's endpoint for pushed requests refused"),
        (400, {"error": "invalid_request", "error_description": "no scope"}, "invalid_request", "no scope"),
        (400, {"error": "invalid_grant"}, "invalid_grant", "refused: invalid_grant"),
        (404, {}, None, "status 404"),
    ],
)
def test_an_error_response_is_told_as_at_the_token_endpoint(
    server: Loopback, status: int, data: Any, code: str | None, words: str
) -> None:
    server.answer(data, status=status)
    with pytest.raises(TokenEndpointError, match=words) as caught:
        push(pushing(server))
    assert type(caught.value) is TokenEndpointError
    assert caught.value.error == code


def test_a_server_in_trouble_is_temporary(server: Loopback) -> None:
    server.answer({}, status=503)
    with pytest.raises(Temporary):
        push(pushing(server))


@pytest.mark.parametrize(
    "reference", [None, "", 7, ["urn:a"], "urn:a b", "urn:a\nb", "urn:\u00e4", "urn:\u200b", "u" * 2049]
)
def test_a_reference_that_no_url_can_hold_is_refused(server: Loopback, reference: object) -> None:
    server.answer({"request_uri": reference, "expires_in": 60}, status=201)
    with pytest.raises(TokenEndpointError, match="gave no `request_uri`"):
        push(pushing(server))


def test_no_error_repeats_the_clients_secret(server: Loopback) -> None:
    server.answer({"error": "invalid_client", "error_description": f"wrong: {SECRET}"}, status=401)
    with pytest.raises(GumauthError) as caught:
        push(pushing(server))
    assert SECRET not in str(caught.value)


@pytest.mark.requirement("F3")
def test_a_provider_cannot_name_a_reference_of_its_own(server: Loopback) -> None:
    for place in ({"authorize_params": {"request_uri": "urn:x"}}, {"authorize_url": f"{server.url}/a?request_uri=u"}):
        with pytest.raises(ProviderCodeError, match="may not set `request_uri`"):
            pushing(server, **place).get_url(REDIRECT, "st")


def test_a_parameter_that_stands_twice_is_refused(server: Loopback) -> None:
    with pytest.raises(ProviderCodeError, match="sets `tag` twice"):
        push(pushing(server, authorize_url=f"{server.url}/authorize?tag=a", authorize_params={"tag": "b"}))
    assert server.seen == []


@pytest.mark.requirement("F6")
def test_no_request_is_pushed_without_tls(server: Loopback) -> None:
    with pytest.raises(ProviderCodeError, match="not an https URL"):
        push(acme(server, par_url="http://example.com/par"))
