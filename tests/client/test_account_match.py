"""Which of the connected accounts a login belongs to."""

from __future__ import annotations

from typing import Any

import pytest

from gumauth.accounts.account import Account
from gumauth.client.account_match import Login, Match, could_share, is_alive, match, may_be_alive
from gumauth.client.identity_request import Whose

DEAD = ("reconnect", "revoked", "connecting")
ALIVE = ("ok", "leaving")
SUB = "https://issuer.example 1234"


def account(letter: str, nickname: str | None = None, **fields: Any) -> Account:
    return Account(provider="acme", id=letter * 16, nickname=nickname, **{"source": "/acme.py:Acme", **fields})


def found(
    accounts: list[Account],
    nickname: str | None = None,
    identity: str | None = "",
    *,
    alias: str | None = None,
    source: str = "/acme.py:Acme",
    refresh: bool = True,
) -> tuple[str | None, bool]:
    """The letter of the account that a login belongs to, and whether that is only presumed."""
    whose = Whose(nickname=nickname, identity=identity)
    matched = match(Login(whose=whose, alias=alias, source=source, has_refresh_token=refresh), accounts)
    return (None if matched.account is None else matched.account.id[0]), matched.presumed


def test_a_login_that_is_like_nothing_is_of_another_account() -> None:
    assert Match() == Match(account=None, presumed=False)


@pytest.mark.requirement("I1")
@pytest.mark.parametrize("alias", [None, "work"])
@pytest.mark.parametrize("nickname", [None, "ada"])
@pytest.mark.parametrize("identity", [SUB, "", None])
def test_the_first_login_is_of_no_account(identity: str | None, nickname: str | None, alias: str | None) -> None:
    assert found([], nickname, identity, alias=alias) == (None, False)


@pytest.mark.requirement("I1")
@pytest.mark.parametrize("state", [*ALIVE, *DEAD])
@pytest.mark.parametrize("alias", [None, "home", "work"])
@pytest.mark.parametrize(
    ("known", "told"), [(SUB, SUB), (SUB, "1234"), ("1234", SUB), ("user-1 space-2", "user-1 space-2")]
)
def test_the_same_identity_is_the_same_account_whatever_it_is_called(
    known: str, told: str, alias: str | None, state: str
) -> None:
    accounts = [
        account("a", "ada", identity="9"),
        account("b", "bob", identity=known, alias="work", state=state, source="/other.py:Acme"),
        account("c", "ada", alias="home"),
    ]
    assert found(accounts, "ada", told, alias=alias) == ("b", False)
    assert found(accounts, None, told, alias=alias, refresh=False) == ("b", False)


@pytest.mark.requirement("I1")
@pytest.mark.parametrize(("alias", "letter"), [(None, "b"), ("home", "c"), ("work", "b"), ("else", "b")])
def test_of_two_with_one_identity_it_is_the_one_that_is_called_as_the_person_says_else_the_older(
    alias: str | None, letter: str
) -> None:
    accounts = [
        account("a"),
        account("b", identity=SUB, alias="work"),
        account("c", identity="1234", alias="home"),
    ]
    assert found(accounts, "ada", SUB, alias=alias) == (letter, False)


@pytest.mark.requirement("I1")
def test_of_two_with_one_identity_the_one_without_an_alias_is_meant_where_none_is_said() -> None:
    accounts = [account("b", identity=SUB, alias="work"), account("c", identity=SUB)]
    assert found(accounts, "ada", SUB) == ("c", False)


@pytest.mark.requirement("I1", "I2")
@pytest.mark.parametrize("alias", [None, "work"])
@pytest.mark.parametrize(
    "other",
    [
        account("a", "ada", identity="https://issuer.example 1235"),
        account("a", "ada", identity="https://other.example 1234"),
        account("a", "ada", identity="1235", alias="work"),
        account("a", "ada", identity="1235", state="reconnect"),
        account("a", "ada", identity="1235", state="revoked", alias="work"),
        account("a", "ada"),  # nobody has said whose it is, and it lives
        account("a", "ada", identity=""),
        account("a", "ada", alias="work"),
        account("a", "ada", state="leaving"),
        account("a", "bob", state="reconnect"),
        account("a", state="reconnect"),
        account("a", "", state="reconnect"),
        account("a"),
        account("a", "ada at acme", state="revoked"),
        account("a", "ADA", state="revoked"),
    ],
)
def test_a_login_with_an_identity_is_never_of_an_account_of_another_or_of_a_living_one_without(
    other: Account, alias: str | None
) -> None:
    assert found([other], "ada", SUB, alias=alias) == (None, False)


@pytest.mark.requirement("I8")
@pytest.mark.parametrize("state", DEAD)
@pytest.mark.parametrize("identity", [None, ""])
@pytest.mark.parametrize(("nickname", "told"), [("ada", "ada"), ("ada", "ada at acme"), ("ada at acme", "ada at acme")])
def test_a_dead_account_without_an_identity_is_presumed_by_its_nickname_or_its_first_field(
    nickname: str, told: str, identity: str | None, state: str
) -> None:
    dead = account("d", nickname, identity=identity, state=state)
    alive = account("a", nickname, identity=identity)
    assert found([alive, dead], told, SUB) == ("d", True)


@pytest.mark.requirement("I8", "I1")
@pytest.mark.parametrize("told", [None, ""])
@pytest.mark.parametrize("nickname", [None, "", "ada"])
def test_a_dead_account_is_nobodys_where_the_login_has_no_nickname(nickname: str | None, told: str | None) -> None:
    assert found([account("d", nickname, state="reconnect")], told, SUB) == (None, False)


@pytest.mark.requirement("I8")
@pytest.mark.parametrize(
    ("aliases", "alias", "letter"),
    [
        ([None], None, "a"),
        (["work"], None, "a"),
        ([None], "work", "a"),
        (["work"], "work", "a"),
        (["home"], "work", None),
        (["home", None], "work", "b"),
        ([None, "work"], "work", "b"),
        (["work", None], "work", "a"),
        ([None, None], "work", "a"),
        (["work", "home"], None, None),
        (["work", None], None, "b"),
        ([None, None], None, "a"),
    ],
)
def test_of_dead_accounts_with_one_nickname_an_alias_decides(
    aliases: list[str | None], alias: str | None, letter: str | None
) -> None:
    accounts = [account("ab"[at], "ada", alias=each, state="reconnect") for at, each in enumerate(aliases)]
    assert found(accounts, "ada", SUB, alias=alias) == (letter, letter is not None)


@pytest.mark.requirement("I1")
@pytest.mark.parametrize("state", [*ALIVE, *DEAD])
@pytest.mark.parametrize("identity", [None, ""])
@pytest.mark.parametrize("refresh", [True, False])
@pytest.mark.parametrize(("nickname", "told"), [("ada", "ada"), ("ada", "ada at acme"), ("ada at acme", "ada at acme")])
def test_where_the_provider_tells_no_identity_the_nickname_stands_for_it(
    nickname: str, told: str, refresh: bool, identity: str | None, state: str
) -> None:
    accounts = [account("a", "bob"), account("b", nickname, state=state, source="/other.py:Acme", refreshable=True)]
    assert found(accounts, told, identity, refresh=refresh) == ("b", True)


@pytest.mark.requirement("I1", "I2")
@pytest.mark.parametrize(
    "other",
    [
        account("a", "ada", identity=SUB),
        account("a", "ada", identity=SUB, state="reconnect"),
        account("a", "bob"),
        account("a", "bob", state="revoked"),
        account("a"),
        account("a", "ada at acme"),
        account("a", "ADA"),
        account("a", "bob", alias="ada"),
    ],
)
@pytest.mark.parametrize("identity", [None, ""])
def test_a_nickname_does_not_stand_for_an_identity_that_is_known_nor_for_another_name(
    other: Account, identity: str | None
) -> None:
    assert found([other], "ada", identity) == (None, False)


@pytest.mark.requirement("I1")
@pytest.mark.parametrize(
    ("aliases", "alias", "letter"),
    [
        ([None], None, "a"),
        (["work"], None, "a"),
        (["work"], "work", "a"),
        ([None], "work", None),  # an alias that no account has makes another account
        (["home"], "work", None),
        (["home", "work"], "work", "b"),
        ([None, "work"], "work", "b"),
        (["work", "work"], "work", "a"),
        (["home", "work"], None, None),  # which of them it is cannot be told
        (["home", None], None, "b"),
        ([None, "work"], None, "a"),
        ([None, None], None, "a"),
    ],
)
def test_of_several_with_one_nickname_an_alias_decides_or_nothing(
    aliases: list[str | None], alias: str | None, letter: str | None
) -> None:
    accounts = [account("ab"[at], "ada", alias=each) for at, each in enumerate(aliases)]
    assert found(accounts, "ada", alias=alias) == (letter, letter is not None)


@pytest.mark.requirement("I1", "I2")
def test_an_alias_of_another_nickname_is_no_match() -> None:
    assert found([account("a", "bob", alias="work")], "ada", alias="work") == (None, False)


@pytest.mark.requirement("I1")
@pytest.mark.parametrize(
    ("fields", "letter"),
    [
        ({}, "a"),
        ({"state": "reconnect"}, "a"),
        ({"state": "revoked"}, "a"),
        ({"state": "leaving"}, "a"),
        ({"state": "connecting"}, None),  # another connect's, which goes on
        ({"number": 1}, "a"),
        ({"identity": ""}, "a"),
        ({"nickname": ""}, "a"),
        ({"nickname": "ada"}, None),
        ({"nickname": "ada", "state": "reconnect"}, None),
        ({"identity": SUB}, None),
        ({"identity": SUB, "state": "reconnect"}, None),
        ({"alias": "work"}, None),
        ({"alias": "work", "state": "reconnect"}, None),
        ({"source": "/other.py:Acme"}, None),
        ({"source": "built-in"}, None),
        ({"refreshable": True}, "a"),
    ],
)
@pytest.mark.parametrize("told", [None, ""])
@pytest.mark.parametrize("identity", [None, ""])
def test_a_login_that_nobody_names_takes_the_place_of_one_like_it(
    fields: dict[str, Any], letter: str | None, told: str | None, identity: str | None
) -> None:
    accounts = [account("b", "bob"), account("a", **fields)]
    if identity is None and fields.get("state") not in ("reconnect", "revoked"):
        letter = None  # whose the login is could not be asked just now: it may be anybody's
    assert found(accounts, told, identity) == (letter, letter is not None)


@pytest.mark.requirement("I1", "I4")
@pytest.mark.parametrize(
    ("state", "refreshable", "letter"),
    [
        ("ok", False, "a"),
        ("ok", True, None),
        ("leaving", True, None),
        ("leaving", False, "a"),
        ("reconnect", True, "a"),
        ("revoked", True, "a"),
        ("revoked", False, "a"),
        ("connecting", True, None),
    ],
)
def test_where_no_refresh_token_comes_none_of_perhaps_another_person_is_kept_with_it(
    state: str, refreshable: bool, letter: str | None
) -> None:
    accounts = [account("a", state=state, refreshable=refreshable)]
    assert found(accounts, refresh=False) == (letter, letter is not None)


@pytest.mark.requirement("I1")
def test_of_several_like_it_a_nameless_login_takes_the_place_of_the_oldest() -> None:
    assert found([account("a"), account("b")]) == ("a", True)
    assert found([account("a", refreshable=True), account("b")], refresh=False) == ("b", True)


@pytest.mark.requirement("I1")
@pytest.mark.parametrize("refresh", [True, False])
@pytest.mark.parametrize(
    ("fields", "letter"),
    [
        ({}, "a"),
        ({"refreshable": True}, "a"),
        ({"source": "/other.py:Acme"}, "a"),
        ({"state": "reconnect"}, "a"),
        ({"state": "connecting"}, "a"),
        ({"nickname": "ada"}, None),
        ({"identity": SUB}, None),
        ({"nickname": "ada", "identity": SUB, "state": "leaving"}, None),
        ({"nickname": "ada", "state": "reconnect"}, "a"),
        ({"identity": SUB, "state": "revoked"}, "a"),
        ({"alias": "home"}, None),
        ({"alias": "Work"}, None),
        ({"alias": None}, None),
        ({"alias": None, "state": "reconnect"}, None),
    ],
)
def test_a_nameless_login_with_an_alias_is_of_the_account_of_that_alias_unless_a_living_one_has_a_name(
    fields: dict[str, Any], letter: str | None, refresh: bool
) -> None:
    accounts = [account("b"), account("c", alias="else"), account("a", **{"alias": "work", **fields})]
    assert found(accounts, alias="work", refresh=refresh) == (letter, letter is not None)


@pytest.mark.parametrize(("state", "alive"), [*((each, True) for each in ALIVE), *((each, False) for each in DEAD)])
def test_an_account_is_alive_whose_tokens_may_still_be_good_for_something(state: str, alive: bool) -> None:
    assert is_alive(account("a", state=state)) is alive


@pytest.mark.parametrize("state", [*ALIVE, *DEAD])
def test_a_grant_may_be_alive_unless_the_provider_has_said_that_it_is_not(state: str) -> None:
    assert may_be_alive(account("a", state=state)) is (state not in ("reconnect", "revoked"))


@pytest.mark.requirement("I1", "I4")
@pytest.mark.parametrize(
    ("identity", "refresh", "state", "refreshable", "letter"),
    [
        (None, False, "ok", True, None),  # it could not be asked who came
        (None, False, "leaving", True, None),
        (None, False, "ok", False, "a"),
        (None, False, "reconnect", True, "a"),
        (None, True, "ok", True, "a"),
        ("", False, "ok", True, "a"),  # nobody is ever told, and the alias is the person's word
        ("", True, "ok", True, "a"),
    ],
)
def test_an_alias_alone_does_not_keep_a_refresh_token_where_it_could_be_asked_another_day_whose_it_is(
    identity: str | None, refresh: bool, state: str, refreshable: bool, letter: str | None
) -> None:
    accounts = [account("a", alias="work", state=state, refreshable=refreshable)]
    assert found(accounts, None, identity, alias="work", refresh=refresh) == (letter, letter is not None)


@pytest.mark.requirement("I3")
@pytest.mark.parametrize(
    ("known", "nickname", "identity", "told", "could"),
    [
        (SUB, "ada", SUB, "ada", True),
        (SUB, "ada", "1234", "bob", True),
        (SUB, "ada", "1235", "ada", False),
        (SUB, None, "1235", None, False),
        (SUB, "ada", "", "ada", True),
        (SUB, "ada", None, "bob", True),
        (None, "ada", SUB, "ada", True),
        (None, "ada", SUB, "bob", True),
        ("", "ada", SUB, "bob", True),
        (None, "ada", "", "ada at acme", True),
        (None, "ada at acme", "", "ada at acme", True),
        (None, "ada at acme", "", "ada", True),
        (None, None, SUB, "ada", True),
        (None, "ada", SUB, None, True),
        (None, "", "", "ada", True),
        (SUB, None, None, None, True),
        (None, None, None, None, True),
    ],
)
def test_an_account_could_have_the_same_grant_unless_it_is_known_to_be_another_ones(
    known: str | None, nickname: str | None, identity: str | None, told: str | None, could: bool
) -> None:
    whose = Whose(nickname=told, identity=identity)
    assert could_share(account("a", nickname, identity=known), whose) is could
