"""Whose account it is, and whether its token is accepted: nickname, identity, `is_active`."""

from __future__ import annotations

from typing import Any

import pytest

from gumauth.errors import (
    NetworkError,
    NicknameError,
    ProviderCodeError,
    Temporary,
)
from tests.loopback import Answer, Loopback
from tests.oauth2.provider.acme import ISSUER, TOKENS, acme, exchange, id_token
from tests.running import run


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


def test_an_error_response_is_not_kept_for_the_next_request(server: Loopback) -> None:
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
