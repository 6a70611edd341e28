"""What the commands print: the settled objects, the settled streams, and no foreign byte that a terminal obeys."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path

import pytest

from gumauth.accounts.record import Record
from gumauth.cli import main
from gumauth.cli.commands.token import one_word
from gumauth.cli.parsing.completion import complete
from gumauth.cli.terminal import formatting
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client.context import Context
from gumauth.errors import GumauthError
from gumauth.registry import lookup
from tests.accounts.directly import records_of
from tests.cli.program import Ended, Screen, inside, listed

NOW = 1_800_000_000.0
TITLE, LINK = "\x1b]0;owned\x07", "\x1b]8;;https://evil.example\x1b\\here"
HOSTILE = f"[link=https://evil.example]x[/link][/]{TITLE}{LINK}\x9b31m‮⁦​\r\nnext"


def keep(environ: dict[str, str], token: str, **fields: object) -> None:
    """An account of acme with a record in the store."""
    context = Context(environ)
    account = listed(environ, "acme", "ada@example.com", grant="g", scopes=("read", "write"))
    record = Record(access_token=token, grant="g", account={}, **{"obtained_at": NOW - 60, **fields})  # type: ignore[arg-type]
    account, _ = records_of(context).put(account, record)
    records_of(context).mark(account)


def test_an_account_is_the_settled_object(environ: dict[str, str]) -> None:
    account = listed(
        environ,
        "linear",
        "ada@example.com",
        alias="work",
        scopes=("read",),
        requested_scopes=("read", "write"),
        expires_at=NOW + 60,
        connected_at=NOW - 60.5,
        refreshable=True,
    )
    ended = inside(environ, "list", "--json", clock=lambda: NOW)
    assert json.loads(ended.out) == {
        "schema_version": 1,
        "accounts": [
            {
                "provider": "linear",
                "account": "linear/work",
                "nickname": "ada@example.com",
                "alias": "work",
                "default": True,
                "state": "ok",
                "reason": None,
                "scopes": ["read"],
                "requested_scopes": ["read", "write"],
                "missing_scopes": [],
                "expires_at": "2027-01-15T08:01:00Z",
                "refresh_expires_at": None,
                "refreshable": True,
                "connected_at": "2027-01-15T07:58:59Z",
                "refreshed_at": None,
                "store": "encrypted file",
                "source": "built-in",
            }
        ],
    }
    assert account.label == "linear/work"


@pytest.mark.parametrize(
    ("kept", "ends", "shown"),
    [
        ("ok", NOW + 1, "ok"),
        ("ok", NOW, "expired"),
        ("ok", None, "ok"),
        ("reconnect", NOW - 1, "reconnect"),
        ("revoked", None, "revoked"),
        ("leaving", NOW + 1, "revoked"),
    ],
)
def test_the_state_of_an_account(environ: dict[str, str], kept: str, ends: float | None, shown: str) -> None:
    listed(environ, "linear", "ada", state=kept, expires_at=ends)
    ended = inside(environ, "list", "--json", clock=lambda: NOW)
    assert json.loads(ended.out)["accounts"][0]["state"] == shown


def test_an_empty_list_says_what_to_run(environ: dict[str, str]) -> None:
    ended = inside(environ, "list")
    assert (ended.status, ended.out) == (0, "")
    assert "gumauth providers" in ended.err
    assert json.loads(inside(environ, "list", "--json").out) == {"schema_version": 1, "accounts": []}


def test_the_token_stands_alone_on_standard_output(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token")
    ended = inside(environ, "token", "acme", clock=lambda: NOW)
    assert (ended.status, ended.out, ended.err) == (0, "an-access-token\n", "")


def test_the_header_is_spelled_as_the_standard_spells_it(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token", token_type="bearer")
    ended = inside(environ, "token", "acme", "--header", clock=lambda: NOW)
    assert ended.out == "Authorization: Bearer an-access-token\n"


def test_the_token_object_is_the_settled_one(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token", expires_at=NOW + 3600)
    ended = inside(environ, "token", "acme", "--json", clock=lambda: NOW)
    assert json.loads(ended.out) == {
        "schema_version": 1,
        "provider": "acme",
        "account": "acme/ada@example.com",
        "access_token": "an-access-token",
        "token_type": "Bearer",
        "expires_at": "2027-01-15T09:00:00Z",
        "scopes": ["read", "write"],
        "extras": {},
    }


@pytest.mark.requirement("S5")
@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\x00b", "a\x7fb", "a\tb", "ä"])
@pytest.mark.parametrize("way", [[], ["--header"], ["--json"]], ids=str)
def test_a_token_that_would_end_its_line_is_not_printed(environ: dict[str, str], bad: str, way: list[str]) -> None:
    keep(environ, bad)
    ended = inside(environ, "token", "acme", *way, clock=lambda: NOW)
    assert (ended.status, ended.out) == (1, "")
    assert bad not in ended.err


@pytest.mark.requirement("S5")
def test_a_token_type_that_would_end_its_line_is_not_printed(environ: dict[str, str]) -> None:
    keep(environ, "good", token_type="X\r\nSet-Cookie: a=b")
    ended = inside(environ, "token", "acme", "--header", clock=lambda: NOW)
    assert (ended.status, ended.out) == (1, "")


@pytest.mark.requirement("S2")
def test_the_refused_token_is_in_no_message() -> None:
    with pytest.raises(GumauthError) as caught:
        one_word("secret\n")
    assert "secret" not in str(caught.value)


def test_an_error_is_one_object_on_standard_error(environ: dict[str, str]) -> None:
    ended = inside(environ, "token", "nobody", "--json")
    assert (ended.status, ended.out) == (3, "")
    assert json.loads(ended.err) == {
        "error": {
            "code": "not_connected",
            "message": "nobody is not connected.",
            "hint": "`gumauth providers` lists what can be connected by name, `gumauth list` what is.",
        }
    }


def test_an_error_says_what_happened_and_what_to_do(environ: dict[str, str]) -> None:
    assert inside(environ, "token", "nobody").err == (
        "error: nobody is not connected.\n"
        "hint:  `gumauth providers` lists what can be connected by name, `gumauth list` what is.\n"
    )


def test_the_default_moves(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ada", connected_at=1.0)
    listed(environ, "linear", "bob", connected_at=2.0)
    ended = inside(environ, "default", "linear/bob", "--json")
    assert json.loads(ended.out)["account"]["default"] is True
    accounts = json.loads(inside(environ, "list", "--json").out)["accounts"]
    assert [(account["nickname"], account["default"]) for account in accounts] == [("ada", False), ("bob", True)]


def harmless(text: str) -> bool:
    """Whether there is nothing in a text that a terminal obeys."""
    return all(letter.isprintable() or letter == "\n" for letter in text)


@pytest.mark.requirement("S4")
@pytest.mark.parametrize(
    "words_", [["list"], ["list", "--json"], ["doctor"], ["refresh"], ["token", "linear"]], ids=" ".join
)
def test_foreign_text_does_nothing_to_the_terminal(environ: dict[str, str], words_: list[str]) -> None:
    """Nickname, alias, scopes, reason and source come from outside; a pipe gets no colour of ours either."""
    evil = {"alias": HOSTILE, "scopes": (HOSTILE,), "reason": HOSTILE, "state": "reconnect", "source": HOSTILE}
    listed(environ, "linear", HOSTILE, **evil)
    ended = inside(environ, *words_)
    assert harmless(ended.out), ended.out
    assert harmless(ended.err), ended.err
    assert "owned" not in ended.out.replace("\\u001b]0;owned", "") + ended.err


@pytest.mark.requirement("S4")
def test_markup_is_shown_and_not_obeyed(environ: dict[str, str]) -> None:
    listed(environ, "linear", "[link=https://evil.example]x[/link][/] :smile:")
    assert "[link=https://evil.example]x[/link][/] :smile:" in inside(environ, "list").out


def test_colour_is_for_terminals_and_goes_with_no_color(environ: dict[str, str]) -> None:
    plain = {**environ, "TERM": "xterm"}
    listed(environ, "linear", "ada")
    for words_ in (["list"], ["token", "nobody"], ["--help"], ["doctor"]):
        assert "\x1b" not in "".join(_both(inside(plain, *words_)))
        assert "\x1b[" in "".join(_both(inside(plain, *words_, stream=Screen)))
        for quiet in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            assert "\x1b" not in "".join(_both(inside({**plain, **quiet}, *words_, stream=Screen)))


def _both(ended: Ended) -> tuple[str, str]:
    return ended.out, ended.err


@pytest.mark.requirement("S1", "S2")
def test_a_bug_is_two_lines_without_a_value(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With GUMAUTH_DEBUG its way through the program is shown, and still none of its values."""

    def broken(*_values: object) -> int:
        secret = "a-secret-in-a-local"
        raise ValueError(f"https://provider.example/?code={secret}")

    monkeypatch.setattr(main, "execute", broken)
    ended = inside(environ, "list")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.splitlines()[0] == "error: gumauth has a bug: ValueError."
    assert len(ended.err.splitlines()) == 2
    shown = inside({**environ, "GUMAUTH_DEBUG": "1"}, "list").err
    assert "test_output.py" in shown
    assert "a-secret-in-a-local" not in ended.err + shown


def test_a_bug_is_one_object_where_json_is_asked_for() -> None:
    error = main.crashed(Terminal({}, io.StringIO(), io.StringIO(), io.StringIO()), KeyError("secret"))
    assert (error.code, error.exit_code, "secret" in error.message) == ("failed", 1, False)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (1, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 minute"),
        (3480, "58 minutes"),
        (7200, "2 hours"),
        (3600 * 36, "36 hours"),
        (3600 * 40, "2 days"),
        (86400 * 90, "90 days"),
    ],
)
def test_a_length_of_time_in_words(seconds: float, shown: str) -> None:
    assert formatting.duration(seconds) == shown


def test_an_expiry_in_words() -> None:
    assert formatting.expiry(NOW + 3480, NOW) == "in 58 minutes"
    assert formatting.expiry(NOW - 7200, NOW) == "expired 2 hours ago"
    assert formatting.expiry(None, NOW) == "does not expire"


@pytest.mark.parametrize("time", [1e30, -1e30, float("nan"), float("inf")])
def test_a_time_that_no_calendar_has_is_unknown(time: float) -> None:
    assert formatting.iso(time) is None


def test_words_that_a_shell_would_split_or_run_are_not_offered(environ: dict[str, str]) -> None:
    for nickname in ("ada@example.com", "two words", "$(reboot)", "a;b", "a'b", HOSTILE):
        listed(environ, "linear", nickname)
    out = io.StringIO()
    complete(["accounts", ""], Terminal(environ, io.StringIO(), out, io.StringIO()))
    assert out.getvalue().splitlines() == ["linear", "linear/ada@example.com"]


def test_a_stream_of_another_encoding_gets_what_it_knows(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ädä")
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert main.run(["list"], Terminal(environ, io.StringIO(), out, io.StringIO())) == 0
    out.seek(0)
    assert "?d?" in out.read()


@pytest.mark.parametrize("columns", [30, 40, 60, 80, 120, 200])
def test_a_list_fits_its_window(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """No line is longer, and the first column is whole: it is what other commands take."""
    lines = shown_at(environ, monkeypatch, columns)
    assert max(len(line) for line in lines) <= columns
    assert [line.split()[0] for line in lines if line.startswith(("linear", "google"))] == [
        "google/ada@example.com",
        "linear/work",
        "linear/play",
    ]


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_each_account_has_one_row(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    assert len(shown_at(environ, monkeypatch, columns)) == 5


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        (40, ["linear/work *", "ok, 58 min"]),
        (60, ["linear/work *", "ada.lovelace@mail.e…", "ok, 58 min"]),
        (80, ["linear/work (default)", "ada.lovelace@mail.example.…", "ok, 58 min"]),
        (102, ["linear/work (default)", "ada.lovelace@mail.example.com", "ok, 58 min", "read write issue…"]),
        (120, ["linear/work (default)", "ada.lovelace@mail.example.com", "ok, 58 min", "read write issues:create"]),
    ],
)
def test_the_scopes_give_way_first_and_then_the_nickname(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, columns: int, cells: list[str]
) -> None:
    [row] = [line for line in shown_at(environ, monkeypatch, columns) if line.startswith("linear/work")]
    assert re.split(" {3,}", row) == cells


@pytest.mark.parametrize(("columns", "state"), [(60, "renews"), (80, "expired, renews")])
def test_a_token_that_renews_itself_takes_no_other_room(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, columns: int, state: str
) -> None:
    [row] = [line for line in shown_at(environ, monkeypatch, columns) if line.startswith("linear/play")]
    assert row.endswith(f"   {state}")


def shown_at(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, columns: int) -> list[str]:
    """The lines of a list of three accounts in a window of this width."""
    monkeypatch.setattr(Terminal, "width", lambda self, stream: columns)
    scopes = ("read", "write", "issues:create")
    fields: dict[str, object] = {"connected_at": 1.0, "expires_at": NOW + 3480, "refreshable": True}
    listed(environ, "linear", "ada.lovelace@mail.example.com", alias="work", scopes=scopes, **fields)
    listed(environ, "linear", "ada", alias="play", expires_at=NOW - 60, refreshable=True)
    listed(environ, "google", "ada@example.com", scopes=("https://www.googleapis.com/auth/gmail.readonly",))
    ended = inside({**environ, "NO_COLOR": "1"}, "list", stream=Screen, clock=lambda: NOW)
    return ended.out.splitlines()


def test_a_name_of_two_words_stands_as_a_shell_takes_it(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ada@example.com at acme")
    assert inside(environ, "list").out.splitlines()[-1].startswith("'linear/ada@example.com at acme' (default)")


@pytest.mark.parametrize(
    ("ends", "refreshable", "shown"),
    [
        (None, False, "ok"),
        (NOW + 30, False, "ok, <1 min"),
        (NOW + 60, False, "ok, 1 min"),
        (NOW + 3480, False, "ok, 58 min"),
        (NOW + 7200, False, "ok, 2 h"),
        (NOW + 86400 * 3, False, "ok, 3 d"),
        (NOW - 7200, False, "expired 2 h ago"),
        (NOW - 7200, True, "expired, renews"),
    ],
)
def test_the_state_is_told_in_short_words(
    environ: dict[str, str], ends: float | None, refreshable: bool, shown: str
) -> None:
    listed(environ, "acme", "ada", expires_at=ends, refreshable=refreshable)
    assert inside(environ, "list", clock=lambda: NOW).out.splitlines()[-1] == f"acme/ada (default)   {shown}"


def test_a_list_in_a_pipe_has_one_line_for_each_account(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ada", scopes=tuple(f"scope-{number}" for number in range(40)))
    listed(environ, "linear", "bob")
    lines = inside(environ, "list").out.splitlines()
    assert len(lines) == 4
    assert "scope-39" in "".join(lines)
    assert not [line for line in lines if line != line.rstrip()]


def test_the_offered_providers_are_those_of_the_registry(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An installed distribution's too; it is read by hand, because importlib.metadata is slow."""
    info = tmp_path / "site" / "acme-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[console_scripts]\nother = x:y\n\n[gumauth.providers]\nacme = acme:Acme\n\n[zzz]\nnot-this = x:y\n"
    )
    monkeypatch.syspath_prepend(info.parent)
    offered = inside(environ, "__complete", "providers", "").out.split()
    assert offered == [listed_.name for listed_ in lookup.names()]
    assert {"acme", "linear"} <= set(offered)


def test_providers_are_offered_through_links_and_past_what_cannot_be_read(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Some installers put links to a cache in place of files."""
    (tmp_path / "cached").write_text("[gumauth.providers]\nacme = acme:Acme\n")
    for name in ("linked", "pipe"):
        (tmp_path / "site" / f"{name}-1.0.dist-info").mkdir(parents=True)
    (tmp_path / "site" / "linked-1.0.dist-info" / "entry_points.txt").symlink_to(tmp_path / "cached")
    os.mkfifo(tmp_path / "site" / "pipe-1.0.dist-info" / "entry_points.txt")
    monkeypatch.syspath_prepend(tmp_path / "site")
    ended = inside(environ, "__complete", "providers", "")
    assert {"acme", "linear"} <= set(ended.out.split()), ended


@pytest.mark.requirement("K3")
def test_a_list_names_the_files_that_it_had_to_pass_over(environ: dict[str, str]) -> None:
    folder = Path(environ["GUMAUTH_HOME"]) / "accounts" / "linear"
    folder.mkdir(parents=True)
    (folder / "0123456789abcdef.json").write_text("{")
    (folder / "fedcba9876543210.json").write_text('{"version": 99}')
    ended = inside(environ, "list")
    assert ended.status == 0
    assert "linear/0123456789abcdef.json cannot be read" in ended.err
    assert "fedcba9876543210.json" in ended.err
    assert "newer gumauth" in ended.err


@pytest.mark.requirement("F17")
def test_the_list_says_which_scopes_are_missing_why_a_refresh_failed_and_when_all_ends(environ: dict[str, str]) -> None:
    told = {
        "missing_scopes": ("write",),
        "reason": "No such client.",
        "refused_at": NOW,
        "refresh_expires_at": NOW + 60,
    }
    listed(environ, "linear", "ada@example.com", **told)
    ended = inside(environ, "list", clock=lambda: NOW)
    said = " ".join((ended.out + ended.err).split())
    assert "linear/ada@example.com lacks scopes that it asked for: write." in said
    assert "linear/ada@example.com could not be refreshed: No such client." in said
    assert "The refresh token of linear/ada@example.com ends 2027-01-15T08:01:00Z" in said
    shown = json.loads(inside(environ, "list", "--json", clock=lambda: NOW).out)["accounts"][0]
    assert (shown["missing_scopes"], shown["reason"]) == (["write"], "No such client.")
    assert shown["refresh_expires_at"] == "2027-01-15T08:01:00Z"


@pytest.mark.parametrize("told", ["BearerToken", "bot", "USER"])
def test_a_type_that_is_presented_as_bearer_is_called_so_in_the_header(environ: dict[str, str], told: str) -> None:
    keep(environ, "an-access-token", token_type=told)
    ended = inside(environ, "token", "acme", "--header", clock=lambda: NOW)
    assert ended.out == "Authorization: Bearer an-access-token\n"


def test_what_calls_need_beside_the_token_is_in_the_token_object(environ: dict[str, str]) -> None:
    keep(environ, "an-access-token", extras={"realmId": "4620816365"})
    ended = inside(environ, "token", "acme", "--json", clock=lambda: NOW)
    assert json.loads(ended.out)["extras"] == {"realmId": "4620816365"}
