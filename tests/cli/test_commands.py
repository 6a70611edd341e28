"""setup, providers, demo, doctor, --env-file, and the edges of every run."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from gumauth.callback import Redirect
from gumauth.cli import env_file
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.errors import GumauthError
from gumauth.testing import AuthorizationServer, write_provider
from tests.cli.connecting import at_terminal
from tests.cli.program import inside, listed, process


def stored(environ: dict[str, str]) -> tuple[str, str | None]:
    found = credentials.find(Context(environ), "linear")
    assert found is not None
    return found.client_id, found.client_secret


@pytest.mark.requirement("S3")
def test_setup_reads_the_id_and_the_secret_from_standard_input(environ: dict[str, str]) -> None:
    ended = process(environ, "setup", "linear", "-", "--json", stdin="my-id\nmy-secret\n")
    assert json.loads(ended.out) == {
        "schema_version": 1,
        "provider": "linear",
        "redirect_uri": "http://localhost:4862/callback",
        "store": "encrypted file",
    }
    assert stored(environ) == ("my-id", "my-secret")
    assert "my-secret" not in ended.out + ended.err
    assert "Kept in the encrypted file." in process(environ, "setup", "linear", "-", stdin="my-id\nmy-secret\n").err


def test_setup_of_a_file_whose_app_has_no_secret_says_how_the_class_says_so(
    environ: dict[str, str], server: AuthorizationServer, tmp_path: Path
) -> None:
    file = write_provider(server, tmp_path)
    ended = process(environ, "setup", str(file), "-", stdin="an-id\n\n")
    assert ended.status == 2
    assert "set `public_client = True` in its class" in ended.err


@pytest.mark.requirement("S3")
def test_setup_takes_the_public_id_as_an_option_and_only_the_secret_from_standard_input(
    environ: dict[str, str],
) -> None:
    assert process(environ, "setup", "linear", "--client-id", "my-id", "-", stdin="my-secret").status == 0
    assert stored(environ) == ("my-id", "my-secret")


def test_setup_takes_off_blanks_that_were_pasted_along_and_says_so(environ: dict[str, str]) -> None:
    ended = inside(environ, "setup", "linear", "-", stdin="\tmy-id\r\n my-secret \r\n")
    assert stored(environ) == ("my-id", "my-secret")
    assert "Blanks around the client id were taken off.\nBlanks around the client secret were" in ended.err
    assert "Blanks" not in inside(environ, "setup", "linear", "-", stdin="my-id\r\nmy-secret\r\n").err
    with at_terminal(environ, "setup", "linear") as run:
        run.until("Client id: ")
        run.type(" typed \n")
        run.until(r"Client secret \(not shown[^:]*: ")
        run.type("  secret\n")
        assert run.end()[0] == 0
    assert stored(environ) == ("typed", "secret")
    assert "Blanks around the client id were taken off." in run.shown


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
        run.type("\x03")
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
        run.type("\x03")
        assert run.end()[0] == 130


def test_providers_says_how_to_connect_one(environ: dict[str, str]) -> None:
    facts = json.loads(inside({**environ, "LINEAR_CLIENT_ID": "x"}, "providers", "linear", "--json").out)["provider"]
    assert facts["redirect_uri"] == "http://localhost:4862/callback"
    assert facts["variables"] == ["LINEAR_CLIENT_ID", "LINEAR_CLIENT_SECRET"]
    assert facts["credentials"] == "environment"
    shown = inside(environ, "providers", "linear")
    for word in ("http://localhost:4862/callback", "LINEAR_CLIENT_ID", "LINEAR_CLIENT_SECRET"):
        assert word in shown.out
    assert "gumauth setup linear" in shown.err


def test_providers_lists_the_built_in_ones(environ: dict[str, str]) -> None:
    names = [one["name"] for one in json.loads(inside(environ, "providers", "--json").out)["providers"]]
    assert {"github", "google", "linear"} <= set(names)
    assert "linear" in inside(environ, "providers").out


def test_the_demo_agrees_with_its_server(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    ended = process({**environ, "TMPDIR": str(tmp_path / "tmp")}, "demo")
    assert ended.status == 0, ended.out + ended.err
    assert ended.err == ""
    for line in ("$ gumauth connect", "$ gumauth disconnect", "The server's log agrees with every step."):
        assert line in ended.out
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not (tmp_path / "gumauth").exists()


def test_the_demo_fails_where_the_server_saw_something_else(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from gumauth.cli.commands import demo

    monkeypatch.setattr(demo, "CONSENT", ("consent", "code issued", "token"))
    ended = inside(environ, "demo", "--json")
    assert (ended.status, ended.out) == (1, "")
    assert "should have seen" in json.loads(ended.err)["error"]["message"]


def checks(environ: dict[str, str]) -> tuple[int, list[tuple[str, str]]]:
    ended = inside(environ, "doctor", "--json")
    found = json.loads(ended.out)
    assert found["ok"] is (ended.status == 0)
    return ended.status, [(check["check"], check["status"]) for check in found["checks"]]


def test_the_doctor_finds_nothing_where_all_is_well(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "gumauth.cli.commands.doctor_checks.USUAL", Redirect(ports=())
    )  # another test may be holding the usual port
    status, found = checks(environ)
    assert status == 0
    assert {name for name, _ in found} == {"folder", "store", "callback", "network", "browser", "clock", "account"}
    assert "fail" not in {result for _, result in found}
    assert "Everything that gumauth needs works; one thing to look at." in inside(environ, "doctor").out  # no browser


def test_the_doctor_names_a_store_that_cannot_keep(environ: dict[str, str]) -> None:
    status, found = checks({**environ, "GUMAUTH_KEY_FILE": "/nowhere"})
    assert (status, ("store", "fail") in found) == (1, True)


@pytest.mark.requirement("C3")
def test_the_doctor_names_a_taken_port(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setattr("gumauth.cli.commands.doctor_checks.USUAL", Redirect(ports=(port,)))
        ended = inside(environ, "doctor")
    assert ended.status == 1
    assert str(port) in ended.out


@pytest.mark.requirement("P1")
def test_a_broken_provider_file_is_named_by_the_doctor_and_stops_nothing_else(
    environ: dict[str, str], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("import sys\nsys.exit(3)\n")
    broken.chmod(0o600)
    listed(environ, "broken", "ada", source=f"{broken}:Broken")
    ended = inside(environ, "doctor")
    assert ended.status == 1
    assert str(broken) in ended.out.replace("\n            ", "")
    for words in (["list"], ["--help"], ["providers"], ["default", "broken"]):
        assert inside(environ, *words).status == 0


def test_the_doctor_finds_a_clock_that_is_behind(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ada", connected_at=2_000_000_000.0)
    ended = inside(environ, "doctor", clock=lambda: 1_900_000_000.0)
    assert "The clock says 2030-03-17" in ended.out
    assert ended.status == 1


def test_the_doctor_names_the_process_that_holds_a_lock(environ: dict[str, str]) -> None:
    from gumauth.platform.lock import Lock

    path = os.path.join(environ["GUMAUTH_HOME"], "locks", "linear.lock")
    with Lock(path, timeout=1, what="it"):
        shown = inside(environ, "doctor").out
    assert f"linear.lock is held by process {os.getpid()}" in " ".join(shown.split())


def test_an_env_file_is_names_and_values() -> None:
    text = "\n# note\nA=1\nexport B = 'two words'\r\nC=\"x=y\" \nD=plain # why\nGUMAUTH_HOME=/x\nE=\n"
    assert env_file.parse(text, "f") == {"A": "1", "B": "two words", "C": "x=y", "D": "plain", "E": ""}


@pytest.mark.requirement("S5", "S1")
@pytest.mark.parametrize("text", ["A", "A B=secret", "1A=secret", "=secret", "A=se\x00cret", 'A="secret'])
def test_a_line_that_is_no_variable_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(GumauthError, match=r"^Line 2 of f is not NAME=VALUE\.(\n|$)") as caught:
        env_file.parse(f"OK=1\n{text}", "f")
    assert "secret" not in str(caught.value)


@pytest.mark.requirement("F6", "K5")
@pytest.mark.parametrize(
    "name",
    [
        *("GUMAUTH_KEYRING", "GUMAUTH_CLIENT_ID", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "SSL_CERT_FILE"),
        *("SSLKEYLOGFILE", "XDG_DATA_HOME", "HOME", "DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND", "BROWSER"),
    ],
)
def test_an_env_file_does_not_say_whom_to_trust_or_where_things_are_kept(name: str) -> None:
    """A project's file could else lead the tokens through its own proxy, or into its own folder."""
    assert env_file.parse(f"{name}=theirs\nACME_CLIENT_ID=x\nXDG_CLIENT_SECRET=y\nACME_URL=z", "f") == {
        "ACME_CLIENT_ID": "x",
        "XDG_CLIENT_SECRET": "y",
        "ACME_URL": "z",
    }


def test_an_env_file_that_is_not_there_is_named(environ: dict[str, str]) -> None:
    ended = inside(environ, "token", "linear", "--env-file", "/nowhere/app.env")
    assert ended.status == 1
    assert "/nowhere/app.env cannot be read: No such file or directory." in ended.err


def printing_into(handle: int, environ: dict[str, str]) -> tuple[int, bytes]:
    command = [sys.executable, "-m", "gumauth", "--version"]
    done = subprocess.run(command, env=environ, stdout=handle, stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stderr


def test_output_that_cannot_be_written_is_a_failure(environ: dict[str, str]) -> None:
    with open("/dev/full", "w") as full:
        ended = printing_into(full.fileno(), environ)
    assert ended == (1, b"error: Standard output cannot be written: No space left on device.\n")


def test_a_reader_that_has_gone_is_no_traceback(environ: dict[str, str]) -> None:
    read, write = os.pipe()
    os.close(read)
    ended = printing_into(write, environ)
    os.close(write)
    assert ended == (1, b"")


def test_a_standard_output_that_is_closed_is_a_failure(environ: dict[str, str]) -> None:
    for words in ("--version", "list --json", "--help"):
        command = f"{sys.executable} -m gumauth {words} >&-"
        ended = subprocess.run(["sh", "-c", command], env=environ, capture_output=True, check=False)
        assert (ended.returncode, ended.stdout) == (1, b""), words
        assert b"Standard output cannot be written: it is closed." in ended.stderr


def test_closed_streams_are_no_traceback(environ: dict[str, str]) -> None:
    command = f"{sys.executable} -m gumauth token nobody <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], env=environ, check=False).returncode == 3
