"""Which account a server's `get_credentials` means."""

from __future__ import annotations

from pathlib import Path

import pytest

from gumauth.client.context import Context
from gumauth.errors import GumauthError
from gumauth.handout.gumstack import check, credentials, meant
from tests.cli.program import environment, inside, keep, listed


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path)


def enter(environ: dict[str, str], *words: str, values: str) -> None:
    assert inside(environ, "connect", *words, stdin=values).status == 0


def key_of(environ: dict[str, str], reference: str) -> str:
    return Context(environ).accounts.look_up(reference).key


def test_a_login_gives_its_access_token(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token")
    assert credentials(Context(environ), "acme") == {"access_token": "an-access-token"}


def test_the_account_that_is_named_goes_before_the_default(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token")
    other = listed(environ, "acme", "grace@example.com")
    assert meant(Context(environ), "acme", [other.key]) == other.key
    assert meant(Context(environ), "acme", ["other/0"]) == "acme"


def test_credentials_are_the_only_key(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token")
    with pytest.raises(GumauthError, match="no key is connected") as raised:
        credentials(Context(environ), "credentials")
    assert (raised.value.exit_code, "gumauth connect NAME --key FIELD" in str(raised.value.hint)) == (3, True)
    enter(environ, "gong", "--key", "access_key", "--key", "secret", values="AK\nSK")
    assert credentials(Context(environ), "credentials") == {"access_key": "AK", "secret": "SK"}
    assert credentials(Context(environ), "gong") == {"access_key": "AK", "secret": "SK"}


def test_of_several_keys_one_is_named_or_called_so(environ: dict[str, str]) -> None:
    enter(environ, "gong", "--key", "access_key", values="AK")
    enter(environ, "weather", "--key", "api_key", values="WK")
    with pytest.raises(GumauthError, match=r"these are keys: gong/\S+ and weather/") as raised:
        check(Context(environ), "credentials")
    assert "`gumauth run --gumstack gong/" in str(raised.value.hint)
    named = [key_of(environ, "weather")]
    assert credentials(Context(environ), "credentials", named) == {"api_key": "WK"}
    enter(environ, "credentials", "--key", "api_key", values="CK")
    assert credentials(Context(environ), "credentials") == {"api_key": "CK"}
    assert credentials(Context(environ), "credentials", named) == {"api_key": "WK"}
