"""`gumauth setup`: what it keeps, what it says of the page where an app is registered, and what it forgets."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from gumauth.cli import main
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.testing import AuthorizationServer, write_provider
from tests.cli.connecting import at_terminal
from tests.cli.program import Screen, inside, listed, process


def stored(environ: dict[str, str]) -> tuple[str, str | None]:
    found = credentials.find(Context(environ), "linear")
    assert found is not None
    return found.client_id, found.client_secret


@pytest.mark.requirement("S3")
def test_setup_keeps_what_the_environment_or_a_file_holds(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "app.env").write_text("LINEAR_CLIENT_ID=file-id\nLINEAR_CLIENT_SECRET='file-secret ' # the app's\n")
    ended = inside(environ, "setup", "linear", "--env-file", str(tmp_path / "app.env"))
    assert ended.status == 0
    assert "Kept in the encrypted file." in ended.err
    assert "Blanks around the client secret were taken off." in ended.err
    assert stored(environ) == ("file-id", "file-secret")
    assert inside({**environ, "LINEAR_CLIENT_ID": "an-id"}, "setup", "linear", "--from-env", "--json").status == 0
    assert stored(environ) == ("an-id", None)


def test_setup_says_where_it_has_looked_for_a_client_id_in_vain(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "app.env").write_text("OTHER=1\n")
    for words, where in (
        (["--from-env"], "the environment does not set LINEAR_CLIENT_ID."),
        (["--env-file", str(tmp_path / "app.env")], f"neither the environment nor {tmp_path}/app.env sets LINEAR_"),
    ):
        ended = inside(environ, "setup", "linear", *words)
        assert ended.status == 2
        assert f"There is no client id: {where}" in ended.err


@pytest.mark.parametrize(
    "words", [["-", "--from-env"], ["--client-id", "x", "--forget"], ["--env-file", "f", "--forget"], ["--forget", "-"]]
)
def test_two_ways_of_setup_at_once_are_refused(environ: dict[str, str], words: list[str]) -> None:
    ended = inside(environ, "setup", "linear", *words)
    assert ended.status == 2
    assert "do not go together" in ended.err


def test_setup_forgets_what_it_has_kept(environ: dict[str, str]) -> None:
    inside(environ, "setup", "linear", "-", stdin="my-id\nmy-secret\n")
    assert inside(environ, "setup", "linear", "--forget").out == "Forgot the client id and secret of linear.\n"
    assert credentials.find(Context(environ), "linear") is None
    assert b"my-secret" not in b"".join(
        file.read_bytes() for file in Path(environ["GUMAUTH_HOME"]).rglob("*") if file.is_file()
    )
    again = inside(environ, "setup", "linear", "--forget", "--json")
    assert json.loads(again.out) == {"schema_version": 1, "provider": "linear", "forgotten": False}
    assert inside(environ, "setup", "linaer", "--forget").status == 2


def test_setup_forgets_what_is_kept_for_an_address_that_does_not_answer_any_more(environ: dict[str, str]) -> None:
    credentials.save(Context(environ), "127.0.0.1.1", "my-id", None, issuer="http://127.0.0.1:1")
    ended = inside(environ, "setup", "HTTP://127.0.0.1:1/mcp", "--forget")
    assert (ended.status, ended.out) == (0, "Forgot the client id and secret of 127.0.0.1.1.\n")
    assert credentials.find(Context(environ), "127.0.0.1.1") is None


def test_setup_forgets_also_where_the_note_of_it_is_damaged(environ: dict[str, str]) -> None:
    inside(environ, "setup", "linear", "-", stdin="my-id\nmy-secret\n")
    note = Path(environ["GUMAUTH_HOME"]) / "clients" / "linear.json"
    note.write_bytes(b"{")
    assert inside(environ, "setup", "linear", "--forget").status == 0
    assert not note.exists()
    assert Context(environ).store().get("client/linear") is None


def test_setup_forgets_by_the_name_of_a_file_that_is_gone(
    environ: dict[str, str], server: AuthorizationServer, tmp_path: Path
) -> None:
    file = write_provider(server, tmp_path, name="acme", public_client=True)
    for given in (str(file), "acme"):
        assert inside(environ, "setup", str(file), "-", stdin="an-id\nx\n").status == 0
        if given == "acme":
            file.unlink()
        assert inside(environ, "setup", given, "--forget").out == "Forgot the client id and secret of acme.\n"


@pytest.mark.parametrize(("answer", "forgotten"), [("y", True), ("", False)])
def test_setup_asks_before_it_forgets_what_accounts_need(environ: dict[str, str], answer: str, forgotten: bool) -> None:
    inside(environ, "setup", "linear", "-", stdin="my-id\nmy-secret\n")
    listed(environ, "linear", "ada@example.com", refreshable=True)
    listed(environ, "linear", "bob@example.com", state="revoked")
    with at_terminal(environ, "setup", "linear", "--forget", columns=200) as run:
        run.until(
            r"linear/ada@example\.com needs them to be refreshed or revoked\. Forget them all the same\? \[y/N\]: "
        )
        run.type(f"{answer}\n")
        assert run.end()[0] == (0 if forgotten else 2)
    assert (credentials.find(Context(environ), "linear") is None) == forgotten


def test_without_a_terminal_setup_forgets_and_says_what_accounts_need_it(environ: dict[str, str]) -> None:
    inside(environ, "setup", "linear", "-", stdin="my-id\nmy-secret\n")
    listed(environ, "linear", "ada@example.com")
    ended = inside(environ, "setup", "linear", "--forget")
    assert ended.status == 0
    assert "linear/ada@example.com cannot be refreshed or revoked until `gumauth setup linear` keeps them" in ended.err


@pytest.fixture
def desktop(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """An environment with a display, and a browser that writes down what it is given."""
    browser = tmp_path / "browser"
    browser.write_text(
        f'#!/bin/sh\nprintf "%s" "$1" > "{tmp_path}/opened.tmp"; mv "{tmp_path}/opened.tmp" "{tmp_path}/opened"\n'
    )
    browser.chmod(0o755)
    return {**environ, "DISPLAY": ":99", "BROWSER": str(browser)}


def opened(folder: Path) -> str:
    end = time.monotonic() + 10
    while not (folder / "opened").exists():
        assert time.monotonic() < end
        time.sleep(0.01)
    return (folder / "opened").read_text()


@pytest.mark.requirement("B1", "B2")
def test_enter_opens_the_page_where_an_app_is_registered(desktop: dict[str, str], tmp_path: Path) -> None:
    with at_terminal(desktop, "setup", "github") as run:
        run.until(r"Client id \(Enter opens that page\): ")
        run.type("\n")
        assert opened(tmp_path) == "https://github.com/settings/applications/new"
        run.until("\nClient id: ")
        run.type("my-id\n")
        run.until("Client secret[^:]*: ")
        run.type("my-secret\n")
        assert run.end()[0] == 0


def test_who_types_the_client_id_at_once_is_asked_no_more_and_opens_nothing(
    desktop: dict[str, str], tmp_path: Path
) -> None:
    with at_terminal(desktop, "setup", "linear") as run:
        run.until("Enter opens that page")
        run.type("my-id\n")
        run.until("Client secret[^:]*: ")
        run.type("my-secret\n")
        assert run.end()[0] == 0
    assert run.shown.count("Client id") == 1
    assert not (tmp_path / "opened").exists()


@pytest.mark.requirement("B1", "B2")
@pytest.mark.parametrize(
    ("more", "page", "words"),
    [
        ({"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}, "https://a.example/", []),
        ({"CI": "true"}, "https://a.example/", []),
        ({"BROWSER": "w3m"}, "https://a.example/", []),
        ({}, "http://127.0.0.1:1/apps", []),
        ({}, "file:///etc/passwd", []),
        ({}, "", []),
        ({}, "https://a.example/", ["--no-browser"]),
    ],
)
def test_no_page_is_opened_over_ssh_in_ci_nor_one_that_is_not_https(
    desktop: dict[str, str],
    server: AuthorizationServer,
    tmp_path: Path,
    more: dict[str, str],
    page: str,
    words: list[str],
) -> None:
    file = write_provider(server, tmp_path, name="acme", register_url=page)
    command = ["connect", str(file), *words] if words else ["setup", str(file)]
    with at_terminal({**desktop, **more}, *command) as run:
        run.until("Client id: ")
        run.type("\n")
        run.until(r"The client id is empty\.")
        assert run.end()[0] == 2
    assert not (tmp_path / "opened").exists()


@pytest.mark.parametrize(
    ("name", "said", "field"),
    [
        ("google", "Make an OAuth client of the type Desktop app", False),
        ("github", "Make an OAuth app, not a GitHub App.", True),
        ("linear", "Public may stay off", True),
    ],
)
def test_what_there_is_to_know_on_the_providers_page_is_said_before_anything_is_asked(
    environ: dict[str, str], name: str, said: str, field: bool
) -> None:
    for words in (["setup", name], ["connect", name]):
        with at_terminal(environ, *words, columns=1000) as run:
            run.until("Client id: ")
            run.press_ctrl_c()
            assert run.end()[0] == 130
        assert said in run.shown
        assert ("Enter this redirect URI there" in run.shown) == field
    shown = process(environ, "providers", name)
    assert said in shown.out
    assert ("not entered anywhere" in shown.out) == (not field)
    provider = json.loads(process(environ, "providers", name, "--json").out)["provider"]
    assert provider["register_note"].startswith(said)
    assert provider["register_redirect"] is field


def test_a_note_is_folded_beside_its_label_in_a_window_and_stands_under_it_in_a_narrow_one(
    environ: dict[str, str],
) -> None:
    with at_terminal(environ, "providers", "google", columns=80) as run:
        assert run.end()[0] == 0
    assert "\nNote:              Make an OAuth client of" in run.shown.replace("\r", "").replace("\x1b[2m", "").replace(
        "\x1b[0m", ""
    )
    assert max(len(line) for line in run.shown.replace("\r", "").split("\n")) <= 90


def test_without_a_terminal_missing_credentials_are_told_before_the_missing_browser(
    environ: dict[str, str], server: AuthorizationServer, tmp_path: Path
) -> None:
    file = write_provider(server, tmp_path, name="acme")
    for given in ("github", str(file)):
        ended = process(environ, "connect", given, "--json")
        error = json.loads(ended.err.splitlines()[-1])["error"]
        assert (ended.status, error["code"]) == (1, "missing_credentials")
        assert f"`gumauth setup {given}" in error["hint"]


def test_a_file_is_not_kept_in_part_where_the_environment_has_another_client(
    environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "app.env").write_text("LINEAR_CLIENT_ID=file-id\nLINEAR_CLIENT_SECRET=file-secret\n")
    words = ("setup", "linear", "--env-file", str(tmp_path / "app.env"))
    ended = inside({**environ, "LINEAR_CLIENT_ID": "own-id"}, *words)
    assert ended.status == 2
    assert "The environment sets LINEAR_CLIENT_ID too, to another client id than" in ended.err
    assert "Unset LINEAR_CLIENT_ID to keep the file's" in ended.err
    assert json.loads(inside(environ, "providers", "linear", "--json").out)["provider"]["credentials"] is None
    assert inside({**environ, "LINEAR_CLIENT_ID": "file-id"}, *words).status == 0


def test_by_a_file_nothing_is_forgotten_that_was_kept_for_another_one(
    environ: dict[str, str], server: AuthorizationServer, tmp_path: Path
) -> None:
    """Both files call their provider the same."""
    one, other = (write_provider(server, _made(tmp_path / name)) for name in ("one", "other"))
    assert inside(environ, "setup", str(one), "-", stdin="an-id\nhidden\n").status == 0
    ended = inside(environ, "setup", str(other), "--forget")
    assert ended.status == 2
    assert f"The client id and secret of acme are kept for {one}." in ended.err
    assert "`gumauth setup acme --forget` forgets them." in ended.err
    assert inside(environ, "setup", str(one), "--forget").out == "Forgot the client id and secret of acme.\n"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


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
    said = process(environ, "setup", "linear", "-", stdin="my-id\nmy-secret\n").err
    assert said.endswith(
        "\n\nEnter this redirect URI there:\n\n  http://localhost:4862/callback\n\nKept in the encrypted file.\n"
        "Run `gumauth connect linear`.\n"
    )
    assert "\n\n\n" not in said


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


def test_the_scopes_stand_where_the_app_is_registered(environ: dict[str, str]) -> None:
    piped = inside(environ, "setup", "slack", "-", stdin="my-id\n")
    assert (piped.status, "\nA connect asks for these scopes: users:read.\n" in piped.err) == (0, True)


def test_a_service_whose_apps_have_no_secret_is_not_asked_for_one(environ: dict[str, str]) -> None:
    shown = Screen()
    terminal = Terminal({**environ, "CI": "1"}, Screen("my-id\n"), Screen(), shown)
    assert main.run(["setup", "slack"], terminal) == 0
    assert "secret:" not in shown.getvalue()
    found = credentials.find(Context(environ), "slack")
    assert found is not None
    assert (found.client_id, found.client_secret) == ("my-id", None)
