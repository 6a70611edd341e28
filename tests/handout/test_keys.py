"""A key in a Python program: its one value, all of its fields, and the hosts that the program names."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import gumauth
from gumauth.errors import ForeignHost, NotConnected, UsageError
from gumauth.handout import python
from tests.cli.program import environment, inside, keep


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """This process's own environment, with a key of one field, a key of two, and a grant."""
    environ = environment(tmp_path)
    for words, values in (
        ("openweather --key api_key", "one-value"),
        ("gong --key access_key --key access_key_secret", "AK\nSK with a blank\n"),
    ):
        assert inside(environ, "connect", *words.split(), stdin=values).status == 0
    keep(environ, "an-access-token")
    for name in ("GUMAUTH_HOME", "GUMAUTH_STORE", "GUMAUTH_KEY_FILE"):
        monkeypatch.setenv(name, environ[name])
    python._cache.clear()
    yield environ
    python._cache.clear()


def test_a_key_with_one_field_is_a_token(environ: dict[str, str]) -> None:
    assert gumauth.get_token("openweather", min_valid=1e6) == "one-value"
    assert asyncio.run(gumauth.aget_token("openweather/1")) == "one-value"
    assert gumauth.get_access_token("openweather").expires_at is None


def test_a_key_with_several_fields_is_none(environ: dict[str, str]) -> None:
    for _ in range(2):  # also once its fields were read
        with pytest.raises(UsageError, match="gong/1 has several fields: access_key and access_key_secret"):
            gumauth.get_token("gong")
        assert gumauth.get_credentials("gong") == {"access_key": "AK", "access_key_secret": "SK with a blank"}


def test_credentials_are_the_fields_or_the_access_token(environ: dict[str, str]) -> None:
    for _ in range(2):
        assert gumauth.get_credentials("openweather") == {"api_key": "one-value"}
        assert asyncio.run(gumauth.aget_credentials("gong")) == gumauth.get_credentials("gong")
        assert asyncio.run(gumauth.aget_credentials("acme")) == {"access_token": "an-access-token"}
    assert gumauth.get_token("acme") == "an-access-token"
    with pytest.raises(NotConnected):
        gumauth.get_credentials("nobody")


def test_new_values_are_handed_out_after_a_minute_at_most(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gumauth.get_token("openweather") == "one-value"
    assert inside(environ, "connect", "openweather", stdin="another").status == 0
    assert inside(environ, "connect", "gong/1", stdin="AK2\nSK2").status == 0
    assert gumauth.get_credentials("gong") == {"access_key": "AK2", "access_key_secret": "SK2"}
    later = time.time() + 61
    monkeypatch.setattr("time.time", lambda: later)
    assert gumauth.get_token("openweather") == "another"


@pytest.mark.requirement("S7")
def test_auth_sends_a_key_only_to_hosts_that_the_program_names(environ: dict[str, str]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        challenge = 'Bearer error="insufficient_scope", scope="write"'
        return httpx.Response(
            403, headers={"WWW-Authenticate": challenge}, text=request.headers.get("Authorization", "")
        )

    def ask(auth: gumauth.Auth) -> str:
        with httpx.Client(transport=httpx.MockTransport(answer), auth=auth) as client:
            return client.get("https://api.openweather.example/").text

    with pytest.raises(ForeignHost, match=r"openweather/1 is not sent to .*: it is a key, and only you know"):
        ask(gumauth.Auth("openweather"))
    # A warning would be an error here: a key has no scopes that could be asked for.
    assert ask(gumauth.Auth("openweather", hosts="api.openweather.example")) == "Bearer one-value"
    with pytest.raises(UsageError, match="has several fields"):
        ask(gumauth.Auth("gong", hosts="api.openweather.example"))
