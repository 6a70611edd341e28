"""The request for a registration, and what its response means."""

from __future__ import annotations

import json
from secrets import token_urlsafe
from typing import Any

import pytest

from gumauth import __version__
from gumauth.errors import RegistrationError, Temporary
from gumauth.oauth2 import registered_client
from gumauth.oauth2.registered_client import RegisteredClient
from gumauth.oauth2.registration import RegistrationRequest, choose_method, is_same_origin, members, read
from gumauth.oauth2.registration_error import is_about_redirects, refusal
from gumauth.oauth2.response import Response
from gumauth.platform.frozen import fields_of, replace

URL = "https://issuer.example/register"
OURS = ("http://127.0.0.1:4862/callback", "http://localhost:4862/callback")
REQUEST = RegistrationRequest(redirect_uris=OURS)


def response(data: Any, status: int = 201) -> Response:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return Response(status=status, body=body, content_type="application/json")


def registered(data: dict[str, Any], request: RegistrationRequest = REQUEST) -> RegisteredClient:
    return read(response(data), request, 1000.0, url=URL)


@pytest.mark.requirement("D7", "M18", "M19")
def test_a_native_client_with_both_loopback_hosts_is_asked_for() -> None:
    assert members(REQUEST) == {
        "client_name": "gumauth",
        "redirect_uris": ["http://127.0.0.1:4862/callback", "http://localhost:4862/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "application_type": "native",
        "software_id": "gumauth",
        "software_version": __version__,
    }


def test_a_client_without_a_browser_has_no_response_type_and_a_scope_is_sent_where_one_was_named() -> None:
    grants = ("urn:ietf:params:oauth:grant-type:device_code", "refresh_token")
    body = members(RegistrationRequest(redirect_uris=(), grant_types=grants, scope="read write"))
    assert (body["response_types"], body["redirect_uris"], body["scope"]) == ([], [], "read write")


@pytest.mark.requirement("D7")
@pytest.mark.parametrize(
    ("listed", "chosen"),
    [
        (None, "none"),
        ((), "none"),
        (("client_secret_basic", "none"), "none"),
        (("private_key_jwt", "client_secret_post", "client_secret_basic"), "client_secret_post"),
        (("client_secret_basic", "client_secret_post"), "client_secret_basic"),
    ],
)
def test_no_secret_is_asked_for_where_the_server_allows_it_else_its_first_method_of_ours(
    listed: tuple[str, ...] | None, chosen: str
) -> None:
    assert choose_method(listed, URL) == chosen


def test_a_server_with_no_method_of_ours_is_refused_in_words() -> None:
    with pytest.raises(RegistrationError, match="by private_key_jwt or tls_client_auth, which gumauth does not have"):
        choose_method(("private_key_jwt", "tls_client_auth"), URL)


@pytest.mark.requirement("D7", "M22", "M26")
def test_what_the_server_returns_rules_but_for_the_redirect_uris() -> None:
    client = registered(
        {
            "client_id": "c-1",
            "client_secret": "hidden-secret",
            "client_secret_expires_at": 2000,
            "token_endpoint_auth_method": "client_secret_post",
            "redirect_uris": ["https://elsewhere.example/"],
            "grant_types": ["authorization_code"],
            "registration_client_uri": "https://issuer.example/register/c-1",
            "registration_access_token": "hidden-token",
        }
    )
    assert client == RegisteredClient(
        client_id="c-1",
        client_secret="hidden-secret",
        auth_method="body",
        redirect_uris=OURS,
        grant_types=("authorization_code",),
        registered_at=1000.0,
        secret_expires_at=2000.0,
        management_url="https://issuer.example/register/c-1",
        management_token="hidden-token",
    )
    assert "hidden" not in repr(client)


@pytest.mark.parametrize(
    ("said", "method", "secret"),
    [
        ({}, "none", None),
        ({"client_secret": "s"}, "basic", "s"),
        ({"client_secret": "s", "token_endpoint_auth_method": "none"}, "none", None),
        ({"client_secret": "s", "token_endpoint_auth_method": "client_secret_basic"}, "basic", "s"),
        ({"client_secret": "", "token_endpoint_auth_method": None}, "none", None),
    ],
)
@pytest.mark.requirement("M26", "M30")
def test_the_method_is_the_one_that_the_server_names_or_else_goes_with_its_secret(
    said: dict[str, Any], method: str, secret: str | None
) -> None:
    client = registered({"client_id": "c", **said})
    assert (client.auth_method, client.client_secret) == (method, secret)


def test_a_server_that_names_no_method_and_gives_the_secret_that_was_asked_for_has_granted_the_method() -> None:
    request = RegistrationRequest(redirect_uris=OURS, auth_method="client_secret_post")
    assert registered({"client_id": "c", "client_secret": "s"}, request).auth_method == "body"


@pytest.mark.requirement("M27")
@pytest.mark.parametrize("secret", [{}, {"client_secret": ""}, {"client_secret": None}, {"client_secret": 7}])
def test_a_secret_method_without_a_secret_is_refused(secret: dict[str, Any]) -> None:
    with pytest.raises(RegistrationError, match="by client_secret_basic, and gave no client secret") as caught:
        registered({"client_id": "c", "token_endpoint_auth_method": "client_secret_basic", **secret})
    assert "`gumauth setup`" in (caught.value.hint or "")


def test_a_method_that_gumauth_does_not_have_is_refused_in_words() -> None:
    with pytest.raises(RegistrationError, match="by private_key_jwt, which gumauth does not have"):
        registered({"client_id": "c", "token_endpoint_auth_method": "private_key_jwt"})


@pytest.mark.parametrize("data", [{}, {"client_id": ""}, {"client_id": 7}, {"client_id": "a\nb"}, {"client_id": "ä"}])
def test_an_answer_without_a_client_id_is_no_registration(data: dict[str, Any]) -> None:
    with pytest.raises(RegistrationError, match=r"issuer\.example answered without a client id"):
        registered(data)


@pytest.mark.requirement("M23", "M30")
@pytest.mark.parametrize(
    ("end", "kept"),
    [(0, None), (None, None), ("", None), (True, None), (-1, None), ("0", None), ("5000", 5000.0), (5000, 5000.0)],
)
def test_the_end_of_a_secret_is_kept_and_0_means_never(end: object, kept: float | None) -> None:
    said = {"client_id": "c", "client_secret": "s", "token_endpoint_auth_method": "client_secret_post"}
    assert registered({**said, "client_secret_expires_at": end}).secret_expires_at == kept


@pytest.mark.requirement("M30")
@pytest.mark.parametrize("grants", [None, [], "code", [7], ["refresh_token"]])
def test_grants_that_leave_out_the_one_that_is_needed_are_not_believed(grants: object) -> None:
    assert registered({"client_id": "c", "grant_types": grants}).grant_types == ("authorization_code", "refresh_token")


@pytest.mark.parametrize(
    "elsewhere",
    ["http://issuer.example/r", "https://issuer.example:8443/r", "https://evil.example/r", "//", "https://[", 7],
)
def test_a_registration_that_another_origin_would_manage_is_not_managed(elsewhere: object) -> None:
    client = registered({"client_id": "c", "registration_client_uri": elsewhere, "registration_access_token": "t"})
    assert (client.management_url, client.management_token) == (None, None)
    assert is_same_origin("https://issuer.example:443/a", "https://issuer.example/b")


@pytest.mark.requirement("M17")
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, b"Forbidden"),
        (401, b'{"error": "unauthorized"}'),
        (400, b'{"error": "invalid_client_metadata", "error_description": "Client is not on the allowlist"}'),
        (400, b'{"message": "Only approved MCP clients may register"}'),
    ],
)
def test_an_allow_list_is_named_as_one_with_the_advice_to_register_an_app(status: int, body: bytes) -> None:
    with pytest.raises(
        RegistrationError, match=r"issuer\.example registers only clients on its own allow-list"
    ) as caught:
        read(response(body, status), REQUEST, 0.0, url=URL)
    assert caught.value.hint == (
        "Register an app of your own there, and enter its client id with `gumauth setup` and the service's name."
    )


@pytest.mark.requirement("M17", "M44")
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": "invalid_client_metadata", "error_description": "no name"}', "invalid_client_metadata: no name"),
        (b"Sorry, no.", "Sorry, no"),
        (b"<html><style>p {}</style><body><h1>No\x1b[31m</h1><p>such page</p></body>", "No such page"),
        (b'["first", "second"]', "first; second"),
        (b"{", "{"),
    ],
)
def test_what_the_server_said_is_quoted_as_one_line(body: bytes, said: str) -> None:
    error = refusal(response(body, 400), speaker="issuer.example")
    assert error.message == f"issuer.example does not register gumauth; it answered with status 400 and said: {said}."


@pytest.mark.requirement("M17")
def test_a_long_body_is_shortened() -> None:
    error = refusal(response(b"<p>" + b"no " * 300_000, 404), speaker="issuer.example")
    assert len(error.message) < 260
    assert error.message.endswith("….")


@pytest.mark.requirement("D7", "S1")
@pytest.mark.parametrize("said", [{}, {"error": "invalid_client_metadata", "error_description": "{secret} is there"}])
def test_the_secrets_of_a_client_that_is_there_already_are_not_quoted(said: dict[str, str]) -> None:
    secret, token = token_urlsafe(), token_urlsafe()
    data = {name: text.format(secret=secret) for name, text in said.items()}
    data |= {"client_id": "there-already", "client_secret": secret, "registration_access_token": token}
    error = refusal(response(json.dumps(data).encode(), 409), speaker="issuer.example")
    assert error.message.startswith("issuer.example does not register gumauth; it answered with status 409 and said: ")
    assert not [each for each in (secret, token) if each[:12] in error.message]


def test_the_servers_own_code_is_kept() -> None:
    body = {"error": "invalid_software_statement"}
    assert refusal(response(body, 400), speaker="issuer.example").error == "invalid_software_statement"


@pytest.mark.requirement("M28")
@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("body", [b"", b"<html>busy</html>", b'{"error": "invalid_redirect_uri"}', b'{"error": "x"}'])
def test_a_server_in_trouble_is_temporary_and_says_when_to_come_again(status: int, body: bytes) -> None:
    answer = Response(status=status, body=body, retry_after=7.0)
    error = refusal(answer, speaker="issuer.example")
    assert isinstance(error, Temporary)
    assert error.retry_after == 7.0


@pytest.mark.parametrize(
    ("body", "holds"),
    [
        ({"error": "invalid_redirect_uri"}, True),
        ({"error": "invalid_client_metadata", "error_description": "redirect_uris must use https"}, True),
        ({"error": "invalid_client_metadata", "error_description": "scope"}, False),
    ],
)
def test_a_refusal_about_redirect_uris_is_told_from_others(body: dict[str, str], holds: bool) -> None:
    error = refusal(response(body, 400), speaker="issuer.example")
    assert isinstance(error, RegistrationError)
    assert is_about_redirects(error) is holds


def test_a_client_is_read_as_it_was_written_and_nothing_else_is() -> None:
    client = registered({"client_id": "c"})
    data = json.loads(json.dumps(fields_of(client)))
    assert registered_client.parse(data) == client
    for wrong in ({"auth_method": "jwt"}, {"client_id": ""}, {"redirect_uris": "x"}, {"more": 1}):
        with pytest.raises(ValueError, match=r"\w"):
            registered_client.parse({**data, **wrong})


@pytest.mark.requirement("M23")
def test_a_client_is_not_used_in_the_last_minute_of_its_secret_or_while_it_is_doubtful() -> None:
    client = replace(registered({"client_id": "c"}), secret_expires_at=2000.0)
    assert client.is_usable(1939.0)
    assert not client.is_usable(1940.0)
    assert not replace(client, doubtful_since=5.0).is_usable(1000.0)
