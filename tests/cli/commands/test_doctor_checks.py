"""`gumauth doctor` and `gumauth connect` where a variable of the environment lets no request be made."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import pytest

from gumauth.testing import AuthorizationServer
from tests.cli.program import inside, process

PASSED = {"NO_PROXY": "localhost,::1/128,fd07:b51a:cc66::/64"}
FAULTS = [
    ("SSL_CERT_FILE", "/no/such.pem", "SSL_CERT_FILE names /no/such.pem, which is not there"),
    ("ALL_PROXY", "socks://desktop:1080", "ALL_PROXY names a proxy of the kind 'socks'"),
    ("https_proxy", "http://proxy:port", "https_proxy does not hold the address of a proxy"),
]


@pytest.mark.requirement("F7")
def test_networks_in_no_proxy_stop_nothing(person: tuple[dict[str, str], str], server: AuthorizationServer) -> None:
    """Container tools put IPv6 networks there on their own."""
    environ, _ = person
    ended = process({**environ, **PASSED, "HTTPS_PROXY": "http://ada:hunter2@127.0.0.1:1"}, "doctor")
    line = next(line for line in ended.out.splitlines() if "network  " in line)
    assert "Providers are asked through http://127.0.0.1:1 (HTTPS_PROXY)" in line
    assert "NO_PROXY names no host by ::1/128, fd07:b51a:cc66::/64." in line
    assert "hunter2" not in ended.out + ended.err


@pytest.mark.parametrize(("variable", "value", "words"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_doctor_says_which_variable_keeps_every_request_from_being_made(
    environ: dict[str, str], variable: str, value: str, words: str
) -> None:
    ended = process({**environ, variable: value}, "doctor")
    assert ended.status == 1
    assert f"network   {words}" in ended.out


def test_doctor_goes_on_where_nothing_can_be_listened_for(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def confined(*_arguments: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(asyncio, "start_server", confined)
    ended = inside(environ, "doctor")
    assert "network   Nothing can be listened for on 127.0.0.1 (Operation not permitted)" in ended.out
    assert "clock" in ended.out


@pytest.mark.parametrize(("variable", "value", "words"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_connect_that_could_not_ask_the_provider_ends_before_the_browser_opens(
    person: tuple[dict[str, str], str], variable: str, value: str, words: str
) -> None:
    environ, file = person
    ended = process({**environ, variable: value}, "connect", file, "--no-browser", "--timeout", "20")
    assert (ended.status, ended.out) == (5, "")
    assert words in ended.err
    assert "http://127.0.0.1" not in ended.err  # no address to open was shown


FOREIGN = """
import httpx
from mcp.gumstack import AuthProvider, TokenResponse

class Notes(AuthProvider):
    name, redirect_host, redirect_ports = "notes", "127.0.0.1", ()
    def get_url(self, redirect_uri, state):
        return f"https://as.example/authorize?state={state}&redirect_uri={redirect_uri}&client_id=a"
    async def exchange(self, code, redirect_uri): ...
    async def refresh(self, refresh_token): ...
    async def get_nickname(self, access_token): ...
"""


def test_a_file_that_asks_by_itself_is_told_and_goes_on(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "notes.py").write_text(FOREIGN)
    more = {"SSL_CERT_FILE": "/no/such.pem"}
    words = ("connect", str(tmp_path / "notes.py"), "--no-browser", "--timeout", "0.2")
    ended = process({**environ, **more}, *words)
    assert "The provider's own requests may fail: SSL_CERT_FILE names /no/such.pem" in ended.err
    assert "https://as.example/authorize" in ended.err
