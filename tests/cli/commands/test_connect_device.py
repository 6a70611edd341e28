"""`gumauth connect --device` as a person sees it, and as a script does."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import pytest

from gumauth.testing import AuthorizationServer, write_provider
from tests.cli.connecting import Run, at_terminal, piped
from tests.cli.program import process

CODE = re.compile(r"^(?:\x1b\[1m)?([B-Z]{4}-[B-Z]{4})(?:\x1b\[0m)?\r?$", re.MULTILINE)
WARNING = "Enter this only because you ran this command just now."
HALF_BLOCKS = "▀▄"

pytestmark = pytest.mark.requirement("V2")


@pytest.fixture
def person(
    server: AuthorizationServer, person: tuple[dict[str, str], str], tmp_path: Path
) -> tuple[dict[str, str], str]:
    """The person's provider file, with the device grant."""
    server.device.interval = 1
    written(server, tmp_path)
    return {**person[0], "LANG": "C.UTF-8", "PYTHONUTF8": "1"}, person[1]


def written(server: AuthorizationServer, folder: Path, **facts: object) -> None:
    usual = {"public_client": True, "redirect_host": "127.0.0.1", "redirect_ports": (), "scopes": ("read",)}
    write_provider(server, folder, name="acme", **{"device_url": server.device_url, **usual, **facts})


def code_in(run: Run) -> str:
    """The code, which stands on a line of its own."""
    return run.until(CODE)[1]


def browser(folder: Path, environ: dict[str, str]) -> tuple[dict[str, str], Path]:
    """An environment whose browser writes down what it is to open, and where."""
    opened, program = folder / "opened", folder / "browser"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> {opened}\n')
    program.chmod(0o700)
    return {**environ, "BROWSER": str(program)}, opened


def test_a_script_gets_the_account_once_a_person_has_entered_the_code(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    with piped(environ, "connect", file, "--device", "--as", "work", "--json") as run:
        server.approve(code_in(run))
        status, out = run.end()
    assert status == 0, run.shown
    account = json.loads(out)["account"]
    assert (account["account"], account["nickname"], account["state"]) == ("acme/work", "ada@example.com", "ok")
    assert server.is_active(process(environ, "token", "acme").out.strip())
    assert not set(HALF_BLOCKS) & set(run.shown)
    assert "\x1b" not in run.shown


def test_address_and_code_stand_on_lines_of_their_own_with_a_warning(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    with at_terminal(environ, "connect", file, "--device", "--scope", "read", "--scope", "write", columns=40) as run:
        code = code_in(run)
        run.until("Waiting for you to allow access")
        lines = run.shown.replace("\r", "").split("\n")
        assert f"{server.url}/activate" in lines
        assert f"{server.url}/activate?user_code={code}" in lines
        words = " ".join(run.shown.split())
        assert "To connect acme (read, write), open this address on any device:" in words
        assert WARNING in words
        server.approve(code)
        assert run.until("Connected acme as ada@example.com")


@pytest.mark.parametrize(("columns", "lines", "is_shown"), [(80, 60, True), (80, 24, False), (20, 60, False)])
def test_a_qr_code_is_shown_where_the_window_has_room_for_it(
    person: tuple[dict[str, str], str], columns: int, lines: int, *, is_shown: bool
) -> None:
    environ, file = person
    with at_terminal(environ, "connect", file, "--device", columns=columns, lines=lines) as run:
        run.until("Waiting for")
        assert (set(HALF_BLOCKS) <= set(run.shown)) is is_shown
        run.press_ctrl_c()
        assert run.end()[0] == 130


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}])
def test_no_qr_code_where_no_scanner_could_read_it(
    person: tuple[dict[str, str], str], variables: dict[str, str]
) -> None:
    environ, file = person
    with at_terminal({**environ, **variables}, "connect", file, "--device", lines=60) as run:
        run.until("Waiting for")
        assert not set(HALF_BLOCKS) & set(run.shown)


def test_the_browser_is_opened_at_the_address_with_the_code_in_it(
    server: AuthorizationServer, person: tuple[dict[str, str], str], tmp_path: Path
) -> None:
    environ, opened = browser(tmp_path, person[0])
    with piped(environ, "connect", person[1], "--device") as run:
        code = code_in(run)
        run.until("Your browser opens it. Waiting for you to allow access")
        server.approve(code)
        assert run.end()[0] == 0
    assert opened.read_text() == f"{server.url}/activate?user_code={code}\n"


@pytest.mark.parametrize(("complete", "options"), [(False, []), (True, ["--no-browser"])])
def test_nothing_is_opened_otherwise(
    server: AuthorizationServer,
    person: tuple[dict[str, str], str],
    tmp_path: Path,
    options: list[str],
    *,
    complete: bool,
) -> None:
    server.device.complete = complete
    environ, opened = browser(tmp_path, person[0])
    with piped(environ, "connect", person[1], "--device", *options) as run:
        server.approve(code_in(run))
        assert run.end()[0] == 0
    assert ("which has the code in it" in run.shown) is complete
    assert "Your browser" not in run.shown
    assert not opened.exists()


@pytest.mark.requirement("V1")
def test_a_no_is_status_4_and_the_end_of_the_code_says_what_to_run(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    with piped(environ, "connect", file, "--device") as run:
        server.deny(code_in(run))
        assert run.end()[0] == 4
    assert "Access was denied at acme" in run.shown
    with piped(environ, "connect", file, "--device", "--timeout", "0.5") as run:
        assert run.end()[0] == 1
    assert f"hint:  Run `gumauth connect {file} --device`." in run.shown
    assert json.loads(process(environ, "list", "--json").out)["accounts"] == []


@pytest.mark.requirement("V1", "C10")
def test_ctrl_c_ends_the_wait_at_once(person: tuple[dict[str, str], str]) -> None:
    environ, file = person
    with piped(environ, "connect", file, "--device") as run:
        run.until("Waiting for")
        assert run.interrupt(signal.SIGINT) < 5
        assert run.process.returncode == 130


def test_a_service_that_knows_nothing_else_needs_no_flag(
    server: AuthorizationServer, person: tuple[dict[str, str], str], tmp_path: Path
) -> None:
    written(server, tmp_path, authorize_url=None)
    environ, file = person
    assert re.search(r"^Redirect URI: +none$", process(environ, "providers", file).out, re.MULTILINE)
    with piped(environ, "connect", file) as run:
        server.approve(code_in(run))
        assert run.end()[0] == 0
    assert server.is_active(process(environ, "token", "acme").out.strip())
    assert json.loads(process(environ, "refresh", "acme", "--json").out)["accounts"][0]["refreshed"] is True
    assert process(environ, "disconnect", "acme/ada@example.com").status == 0


def test_without_browser_and_terminal_the_error_names_the_flag_where_it_helps(
    server: AuthorizationServer, person: tuple[dict[str, str], str], tmp_path: Path
) -> None:
    environ, file = person
    ended = process(environ, "connect", file)
    assert (ended.status, ended.out) == (1, "")
    assert "--device" in ended.err
    written(server, tmp_path, device_url=None)
    assert "--device" not in process(environ, "connect", file).err


@pytest.mark.parametrize(
    ("facts", "options", "said"),
    [
        ({"device_url": None}, ["--device"], "acme has no device grant, so --device cannot be used with it."),
        ({}, ["--device", "--port", "4863"], "acme is connected by a code, and nothing listens on a port."),
        ({"authorize_url": None}, ["--port", "4863"], "acme is connected by a code, and nothing listens on a port."),
    ],
)
def test_what_cannot_be_had_together_is_a_mistake_in_the_command(
    server: AuthorizationServer,
    person: tuple[dict[str, str], str],
    tmp_path: Path,
    facts: dict[str, object],
    options: list[str],
    said: str,
) -> None:
    written(server, tmp_path, **facts)
    ended = process(person[0], "connect", person[1], *options)
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err
    assert server.log == []


def test_where_devices_need_no_secret_setup_takes_none_and_the_browsers_way_says_so(
    server: AuthorizationServer, person: tuple[dict[str, str], str], tmp_path: Path
) -> None:
    written(server, tmp_path, public_client=False, device_public=True)
    environ, file = person
    assert process(environ, "setup", file, "-", stdin="acme-id\n\n").status == 0
    assert "ACME_CLIENT_SECRET (not for --device)" in process(environ, "providers", file).out
    refused = process(environ, "connect", file, "--no-browser")
    assert refused.status == 1
    assert f"`gumauth connect {file} --device` needs no secret." in refused.err
    with piped(environ, "connect", file, "--device") as run:
        server.approve(code_in(run))
        assert run.end()[0] == 0
    assert server.is_active(process(environ, "token", "acme").out.strip())
    assert process(environ, "refresh", "acme").status == 0


def test_a_person_and_the_client_itself_are_not_connected_at_once(person: tuple[dict[str, str], str]) -> None:
    ended = process(person[0], "connect", person[1], "--device", "--client-credentials")
    assert ended.status == 2
    assert "--device is for a person" in ended.err


@pytest.mark.requirement("D1")
def test_a_service_is_connected_by_its_address_and_a_code(server: AuthorizationServer, environ: dict[str, str]) -> None:
    server.device.interval = 1
    with piped(environ, "connect", server.resource_url, "--device", "--name", "tools", "--json") as run:
        server.approve(code_in(run))
        status, out = run.end()
    assert status == 0, run.shown
    assert json.loads(out)["account"]["provider"] == "tools"
    [client] = server.clients
    assert client.grant_types == ("urn:ietf:params:oauth:grant-type:device_code", "refresh_token")
    assert json.loads(process(environ, "refresh", "tools", "--json").out)["accounts"][0]["refreshed"] is True
    assert server.good_for(process(environ, "token", "tools").out.strip(), server.resource_url) is not None
