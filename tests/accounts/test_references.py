"""What names an account."""

from __future__ import annotations

import pytest

from gumauth.accounts.account import Account
from gumauth.accounts.references import (
    alike,
    ambiguous,
    bearers,
    first_field,
    holder,
    in_words,
    meant,
    named,
    unique_labels,
)
from gumauth.errors import AmbiguousAccount


def account(letter: str, nickname: str | None = None, alias: str | None = None, number: int | None = None) -> Account:
    """One whose id is 16 times the letter."""
    return Account(provider="acme", id=letter * 16, nickname=nickname, alias=alias, number=number)


ADA = account("a", "ada@example.com", "Work")
BOB = account("b", "Bob")
CAT = account("c", "ada@example.com", number=2)
DAN = account("d", number=1)
EVE = account("e", "eve@example.com at Beta")
ALL = [ADA, BOB, CAT, DAN, EVE]


@pytest.mark.requirement("I6")
@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ("Work", ADA),
        ("work", ADA),
        ("WORK", ADA),
        ("aaaaaaaaaaaaaaaa", ADA),
        ("Bob", BOB),
        ("bob", BOB),
        ("bbbbbbbbbbbbbbbb", BOB),
        ("2", CAT),
        ("cccccccccccccccc", CAT),
        ("1", DAN),
        ("dddddddddddddddd", DAN),
        ("eve@example.com at Beta", EVE),
        ("EVE@example.com AT beta", EVE),
        ("eve@example.com", EVE),
        ("Eve@Example.com", EVE),
        ("3", None),
        ("01", None),
        ("None", None),
        ("Wor", None),
        ("bo", None),
        ("Beta", None),
        ("eve", None),
        ("eve@example.com at", None),
        ("AAAAAAAAAAAAAAAA", None),
        ("acme/Work", None),
    ],
)
def test_an_account_is_meant_by_its_name_nickname_id_number_and_by_a_nicknames_first_field(
    rest: str, found: Account | None
) -> None:
    assert meant("acme", rest, ALL) == found
    assert meant("acme", rest, ALL[::-1]) == found


def test_nothing_is_meant_where_there_is_no_account() -> None:
    assert meant("acme", "work", []) is None


@pytest.mark.requirement("I6")
@pytest.mark.parametrize(
    ("rest", "first", "second"),
    [
        ("ann", account("a", alias="ann"), account("b", "ann", "home")),  # its own name, and a nickname
        ("ann", account("a", "ann", "home"), account("b", alias="ANN")),  # letter by letter, and in another case
        ("7", account("a", alias="7"), account("b", "bob", "home", number=7)),  # its name, and a number
        ("7", account("b", "bob", "work", number=7), account("a", "7", "home")),  # a number, and a nickname
        ("b" * 16, account("b", "bob"), account("a", "b" * 16, "home")),  # an id, and a nickname that somebody chose
        ("ab" * 8, account("a", alias="ab" * 8), account("b", alias="AB" * 8)),
        ("b" * 16, account("b", "x"), account("a", "B" * 16)),  # an id, and a nickname in another case
        ("7", account("a", number=7), account("b", "7 at acme")),
        ("ann", account("a", "ANN", "home"), account("b", "ann at acme")),  # the whole of it, and a first field
        ("ann", account("a", alias="Ann"), account("b", "ann at acme")),
        ("ann at acme", account("a", "ann at acme", "x"), account("b", "ann at acme at acme")),
    ],
)
def test_of_two_that_could_be_meant_it_is_the_one_that_is_called_so_more_closely(
    rest: str, first: Account, second: Account
) -> None:
    assert meant("acme", rest, [first, second]) == first
    assert meant("acme", rest, [second, first]) == first


@pytest.mark.requirement("I6")
@pytest.mark.parametrize(
    ("rest", "accounts", "words"),
    [
        (
            "work",  # one name twice, which an older gumauth could give
            [account("a", "ann", "work"), account("b", "bob", "work")],
            "acme/aaaaaaaaaaaaaaaa (ann) or acme/bbbbbbbbbbbbbbbb (bob)",
        ),
        ("ann", [account("a", "ann", "x"), account("b", "ann", "y")], "acme/x (ann) or acme/y (ann)"),
        ("7", [account("a", number=7), account("b", number=7)], "acme/aaaaaaaaaaaaaaaa or acme/bbbbbbbbbbbbbbbb"),
        ("7", [account("a", "x", "ann", 7), account("b", "y", "bob", 7)], "acme/ann (x) or acme/bob (y)"),
        ("ann", [account("a", alias="Ann"), account("b", "ANN")], "acme/Ann or acme/ANN"),
        ("ann", [account("a", "ann at x"), account("b", "Ann at y")], "acme/ann at x or acme/Ann at y"),
        ("a" * 16, [account("a", "x", "ann"), account("b", "y", number=int("1" * 16))], None),
    ],
)
def test_what_could_mean_several_is_refused_and_says_which(
    rest: str, accounts: list[Account], words: str | None
) -> None:
    if words is None:
        assert meant("acme", rest, accounts) == accounts[0]
        return
    with pytest.raises(AmbiguousAccount) as refused:
        meant("acme", rest, accounts)
    assert refused.value.message == f"acme/{rest} could mean {words}."
    assert refused.value.hint == "Name one of them; `gumauth list` shows them all."


@pytest.mark.requirement("I6")
def test_the_error_for_several_names_what_was_asked_for() -> None:
    assert ambiguous("acme", [ADA, DAN]).message == "acme could mean acme/Work (ada@example.com) or acme/1."


@pytest.mark.requirement("I6")
@pytest.mark.parametrize(
    ("accounts", "words"),
    [
        ([BOB], "acme/Bob"),
        ([ADA], "acme/Work (ada@example.com)"),
        ([CAT], "acme/2 (ada@example.com)"),
        ([DAN], "acme/1"),
        ([account("f")], "acme/ffffffffffffffff"),
        ([account("f", "ann", "ann-home")], "acme/ann-home"),
        ([ADA, BOB], "acme/Work (ada@example.com) or acme/Bob"),
        ([ADA, BOB, DAN], "acme/Work (ada@example.com), acme/Bob or acme/1"),
        ([BOB, BOB], "acme/bbbbbbbbbbbbbbbb (Bob) or acme/bbbbbbbbbbbbbbbb (Bob)"),
    ],
)
def test_accounts_are_told_by_what_they_are_called_and_by_their_nickname(accounts: list[Account], words: str) -> None:
    assert in_words(accounts) == words


@pytest.mark.requirement("I6")
def test_two_of_one_label_are_called_by_their_ids() -> None:
    twins = [account("a", "ann", "work"), account("b", "bob"), account("c", "cat", "work")]
    assert unique_labels(twins) == ["acme/aaaaaaaaaaaaaaaa", "acme/bob", "acme/cccccccccccccccc"]
    assert unique_labels([]) == []


@pytest.mark.parametrize(
    ("nickname", "field"),
    [
        ("ada@example.com at acme", "ada@example.com"),
        ("ada@example.com", "ada@example.com"),
        ("ada at home at acme", "ada"),
        ("adat acme", "adat acme"),
        ("", ""),
    ],
)
def test_the_first_field_of_a_nickname_stands_before_the_at(nickname: str, field: str) -> None:
    assert first_field(nickname) == field


@pytest.mark.requirement("I6")
@pytest.mark.parametrize(
    ("name", "held_by"),
    [
        ("Work", ADA),
        ("wOrK", ADA),
        ("ADA@example.com", ADA),
        ("Bob", BOB),
        ("BBBBBBBBBBBBBBBB", BOB),
        ("dddddddddddddddd", DAN),
        ("1", DAN),
        ("2", CAT),
        ("eve@example.com AT Beta", EVE),
        ("eve@example.com", None),
        ("3", None),
        ("none", None),
        ("", None),
        ("acme", None),
    ],
)
def test_a_name_is_free_where_no_account_could_be_meant_by_it(name: str, held_by: Account | None) -> None:
    assert holder(name, ALL) == held_by
    assert holder(name, iter(ALL)) == held_by


@pytest.mark.requirement("I6")
@pytest.mark.parametrize("case", ["ẞ", "ss", "SS", "ß"])
def test_the_case_of_letters_makes_no_other_name(case: str) -> None:
    strasse = account("a", "Straße")
    assert holder(f"stra{case}e", [strasse]) == strasse
    assert meant("acme", f"stra{case}e", [strasse]) == strasse


@pytest.mark.requirement("I6")
@pytest.mark.parametrize(
    ("given", "others", "number"),
    [
        (account("f", "fay"), [], None),
        (account("f", "fay"), ALL, None),
        (account("f", "fay", number=4), ALL, None),  # its nickname is free now, or has come
        (account("f", "fay", "home", 4), ALL, None),
        (account("f", None, "home", 4), ALL, None),
        (account("f", "bob", "home"), ALL, None),  # nobody has to find it by its nickname
        (account("f", "bob"), [BOB], 2),
        (account("f", "bob"), ALL, 3),
        (account("f", "work"), [ADA], 2),  # its nickname is another one's alias
        (account("f", "1"), [DAN], 2),  # another one's number
        (account("f", "aaaaaaaaaaaaaaaa"), [ADA], 2),  # another one's id
        (account("f", "bob"), [BOB, account("a", alias="2"), account("c", "3"), account("d", number=4)], 5),
        (account("f", "bob", number=3), [BOB], 3),
        (account("f", "bob", number=1), [BOB, DAN], 2),
        (account("f"), [], 1),
        (account("f"), [BOB], 1),
        (account("f"), ALL, 3),
        (account("f", number=7), ALL, 7),  # what it was called stays its name
        (account("f", number=7), [], 7),
        (account("f", number=1), [DAN], 2),
        (account("f", number=2), [CAT], 1),
        (account("f", number=7), [account("a", "7")], 1),
    ],
)
def test_a_number_is_the_name_of_whoever_has_no_alias_and_no_nickname_of_its_own(
    given: Account, others: list[Account], number: int | None
) -> None:
    result = named(given, others)
    assert result.number == number
    assert (result.id, result.nickname, result.alias) == (given.id, given.nickname, given.alias)
    assert result.alias is not None or holder(result.name, others) is None


@pytest.mark.requirement("I6")
@pytest.mark.parametrize(
    ("given", "others", "number"),
    [
        (account("f"), [], 4),
        (account("f", "bob"), [BOB], 4),
        (account("f", "bob"), [BOB, account("d", number=4)], 5),
        (account("f", number=2), [], 2),  # it is its own
        (account("f", "bob", number=2), [BOB], 2),
        (account("f", "fay"), [BOB], None),
    ],
)
def test_a_number_that_was_a_name_before_is_not_given_again(
    given: Account, others: list[Account], number: int | None
) -> None:
    assert named(given, others, lambda number: number in ("1", "2", "3")).number == number


@pytest.mark.parametrize(
    ("rest", "near"),
    [
        ("wrok", [ADA]),
        ("WORKK", [ADA]),
        ("work", [ADA]),
        ("adaa", [ADA]),
        ("adaa@elsewhere.example", [ADA]),
        ("bobb", [BOB]),
        ("bob@elsewhere.example", [BOB]),
        ("evee", [EVE]),
        ("1", [DAN]),
        ("aaaaaaaaaaaaaaa", []),  # nobody types an id
        ("zoe@example.com", []),  # of one domain
        ("zoe@example.com at Beta", []),
        ("wo", [ADA]),
        ("w", []),
        ("example.com", []),
        ("", []),
    ],
)
def test_what_was_perhaps_meant_is_near_to_a_name_but_for_what_stands_behind_an_at(
    rest: str, near: list[Account]
) -> None:
    assert alike(rest, [ADA, BOB, DAN, EVE]) == near


@pytest.mark.parametrize(
    ("rest", "near"),
    [
        ("mariann", ["marianne", "marian", "marians"]),
        ("mariao", ["mario", "marian", "marians"]),
        ("maro", ["mario"]),
        ("mar", ["mario"]),  # three letters in common of eight: 0.75
        ("ma", ["marian", "mariana", "marianne"]),  # they begin so
        ("rian", ["marian", "marians", "mariana"]),
        ("ri", []),
        ("m", []),
    ],
)
def test_the_nearest_are_named_first_and_three_at_most(rest: str, near: list[str]) -> None:
    names = ["marian", "mariana", "marianne", "marians", "mario"]
    accounts = [account(letter, name) for letter, name in zip("abcde", names, strict=True)]
    assert [each.nickname for each in alike(rest, accounts)] == near
    assert [each.nickname for each in alike(rest, accounts[::-1])] == near


def test_a_name_without_its_provider_is_an_alias_or_a_nickname_in_any_case_and_no_number_nor_id() -> None:
    other = Account(provider="beta", id="f" * 16, nickname="BOB")
    held = Account(provider="beta", id="0" * 16, alias="bob", state="connecting")
    for name in ("work", "WORK", "ada@example.com"):
        assert bearers(name, [*ALL, other]) == [ADA]
    assert bearers("bob", [*ALL, other, held]) == [BOB, other]
    assert bearers("Eve@Example.com", ALL) == [EVE]
    for name in ("1", "2", "a" * 16, "wor", ""):
        assert bearers(name, ALL) == []


def test_an_account_with_two_names_that_are_near_is_named_once() -> None:
    twice = account("a", "mariana", "mariane")
    assert alike("mariann", [BOB, twice]) == [twice]


def test_two_people_of_two_domains_are_both_near() -> None:
    both = [account("a", "ada@one.example"), account("b", "ada@two.example")]
    assert alike("adda", both) == both
