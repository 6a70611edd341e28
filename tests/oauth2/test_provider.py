"""The standard flow, against a strict server and against one that keeps what it is asked."""

from __future__ import annotations

import asyncio
import json
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from gumauth.errors import (
    InvalidGrant,
    MissingCredentials,
    NetworkError,
    NicknameError,
    ProviderCodeError,
    Temporary,
    TokenEndpointError,
)
from gumauth.oauth2 import OAuth2Provider
from gumauth.oauth2.authorization_request import challenge
from gumauth.provider import TokenResponse
from gumauth.testing import AuthorizationServer, Client, Fault
from gumauth.testing.faults import DEAD, REFUSED, TOLERATED, TRANSIENT
from tests.loopback import Answer, Loopback, loopback
from tests.running import run

REDIRECT = "http://localhost:4862/callback"
SECRET = secrets.token_urlsafe()
TOKENS = {"access_token": "a", "refresh_token": "r", "expires_in": 3600, "scope": "read"}


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_CLIENT_ID", "app")
    monkeypatch.setenv("ACME_CLIENT_SECRET", SECRET)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as running:
        running.answer(TOKENS)
        yield running


def acme(server: Loopback | AuthorizationServer, **facts: object) -> OAuth2Provider:
    """A provider object at a server, with these attributes."""
    body = {
        "name": "acme",
        "title": "Acme",
        "authorize_url": f"{server.url}/authorize",
        "token_url": f"{server.url}/token",
        "revoke_url": f"{server.url}/revoke",
        "nickname_url": f"{server.url}/userinfo",
        **facts,
    }
    provider: OAuth2Provider = type("Acme", (OAuth2Provider,), body)()
    return provider


def query(provider: OAuth2Provider) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(provider.get_url(REDIRECT, "st")).query, keep_blank_values=True))


def exchange(provider: OAuth2Provider) -> TokenResponse:
    provider.get_url(REDIRECT, "st")
    return run(provider.exchange("the-c0de", REDIRECT))


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
def test_a_refusal_is_not_tried_again_without_pkce(server: Loopback) -> None:
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


@pytest.mark.requirement("F13")
@pytest.mark.parametrize(
    ("facts", "header", "fields"),
    [
        ({"client_auth": "body"}, None, {"client_id": "app", "client_secret": SECRET}),
        ({"client_auth": "none"}, None, {"client_id": "app"}),
        ({"client_auth": "basic"}, "Basic " + b64encode(f"app:{SECRET}".encode()).decode(), {}),
    ],
)
def test_the_client_proves_itself_in_one_way(
    server: Loopback, facts: dict[str, Any], header: str | None, fields: dict[str, str]
) -> None:
    provider = acme(server, **facts)
    exchange(provider)
    run(provider.refresh("r"))
    for seen in server.seen:
        assert seen.headers.get("authorization") == header
        assert {name: value for name, value in seen.form.items() if name.startswith("client_")} == fields


@pytest.mark.requirement("F13")
def test_a_public_client_says_only_its_id(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACME_CLIENT_SECRET")
    exchange(acme(server, public_client=True, client_auth="basic"))
    assert "authorization" not in server.seen[0].headers
    assert server.seen[0].form["client_id"] == "app"


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


def test_a_json_service_is_spoken_to_in_json(server: Loopback) -> None:
    exchange(acme(server, token_encoding="json", token_headers={"Notion-Version": "1"}, token_params={"x": "y"}))
    seen = server.seen[0]
    assert (seen.headers["content-type"], seen.headers["notion-version"]) == ("application/json", "1")
    assert (seen.json["grant_type"], seen.json["code"], seen.json["x"]) == ("authorization_code", "the-c0de", "y")


def test_the_tokens_are_read_where_the_service_nests_them(server: Loopback) -> None:
    server.answer({"ok": True, "authed_user": {"access_token": "a", "token_type": "user"}})
    provider = acme(server, tokens_path="authed_user", token_types=("bearer", "user"))
    assert exchange(provider).access_token == "a"


@pytest.mark.requirement("F5")
def test_a_code_is_sent_once_though_the_connection_breaks(server: Loopback) -> None:
    server.answers = [Answer(raw=b"")]
    provider = acme(server)
    with pytest.raises(NetworkError):
        exchange(provider)
    with pytest.raises(ProviderCodeError, match="no connect under way"):
        run(provider.exchange("the-c0de", REDIRECT))
    assert len(server.seen) == 1


@pytest.mark.requirement("F5")
@pytest.mark.parametrize("status", [307, 308, 401, 429, 500, 503])
def test_a_code_is_sent_once_whatever_the_status(server: Loopback, status: int) -> None:
    server.answer({}, status=status, Location="/token", WWW_Authenticate="Basic", Retry_After="0")
    with pytest.raises((Temporary, TokenEndpointError)):
        exchange(acme(server))
    assert len(server.seen) == 1


@pytest.mark.requirement("F5")
def test_two_exchanges_at_once_send_one_code(server: Loopback) -> None:
    provider = acme(server)
    provider.get_url(REDIRECT, "st")

    async def twice() -> list[Any]:
        codes = (provider.exchange("the-c0de", REDIRECT), provider.exchange("the-c0de", REDIRECT))
        return [*await asyncio.gather(*codes, return_exceptions=True)]

    kinds = {type(result).__name__ for result in run(twice())}
    assert kinds == {"ReadTokens", "ProviderCodeError"}
    assert len(server.seen) == 1


@pytest.mark.requirement("R5")
def test_a_new_refresh_token_replaces_the_old_and_none_keeps_it(server: Loopback) -> None:
    server.answers = [
        Answer(body=b'{"access_token": "a2", "refresh_token": "r2"}'),
        Answer(body=b'{"access_token": "a3"}'),
    ]
    provider = acme(server, refresh_url=f"{server.url}/refresh", refresh_params={"x": "y"})
    assert run(provider.refresh("r1")).refresh_token == "r2"
    assert run(provider.refresh("r2")).refresh_token == "r2"
    assert [seen.path for seen in server.seen] == ["/refresh", "/refresh"]
    assert server.seen[0].form == {
        "grant_type": "refresh_token",
        "refresh_token": "r1",
        "client_id": "app",
        "client_secret": SECRET,
        "x": "y",
    }


@pytest.mark.requirement("S1")
@pytest.mark.parametrize("status", [200, 400, 503])
def test_no_error_repeats_what_was_sent(server: Loopback, status: int) -> None:
    provider = acme(server)
    verifier = provider.get_url(REDIRECT, "st") and provider._pending
    server.answer({"error": "nope", "error_description": f"the-c0de {SECRET} {verifier}"}, status=status)
    with pytest.raises((TokenEndpointError, Temporary)) as caught:
        run(provider.exchange("the-c0de", REDIRECT))
    assert "nope: … … …" in caught.value.message


@pytest.mark.requirement("S1")
def test_no_error_repeats_a_secret_that_was_sent_in_a_header(server: Loopback) -> None:
    provider = acme(server, client_auth="basic")
    provider.get_url(REDIRECT, "st")
    run(provider.exchange("the-c0de", REDIRECT))
    encoded = server.seen[-1].headers["authorization"].partition(" ")[2]
    provider.get_url(REDIRECT, "st")
    server.answer({"error": "nope", "error_description": f"the-c0de {SECRET} {encoded}"}, status=400)
    with pytest.raises(TokenEndpointError) as caught:
        run(provider.exchange("the-c0de", REDIRECT))
    assert "nope: … … …" in caught.value.message


def test_the_nickname_is_the_first_path_that_says_something(server: Loopback) -> None:
    server.answer({"data": {"viewer": {"email": None, "name": " ", "id": 7}}})
    provider = acme(
        server,
        nickname_method="POST",
        nickname_body={"query": "{ viewer { id } }"},
        nickname_headers={"X": "y"},
        nickname_paths=("data.viewer.email", "data.viewer.name", "data.nothing.0", "data.viewer.id"),
    )
    assert run(provider.get_nickname("t0ken")) == "7"
    seen = server.seen[0]
    assert (seen.method, seen.json) == ("POST", {"query": "{ viewer { id } }"})
    assert (seen.headers["authorization"], seen.headers["x"]) == ("Bearer t0ken", "y")


@pytest.mark.requirement("F10")
def test_an_error_object_that_says_ok_is_none(server: Loopback) -> None:
    """Source: TikTok's API v2."""
    server.answer({"data": {"user": {"name": "ada"}}, "error": {"code": "ok", "message": "", "log_id": "2026"}})
    assert run(acme(server, nickname_paths=("data.user.name",)).get_nickname("a-token")) == "ada"


@pytest.mark.requirement("S4")
def test_a_nickname_is_one_line_of_printable_text(server: Loopback) -> None:
    server.answer({"email": "ada\x1b[31m@example.com\n\u202e"})
    assert run(acme(server).get_nickname("t0ken")) == "ada@example.com"


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        ({"email": None}, 200, "no email in its answer"),
        ({"email": ["x"]}, 200, "no email in its answer"),
        ({"email": True}, 200, "no email in its answer"),
        ({"errors": [{"message": "Not t0ken"}], "data": None}, 200, "Not …"),
        ({"errors": [{"message": "Not you"}], "data": {"email": None}}, 200, "Not you"),
        ({"errors": [{"message": "No age"}], "data": {"email": None, "age": 3}}, 200, "no email in its answer"),
        ({"message": "Bad credentials"}, 401, "Bad credentials"),
        ({"error": "nope t0ken"}, 200, "nope …"),
        ([], 200, "not what was asked for"),
    ],
)
def test_a_provider_that_does_not_say_who_it_is(server: Loopback, data: object, status: int, words: str) -> None:
    server.answer(data, status=status)
    with pytest.raises(NicknameError, match=words) as caught:
        run(acme(server).get_nickname("t0ken"))
    assert "--as" in (caught.value.hint or "")


def test_a_provider_without_a_place_to_ask_has_no_nickname(server: Loopback) -> None:
    with pytest.raises(NicknameError):
        run(acme(server, nickname_url=None).get_nickname("t0ken"))


@pytest.mark.requirement("R7")
def test_trouble_while_the_nickname_is_asked_is_temporary(server: Loopback) -> None:
    server.answer(status=503)
    with pytest.raises(Temporary):
        run(acme(server).get_nickname("t0ken"))


@pytest.mark.parametrize(
    ("data", "nickname"),
    [
        ({"user": {"email": "ada@example.com"}, "team": {"key": "acme"}}, "ada@example.com at acme"),
        ({"user": {"email": "ada\x1b[31m@example.com\n"}, "team": {"key": 7}}, "ada@example.com at 7"),
        ({"user": {"email": "ada@example.com"}, "team": None}, "ada@example.com"),
        ({"user": {"email": "ada@example.com"}, "team": {"key": " "}}, "ada@example.com"),
        ({"user": {"email": None}, "team": {"key": "acme"}}, "acme"),
    ],
)
def test_a_nickname_of_two_fields_has_both_or_is_another(server: Loopback, data: object, nickname: str) -> None:
    server.answer(data)
    provider = acme(server, nickname_paths=(("user.email", "team.key"), "user.email", "team.key"))
    assert run(provider.get_nickname("t0ken")) == nickname


def test_what_was_looked_for_in_vain_is_said_field_by_field(server: Loopback) -> None:
    server.answer({"team": {"key": "acme"}})
    provider = acme(server, nickname_paths=(("user.email", "team.key"), "user.name"))
    with pytest.raises(NicknameError, match=r"no user\.email and team\.key or user\.name in its answer") as caught:
        run(provider.get_nickname("t0ken"))
    assert caught.value.hint == "Give the account a name of your own with --as."


ISSUER = "https://issuer.example"


def id_token(**claims: object) -> str:
    payload = json.dumps({"iss": ISSUER, "aud": "app", "sub": "1234", **claims}).encode()
    return f"head.{urlsafe_b64encode(payload).rstrip(b'=').decode()}.sig"


def paths(server: Loopback) -> list[str]:
    return [seen.path for seen in server.seen]


@pytest.mark.requirement("I1")
@pytest.mark.parametrize("issuer", [None, ISSUER])
@pytest.mark.parametrize("nickname_url", [None, "https://nowhere.example/"])
def test_the_identity_is_in_the_id_token_that_came_with_the_token(
    server: Loopback, issuer: str | None, nickname_url: str | None
) -> None:
    provider = acme(server, issuer=issuer, nickname_url=nickname_url)
    server.answer({**TOKENS, "id_token": id_token()})
    for tokens in (exchange(provider), run(provider.refresh("r"))):
        assert run(provider.get_identity(tokens.access_token)) == "https://issuer.example 1234"
    assert paths(server) == ["/token", "/token"], "nobody else is asked"


@pytest.mark.requirement("I1")
def test_an_id_token_is_read_where_the_service_nests_it(server: Loopback) -> None:
    server.answer({"authed_user": {**TOKENS, "id_token": id_token()}, "id_token": id_token(sub="9")})
    provider = acme(server, tokens_path="authed_user", nickname_url=None)
    assert run(provider.get_identity(exchange(provider).access_token)) == "https://issuer.example 1234"


@pytest.mark.requirement("I1")
@pytest.mark.parametrize(
    "told",
    [None, "", "no.id.token", id_token(aud="other"), id_token(iss="https://other.example"), id_token(sub=""), ["x"]],
)
@pytest.mark.parametrize(("issuer", "identity"), [(None, "77"), (ISSUER, "https://issuer.example 77")])
def test_without_an_id_token_that_can_be_believed_the_userinfo_is_asked(
    server: Loopback, told: object, issuer: str | None, identity: str
) -> None:
    provider = acme(server, issuer=issuer)
    server.answer({**TOKENS, "id_token": told})
    token = exchange(provider).access_token
    server.answer({"sub": "77", "email": "ada@example.com"})
    if issuer is None and told == id_token(iss="https://other.example"):
        identity = "https://other.example 1234"
    assert run(provider.get_identity(token)) == identity


@pytest.mark.requirement("I1")
@pytest.mark.parametrize("token", ["b", "a2", "A"])
def test_an_id_token_is_not_believed_of_another_access_token(server: Loopback, token: str) -> None:
    provider = acme(server)
    server.answer({**TOKENS, "id_token": id_token()})
    exchange(provider)
    server.answer({"sub": "77"})
    assert run(provider.get_identity(token)) == "77"
    assert server.seen[-1].headers["authorization"] == f"Bearer {token}"


@pytest.mark.requirement("I1")
@pytest.mark.parametrize("paths_of_it", [("id",), ("sub", "team.id"), ("sub", "sub"), ("user.sub",)])
def test_an_id_token_does_not_answer_for_a_service_whose_identity_is_another(
    server: Loopback, paths_of_it: tuple[str, ...]
) -> None:
    provider = acme(server, identity_paths=paths_of_it, issuer=ISSUER)
    server.answer({**TOKENS, "id_token": id_token()})
    token = exchange(provider).access_token
    server.answer({"id": "7", "sub": "7", "team": {"id": "7"}, "user": {"sub": "7"}})
    assert run(provider.get_identity(token)) == " ".join("7" for _ in paths_of_it), "and has no issuer in front"


@pytest.mark.requirement("I1")
def test_facts_may_be_written_as_a_list(server: Loopback) -> None:
    server.answer({"sub": "77"})
    assert run(acme(server, identity_paths=["sub"], issuer=ISSUER).get_identity("t0ken")) == "https://issuer.example 77"


@pytest.mark.requirement("I1")
@pytest.mark.parametrize(
    ("data", "identity"),
    [
        ({"user": {"id": "u-1"}, "team": {"id": "t-2"}}, "u-1 t-2"),
        ({"user": {"id": 1}, "team": {"id": 2}}, "1 2"),
        ({"user": {"id": "u-1"}}, ""),
        ({"user": {"id": "u-1"}, "team": {"id": ""}}, ""),
        ({"user": {"id": None}, "team": {"id": "t-2"}}, ""),
        ({"user": {"id": True}, "team": {"id": "t-2"}}, ""),
        ({"other": "x"}, ""),
    ],
)
def test_an_identity_of_several_parts_has_them_all_or_is_none(server: Loopback, data: object, identity: str) -> None:
    server.answer(data)
    provider = acme(server, identity_paths=("user.id", "team.id"))
    assert run(provider.get_identity("t0ken")) == identity


@pytest.mark.requirement("I1")
@pytest.mark.parametrize("facts", [{"nickname_url": None}, {"identity_paths": ()}])
def test_a_service_that_tells_no_identity_is_not_asked(server: Loopback, facts: dict[str, Any]) -> None:
    assert run(acme(server, **facts).get_identity("t0ken")) == ""
    assert server.seen == []


@pytest.mark.parametrize("method", ["get_identity", "get_nickname"])
def test_nickname_and_identity_are_asked_for_in_one_request(server: Loopback, method: str) -> None:
    server.answers = [Answer(body=b'{"sub": "77", "email": "ada@example.com"}'), Answer(500)]
    provider = acme(server)

    async def ask() -> set[str]:
        first = await getattr(provider, method)("t0ken")
        return {first, await provider.get_identity("t0ken"), await provider.get_nickname("t0ken")}

    assert run(ask()) == {"77", "ada@example.com"}
    assert paths(server) == ["/userinfo"]


@pytest.mark.requirement("I1")
def test_a_second_token_is_asked_about_anew(server: Loopback) -> None:
    server.answers = [Answer(body=b'{"sub": "1", "email": "ada"}'), Answer(body=b'{"sub": "2", "email": "bob"}')]
    provider = acme(server)
    assert run(provider.get_identity("t0ken")) == "1"
    assert run(provider.get_identity("t1ken")) == "2"
    assert run(provider.get_nickname("t1ken")) == "bob"
    assert [seen.headers["authorization"] for seen in server.seen] == ["Bearer t0ken", "Bearer t1ken"]


def test_a_refusal_is_not_kept_for_the_next_question(server: Loopback) -> None:
    server.answers = [Answer(503), Answer(401), Answer(body=b'{"sub": "77", "email": "ada"}')]
    provider = acme(server)
    with pytest.raises(Temporary):
        run(provider.get_nickname("t0ken"))
    with pytest.raises(NicknameError):
        run(provider.get_nickname("t0ken"))
    assert run(provider.get_nickname("t0ken")) == "ada"


def test_an_identity_that_stands_elsewhere_is_asked_for_there_with_the_token_alone(server: Loopback) -> None:
    server.answers = [Answer(body=b'{"email": "ada", "id": "0"}'), Answer(body=b'{"id": "77", "email": "bob"}')]
    provider = acme(
        server,
        identity_url=f"{server.url}/me",
        identity_paths=("id",),
        nickname_method="POST",
        nickname_headers={"X": "y"},
        nickname_body={"query": "{ viewer { id } }"},
    )
    assert run(provider.get_nickname("t0ken")) == "ada"
    assert run(provider.get_identity("t0ken")) == "77"
    first, second = server.seen
    assert (first.method, first.path, first.headers["x"]) == ("POST", "/userinfo", "y")
    assert (second.method, second.path, second.body, second.headers["x"]) == ("GET", "/me", b"", "y")
    assert second.headers["authorization"] == "Bearer t0ken"


def test_an_identity_can_stand_where_no_nickname_does(server: Loopback) -> None:
    server.answer({"sub": "77"})
    provider = acme(server, nickname_url=None, identity_url=f"{server.url}/me")
    assert run(provider.get_identity("t0ken")) == "77"
    assert paths(server) == ["/me"]


@pytest.mark.requirement("F6")
def test_an_identity_is_not_asked_for_without_tls(server: Loopback) -> None:
    with pytest.raises(ProviderCodeError, match="not an https URL"):
        run(acme(server, identity_url="http://example.com/").get_identity("t0ken"))


@pytest.mark.requirement("S1")
@pytest.mark.parametrize(
    ("data", "status", "kind", "words"),
    [
        ({"message": "Bad t0ken"}, 401, NicknameError, "did not say whose account this is: .* said: Bad …"),
        ({"error": "nope t0ken"}, 200, NicknameError, "nope …"),
        ([], 200, NicknameError, "not what was asked for"),
        ({}, 503, Temporary, "cannot answer now"),
    ],
)
def test_a_provider_that_does_not_tell_the_identity(
    server: Loopback, data: object, status: int, kind: type[Exception], words: str
) -> None:
    server.answer(data, status=status)
    with pytest.raises(kind, match=words):
        run(acme(server).get_identity("t0ken"))


@pytest.mark.requirement("I5")
@pytest.mark.parametrize(
    ("status", "data", "active"),
    [
        (200, {"email": "ada"}, True),
        (200, {}, True),
        (401, {}, False),
        (401, {"message": "Bad credentials"}, False),
        (400, {"error": "invalid_token"}, None),
        (403, {}, None),
        (404, {}, None),
        (429, {}, None),
        (500, {}, None),
        (503, {}, None),
        (302, {}, None),
        (200, [], None),
        (200, {"error": "nope"}, None),
        (200, {"ok": False}, None),
    ],
)
def test_only_an_answer_that_says_so_tells_whether_a_token_is_accepted(
    server: Loopback, status: int, data: object, active: bool | None
) -> None:
    server.answer(data, status=status)
    assert run(acme(server).is_active("t0ken")) is active
    assert (server.seen[0].path, server.seen[0].headers["authorization"]) == ("/userinfo", "Bearer t0ken")


@pytest.mark.requirement("I5")
def test_whether_a_token_is_accepted_is_asked_every_time(server: Loopback) -> None:
    server.answers = [Answer(body=b'{"email": "ada"}'), Answer(body=b'{"email": "ada"}'), Answer(401)]
    provider = acme(server)
    run(provider.get_nickname("t0ken"))
    assert [run(provider.is_active("t0ken")) for _ in range(2)] == [True, False]


@pytest.mark.requirement("I5")
def test_whether_a_token_is_accepted_is_asked_as_the_nickname_is(server: Loopback) -> None:
    body = {"query": "{ viewer { id } }"}
    provider = acme(server, nickname_method="POST", nickname_body=body, nickname_headers={"X": "y"})
    run(provider.is_active("t0ken"))
    seen = server.seen[0]
    assert (seen.method, seen.json, seen.headers["x"]) == ("POST", body, "y")


@pytest.mark.requirement("I5")
def test_a_service_with_nowhere_to_ask_does_not_say_whether_a_token_is_accepted(server: Loopback) -> None:
    assert run(acme(server, nickname_url=None, identity_url=f"{server.url}/me").is_active("t0ken")) is None
    assert server.seen == []


@pytest.mark.requirement("I5", "R7")
def test_without_a_network_nobody_knows_whether_a_token_is_accepted(server: Loopback) -> None:
    server.answers = [Answer(raw=b"")]
    with pytest.raises(NetworkError):
        run(acme(server).is_active("t0ken"))


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_token_is_revoked_as_the_standard_says(server: Loopback, kind: Any) -> None:
    """Source: RFC 7009 §2.1."""
    server.answers = [Answer(200, b"")]
    assert run(acme(server).revoke_token("t0ken", kind)) is True
    assert server.seen[0].form == {
        "token": "t0ken",
        "token_type_hint": kind,
        "client_id": "app",
        "client_secret": SECRET,
    }


def test_the_contracts_revoke_ends_the_access_token(server: Loopback) -> None:
    server.answers = [Answer(204, b"")]
    assert run(acme(server).revoke("t0ken")) is True
    assert server.seen[0].form["token_type_hint"] == "access_token"


@pytest.mark.requirement("L1", "R7")
def test_a_captive_portals_page_does_not_say_that_a_token_is_gone(server: Loopback) -> None:
    server.answers = [Answer(200, b"<!doctype html>Please sign in", {"Content-Type": "text/html"})]
    with pytest.raises(Temporary, match="captive portal"):
        run(acme(server).revoke("t0ken"))


def test_a_services_own_way_to_revoke_is_told_by_attributes(server: Loopback) -> None:
    server.answers = [Answer(204, b"")]
    provider = acme(
        server,
        revoke_url=f"{server.url}/applications/{{client_id}}/token",
        revoke_method="DELETE",
        revoke_auth="basic",
        revoke_encoding="json",
        revoke_fields={"access_token": "access_token"},
    )
    assert run(provider.revoke("t0ken")) is True
    seen = server.seen[0]
    assert (seen.method, seen.path, seen.json) == ("DELETE", "/applications/app/token", {"access_token": "t0ken"})
    assert seen.headers["authorization"] == "Basic " + b64encode(f"app:{SECRET}".encode()).decode()
    assert run(provider.revoke_token("t0ken", "refresh_token")) is False
    assert len(server.seen) == 1


def test_a_token_can_be_revoked_by_presenting_it(server: Loopback) -> None:
    server.answers = [Answer(200, b'{"ok": true, "revoked": true}')]
    assert run(acme(server, revoke_auth="bearer", revoke_fields={"access_token": ""}).revoke("t0ken")) is True
    assert (server.seen[0].headers["authorization"], server.seen[0].body) == ("Bearer t0ken", b"")


def test_a_service_without_revocation_says_that_nothing_ended(server: Loopback) -> None:
    assert run(acme(server, revoke_url=None).revoke("t0ken")) is False
    assert server.seen == []


@pytest.mark.parametrize(
    ("status", "data", "facts"),
    [
        (400, {"error": "token_expired"}, {}),
        (200, {"ok": False, "error": "token_revoked"}, {}),
        (404, {"error": "no_such_token"}, {"revoke_gone": ("no_such_token",)}),
    ],
)
def test_a_token_that_was_dead_already_is_gone(server: Loopback, status: int, data: object, facts: Any) -> None:
    server.answer(data, status=status)
    assert run(acme(server, **facts).revoke("t0ken")) is True


@pytest.mark.requirement("L1")
@pytest.mark.parametrize(
    ("status", "data", "kind"),
    [
        (503, {}, Temporary),
        (429, {}, Temporary),
        (400, {"error": "invalid_client"}, TokenEndpointError),
        (401, {"error": "invalid_token"}, TokenEndpointError),
        (404, {}, TokenEndpointError),
        (200, {"ok": False}, TokenEndpointError),
        (200, {"ok": False, "error": "not_allowed t0ken"}, TokenEndpointError),
        (302, {}, TokenEndpointError),
    ],
)
def test_a_token_that_lives_on_is_said(server: Loopback, status: int, data: object, kind: type[Exception]) -> None:
    server.answer(data, status=status)
    with pytest.raises(kind) as caught:
        run(acme(server).revoke("t0ken"))
    assert "t0ken" not in str(caught.value)


@pytest.mark.requirement("F6", "L1")
def test_a_revocation_endpoints_redirect_is_not_followed(server: Loopback) -> None:
    with loopback() as elsewhere:
        server.answer(status=307, Location=elsewhere.url)
        with pytest.raises(TokenEndpointError, match="redirect"):
            run(acme(server).revoke("t0ken"))
        assert elsewhere.seen == []


@pytest.fixture
def strict() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as running:
        yield running


Code = Callable[[OAuth2Provider], str]


def consented(server: AuthorizationServer, provider: OAuth2Provider) -> str:
    url = provider.get_url(REDIRECT, "st")
    redirect = server.follow(url)
    return parse_qs(urlsplit(redirect).query)["code"][0]


@pytest.mark.requirement("F1", "F13")
@pytest.mark.parametrize("way", ["body", "basic"])
def test_the_whole_life_of_a_grant_at_a_strict_server(strict: AuthorizationServer, way: Any) -> None:
    strict.register(Client(client_id="app", secret=SECRET, redirect_uris=(REDIRECT,), auth=(way,)))
    provider = acme(strict, scopes=("read",), client_auth=way)
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
