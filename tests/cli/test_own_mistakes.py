"""What a person sees of a mistake in their own provider file."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from gumauth.testing import AuthorizationServer, Client, deliver
from tests.cli.connecting import piped
from tests.cli.program import environment, process

FILE = """import asyncio
import os
import warnings
from gumauth import AuthProvider


class Acme(AuthProvider):
    name, redirect_ports = "acme", ()
{init}
    def get_url(self, redirect_uri, state):
        {get_url}

    async def helper(self):
        return "https://acme.example/"

    async def exchange(self, code, redirect_uri): ...
    async def refresh(self, refresh_token): ...
    async def get_nickname(self, access_token): ...
"""


def shown(folder: Path, get_url: str = "", init: str = "", top: str = "", **environ: str) -> str:
    """What is written to standard error of a connect."""
    file = folder / "acme.py"
    file.write_text(top + FILE.format(get_url=get_url or "return 1", init=init))
    variables = {"ACME_CLIENT_ID": "an-id", "ACME_CLIENT_SECRET": "a-quiet-secret", **environ}
    done = process(environment(folder, **variables), "connect", str(file), "--no-browser")
    assert (done.status, done.out) == (1, "")
    return re.sub(r"Running the code of .*\n", "", done.err).replace(str(folder), "")


MEND = "hint:  The provider's file has to be mended.\n"


@pytest.mark.requirement("P6")
@pytest.mark.parametrize(
    ("get_url", "words"),
    [
        ("return clinet_id", "raised NameError in line 11: name 'clinet_id' is not defined."),
        ("raise ValueError(os.environ['ACME_CLIENT_SECRET'] + ' is' + state)", "raised ValueError in line 11: … is…."),
        ("raise OSError(5, 'two\\nlines')", "raised OSError in line 11: [Errno 5] two lines."),
        ("self.helper().strip()", "raised AttributeError in line 11: 'coroutine' object has no attribute 'strip'."),
    ],
)
def test_an_error_of_the_files_own_is_told_in_its_words(tmp_path: Path, get_url: str, words: str) -> None:
    said = shown(tmp_path, get_url)
    assert said.startswith(f"error: `get_url` of acme (/acme.py:Acme) {words}\n")
    assert said.count("\n") == 2


@pytest.mark.requirement("P6")
def test_a_missing_argument_is_named(tmp_path: Path) -> None:
    said = shown(tmp_path, init="    def __init__(self, region): ...\n")
    words = "raised TypeError: Acme.__init__() missing 1 required positional argument: 'region'."
    assert said == f"error: `__init__` of acme (/acme.py:Acme) {words}\n{MEND}"


@pytest.mark.requirement("P6")
@pytest.mark.parametrize("warned", ["", "default"])
def test_no_warning_of_the_interpreter_stands_beside_an_error(tmp_path: Path, warned: str) -> None:
    said = shown(
        tmp_path,
        "self.helper(); open(__file__); warnings.warn('careful', SyntaxWarning); return asyncio.run(self.helper())",
        top='PATTERN = "\\d"\n',
        PYTHONWARNINGS=warned,
    )
    words = "raised RuntimeError in line 12: asyncio.run() cannot be called from a running event loop."
    hint = "hint:  gumauth runs the method in an event loop: `await` the coroutine, in place of asyncio.run().\n"
    assert said == f"error: `get_url` of acme (/acme.py:Acme) {words}\n{hint}"


def test_what_a_library_warns_of_is_shown(tmp_path: Path) -> None:
    said = shown(tmp_path, "warnings.warn('certificates are not looked at', UserWarning); raise ValueError('no')")
    assert "UserWarning: certificates are not looked at" in said


@pytest.mark.requirement("P6", "S1")
def test_the_way_of_an_error_is_shown_to_who_asks_for_it(tmp_path: Path) -> None:
    get_url = "return (lambda secret: int(secret))(os.environ['ACME_CLIENT_SECRET'])"
    said = shown(tmp_path, get_url, GUMAUTH_DEBUG="1")
    assert said.startswith(
        "  /acme.py:11 in get_url\n  /acme.py:11 in <lambda>\n  ValueError: invalid literal for int()"
    )
    assert "a-quiet-secret" not in said
    said = shown(tmp_path, top="def inner():\n    clinet\n\n\ninner()\n", GUMAUTH_DEBUG="1")
    assert said.startswith(
        "  /acme.py:5 in <module>\n  /acme.py:2 in inner\n  NameError: name 'clinet' is not defined\nerror: /acme"
    )


@pytest.mark.requirement("P6", "S1")
def test_what_a_task_fails_with_that_nobody_awaits_is_not_written_out(tmp_path: Path) -> None:
    get_url = "asyncio.get_running_loop().create_task(self.fail(state)); raise ValueError('late')"
    init = "    async def fail(self, state):\n        raise ValueError(state)\n"
    said = shown(tmp_path, get_url, init)
    assert said == f"error: `get_url` of acme (/acme.py:Acme) raised ValueError in line 13: late.\n{MEND}"


WITHOUT_PKCE = """import httpx
from mcp.gumstack import AuthProvider, TokenResponse


class Notes(AuthProvider):
    name = "notes"
    redirect_host = "127.0.0.1"
    redirect_ports = ()

    def get_url(self, redirect_uri, state):
        query = {{"response_type": "code", "client_id": "notes-app", "redirect_uri": redirect_uri, "state": state}}
        return str(httpx.URL("{server.authorize_url}", params=query))

    async def exchange(self, code, redirect_uri):
        fields = {{"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}}
        fields |= {{"client_id": "notes-app"}}
        async with httpx.AsyncClient() as http:
            reply = (await http.post("{server.token_url}", data=fields)).raise_for_status().json()
        return TokenResponse(reply["access_token"])

    async def refresh(self, refresh_token):
        raise NotImplementedError

    async def get_nickname(self, access_token):
        return "ada"
"""


@pytest.mark.parametrize("needs_pkce", [True, False])
def test_a_file_without_pkce_is_told_so_and_how_to_try_it_on_the_strict_server(
    server: AuthorizationServer, tmp_path: Path, needs_pkce: bool
) -> None:
    client = Client("notes-app", redirect_uris=("http://127.0.0.1/callback",), any_port=True)
    server.register(replace(client, pkce_required=needs_pkce))
    file = tmp_path / "notes.py"
    file.write_text(WITHOUT_PKCE.format(server=server))
    with piped(environment(tmp_path), "connect", str(file), "--no-browser") as run:
        deliver(server.follow(run.address))
        status, _ = run.end()
    assert status == (1 if needs_pkce else 0), run.shown
    told = [
        "there is no code challenge; register a client that has none with Client(..., pkce_required=False)",
        "It wants PKCE, which this provider file does not send: add it there, or inherit gumauth.OAuth2Provider.",
    ]
    assert [words in run.shown for words in told] == [needs_pkce, needs_pkce]
