"""`gumauth connect` as a person sees it, and as a script does; and the commands that follow it."""

from __future__ import annotations

import json
import signal
import socket
import termios
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from gumauth.testing import AuthorizationServer, deliver, write_provider
from tests.cli.connecting import at_terminal, piped
from tests.cli.program import process


def port_of(address: str) -> int:
    """The callback's port, as the address has it."""
    return urlsplit(parse_qs(urlsplit(address).query)["redirect_uri"][0]).port or 0


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_the_whole_life_of_an_account(server: AuthorizationServer, person: tuple[dict[str, str], str]) -> None:
    environ, file = person
    with piped(environ, "connect", file, "--no-browser", "--as", "work", "--json") as run:
        deliver(server.follow(run.address))
        status, out = run.end()
    assert status == 0, run.shown
    account = json.loads(out)["account"]
    assert (account["account"], account["nickname"], account["state"]) == ("acme/work", "ada@example.com", "ok")
    assert account["source"] == f"{file}:Provider"

    token = process(environ, "token", "acme").out
    assert server.is_active(token.strip())
    refreshed = json.loads(process(environ, "refresh", "acme", "--json").out)["accounts"][0]
    assert (refreshed["account"], refreshed["refreshed"]) == ("acme/work", True)
    revoked = json.loads(process(environ, "revoke", "acme/work", "--json").out)
    assert revoked == {
        "schema_version": 1,
        "provider": "acme",
        "account": "acme/work",
        "revoked": True,
        "forgotten": False,
    }
    assert process(environ, "token", "acme").status == 3
    gone = json.loads(process(environ, "disconnect", "acme/ada@example.com", "--json").out)
    assert (gone["revoked"], gone["forgotten"]) == (True, True)
    assert json.loads(process(environ, "list", "--json").out)["accounts"] == []


def test_a_connected_file_is_known_by_its_name_to_the_next_connect(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    unknown = process(environ, "connect", "acme", "--no-browser")
    assert (unknown.status, unknown.out) == (2, "")
    for provider, alias in ((file, "work"), ("acme", "home")):
        with piped(environ, "connect", provider, "--no-browser", "--as", alias) as run:
            deliver(server.follow(run.address, person=alias))
            assert run.end()[0] == 0, run.shown
    listed = json.loads(process(environ, "list", "--json").out)["accounts"]
    assert [(one["account"], one["source"]) for one in listed] == [
        ("acme/work", f"{file}:Provider"),
        ("acme/home", f"{file}:Provider"),
    ]
    assert json.loads(process(environ, "providers", "acme", "--json").out)["provider"]["source"] == f"{file}:Provider"


@pytest.mark.requirement("P2", "P3")
def test_a_remembered_file_that_has_taken_another_name_is_refused_under_its_old_one(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    """What is typed for `acme` must not become the client secret of what the file calls itself now."""
    environ, file = person
    with piped(environ, "connect", file, "--no-browser") as run:
        deliver(server.follow(run.address))
        assert run.end()[0] == 0
    Path(file).write_text(Path(file).read_text().replace("name = 'acme'", "name = 'linear'"))
    notes = []
    for words, typed in (
        (["setup", "acme", "-"], "an-id\na-secret\n"),
        (["providers", "acme"], ""),
        (["connect", "acme"], ""),
    ):
        ended = process(environ, *words, stdin=typed)
        assert ended.status != 0
        assert "provides linear now, not acme" in ended.err
        notes.append(f"Running the code of {file}, which has changed" in ended.err)
    assert notes == [True, False, False]
    assert "none yet" in process(environ, "providers", "linear").out


def test_what_is_to_be_run_again_is_a_command_that_works(person: tuple[dict[str, str], str]) -> None:
    environ, file = person
    with piped(environ, "connect", file, "--no-browser", "--timeout", "0.1") as run:
        assert run.end()[0] == 1
    assert (
        "If acme complained of the redirect URI, register http://127.0.0.1/callback there."
        f" Run `gumauth connect {file}` again." in run.shown
    )


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            {"redirect_path": "/callback?tenant=a"},
            "127.0.0.1/callback?tenant=a is no place that gumauth can listen at.",
        ),
        ({"redirect_path": 1}, "`redirect_host` and `redirect_path` of a provider are texts"),
        ({"redirect_ports": 4862}, "`redirect_ports` are numbers in a tuple"),
        ({"redirect_ports": ("4862",)}, "`redirect_ports` are numbers in a tuple"),
    ],
)
def test_a_redirect_uri_to_which_no_browser_could_come_back_is_refused_before_one_opens(
    server: AuthorizationServer, person: tuple[dict[str, str], str], facts: dict[str, object], said: str
) -> None:
    environ, file = person
    usual = {"public_client": True, "redirect_host": "127.0.0.1", "redirect_ports": ()}
    write_provider(server, file.rpartition("/")[0], name="acme", **{**usual, **facts})
    for words in (["connect", file, "--no-browser"], ["setup", file, "-"], ["providers", file]):
        ended = process(environ, *words, stdin="an-id\na-secret\n")
        assert (ended.status, ended.out) == (1, "")
        assert said in ended.err
    assert server.log == []


@pytest.mark.requirement("P3")
def test_a_new_or_changed_provider_file_is_named_before_it_runs(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    notes = []
    for change in ("", "", "\n# changed\n"):
        Path(file).write_text(Path(file).read_text() + change)
        with piped(environ, "connect", file, "--no-browser") as run:
            deliver(server.follow(run.address))
            assert run.end()[0] == 0
        notes.append([line for line in run.shown.splitlines() if line.startswith("Running the code of")])
    named = f"Running the code of {file}, which"
    assert notes == [[f"{named} is new to gumauth."], [], [f"{named} has changed since it last ran."]]


@pytest.mark.requirement("C9")
def test_without_terminal_and_browser_it_ends_at_once_and_says_what_to_run(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    begin = time.monotonic()
    ended = process(environ, "connect", file, "--json")
    assert time.monotonic() - begin < 5
    assert (ended.status, ended.out) == (1, "")
    error = json.loads(ended.err.splitlines()[-1])["error"]
    assert error["code"] == "no_browser"
    assert "--no-browser" in error["hint"]
    assert server.log == []


@pytest.mark.requirement("C9")
def test_the_wait_ends_when_its_time_is_up(person: tuple[dict[str, str], str]) -> None:
    environ, file = person
    ended = process(environ, "connect", file, "--no-browser", "--timeout", "0.3", "--json")
    assert ended.status == 1
    assert json.loads(ended.err.splitlines()[-1])["error"]["code"] == "callback_timeout"


@pytest.mark.requirement("B3")
def test_the_address_stands_whole_on_a_line_in_a_narrow_window(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    over_ssh = {**environ, "SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 2222", "USER": "ada"}
    with at_terminal(over_ssh, "connect", file, columns=40) as run:
        address = run.address
        port = port_of(address)
        forward = run.until(
            rf"run\s+this\s+there\s+first:\s+ssh -N -L {port}:127\.0\.0\.1:{port} -p 2222 ada@192\.0\.2\.2\r?\n"
        )
        assert forward.end() < run.shown.index(address)
        deliver(server.follow(address))
        assert run.end()[0] == 0
    assert "Connected acme as ada@example.com." in run.shown
    assert "gumauth token acme" in run.shown


@pytest.mark.requirement("C12", "M36")
def test_a_pasted_redirect_finishes_the_connect(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    with at_terminal(environ, "connect", file) as run:
        redirect = server.follow(run.address)
        run.until("paste the")
        run.type("junk\n" + redirect.replace("state=", "state=x") + "\n" + "\x04\n")
        run.until("That was not it[^\n]*\n(.|\n)*That was not it")
        run.type(redirect + "\n")
        status, _ = run.end()
    assert status == 0, run.shown
    assert server.count("token") == 1
    code = parse_qs(urlsplit(redirect).query)["code"][0]
    assert code not in run.shown


@pytest.mark.requirement("C12")
@pytest.mark.parametrize("length", [4095, 4097, 8192])
def test_a_paste_longer_than_a_terminal_line_arrives_whole(
    server: AuthorizationServer, person: tuple[dict[str, str], str], length: int
) -> None:
    """The kernel keeps 4095 characters of a line in canonical mode and drops the rest."""
    environ, file = person
    with at_terminal(environ, "connect", file) as run:
        redirect = server.follow(run.address) + "&extra="
        run.until("paste the")
        run.type(redirect + "x" * (length - len(redirect)) + "\n")
        assert run.end()[0] == 0, run.shown


@pytest.mark.requirement("C12")
def test_the_callback_wins_over_a_half_typed_paste(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    with at_terminal(environ, "connect", file) as run:
        run.type("http://127.0.0.1/call")
        deliver(server.follow(run.address))
        assert run.end()[0] == 0, run.shown


@pytest.mark.requirement("C10", "C1")
@pytest.mark.parametrize(("number", "tls"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_an_interrupted_wait_ends_at_once_and_leaves_no_port(
    server: AuthorizationServer, person: tuple[dict[str, str], str], number: int, tls: bool
) -> None:
    environ, file = person
    write_provider(server, Path(file).parent, public_client=True, redirect_ports=(), redirect_tls=tls)
    with piped(environ, "connect", file, "--no-browser", "--json") as run:
        port = port_of(run.address)
        run.until("Waiting")
        assert not is_free(port)
        took = run.interrupt(number)
        status, out = run.end()
    assert took < 1.0  # 200 ms on a machine of its own
    assert (status, out) == (130, "")
    assert json.loads(run.shown.splitlines()[-1])["error"]["code"] == "interrupted"
    assert is_free(port)


@pytest.mark.requirement("C10")
def test_an_interrupt_leaves_the_terminal_as_it_was(person: tuple[dict[str, str], str]) -> None:
    environ, file = person
    with at_terminal(environ, "connect", file) as run:
        before = termios.tcgetattr(run.screen)
        run.until("paste the")
        _until(lambda: termios.tcgetattr(run.screen) != before)
        run.press_ctrl_c()
        assert run.process.wait(10) == 130
        assert termios.tcgetattr(run.screen)[:4] == before[:4]


def _until(holds: object) -> None:
    end = time.monotonic() + 10
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.requirement("C10")
@pytest.mark.parametrize("moment", [0.005, 0.02, 0.05, 0.1, 0.2])
def test_an_interrupt_while_it_starts_shows_no_traceback(person: tuple[dict[str, str], str], moment: float) -> None:
    environ, file = person
    # A tracer's callback swallows an interrupt that comes while it runs.
    untraced = {name: value for name, value in environ.items() if not name.startswith("COVERAGE_")}
    with piped(untraced, "connect", file, "--no-browser") as run:
        timer = threading.Timer(moment, run.process.send_signal, [signal.SIGINT])
        timer.start()
        timer.join()
        status, _ = run.end()
    # Before the program's first line runs, the interpreter itself is interrupted, and ends by the signal.
    assert status in (130, 1, -signal.SIGINT), run.shown
    assert "gumauth/cli" not in run.shown
    assert "/client/" not in run.shown


def test_a_denied_consent_ends_with_status_four(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    with piped(environ, "connect", file, "--no-browser") as run:
        deliver(server.follow(run.address, approve=False))
        assert run.end()[0] == 4


def test_missing_credentials_name_both_variables_and_the_setup(person: tuple[dict[str, str], str]) -> None:
    environ, _ = person
    ended = process(environ, "connect", "linear", "--no-browser")
    assert ended.status == 1
    for word in ("LINEAR_CLIENT_ID", "LINEAR_CLIENT_SECRET", "gumauth setup linear"):
        assert word in ended.err


def test_an_unknown_provider_ends_with_status_two_and_the_nearest_names(environ: dict[str, str]) -> None:
    ended = process(environ, "connect", "linaer", "--no-browser")
    assert ended.status == 2
    assert "Did you mean linear" in ended.err


def test_client_credentials_come_from_an_env_file(
    server: AuthorizationServer, person: tuple[dict[str, str], str], tmp_path: Path
) -> None:
    environ, file = person
    process(environ, "setup", file, "--forget")
    (tmp_path / "app.env").write_text("# the app\nexport ACME_CLIENT_ID='acme-id'\nGUMAUTH_STORE=nowhere\n")
    with piped(environ, "connect", file, "--no-browser", "--env-file", str(tmp_path / "app.env")) as run:
        deliver(server.follow(run.address))
        assert run.end()[0] == 0, run.shown


def without_key(environ: dict[str, str]) -> dict[str, str]:
    """Another home, whose encrypted file has a passphrase that nobody has set; the client id is in the environment."""
    kept = {name: value for name, value in environ.items() if name != "GUMAUTH_KEY_FILE"}
    return {**kept, "GUMAUTH_HOME": environ["GUMAUTH_HOME"] + "-2", "ACME_CLIENT_ID": "acme-id"}


@pytest.mark.requirement("K10")
def test_a_passphrase_is_asked_for_before_the_browser_is_waited_for(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    with at_terminal(without_key(environ), "connect", file, "--no-browser", columns=400) as run:
        for question in ("New passphrase", "same passphrase again"):
            run.until(f"{question}[^:]*: ")
            run.type("correct horse\n")
        deliver(server.follow(run.address))
        run.until(r"Keep it in the encrypted file\? \[Y/n\]")
        run.type("\n")
        status, _ = run.end()
    assert status == 0, run.shown
    assert "Connected acme as ada@example.com" in run.shown
    assert "horse" not in run.shown


@pytest.mark.requirement("C10")
def test_ctrl_c_at_the_passphrase_leaves_a_terminal_that_shows_what_is_typed(
    person: tuple[dict[str, str], str],
) -> None:
    environ, file = person
    with at_terminal(without_key(environ), "connect", file, "--no-browser") as run:
        run.until("New passphrase[^:]*: ")
        run.press_ctrl_c()
        status, _ = run.end()
        assert termios.tcgetattr(run.screen)[3] & termios.ECHO
    assert status == 130
