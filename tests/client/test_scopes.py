"""Scopes: what is asked for, what comes, and what of the difference is worth a word."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from gumauth.accounts.account import Account
from gumauth.client.refresh.refresh import refresh
from gumauth.client.scopes import asked_before, differences, missing, to_ask, unasked
from gumauth.oauth2.traits import UNKNOWN, traits_of
from gumauth.platform.frozen import replace
from gumauth.testing import Fault
from tests.client.world import Walker, World


@pytest.mark.requirement("F11")
@pytest.mark.parametrize(
    ("requested", "granted", "less", "more"),
    [
        (["read", "write"], ["read"], ("write",), ()),
        (["read"], ["read", "admin"], (), ("admin",)),
        (["read"], [], (), ()),
        ([], ["read"], (), ()),
        (["openid", "email", "profile", "offline_access", "read"], ["read"], (), ()),
        (["read"], ["read", "openid", "profile", "long.email"], (), ()),
        (["short", "read"], ["long", "read"], (), ()),
        (["quiet", "read"], ["read"], (), ()),
        (["write", "read"], ["admin"], ("write", "read"), ("admin",)),
    ],
)
def test_a_difference_is_what_was_named_and_what_was_asked_for(
    requested: list[str], granted: list[str], less: tuple[str, ...], more: tuple[str, ...]
) -> None:
    names = {"short": "long", "email": "long.email"}
    traits = traits_of(SimpleNamespace(scope_names=names, unechoed_scopes=("quiet",)))
    assert (missing(requested, granted, traits), unasked(requested, granted, traits)) == (less, more)


def test_a_difference_is_said_in_a_sentence_each() -> None:
    assert differences(["read", "write"], ["read", "admin"], UNKNOWN) == [
        "Fewer scopes were granted than asked for; missing: write.",
        "More scopes were granted than asked for: admin.",
    ]


@pytest.mark.requirement("F11")
@pytest.mark.parametrize(
    ("scopes", "granted", "notices"),
    [
        (("openid", "offline_access", "read"), "read", 0),
        (("quiet", "read"), "read", 0),
        (("read",), "read admin", 1),
        (("read", "write"), "read", 1),
    ],
)
def test_a_connect_says_what_is_worth_a_word(world: World, scopes: tuple[str, ...], granted: str, notices: int) -> None:
    world.write_provider(scopes=scopes, unechoed_scopes=("quiet",))
    world.server.misbehave("token", Fault.fields(scope=granted))
    assert len([said for said in world.connect().notices if "scopes" in said]) == notices


@pytest.fixture
def asked(world: World) -> World:
    """An account that asked for "read" and "write", and was granted both."""
    world.write_provider(scopes=("read", "write"))
    world.connect()
    return world


@pytest.mark.requirement("F17")
def test_a_refresh_that_brings_fewer_scopes_says_so_once_and_the_account_shows_it(asked: World) -> None:
    asked.server.misbehave("refresh", Fault.fields(scope="read"), times=None)
    for _ in range(3):
        asked.clock.move(3600)
        asked.token()
    assert [said for said in asked.notices if "scopes" in said] == [
        "acme/ada@example.com has fewer scopes since this refresh; missing: write."
    ]
    account = asked.account()
    assert (account.scopes, account.missing_scopes) == (("read",), ("write",))


@pytest.mark.requirement("F17")
def test_a_scope_that_comes_back_is_not_missing_any_more(asked: World) -> None:
    asked.server.misbehave("refresh", Fault.fields(scope="read"))
    refresh(asked.new_context(), ["acme"])
    asked.server.misbehave("refresh", Fault.without("scope"))
    refresh(asked.new_context(), ["acme"])
    assert asked.account().missing_scopes == ("write",)
    refresh(asked.new_context(), ["acme"])
    assert (asked.account().scopes, asked.account().missing_scopes) == (("read", "write"), ())


@pytest.mark.requirement("F17")
def test_what_was_granted_without_being_asked_for_is_missed_too(world: World) -> None:
    world.write_provider(scopes=())
    world.server.misbehave("token", Fault.fields(scope="read write"))
    world.connect()
    world.server.misbehave("refresh", Fault.fields(scope="read"))
    refresh(world.new_context(), ["acme"])
    assert world.account().missing_scopes == ("write",)


@pytest.mark.requirement("F11", "F17")
def test_what_was_not_granted_at_the_connect_is_shown_as_missing_and_not_said_again(world: World) -> None:
    world.write_provider(scopes=("read", "write"))
    world.server.misbehave("token", Fault.fields(scope="read"))
    world.server.misbehave("refresh", Fault.fields(scope="read"))
    world.connect()
    assert world.account().missing_scopes == ("write",)
    refresh(world.new_context(), ["acme"])
    assert [said for said in world.notices if "scopes" in said] == []


def scope_in(person: Walker) -> list[str]:
    return parse_qs(urlsplit(person.urls[0]).query)["scope"][0].split()


def again(world: World, **options: object) -> Walker:
    person = Walker(world)
    world.connect(person, **options)
    return person


def test_connecting_again_asks_for_what_the_person_chose_before(asked: World) -> None:
    again(asked, scopes=("read", "write", "admin"))
    asked.server.end_grant(1)
    asked.server.end_grant(2)
    refresh(asked.new_context(), ["acme"])
    person = again(asked)
    assert scope_in(person) == ["read", "write", "admin"]
    assert person.said[0] == (
        "Asking for the scopes of acme/ada@example.com again: read write admin. --scope names others."
    )
    assert asked.account().scopes == ("read", "write", "admin")
    assert scope_in(again(asked)) == ["read", "write", "admin"]
    assert scope_in(again(asked, scopes=("read",))) == ["read"]


def test_who_chose_no_scopes_is_asked_for_those_of_the_provider_as_they_are_now(asked: World) -> None:
    asked.write_provider(scopes=("read", "write", "more"))
    person = again(asked)
    assert scope_in(person) == ["read", "write", "more"]
    assert person.said == []


ONE = Account(provider="acme", id="1" * 16, requested_scopes=("a",), scopes_chosen=True)
TWO = replace(ONE, id="2" * 16, alias="work", requested_scopes=("b",))


@pytest.mark.parametrize(
    ("accounts", "alias", "meant"),
    [
        ([], None, None),
        ([ONE], None, ONE),
        ([ONE, TWO], None, None),
        ([ONE, replace(TWO, state="reconnect")], None, replace(TWO, state="reconnect")),
        ([ONE, replace(TWO, state="revoked")], None, replace(TWO, state="revoked")),
        ([replace(ONE, expires_at=999.0), TWO], None, replace(ONE, expires_at=999.0)),
        ([replace(ONE, expires_at=999.0, refreshable=True), TWO], None, None),
        ([ONE, TWO], "WORK", TWO),
        ([ONE, TWO], "home", None),
        ([replace(ONE, state="connecting")], None, None),
        ([ONE, replace(ONE, id="3" * 16)], None, ONE),
    ],
)
def test_which_account_is_connected_again_is_told_before_the_person_consents(
    accounts: list[Account], alias: str | None, meant: Account | None
) -> None:
    assert asked_before(accounts, alias, 1000.0) == meant


def test_an_older_account_asks_for_what_it_asked_for() -> None:
    older = replace(ONE, scopes_chosen=None)
    assert to_ask(older, ("b",)) == ("a",)
    assert to_ask(older, ("a",)) == ()
    assert to_ask(replace(ONE, scopes_chosen=False), ("b",)) == ()
    assert to_ask(ONE, None) == ()


def test_scopes_are_read_of_the_parameter_that_holds_them(world: World) -> None:
    world.write_provider(scopes=("a",), scope_param="user_scope")
    world.server.misbehave("token", Fault.fields(scope="a"))
    world.connect()
    assert world.account().requested_scopes == ("a",)
