"""The questions for a client id and secret, and the answers that are refused."""

from __future__ import annotations

import termios

import pytest

from gumauth.client import credentials
from gumauth.client.context import Context
from tests.cli.connecting import at_terminal
from tests.cli.program import inside, process


def stored(environ: dict[str, str]) -> tuple[str, str | None]:
    found = credentials.find(Context(environ), "linear")
    assert found is not None
    return found.client_id, found.client_secret


@pytest.mark.requirement("S3")
def test_setup_asks_on_a_terminal_and_shows_no_secret(environ: dict[str, str]) -> None:
    with at_terminal(environ, "setup", "linear") as run:
        run.until("http://localhost:4862/callback")
        run.until("Client id: ")
        run.type("my-id\n")
        run.until(r"Client secret \(not shown[^:]*: ")
        run.type("my-secret\n")
        assert run.end()[0] == 0
    assert stored(environ) == ("my-id", "my-secret")
    assert "my-secret" not in run.shown


def test_setup_without_a_terminal_says_what_to_run(environ: dict[str, str]) -> None:
    ended = process(environ, "setup", "linear")
    assert ended.status == 2
    assert "gumauth setup linear -" in ended.err


@pytest.mark.requirement("S5")
@pytest.mark.parametrize("piped", ["", "\nsecret\n", "id\nse\x00cret\n", "i\x1bd\nsecret\n", f"id\n{'x' * 5000}\n"])
def test_setup_refuses_what_cannot_be_an_id_or_a_secret(environ: dict[str, str], piped: str) -> None:
    ended = inside(environ, "setup", "linear", "-", stdin=piped)
    assert ended.status == 2
    assert credentials.find(Context(environ), "linear") is None


def test_an_interrupted_prompt_leaves_the_terminal_showing_what_is_typed(environ: dict[str, str]) -> None:
    with at_terminal(environ, "setup", "linear", "--client-id", "my-id") as run:
        before = termios.tcgetattr(run.screen)
        run.until(r"Client secret[^:]*: ")
        run.process.send_signal(15)
        assert run.end()[0] == 130
        assert termios.tcgetattr(run.screen)[3] == before[3]


def test_an_interrupted_question_ends_its_line(environ: dict[str, str]) -> None:
    with at_terminal(environ, "setup", "linear") as run:
        run.until("Client id: ")
        run.press_ctrl_c()
        run.until(r"Client id: (\^C)?\r\n\S*error:\S* Interrupted\.")
        assert run.end()[0] == 130


def test_an_empty_id_is_told_before_the_secret_is_asked_for(environ: dict[str, str]) -> None:
    with at_terminal(environ, "setup", "linear") as run:
        run.until("Client id: ")
        run.type("\n")
        run.until(r"The client id is empty\.")
        assert run.end()[0] == 2
    assert "Client secret" not in run.shown


def test_a_question_whose_input_ends_is_not_a_failing_store(environ: dict[str, str]) -> None:
    with at_terminal(environ, "setup", "linear") as run:
        run.until("Client id: ")
        run.type("\x04")
        run.until(r"Nothing was entered\.")
        assert run.end()[0] == 2


def test_setup_asks_for_nothing_that_cannot_be_kept(environ: dict[str, str]) -> None:
    with at_terminal({**environ, "GUMAUTH_STORE": "fil"}, "setup", "linear") as run:
        run.until("GUMAUTH_STORE is 'fil', and there is no such store")
        assert run.end()[0] == 6
    assert "Client id" not in run.shown


def test_connect_without_credentials_goes_through_setup_first(environ: dict[str, str]) -> None:
    with at_terminal(environ, "connect", "linear") as run:
        run.until("Client id: ")
        run.type("my-id\n")
        run.until(r"Client secret[^:]*: ")
        run.type("my-secret\n")
        shown = run.until(r"(?m)^https://linear\.app/oauth/authorize\?(\S+)\r?$")[1]
        assert "client_id=my-id" in shown
        run.press_ctrl_c()
        assert run.end()[0] == 130
