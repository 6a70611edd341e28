"""Where a reference names no account of its provider: the account that it means all the same, or what was meant."""

from __future__ import annotations

import re

import pytest

from gumauth.client.context import Context
from gumauth.client.lookup import find
from gumauth.errors import AmbiguousAccount, NotConnected, UsageError
from tests.cli.program import environment, inside, listed
from tests.client.ending import disconnect, revoke
from tests.client.world import World

LISTS = "`gumauth providers` lists what can be connected by name, `gumauth list` what is."
LIST = "`gumauth list` shows what is connected."


@pytest.mark.parametrize(
    ("reference", "hint"),
    [
        ("acme/work", "Run `gumauth connect acme --as work`, or see in `gumauth list` what is."),
        ("acme/bob@example.com", "Run `gumauth connect acme`, or see in `gumauth list` what is."),
        ("acme/adaa", f"Did you mean acme/ada@example.com? {LIST}"),
        ("acme/adda@example.com", f"Did you mean acme/ada@example.com? {LIST}"),
        ("acme/ada", f"Did you mean acme/ada@example.com? {LIST}"),
        ("acme/ad", f"Did you mean acme/ada@example.com? {LIST}"),
        ("acne/ada", f"Did you mean acme/ada@example.com? {LISTS}"),
        ("adda", f"Did you mean acme/ada@example.com? {LISTS}"),
        ("github/work", "Run `gumauth connect github --as work`."),
        ("github", "Run `gumauth connect github`."),
        ("linaer", f"Did you mean linear? {LISTS}"),
        ("linaer/work", f"Did you mean linear? {LISTS}"),
        ("acne/work", f"Did you mean acme? {LISTS}"),
        ("nobody", LISTS),
        ("mcp.example.com", f"Connect it by its whole address: `gumauth connect https://mcp.example.com/…`; {LIST}"),
        (
            "mcp.example.com/work",
            f"Connect it by its whole address: `gumauth connect https://mcp.example.com/… --as work`; {LIST}",
        ),
        ("127.0.0.1.8080", LISTS),
    ],
)
def test_an_account_that_is_not_there_is_answered_with_what_was_meant(world: World, reference: str, hint: str) -> None:
    world.connect()
    with pytest.raises(NotConnected) as caught:
        find(world.new_context(), reference)
    assert caught.value.hint == hint


@pytest.fixture
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Three accounts of two providers; one of them is called as a third provider is."""
    environ = environment(tmp_path_factory.mktemp("home"))
    listed(environ, "acme", "ada@example.com", alias="work")
    listed(environ, "acme", "bob@example.com", alias="github")
    listed(environ, "beta", "ada@example.com", alias="play")
    return environ


@pytest.mark.parametrize(
    ("reference", "label"),
    [
        ("work", "acme/work"),
        ("Work", "acme/work"),
        ("play", "beta/play"),
        ("bob@example.com", "acme/github"),
        ("BOB@example.com", "acme/github"),
        ("acme/BOB@Example.com", "acme/github"),
        ("acme/WORK", "acme/work"),
    ],
)
def test_a_name_alone_is_enough_where_one_account_has_it_in_any_case(
    environ: dict[str, str], reference: str, label: str
) -> None:
    assert find(Context(environ), reference).label == label


def test_what_was_meant_is_a_choice_of_three_at_most(environ: dict[str, str]) -> None:
    for number in range(1, 5):
        listed(environ, "acme", f"person{number}@example.com")
    hint = "Did you mean acme/person4@example.com, acme/person3@example.com or acme/person2@example.com?"
    assert hint in inside(environ, "token", "acme/person").err


@pytest.mark.requirement("I6")
def test_a_name_alone_that_two_accounts_have_is_decided_by_nobody(environ: dict[str, str]) -> None:
    with pytest.raises(AmbiguousAccount) as caught:
        find(Context(environ), "ADA@example.com")
    assert caught.value.message == (
        "ADA@example.com could mean acme/work (ada@example.com) or beta/play (ada@example.com)."
    )
    assert inside(environ, "token", "ada@example.com").status == 2


@pytest.mark.requirement("I6")
def test_a_name_alone_that_a_provider_has_means_the_provider(environ: dict[str, str]) -> None:
    with pytest.raises(NotConnected) as caught:
        find(Context(environ), "github")
    assert caught.value.hint == "Run `gumauth connect github`."


def test_what_ends_an_account_wants_its_whole_name(environ: dict[str, str]) -> None:
    for end in (revoke, disconnect):
        with pytest.raises(UsageError) as caught:
            end(Context(environ), "work")
        assert (caught.value.message, caught.value.hint) == (
            "work is not the whole name of an account.",
            "Write acme/work.",
        )
    assert inside(environ, "disconnect", "work", "--keep-grant").status == 2
    assert find(Context(environ), "acme/work").state == "ok"


def test_the_commands_that_read_take_a_name_alone(environ: dict[str, str]) -> None:
    ended = inside(environ, "default", "github/x")
    assert (ended.status, ended.err.splitlines()[0]) == (3, "error: github/x is not connected.")
    assert inside(environ, "default", "bob@example.com").out == "acme/github is the default account of acme.\n"
    assert "acme/work" in inside(environ, "refresh", "work").err


@pytest.mark.parametrize("reference", ["ada", "wrok", "wokr", "WRK"])
def test_nothing_that_resembles_an_account_is_answered_with_the_advice_to_create_it(
    environ: dict[str, str], reference: str
) -> None:
    for written in (reference, f"acme/{reference}", f"amce/{reference}"):
        ended = inside(environ, "token", written)
        assert ended.status in (2, 3)
        assert re.search("Did you mean ([a-z/]+ or )?acme", ended.err)  # a provider may be as near
        assert "gumauth connect" not in ended.err
