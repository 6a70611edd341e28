"""`gumauth token`: the token alone, the header line, and the object."""

from __future__ import annotations

import json

import pytest

from gumauth.client.token import one_word
from gumauth.errors import GumauthError
from tests.cli.id_tokens import id_token
from tests.cli.program import NOW, inside, keep


def test_the_token_stands_alone_on_standard_output(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token")
    ended = inside(environ, "token", "acme", clock=lambda: NOW)
    assert (ended.status, ended.out, ended.err) == (0, "an-access-token\n", "")


def test_the_header_is_spelled_as_the_standard_spells_it(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token", token_type="bearer")
    ended = inside(environ, "token", "acme", "--header", clock=lambda: NOW)
    assert ended.out == "Authorization: Bearer an-access-token\n"


def test_the_token_object_is_the_settled_one(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token", expires_at=NOW + 3600)
    ended = inside(environ, "token", "acme", "--json", clock=lambda: NOW)
    assert json.loads(ended.out) == {
        "schema_version": 1,
        "provider": "acme",
        "account": "acme/ada@example.com",
        "access_token": "an-access-token",
        "token_type": "Bearer",
        "expires_at": "2027-01-15T09:00:00Z",
        "scopes": ["read", "write"],
        "extras": {},
    }


@pytest.mark.requirement("S5")
@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\x00b", "a\x7fb", "a\tb", "ä"])
@pytest.mark.parametrize("way", [[], ["--header"], ["--json"]], ids=str)
def test_a_token_that_would_end_its_line_is_not_printed(environ: dict[str, str], bad: str, way: list[str]) -> None:
    keep(environ, bad)
    ended = inside(environ, "token", "acme", *way, clock=lambda: NOW)
    assert (ended.status, ended.out) == (1, "")
    assert bad not in ended.err


@pytest.mark.requirement("S5")
def test_a_token_type_that_would_end_its_line_is_not_printed(environ: dict[str, str]) -> None:
    keep(environ, "good", token_type="X\r\nSet-Cookie: a=b")
    ended = inside(environ, "token", "acme", "--header", clock=lambda: NOW)
    assert (ended.status, ended.out) == (1, "")


@pytest.mark.requirement("S2")
def test_the_refused_token_is_in_no_message() -> None:
    with pytest.raises(GumauthError) as caught:
        one_word("secret\n")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("told", ["BearerToken", "bot", "USER"])
def test_a_type_that_is_presented_as_bearer_is_called_so_in_the_header(environ: dict[str, str], told: str) -> None:
    keep(environ, "an-access-token", token_type=told)
    ended = inside(environ, "token", "acme", "--header", clock=lambda: NOW)
    assert ended.out == "Authorization: Bearer an-access-token\n"


def test_what_calls_need_beside_the_token_is_in_the_token_object(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token", extras={"realmId": "4620816365"})
    ended = inside(environ, "token", "acme", "--json", clock=lambda: NOW)
    assert json.loads(ended.out)["extras"] == {"realmId": "4620816365"}


def test_the_id_token_stands_alone_in_a_header_or_in_an_object(environ: dict[str, str]) -> None:
    token = id_token(ends=NOW + 900, aud=["app", "cluster"], azp="app")
    keep(environ, "an-access-token", id_token=token)

    def printed(*words: str) -> str:
        ended = inside(environ, "token", "acme", "--id-token", *words, clock=lambda: NOW)
        assert (ended.status, ended.err) == (0, "")
        return ended.out

    assert printed() == f"{token}\n"
    assert printed("--header") == f"Authorization: Bearer {token}\n"
    assert json.loads(printed("--json")) == {
        "schema_version": 1,
        "provider": "acme",
        "account": "acme/ada@example.com",
        "id_token": token,
        "issuer": "https://issuer.example",
        "audience": ["app", "cluster"],
        "expires_at": "2027-01-15T08:15:00Z",
    }


@pytest.mark.requirement("H4")
def test_without_an_id_token_nothing_is_printed(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token")
    ended = inside(environ, "token", "acme", "--id-token", clock=lambda: NOW)
    assert (ended.status, ended.out) == (3, "")
    assert ended.err == (
        "error: acme/ada@example.com has no id_token: it was connected without the scope `openid`.\n"
        "hint:  Run `gumauth connect acme --add-scope openid`.\n"
    )


@pytest.mark.requirement("H4")
def test_an_id_token_is_no_form_for_mcp_clients(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token", id_token=id_token())
    ended = inside(environ, "token", "acme", "--for", "mcp", "--id-token", clock=lambda: NOW)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == "error: No MCP server takes an id_token.\nhint:  Leave --id-token away.\n"


def test_the_id_token_is_in_no_other_output(environ: dict[str, str]) -> None:
    token = id_token()
    keep(environ, "an-access-token", id_token=token)
    for words in (
        ["token", "acme"],
        ["token", "acme", "--json"],
        ["list", "--json"],
        ["token", "acme", "--for", "mcp"],
    ):
        assert token not in inside(environ, *words, clock=lambda: NOW).out
