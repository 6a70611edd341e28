"""`gumauth connect NAME --key FIELD`, and every other command on an account that is a key."""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path

import pytest

from gumauth.cli.commands.connect_keys import BESIDE
from gumauth.cli.parsing.table import COMMANDS
from gumauth.client.context import Context
from gumauth.handout.run.keeper import Keeper
from tests.cli.connecting import at_terminal
from tests.cli.program import Ended, Screen, inside, keep, process

VALUE = "an-entered-value"


def connected(environ: dict[str, str], *words: str, values: str = f"{VALUE}\n") -> Ended:
    """Connect a key whose values are piped in."""
    done = inside(environ, "connect", *words, stdin=values)
    assert done.status == 0, done
    return done


@pytest.fixture
def key(environ: dict[str, str]) -> dict[str, str]:
    """A home with a key of one field."""
    connected(environ, "openweather", "--key", "api_key")
    return environ


@pytest.fixture
def pair(environ: dict[str, str]) -> dict[str, str]:
    """A home with a key of two fields, of a name that is a service's too."""
    connected(environ, "gong", "--key", "access_key", "--key", "access_key_secret", values="AK\r\nSK\n")
    return environ


def test_a_key_is_piped_in_listed_and_printed(environ: dict[str, str]) -> None:
    assert connected(environ, "openweather", "--key", "api_key") == Ended(
        0,
        "Connected openweather/1, a key with api_key.\n",
        "Kept in the encrypted file.\n"
        "Run `gumauth token openweather` for its value; `gumauth run` takes NAME=openweather.\n",
    )
    assert inside(environ, "token", "openweather") == Ended(0, f"{VALUE}\n", "")
    shown = inside(environ, "list").out
    assert shown.split()[:2] == ["Account", "State"]
    assert shown.split()[-3:] == ["openweather/1", "(default)", "key"]
    (account,) = json.loads(inside(environ, "list", "--json").out)["accounts"]
    assert (account["state"], account["fields"], account["source"], account["expires_at"]) == (
        *("ok", ["api_key"], "key"),
        None,
    )


def test_several_fields_are_asked_for_one_by_one(pair: dict[str, str]) -> None:
    assert inside(pair, "token", "gong", "--field", "access_key_secret").out == "SK\n"
    assert inside(pair, "token", "gong") == Ended(
        2,
        "",
        "error: gong/1 has several fields: access_key and access_key_secret.\n"
        "hint:  Name one: `gumauth token gong/1 --field access_key`, or in `gumauth run` ACCOUNT#access_key.\n",
    )
    assert json.loads(inside(pair, "token", "gong", "--json").out) == {
        "schema_version": 1,
        "provider": "gong",
        "account": "gong/1",
        "credentials": {"access_key": "AK", "access_key_secret": "SK"},
    }
    one = json.loads(inside(pair, "token", "gong", "--json", "--field", "access_key").out)
    assert one["credentials"] == {"access_key": "AK"}
    assert inside(pair, "list").out.split()[-3:] == ["key,", "2", "fields"]


def test_json_tells_the_account_and_no_value(environ: dict[str, str]) -> None:
    done = connected(environ, "openweather/work", "--key", "api_key", "--json")
    assert json.loads(done.out)["account"]["account"] == "openweather/work"
    assert VALUE not in done.out + done.err


@pytest.mark.requirement("L3", "I2")
def test_connecting_again_says_that_it_replaces(key: dict[str, str]) -> None:
    for words in (["openweather", "--key", "api_key"], ["openweather"], ["openweather/1"]):
        value = secrets.token_hex(8)
        assert connected(key, *words, values=value) == Ended(
            0,
            "Replaced the values of openweather/1, a key with api_key.\n",
            "openweather/1 is connected: what is entered now replaces its values.\n"
            "Kept in the encrypted file.\n"
            "Run `gumauth token openweather` for its value; `gumauth run` takes NAME=openweather.\n",
        )
        assert inside(key, "token", "openweather").out == f"{value}\n"
    connected(key, "openweather", "--as", "work", "--key", "api_key", values="theirs")
    connected(key, "openweather", "--as", "work", values="theirs-too")
    assert inside(key, "token", "openweather/work").out == "theirs-too\n"
    assert inside(key, "token", "openweather").out == f"{value}\n"


def test_other_fields_want_a_word(key: dict[str, str]) -> None:
    done = inside(key, "connect", "openweather", "--key", "token", stdin="x")
    assert done == Ended(
        1,
        "",
        "error: openweather/1 has api_key, and would have token.\n"
        "hint:  Name the same fields, add --replace, or give the new key another name with --as.\n",
    )
    connected(key, "openweather", "--key", "token", "--replace", values="another")
    assert inside(key, "token", "openweather", "--field", "token").out == "another\n"
    assert inside(key, "token", "openweather", "--field", "api_key").status == 2


@pytest.mark.requirement("S1", "S5")
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("", "The value of api_key is empty; nothing was kept."),
        ("   \n", "The value of api_key is empty; nothing was kept."),
        ("secret-1\nsecret-2\n", "2 lines came on standard input; wanted: api_key, one line each. Nothing was kept."),
        ("secret\x07value", "The value of api_key has control characters in it; nothing was kept."),
        ("x" * 8193, "The value of api_key has more than 8192 characters; nothing was kept."),
    ],
)
def test_a_value_that_cannot_be_kept_is_refused_unsaid(environ: dict[str, str], values: str, words: str) -> None:
    done = inside(environ, "connect", "openweather", "--key", "api_key", stdin=values)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"error: {words}\n")
    assert "secret" not in done.err
    assert inside(environ, "list", "--json").out == '{"schema_version": 1, "accounts": []}\n'


def test_what_pasting_puts_around_a_value_is_taken_off(environ: dict[str, str]) -> None:
    done = connected(environ, "openweather", "--key", "api_key", values=f" {VALUE}\u200b\n")
    assert "Blanks around the value of api_key were taken off.\n" in done.err
    assert inside(environ, "token", "openweather").out == f"{VALUE}\n"
    connected(environ, "openweather", "--key", "api_key", values="\ufeffwith a blank\r\n")
    assert inside(environ, "token", "openweather").out == "with a blank\n"


@pytest.mark.requirement("S3")
@pytest.mark.parametrize(
    "words",
    [
        ("openweather", "--key", "api_key", "9f86d081884c7d659a2feaa0c55ad015"),
        ("openweather", "--key", "9f86d081884c7d659a2feaa0c55ad015"),
        ("openweather", "--key", "api_key=9f86d081884c7d659a2feaa0c55ad015"),
        ("openweather", "9f86d081884c7d659a2feaa0c55ad015", "--key=api_key"),
    ],
)
@pytest.mark.parametrize("command", ["connect", "conect"])
def test_a_key_on_the_command_line_is_refused_and_not_repeated(
    environ: dict[str, str], words: tuple[str, ...], command: str
) -> None:
    done = inside(environ, command, *words, stdin=VALUE)
    assert (done.status, done.out) == (2, "")
    assert "9f86" not in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--key", "api_key"), "A key needs a name, in place of a provider."),
        (("./auth.py", "--key", "api_key"), "'./auth.py' cannot name a key."),
        (("https://example.com", "--key", "api_key"), "'https://example.com' cannot name a key."),
        (("OpenWeather", "--key", "api_key"), "'OpenWeather' cannot name a key."),
        (("a/b", "--as", "c", "--key", "k"), "a/b and `--as c` are two names for one account."),
        (("a/", "--key", "k"), "'a/' cannot name a key."),
        (("a", "--as", "b c", "--key", "k"), "'b c' cannot be an alias."),
        (("a", "--key", "k", "--key", "k"), "The field k is named twice."),
    ],
)
def test_what_can_be_no_key_is_said(environ: dict[str, str], words: tuple[str, ...], said: str) -> None:
    done = inside(environ, "connect", *words, stdin=VALUE)
    assert (done.status, done.err.splitlines()[0]) == (2, f"error: {said}")


@pytest.mark.parametrize("name", [name for name in COMMANDS["connect"].options if name not in BESIDE])
def test_the_options_of_a_login_do_not_go_with_a_key(environ: dict[str, str], name: str) -> None:
    value = ["3"] if COMMANDS["connect"].options[name].metavar else []
    done = inside(environ, "connect", "openweather", "--key", "api_key", name, *value, stdin=VALUE)
    assert (done.status, done.err.splitlines()[0]) == (2, f"error: {name} is for a login, and a key is entered.")


@pytest.mark.requirement("I6")
def test_a_grant_and_a_key_of_one_name_stand_beside_each_other(environ: dict[str, str]) -> None:
    token = secrets.token_urlsafe(16)
    keep(environ, token)
    done = inside(environ, "connect", "acme", "--key", "api_key", stdin=VALUE)
    assert done == Ended(
        2,
        "",
        "error: acme/ada@example.com is connected, and is no key: a key beside it needs a name of its own.\n"
        "hint:  Add --as, such as `--as key`.\n",
    )
    assert "acme/ada@example.com stays the default" in connected(environ, "acme/key", "--key", "api_key").err
    now = 1_800_000_000.0
    assert inside(environ, "token", "acme", clock=lambda: now).out == f"{token}\n"
    assert inside(environ, "token", "acme/key", clock=lambda: now).out == f"{VALUE}\n"
    done = inside(environ, "connect", "acme", "--as", "ada@example.com", "--key", "api_key", stdin=VALUE)
    assert (done.status, done.err.splitlines()[0]) == (
        1,
        "error: acme/ada@example.com is there already, and is no key.",
    )


EVERY = {
    ("list", "openweather"): (0, "key"),
    ("token", "openweather"): (0, VALUE),
    ("token", "openweather", "--min-valid", "3600"): (0, VALUE),
    ("token", "openweather", "--field", "api_key"): (0, VALUE),
    ("token", "openweather", "--header"): (2, "openweather/1 is a key: each service takes keys in a header of its own"),
    ("token", "openweather", "--id-token"): (1, "openweather/1 is a key: it has no id_token."),
    ("token", "openweather", "--for", "mcp"): (2, "openweather/1 is a key: --for prints the token of a grant."),
    ("token", "openweather", "--for", "git", "get"): (2, "openweather/1 is a key: --for prints the token of a grant."),
    ("token", "openweather", "--for", "kubectl"): (2, "openweather/1 is a key: --for prints the token of a grant."),
    ("token", "openweather", "--for", "gcp"): (1, "openweather/1 is a key: it has no id_token."),
    ("token", "openweather", "--field", "api_key", "--id-token"): (2, "--field is of a key, and --id-token"),
    ("token", "openweather", "--field", "api_key", "--for", "mcp"): (2, "--field is of a key, and --for"),
    ("refresh", "openweather"): (1, "openweather/1 is a key: there is nothing to refresh."),
    ("refresh",): (0, "Passed over openweather/1: it is a key."),
    ("revoke", "openweather"): (1, "openweather/1 is a key: gumauth cannot end it at its service."),
    ("default", "openweather/1"): (0, "openweather/1"),
    ("rename", "openweather/1", "work"): (0, "openweather/work"),
    ("rename", "openweather/1", "--none"): (0, "openweather/1"),
    ("move", "openweather/1", "--to", "file"): (0, "openweather/1 is in the encrypted file already."),
    ("store", "log", "--account", "openweather"): (2, "GUMAUTH_STORE"),
    ("mcp", "openweather"): (2, ""),
    ("link", "curl", "openweather"): (2, "openweather/1 is a key: curl would ask for the token of a grant."),
    ("providers",): (0, "linear"),
    ("providers", "openweather"): (2, "No service's name or kind has 'openweather'."),
    ("setup", "openweather", "-"): (
        2,
        "openweather is no provider: openweather/1 is a key, which was entered by hand.",
    ),
    ("setup", "openweather", "--forget"): (2, "openweather is no provider: openweather/1 is a key"),
    ("doctor", "openweather"): (0, "Everything that openweather needs works."),
    ("__complete", "accounts", "openw"): (0, "openweather/1"),
    ("connect", "openweather", "--device"): (2, "--device is for a login, and a key is entered."),
    ("connect", "openweather/nobody"): (2, "openweather is no provider: openweather/1 is a key"),
    ("token", "openweather/nobody"): (3, "Run `gumauth connect openweather --as nobody --key api_key`"),
    ("disconnect", "openweather", "--keep-grant"): (0, "Forgot openweather/1 here."),
    ("disconnect", "openweather"): (
        0,
        "Forgot openweather/1 here. The key stays valid at its service until it is deleted there.",
    ),
}


def test_every_command_with_an_account_is_tried_on_a_key() -> None:
    """`run` is tried below."""
    of_accounts = {
        name
        for name, command in COMMANDS.items()
        if any(parameter.completes == "accounts" for parameter in command.parameters)
    }
    assert len(of_accounts) >= 9
    assert of_accounts <= {words[0] for words in EVERY} | {"run"}


@pytest.mark.parametrize(("words", "ends"), EVERY.items(), ids=[" ".join(words) for words in EVERY])
def test_each_command_knows_that_a_key_is_no_grant(
    key: dict[str, str], words: tuple[str, ...], ends: tuple[int, str]
) -> None:
    status, said = ends
    if words[0] == "mcp":  # it reads and writes file descriptors
        message = '{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n'
        done = process(key, *words, stdin=message)
        assert "openweather/1 is a key: `gumauth mcp` sends the token of a grant." in done.out
    else:
        done = inside(key, *words)
    assert done.status == status, done
    assert said in done.out + done.err
    assert "Traceback" not in done.err
    if words[:2] != ("token", "openweather") or status:
        assert VALUE not in done.out + done.err


def test_disconnecting_leaves_nothing_and_says_so_in_json(key: dict[str, str]) -> None:
    assert json.loads(inside(key, "disconnect", "openweather", "--json").out) == {
        "schema_version": 1,
        "provider": "openweather",
        "account": "openweather/1",
        "revoked": False,
        "forgotten": True,
    }
    assert inside(key, "token", "openweather").status == 3
    assert list(Path(key["GUMAUTH_HOME"]).rglob("*.secret")) == []


PRINT = "import os, sys; print(*[os.environ[name] for name in sys.argv[1:]], sep='|')"


def test_a_command_gets_keys_and_fields_in_its_environment(pair: dict[str, str]) -> None:
    connected(pair, "openweather", "--key", "api_key", values="schlüssel mit Blank")
    done = process(
        {**pair, "C": "gumauth:gong/1#access_key"},
        *("run", "A=gong#access_key_secret", "B=openweather", "--"),
        *(sys.executable, "-c", PRINT, "A", "B", "C"),
    )
    assert done == Ended(0, "SK|schlüssel mit Blank|AK\n", "")
    for reference, said in (("gong", "gong/1 has several fields"), ("gong#other", "gong/1 has no field 'other'")):
        refused = process(pair, "run", f"A={reference}", "--", "true")
        assert refused.status == 2
        assert said in refused.err
    assert process(pair, "run", "A=gong#id_token", "--", "true").err.startswith(
        "error: Nothing was started: there is no token for A. gong/1 is a key: it has no id_token."
    )


@pytest.mark.requirement("H10")
def test_a_file_with_a_field_is_written_again_where_the_key_is_replaced(pair: dict[str, str], tmp_path: Path) -> None:
    program = 'import os; print(open(os.environ["KEY"], encoding="utf-8").read())'
    reference = "KEY@=gong#access_key_secret"
    assert process(pair, "run", reference, "--", sys.executable, "-c", program) == Ended(0, "SK\n", "")
    account = Context(pair).accounts.look_up("gong")
    file = tmp_path / "KEY"
    keeper = Keeper(str(tmp_path), {"KEY": f"{account.key}#access_key_secret"}, lambda: Context(pair), min_valid=None)
    keeper.look()
    assert file.read_text() == "SK"
    connected(pair, "gong/1", values="AK2\nSK2 für zwei\n")
    keeper.look()
    assert file.read_text(encoding="utf-8") == "SK2 für zwei"


def test_a_file_that_a_newer_gumauth_wrote_stops_no_other_account(key: dict[str, str]) -> None:
    """What an older gumauth makes of a key: it passes it over, and says so."""
    connected(key, "other", "--key", "api_key", values="other-value")
    (file,) = Path(key["GUMAUTH_HOME"]).rglob("openweather/*.json")
    file.write_text(file.read_text().replace('"version": 5', '"version": 9'))
    assert inside(key, "token", "other").out == "other-value\n"
    assert "newer gumauth" in inside(key, "token", "openweather").err


@pytest.mark.requirement("S3")
def test_on_a_terminal_each_value_is_asked_for_and_not_shown(environ: dict[str, str]) -> None:
    with at_terminal(environ, "connect", "gong", "--key", "access_key", "--key", "access_key_secret") as run:
        run.until("Value of access_key \\(not shown\\): ")
        run.type("first-value\n")
        run.until("Value of access_key_secret \\(not shown\\): ")
        run.type("second-value\n")
        status, _ = run.end()
    assert status == 0
    assert "Connected gong/1, a key with access_key and access_key_secret." in run.shown
    assert "first-value" not in run.shown
    assert "second-value" not in run.shown
    with at_terminal(environ, "connect", "gong", "--key", "access_key") as run:
        run.until("and would have access_key\\.")
        run.until("Replace them\\? \\[y/N\\]")
        run.type("n\n")
        assert run.end()[0] == 1
    with at_terminal(environ, "connect", "gong/1") as run:
        run.until("what is entered now replaces its values")
        run.until("Value of access_key \\(not shown\\): ")
        run.press_ctrl_c()
        assert run.end()[0] == 130
    assert inside(environ, "token", "gong", "--field", "access_key").out == "first-value\n"


def test_a_terminal_that_cuts_a_long_line_is_noticed(environ: dict[str, str]) -> None:
    with at_terminal(environ, "connect", "gong", "--key", "api_key") as run:
        run.until("Value of api_key \\(not shown\\): ")
        run.type("x" * 5000 + "\n")
        status, _ = run.end()
    assert status == 2
    assert "longer than a line of a terminal" in " ".join(run.shown.split())


def test_a_narrow_window_says_key_alone(pair: dict[str, str]) -> None:
    shown = inside({**pair, "COLUMNS": "40", "NO_COLOR": "1"}, "list", stream=Screen).out
    assert "key" in shown
    assert os.linesep in shown


def test_a_key_needs_no_client_of_the_service_of_its_name(environ: dict[str, str]) -> None:
    connected(environ, "linear/key", "--key", "api_key")
    assert inside(environ, "setup", "linear", "-", stdin="an-id\na-secret\n").status == 0
    assert inside(environ, "setup", "linear", "--forget") == Ended(
        0, "Forgot the client id and secret of linear.\n", ""
    )
    assert "The client id of Linear is missing" in inside(environ, "connect", "linear", "--no-browser").err
    providers = json.loads(inside(environ, "providers", "--json").out)["providers"]
    assert [each["source"] for each in providers if each["name"] == "linear"] == ["built-in"]
    shown = inside(environ, "doctor", "linear", stream=Screen)
    assert (shown.status, "linear/key" in shown.out) == (0, False)


def test_a_value_is_printed_whole_or_not_at_all(environ: dict[str, str]) -> None:
    connected(environ, "openweather", "--key", "api_key", values="schlüssel")
    in_ascii = {**environ, "PYTHONIOENCODING": "ascii"}
    done = process(in_ascii, "token", "openweather")
    assert (done.status, done.out) == (1, "")
    assert "schl" not in done.err
    assert json.loads(process(in_ascii, "token", "openweather", "--json").out)["credentials"] == {
        "api_key": "schlüssel"
    }
