"""Whole lives of accounts, run as people run them: processes, against services and servers that are not gumauth's."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from gumauth.testing import Fault, deliver, write_provider
from tests.cli.program import environment, process
from tests.parts.browser import consent_at_dot
from tests.programs.stage import make_due

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from selenium.webdriver.chrome.webdriver import WebDriver

    from tests.cli.program import Ended
    from tests.parts.dot import Dot
    from tests.parts.linear import Linear
    from tests.parts.service import Service


class Connecting(NamedTuple):
    """A `gumauth connect` that waits for its callback, and the URL that it printed."""

    program: subprocess.Popen[str]
    url: str


@contextmanager
def connecting(environ: dict[str, str], provider: str, *options: str) -> Iterator[Connecting]:
    command = [sys.executable, "-m", "gumauth", "connect", provider, "--no-browser", "--json", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environ, text=True, stdin=pipe, stdout=pipe, stderr=pipe) as program:
        try:
            assert program.stderr
            said: list[str] = []
            for line in program.stderr:
                said.append(line)
                if line.strip().startswith(("https://", "http://127.0.0.1:")):
                    break
            else:
                pytest.fail("no URL was printed: " + "".join(said))
            yield Connecting(program, said[-1].strip())
        finally:
            program.kill()


def finished(waiting: Connecting) -> Ended:
    from tests.cli.program import Ended

    out, err = waiting.program.communicate(timeout=30)
    return Ended(waiting.program.returncode, out, err)


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def shown(ended: Ended, status: int = 0) -> Any:
    assert ended.status == status, ended
    return json.loads(ended.out if status == 0 else ended.err.splitlines()[-1])


def connect(environ: dict[str, str], provider: str, follow: Callable[[str], str], *options: str) -> Any:
    """Connect with the person played over HTTP; gives the account."""
    with connecting(environ, provider, *options) as waiting:
        status, page = deliver(follow(waiting.url))
        account = shown(finished(waiting))["account"]
    assert (status, "onnected" in page) == (200, True), page
    return account


def token(environ: dict[str, str], account: str) -> str:
    return str(shown(process(environ, "token", account, "--json"))["access_token"])


def test_linear_from_connect_to_disconnect(linear: Linear, tmp_path: Path) -> None:
    environ = environment(tmp_path, **linear.environment)
    account = connect(environ, "linear", linear.follow, "--port", free_port())
    assert (account["nickname"], account["scopes"]) == ("ada@example.com at analytical", ["read"])
    assert account["state"] == "ok"
    first = token(environ, "linear")
    assert linear.server.is_active(first)
    assert shown(process(environ, "refresh", "linear", "--json"))["accounts"][0]["refreshed"] is True
    second = token(environ, "linear")
    assert second != first
    revoked = shown(process(environ, "revoke", "linear", "--json"))
    assert (revoked["revoked"], revoked["forgotten"]) == (True, False)
    assert not linear.server.is_active(second)
    assert shown(process(environ, "list", "--json"))["accounts"][0]["state"] == "revoked"
    assert shown(process(environ, "disconnect", "linear", "--json"))["forgotten"] is True
    assert shown(process(environ, "list", "--json"))["accounts"] == []
    assert process(environ, "token", "linear").status == 3


def test_the_gumstack_file_for_linear_runs_unmodified(
    linear: Linear, gumstack_file: Callable[[str], Path], tmp_path: Path
) -> None:
    environ = environment(tmp_path, **linear.environment)
    path = gumstack_file("gumstack_linear")
    account = connect(environ, str(path), linear.follow, "--port", free_port())
    assert (account["provider"], account["nickname"], account["refreshable"]) == ("linear", "ada@example.com", False)
    assert account["source"] == f"{path}:LinearAuth"
    assert linear.server.is_active(token(environ, "linear"))
    assert shown(process(environ, "refresh", "linear", "--json"), 1)["error"]["code"] == "not_refreshable"
    assert shown(process(environ, "disconnect", "linear", "--json"))["forgotten"] is True


@pytest.mark.requirement("F9", "R5")
def test_the_gumstack_file_with_every_other_habit_ends_well(
    habits: Service, gumstack_file: Callable[[str], Path], tmp_path: Path
) -> None:
    environ = environment(tmp_path, **habits.environment)
    options = ("--as", "mine", "--port", free_port())
    account = connect(environ, str(gumstack_file("gumstack_habits")), habits.follow, *options)
    assert (account["nickname"], account["alias"], account["refreshable"]) == (None, "mine", True)
    assert account["expires_at"] is not None
    first = token(environ, "habits/mine")
    for _ in range(2):
        assert shown(process(environ, "refresh", "habits", "--json"))["accounts"][0]["refreshed"] is True
    assert token(environ, "habits") != first
    assert shown(process(environ, "disconnect", "habits", "--json"))["forgotten"] is True


@pytest.mark.requirement("F10")
def test_a_provider_files_own_http_error_says_what_the_provider_said(
    habits: Service, gumstack_file: Callable[[str], Path], tmp_path: Path
) -> None:
    environ = environment(tmp_path, **habits.environment)
    habits.server.misbehave("token", Fault.error("invalid_request", description="The code is old"))
    with connecting(environ, str(gumstack_file("gumstack_habits")), "--port", free_port()) as waiting:
        deliver(habits.follow(waiting.url))
        message = shown(finished(waiting), 1)["error"]["message"]
    assert "invalid_request" in message
    assert "The code is old" in message


def test_a_body_without_a_token_is_told_by_the_providers_own_words(
    linear: Linear, gumstack_file: Callable[[str], Path], tmp_path: Path
) -> None:
    """The file indexes `access_token` on an error body; the error is what stands there."""
    environ = environment(tmp_path, **linear.environment)
    linear.server.misbehave("token", Fault.error("invalid_client", status=401))
    with connecting(environ, str(gumstack_file("gumstack_linear")), "--port", free_port()) as waiting:
        deliver(linear.follow(waiting.url))
        error = shown(finished(waiting), 1)["error"]
    assert error["code"] == "token_endpoint"
    assert "refused: invalid_client" in error["message"]


@pytest.mark.parametrize("file", ["gumstack_linear", "gumstack_habits"])
def test_missing_credentials_of_a_provider_file_are_named(
    linear: Linear, gumstack_file: Callable[[str], Path], file: str, tmp_path: Path
) -> None:
    ended = process(environment(tmp_path), "connect", str(gumstack_file(file)), "--no-browser", "--json")
    name = file.removeprefix("gumstack_").upper()
    error = shown(ended, 1)["error"]
    assert error["code"] == "missing_credentials"
    assert f"{name}_CLIENT_ID" in error["message"] + str(error["hint"])


def dot_environment(dot: Dot, tmp_path: Path, kind: str) -> dict[str, str]:
    secret = {"DOT_CLIENT_SECRET": dot.secret} if kind == "confidential" else {}
    client_id = dot.confidential if kind == "confidential" else dot.public
    return environment(tmp_path, DOT_CLIENT_ID=client_id, **secret)


def dot_provider(dot: Dot, tmp_path: Path, kind: str, **facts: object) -> str:
    more = {"public_client": True} if kind == "public" else {"client_auth": "basic"}
    usual = {"redirect_ports": (), "scopes": ("read",), "issuer_required": True}
    return str(write_provider(dot, tmp_path, name="dot", **{**usual, **more, **facts}))


@pytest.mark.parametrize("kind", ["public", "confidential"])
def test_django_oauth_toolkit_from_connect_to_disconnect(dot: Dot, kind: str, tmp_path: Path) -> None:
    environ, provider = dot_environment(dot, tmp_path, kind), dot_provider(dot, tmp_path, kind)
    account = connect(environ, provider, dot.follow)
    assert (account["nickname"], account["scopes"]) == ("ada@example.com", ["read"])
    first = token(environ, "dot")
    assert dot.is_active(first)
    for _ in range(2):
        assert shown(process(environ, "refresh", "dot", "--json"))["accounts"][0]["refreshed"] is True
    last = token(environ, "dot")
    assert dot.is_active(last)
    assert shown(process(environ, "revoke", "dot", "--json"))["revoked"] is True
    assert not dot.is_active(last)
    account = connect(environ, provider, dot.follow)
    last = token(environ, "dot")
    ended = shown(process(environ, "disconnect", "dot", "--json"))
    assert (ended["revoked"], ended["forgotten"]) == (True, True)
    assert not dot.is_active(last)


def test_consent_denied_at_django_oauth_toolkit_is_status_4(dot: Dot, tmp_path: Path) -> None:
    environ = dot_environment(dot, tmp_path, "public")
    # The toolkit forgets `iss` with an error, against RFC 9207 §2; the error is believed all the same.
    provider = dot_provider(dot, tmp_path, "public")
    with connecting(environ, provider) as waiting:
        deliver(dot.follow(waiting.url, approve=False))
        assert shown(finished(waiting), 4)["error"]["code"] == "denied"


@pytest.mark.requirement("R2")
def test_many_processes_at_django_oauth_toolkit_make_one_refresh_and_the_grant_lives(dot: Dot, tmp_path: Path) -> None:
    """It rotates without a grace period and ends the family on reuse: a second refresh would kill the login."""
    environ = dot_environment(dot, tmp_path, "confidential")
    connect(environ, dot_provider(dot, tmp_path, "confidential"), dot.follow)
    for _ in range(2):
        make_due(environ, "dot")
        command = [sys.executable, "-m", "gumauth", "token", "dot"]
        pipe = subprocess.PIPE
        running = [subprocess.Popen(command, env=environ, text=True, stdout=pipe, stderr=pipe) for _ in range(30)]
        printed = [process.communicate(timeout=120) for process in running]
        assert len({out for out, _ in printed}) == 1, printed
        assert dot.is_active(printed[0][0].strip())
    assert shown(process(environ, "refresh", "dot", "--json"))["accounts"][0]["refreshed"] is True


@pytest.mark.browser
def test_a_person_connects_in_chromium(dot: Dot, browser: WebDriver, tmp_path: Path) -> None:
    environ, provider = dot_environment(dot, tmp_path, "confidential"), dot_provider(dot, tmp_path, "confidential")
    with connecting(environ, provider) as waiting:
        consent_at_dot(browser, dot, waiting.url)
        account = shown(finished(waiting))["account"]
        assert account["nickname"] == "ada@example.com"
        assert "ada@example.com" in browser.page_source
        assert "code=" not in browser.current_url
    assert dot.is_active(token(environ, "dot"))
