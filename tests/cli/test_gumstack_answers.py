"""What a server of `gumauth run --gumstack` is answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.program import inside, keep, listed


def answered(environ: dict[str, str], ask: str, provider: str, *accounts: str) -> Any:
    question = {"ask": ask, "provider": provider, "accounts": accounts, "env_file": None}
    ended = inside(environ, "__gumstack", "--json", stdin=json.dumps(question))
    assert (ended.status, ended.err) == (0, "")
    return json.loads(ended.out)


def test_the_answer_is_credentials_or_an_error(environ: dict[str, str]) -> None:
    missing = answered(environ, "usable", "acme")["error"]
    assert (missing["code"], missing["status"], missing["message"]) == ("not_connected", 3, "acme is not connected.")
    keep(environ, "an-access-token")
    assert answered(environ, "usable", "acme") == {"usable": True}
    assert answered(environ, "credentials", "acme") == {"credentials": {"access_token": "an-access-token"}}
    other = listed(environ, "acme", "grace@example.com")
    assert answered(environ, "credentials", "acme", other.key)["error"]["status"] == 6


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["nobody"], 3, "error: nobody is not connected."),
        (["acme", "acme/grace@example.com"], 2, "are both named, and the server asks for one."),
        (["A=acme", "A=acme"], 2, "error: A is given twice."),
    ],
)
def test_no_server_is_started_where_it_is_not_clear_whose_it_is(
    environ: dict[str, str], words: list[str], status: int, said: str
) -> None:
    keep(environ, "an-access-token")
    listed(environ, "acme", "grace@example.com")
    ended = inside(environ, "run", "--gumstack", *words, "--", "true")
    assert (ended.status, ended.out) == (status, "")
    assert said in ended.err
