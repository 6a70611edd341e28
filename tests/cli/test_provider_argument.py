"""PROVIDER of a command line: a name, a file, or an account behind a slash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gumauth.cli.provider_argument import find_provider, find_wanted, split_account
from gumauth.client.context import Context
from gumauth.errors import AmbiguousAccount, NotConnected, UnknownProvider, UsageError
from gumauth.testing import AuthorizationServer, deliver
from tests.cli.connecting import piped
from tests.cli.program import inside, listed, process


@pytest.mark.parametrize(
    ("given", "split"),
    [
        ("linear", ("linear", None)),
        ("linear/work", ("linear", "work")),
        ("linear/ada@example.com", ("linear", "ada@example.com")),
        ("linear/a/b", ("linear", "a/b")),
        ("linear/auth.py", ("linear/auth.py", None)),
        ("linear/auth.py:Class", ("linear/auth.py:Class", None)),
        ("./x/y.py", ("./x/y.py", None)),
        ("./linear/work", ("./linear/work", None)),
        ("/linear/work", ("/linear/work", None)),
        ("~/work", ("~/work", None)),
        ("../work", ("../work", None)),
        ("Linear/work", ("Linear/work", None)),
        ("linear/", ("linear/", None)),
        ("there/file", ("there/file", None)),
        ("there/file:Class", ("there/file:Class", None)),
    ],
)
def test_what_stands_behind_a_slash_is_an_account_unless_it_is_a_path(
    tmp_path: Path, given: str, split: tuple[str, str | None]
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").touch()
    assert split_account(given, str(tmp_path)) == split


def test_a_new_name_behind_the_slash_is_the_alias(environ: dict[str, str]) -> None:
    wanted = find_wanted(Context(environ), "linear/work", None, "/")
    assert (wanted.resolved.name, wanted.alias, wanted.account) == ("linear", "work", None)
    assert find_wanted(Context(environ), "linear/work", "work", "/").alias == "work"
    assert find_wanted(Context(environ), "linear", "work", "/").alias == "work"


def test_a_new_name_that_is_nearly_that_of_an_account_is_told(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    listed(environ, "acme", "ada@example.com", alias="work", source=f"{file}:Provider")
    with piped(environ, "connect", "acme/wrok", "--no-browser") as run:
        run.until(r"acme/wrok is a new name\. Where acme/work is meant, press Ctrl-C and connect that\.\n")
        run.interrupt()
    with piped(environ, "connect", "acme/home", "--no-browser") as run:
        assert run.address
        assert "is a new name" not in run.shown


def test_two_names_for_one_account_are_refused(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        find_wanted(Context(environ), "linear/work", "home", "/")
    assert caught.value.hint == "Leave one away: `gumauth connect linear --as home`."


@pytest.mark.parametrize("name", ["ada@example.com", "ADA@example.com", "work", "WORK"])
def test_an_account_that_there_is_keeps_its_alias(environ: dict[str, str], name: str) -> None:
    account = listed(environ, "linear", "ada@example.com", alias="work")
    wanted = find_wanted(Context(environ), f"linear/{name}", None, "/")
    assert (wanted.account, wanted.alias) == (account, "work")
    assert find_wanted(Context(environ), f"linear/{name}", "home", "/").alias == "home"


def test_an_account_without_an_alias_gets_none(environ: dict[str, str]) -> None:
    account = listed(environ, "linear", "ada@example.com")
    wanted = find_wanted(Context(environ), "linear/ada@example.com", None, "/")
    assert (wanted.account, wanted.alias) == (account, None)


def test_no_alias_is_made_of_a_nickname_that_nobody_has(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ada@example.com")
    for name in ("eve@example.com", "adda@example.com"):
        with pytest.raises(NotConnected) as caught:
            find_wanted(Context(environ), f"linear/{name}", None, "/")
    assert (caught.value.hint or "").startswith("Did you mean linear/ada@example.com?")


@pytest.mark.requirement("I6")
def test_a_name_that_two_accounts_have_is_decided_by_nobody(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ann", connected_at=1.0)
    listed(environ, "linear", "bob", alias="ANN")
    with pytest.raises(AmbiguousAccount):
        find_wanted(Context(environ), "linear/Ann", None, "/")


def test_an_alias_in_the_place_of_a_provider_is_answered_with_its_account(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ada@example.com", alias="work")
    with pytest.raises(UnknownProvider) as caught:
        find_provider(Context(environ), "work", "/")
    assert caught.value.hint == "Did you mean linear/work?"


def test_the_other_commands_that_take_a_provider_take_an_account_for_it(environ: dict[str, str]) -> None:
    told = json.loads(inside(environ, "providers", "linear/work", "--json").out)
    assert told["provider"]["name"] == "linear"


def test_an_account_is_connected_again_by_its_name(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    for words, who in (([file, "--as", "work"], "ada"), (["acme/work"], "ada"), (["acme/home"], "bob")):
        with piped(environ, "connect", *words, "--no-browser") as run:
            deliver(server.follow(run.address, person=who))
            assert run.end()[0] == 0, run.shown
    listed_ = json.loads(process(environ, "list", "--json").out)["accounts"]
    assert [(one["account"], one["nickname"]) for one in listed_] == [
        ("acme/work", "ada@example.com"),
        ("acme/home", "bob@example.com"),
    ]


def test_who_turns_out_to_be_somebody_else_leaves_the_account_as_it_was(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    for words, who in (([file], "ada@example.com"), (["acme/ada@example.com"], "bob@example.com")):
        with piped(environ, "connect", *words, "--no-browser") as run:
            deliver(server.follow(run.address, person=who))
            assert run.end()[0] == 0, run.shown
    assert "That was not acme/ada@example.com, which is as it was." in run.shown
    listed_ = json.loads(process(environ, "list", "--json").out)["accounts"]
    assert [one["account"] for one in listed_] == ["acme/ada@example.com", "acme/bob@example.com"]


def test_list_shows_one_provider_or_one_account(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ada@example.com", alias="work", connected_at=1.0)
    listed(environ, "linear", "bob@example.com", connected_at=2.0)
    listed(environ, "github", "ada")

    def shown(*words: str) -> list[tuple[str, bool]]:
        accounts = json.loads(inside(environ, "list", *words, "--json").out)["accounts"]
        return [(account["account"], account["default"]) for account in accounts]

    assert shown("linear") == [("linear/work", True), ("linear/bob@example.com", False)]
    assert shown("linear/bob@example.com") == [("linear/bob@example.com", False)]
    assert shown("linear/work") == [("linear/work", True)]
    assert shown("WORK") == [("linear/work", True)]
    assert shown("github") == [("github/ada", True)]
    assert inside(environ, "list", "google").status == 3
    assert "Did you mean linear?" in inside(environ, "list", "linaer").err


def test_the_doctor_looks_at_one_provider(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ada@example.com", state="reconnect")
    listed(environ, "github", "ada", state="reconnect")
    ended = inside(environ, "doctor", "linear", "--json")
    checks = [(check["check"], check["message"]) for check in json.loads(ended.out)["checks"]]
    assert [name for name, _ in checks] == ["account", "account", "provider"]
    assert checks[0][1] == "linear/ada@example.com has to be connected again."
    assert "github" not in ended.out
    assert inside(environ, "doctor", "linear").out.splitlines()[-1] == (
        "Everything that linear needs works; two things to look at."
    )


def test_the_doctor_looks_at_a_provider_without_an_account(environ: dict[str, str]) -> None:
    [check] = json.loads(inside(environ, "doctor", "google", "--json").out)["checks"]
    assert (check["check"], check["status"]) == ("provider", "warn")
    ended = inside(environ, "doctor", "goggle")
    assert (ended.status, ended.out) == (2, "")
    assert "Did you mean google" in ended.err


@pytest.mark.parametrize("command", ["connect", "setup", "providers", "doctor"])
@pytest.mark.parametrize("given", ["Linear", "a b", "é", "linear!"])
def test_what_can_be_no_providers_name_is_told(environ: dict[str, str], command: str, given: str) -> None:
    if (command, given) == ("providers", "Linear"):
        assert inside(environ, command, given) == inside(environ, command, "linear")
        return
    ended = inside(environ, command, given)
    assert (ended.status, ended.out) == (2, "")
    said = "No service's name or kind has" if command == "providers" else "There is no provider"
    assert f"{said} {given!r}." in ended.err
    assert "clickup" not in ended.err
    assert ("Did you mean linear" in ended.err) == given.lower().startswith("linear")


def test_doctor_looks_at_the_account_that_is_named_and_tells_where_there_is_none(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ada", alias="work")
    listed(environ, "linear", "bob", state="reconnect", reason="It is dead.")
    assert "It is dead." in inside(environ, "doctor", "linear").out
    assert "It is dead." not in inside(environ, "doctor", "linear/work").out
    ended = inside(environ, "doctor", "linear/nobody")
    assert (ended.status, ended.out) == (3, "")
    assert "linear/nobody is not connected." in ended.err
