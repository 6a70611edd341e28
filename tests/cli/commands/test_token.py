"""`gumauth token`: the token alone, the header line, and the object."""

from __future__ import annotations

import json

import pytest

from gumauth.client.token import one_word
from gumauth.errors import GumauthError
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
