"""What is asked on a terminal before a grant ends or a name moves, and what becomes of the answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gumauth.testing import AuthorizationServer, deliver, write_provider
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
        run.type("\x03")
        assert run.end()[0] == 130
    assert "Interrupted; acme/work is connected." in run.shown
    assert aliases(environ) == {"acme/work": "ada@example.com"}
    assert process(environ, "refresh", "acme").status == 0


@pytest.mark.requirement("I2")
def test_the_end_of_the_input_is_a_no(server: AuthorizationServer, person: tuple[dict[str, str], str]) -> None:
    environ, file = person
    connect(server, environ, file, "--as", "work")
    with back_from(server, environ, file, "--as", "home") as run:
        run.until(r"\[Y/n\]")
        run.type("\x04")
        assert run.end()[0] == 0
    assert aliases(environ) == {"acme/work": "ada@example.com"}
