"""What is asked on a terminal before a grant ends or a name moves, and what becomes of the answers."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gumauth.cli.commands.connect import origin
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.registry.lookup import find
from gumauth.testing import AuthorizationServer, Client, deliver, write_provider
from tests.cli.connecting import Run, at_terminal, piped
from tests.cli.program import process


@contextmanager
def back_from(server: AuthorizationServer, environ: dict[str, str], *words: str, person: str = "ada") -> Iterator[Run]:
    """A connect on a terminal, whose person has come back from the provider."""
    with at_terminal(environ, "connect", *words, "--no-browser", columns=200) as run:
        status, _ = deliver(server.follow(run.address, person=person))
        assert status == 200
        yield run


def connect(server: AuthorizationServer, environ: dict[str, str], file: str, *words: str, person: str = "ada") -> None:
    with piped(environ, "connect", file, "--no-browser", *words) as run:
        deliver(server.follow(run.address, person=person))
        assert run.end()[0] == 0, run.shown


def aliases(environ: dict[str, str]) -> dict[str, str]:
    accounts = json.loads(process(environ, "list", "--json").out)["accounts"]
    return {account["account"]: account["nickname"] for account in accounts}


@pytest.mark.requirement("I2", "I6")
@pytest.mark.parametrize(("answer", "left"), [("y", {"acme/work": "grace@example.com"}), ("n", None), ("", None)])
def test_a_providers_name_alone_ends_the_default_account_only_after_a_yes(
    server: AuthorizationServer, person: tuple[dict[str, str], str], answer: str, left: dict[str, str] | None
) -> None:
    environ, file = person
    connect(server, environ, file, "--as", "home")
    connect(server, environ, file, "--as", "work", person="grace")
    before = aliases(environ)
    with at_terminal(environ, "disconnect", "acme", columns=200) as run:
        run.until(r"Disconnect acme/home, the account of ada@example\.com\? \[y/N\]: ")
        assert "acme could mean acme/home (ada@example.com) or acme/work (grace@example.com)." in run.shown
        run.type(f"{answer}\n")
        status, _ = run.end()
    assert status == (0 if left else 2)
    assert aliases(environ) == (left or before)
    assert ("Nothing was done." in run.shown) == (left is None)
    assert server.count("revoke") == (2 if left else 0)


@pytest.mark.requirement("I2", "I3")
@pytest.mark.parametrize(("answer", "ended"), [("", True), ("y", True), ("no", False)])
def test_the_older_grant_is_ended_after_a_question(
    server: AuthorizationServer, person: tuple[dict[str, str], str], answer: str, ended: bool
) -> None:
    environ, file = person
    facts = {"public_client": True, "redirect_host": "127.0.0.1", "redirect_ports": ()}
    write_provider(server, file.rpartition("/")[0], name="acme", separate_grants=True, **facts)
    connect(server, environ, file)
    with back_from(server, environ, file) as run:
        run.until(r"End the older grant of acme/ada@example\.com at acme\? \[Y/n\]")
        run.type(f"{answer}\n")
        assert run.end()[0] == 0
    assert ("The older grant of acme/ada@example.com was ended." in run.shown) == ended
    assert (server.families[0].ended is not None) == ended
    assert server.families[1].ended is None
    assert "Connected acme as ada@example.com." in run.shown


@pytest.mark.requirement("I2", "L3")
@pytest.mark.parametrize("answer", ["y", "n"])
def test_an_alias_in_use_moves_only_after_a_yes(
    server: AuthorizationServer, person: tuple[dict[str, str], str], answer: str
) -> None:
    environ, file = person
    connect(server, environ, file, "--as", "work", person="bob")
    with back_from(server, environ, file, "--as", "work") as run:
        run.until(r"acme/work is the account of bob@example\.com\. Give this name to ada@example\.com\? \[y/N\]")
        run.type(f"{answer}\n")
        assert run.end()[0] == 0
    moved = {"acme/bob@example.com": "bob@example.com", "acme/work": "ada@example.com"}
    stayed = {"acme/work": "bob@example.com", "acme/ada@example.com": "ada@example.com"}
    assert aliases(environ) == (moved if answer == "y" else stayed)
    assert server.count("revoke") == 0


@pytest.mark.requirement("I2", "C10")
def test_ctrl_c_at_a_question_leaves_the_account_connected(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    connect(server, environ, file, "--as", "work")
    with back_from(server, environ, file, "--as", "home") as run:
        run.until(r"This is acme/work again\. Call it acme/home from now on\? \[Y/n\]")
        run.press_ctrl_c()
        assert run.end()[0] == 130
    assert "Interrupted; acme/work is connected." in run.shown
    assert aliases(environ) == {"acme/work": "ada@example.com"}
    assert process(environ, "refresh", "acme").status == 0


def with_another_id(server: AuthorizationServer, environ: dict[str, str]) -> dict[str, str]:
    server.register(Client("other-id", redirect_uris=("http://127.0.0.1/callback",), any_port=True))
    return {**environ, "ACME_CLIENT_ID": "other-id"}


def kept(environ: dict[str, str]) -> str | None:
    found = credentials.stored(Context(environ), "acme")
    return None if found is None else found.client_id


@pytest.mark.parametrize(("answer", "is_kept"), [("", True), ("y", True), ("n", False), ("\x04", False)])
def test_client_credentials_of_the_environment_are_kept_after_a_question(
    server: AuthorizationServer, person: tuple[dict[str, str], str], answer: str, is_kept: bool
) -> None:
    environ, file = person
    process(environ, "setup", file, "--forget")
    given = {**environ, "ACME_CLIENT_ID": "acme-id"}
    with back_from(server, given, file) as run:
        run.until(
            r"The client id came from the environment, which another shell does not have\. "
            r"Keep it in the encrypted file\? \[Y/n\]"
        )
        run.type(answer if answer == "\x04" else f"{answer}\n")
        assert run.end()[0] == 0
    assert "Connected acme as ada@example.com." in run.shown
    assert ("Kept in the encrypted file." in run.shown) == is_kept
    shown = " ".join(run.shown.split())
    assert (f"`gumauth setup {file} --from-env` keeps it." in shown) == (not is_kept)
    assert kept(environ) == ("acme-id" if is_kept else None)
    assert process(environ, "refresh", "acme").status == (0 if is_kept else 1)


@pytest.mark.requirement("C10")
def test_ctrl_c_at_the_question_about_credentials_leaves_the_account_connected(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    process(environ, "setup", file, "--forget")
    with back_from(server, {**environ, "ACME_CLIENT_ID": "acme-id"}, file) as run:
        run.until(r"Keep it in the encrypted file\? \[Y/n\]")
        run.press_ctrl_c()
        assert run.end()[0] == 130
    assert "Interrupted; acme/ada@example.com is connected." in run.shown
    assert aliases(environ) == {"acme/ada@example.com": "ada@example.com"}
    assert kept(environ) is None


@pytest.mark.parametrize(("answer", "left"), [("", "acme-id"), ("y", "other-id")])
def test_other_credentials_that_are_kept_are_replaced_only_after_a_yes(
    server: AuthorizationServer, person: tuple[dict[str, str], str], answer: str, left: str
) -> None:
    environ, file = person
    with back_from(server, with_another_id(server, environ), file) as run:
        run.until(r"Other ones are kept in the encrypted file\. Replace those by these\? \[y/N\]")
        run.type(f"{answer}\n")
        assert run.end()[0] == 0
    assert kept(environ) == left
    assert ("(it uses other ones, which are kept)" in run.shown) == (left == "acme-id")


def test_without_a_terminal_a_line_says_what_keeps_the_credentials_and_nothing_where_they_are_kept(
    server: AuthorizationServer, person: tuple[dict[str, str], str], tmp_path: Path
) -> None:
    environ, file = person
    (tmp_path / "app.env").write_text("ACME_CLIENT_ID=acme-id # the app\n")
    options = ("--env-file", str(tmp_path / "app.env"))
    said = []
    for _ in range(2):
        with piped(environ, "connect", file, "--no-browser", "--json", *options) as run:
            deliver(server.follow(run.address, person="ada"))
            assert run.end()[0] == 0, run.shown
        said.append([line for line in run.shown.splitlines() if "another shell" in line])
        process(environ, "setup", file, "--forget")
    warning = (
        f"The client id came from {tmp_path}/app.env, which another shell does not have: it could neither refresh nor"
        f" revoke this account. `gumauth setup {file} --env-file {tmp_path}/app.env` keeps it."
    )
    assert said == [[], [warning]]
    assert process(environ, "setup", file, *options).status == 0
    assert process(environ, "refresh", "acme").status == 0


def test_what_keeps_credentials_is_a_command_that_works_in_the_next_shell(tmp_path: Path) -> None:
    found = find("linear", cwd="/")
    (tmp_path / "my app.env").touch()
    os.mkfifo(tmp_path / "63")
    for file, environ, command in (
        (None, {}, "gumauth setup linear --from-env"),
        (f"{tmp_path}/my app.env", {"LINEAR_CLIENT_ID": "x"}, "gumauth setup linear --from-env"),
        (f"{tmp_path}/my app.env", {}, f"gumauth setup linear --env-file '{tmp_path}/my app.env'"),
        (f"{tmp_path}/63", {}, "gumauth setup linear --env-file FILE"),
    ):
        terminal = Terminal(environ, io.StringIO(), io.StringIO(), io.StringIO())
        assert origin(terminal, found, file).command == command


@pytest.mark.parametrize("again", [True, False])
def test_a_kept_secret_that_is_refused_can_be_entered_anew(
    server: AuthorizationServer, person: tuple[dict[str, str], str], again: bool
) -> None:
    environ, file = person
    write_provider(server, Path(file).parent, name="acme", redirect_host="127.0.0.1", redirect_ports=())
    server.register(Client("with-secret", secret="right", redirect_uris=("http://127.0.0.1/callback",), any_port=True))
    process(environ, "setup", file, "-", stdin="with-secret\nwrong\n")
    with back_from(server, environ, file) as run:
        run.until(r"acme refused the client id or secret that is kept\. Enter them anew\? \[Y/n\]")
        run.type("\n" if again else "n\n")
        if again:
            run.until("Client id: ")
            run.type("with-secret\n")
            run.until("Client secret[^:]*: ")
            run.shown = ""
            run.type("right\n")
            deliver(server.follow(run.address, person="ada"))
        status, _ = run.end()
    assert (status, "Connected acme as ada@example.com." in run.shown) == ((0, True) if again else (1, False))
    assert (f"Run `gumauth setup {file}` to enter" in run.shown) == (not again)


@pytest.mark.parametrize(
    ("more", "hint"),
    [
        ({}, "Run `gumauth setup {file}` to enter the client id and secret anew."),
        (
            {"ACME_CLIENT_ID": "with-secret", "ACME_CLIENT_SECRET": "wrong"},
            "Check ACME_CLIENT_ID and ACME_CLIENT_SECRET",
        ),
    ],
)
def test_without_a_terminal_a_refused_secret_is_told_with_the_exact_command(
    server: AuthorizationServer, person: tuple[dict[str, str], str], more: dict[str, str], hint: str
) -> None:
    environ, file = person
    write_provider(server, Path(file).parent, name="acme", redirect_host="127.0.0.1", redirect_ports=())
    server.register(Client("with-secret", secret="right", redirect_uris=("http://127.0.0.1/callback",), any_port=True))
    process(environ, "setup", file, "-", stdin="with-secret\nwrong\n")
    with piped({**environ, **more}, "connect", file, "--no-browser", "--json") as run:
        _, page = deliver(server.follow(run.address, person="ada"))
        assert run.end()[0] == 1
    assert json.loads(run.shown.splitlines()[-1])["error"]["hint"].startswith(hint.format(file=file))
    assert "gumauth setup" in page or more


@pytest.mark.requirement("I2")
def test_the_end_of_the_input_is_a_no(server: AuthorizationServer, person: tuple[dict[str, str], str]) -> None:
    environ, file = person
    connect(server, environ, file, "--as", "work")
    with back_from(server, environ, file, "--as", "home") as run:
        run.until(r"\[Y/n\]")
        run.type("\x04")
        assert run.end()[0] == 0
    assert aliases(environ) == {"acme/work": "ada@example.com"}
