"""References: which names accounts have, which are free, which account a name means, and which was perhaps meant.

An account has one name of its own, which stands behind the slash of its label: its alias, else its nickname, else a
number. No two accounts of a provider have the same name, and none has another account's nickname, number or id as its
name: a name that two accounts could mean is refused when it would arise, or the later account gets a number. Pure.
Promise I6.
"""

from __future__ import annotations

from gumauth.errors import AmbiguousAccount
from gumauth.platform.frozen import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gumauth.accounts.account import Account


def meant(provider: str, rest: str, accounts: Sequence[Account]) -> Account | None:
    """The account that `provider/rest` means; None where none is called so.

    Args:
        provider: The provider's name.
        rest: What stands behind the slash.
        accounts: All of the provider.

    Raises:
        AmbiguousAccount: Two accounts could be meant, and the name is not the name of one of them alone.
    """
    folded = rest.casefold()
    ways: tuple[Callable[[Account], bool], ...] = (
        lambda account: account.name == rest,
        lambda account: rest == account.id or (account.number is not None and rest == str(account.number)),
        lambda account: rest == _own_nickname(account),
        lambda account: folded in (account.name.casefold(), _own_nickname(account).casefold()),
        lambda account: folded == first_field(_own_nickname(account)).casefold(),
    )
    for way in ways:
        found = [account for account in accounts if way(account)]
        if len(found) > 1:
            raise ambiguous(f"{provider}/{rest}", found)
        if found:
            return found[0]
    return None


def _own_nickname(account: Account) -> str:
    """The nickname that may stand for an account: where it has a number, its nickname has been another one's name."""
    return account.nickname or "" if account.number is None else ""


def ambiguous(reference: str, accounts: Sequence[Account]) -> AmbiguousAccount:
    """The error for a reference that could mean several accounts, with what each of them is called."""
    return AmbiguousAccount(
        f"{reference} could mean {in_words(accounts)}.", hint="Name one of them; `gumauth list` shows them all."
    )


def in_words(accounts: Sequence[Account], word: str = "or") -> str:
    """Accounts by what they are called: "linear/work (ada@example.com) or linear/home"."""
    labels = unique_labels(accounts)
    shown = [
        f"{label} ({account.nickname})" if account.nickname and account.nickname not in label else label
        for account, label in zip(accounts, labels, strict=True)
    ]
    return joined(shown, word)


def joined(items: Sequence[str], word: str = "or") -> str:
    """A list in a sentence: "a", "a or b", "a, b or c"."""
    return f" {word} ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def unique_labels(accounts: Sequence[Account]) -> list[str]:
    """What each account is called; by its id where an older gumauth has given two of them one name."""
    labels = [account.label for account in accounts]
    return [account.key if labels.count(label) > 1 else label for account, label in zip(accounts, labels, strict=True)]


def first_field(nickname: str) -> str:
    """The first of a nickname's two fields: "ada@example.com" of "ada@example.com at acme"."""
    return nickname.partition(" at ")[0]


def holder(name: str, accounts: Iterable[Account]) -> Account | None:
    """The account that a name could mean, which is not free then; None where it is free."""
    folded = name.casefold()
    return next((account for account in accounts if folded in _words(account)), None)


def _words(account: Account) -> set[str]:
    number = None if account.number is None else str(account.number)
    return _folded(account.alias, account.nickname, account.id, number)


def named(
    account: Account,
    others: Sequence[Account],
    is_used: Callable[[str], bool] = lambda _number: False,
    called: str | None = None,
) -> Account:
    """The account with a name that no other account has: a number where its nickname is taken, or where it has none.

    An account with an alias gets no number.

    Args:
        account: With the nickname and the alias that it is to have.
        others: All other accounts of the provider.
        is_used: Whether a number has been an account's name before: who remembers it must not get another account.
        called: The account's present name, which it keeps as long as no other account has it.
    """
    if account.nickname and account.nickname == called and called not in [other.name for other in others]:
        return replace(account, number=None)
    if account.alias or (account.nickname and holder(account.nickname, others) is None):
        return replace(account, number=None)
    if account.number is not None and holder(str(account.number), others) is None:
        return account
    number = 2 if account.nickname else 1
    while holder(str(number), others) is not None or is_used(str(number)):
        number += 1
    return replace(account, number=number)


def bearers(name: str, accounts: Iterable[Account]) -> list[Account]:
    """The accounts of all providers that an alias or a nickname without a provider could mean."""
    folded = name.casefold()
    return [
        account
        for account in accounts
        if account.state != "connecting"
        and folded in _folded(account.alias, _own_nickname(account), first_field(_own_nickname(account)))
    ]


def _folded(*words: str | None) -> set[str]:
    return {word.casefold() for word in words if word}


def alike(rest: str, accounts: Sequence[Account]) -> list[Account]:
    """The accounts whose names are near to what a person typed, or contain it; the nearest first.

    Of an e-mail address only what stands before the @ counts: many people have one domain.
    """
    from difflib import get_close_matches

    by_word: dict[str, list[Account]] = {}
    for account in accounts:
        for word in sorted(_words(account) - {account.id}):
            by_word.setdefault(word.partition("@")[0], []).append(account)
    typed = rest.casefold().partition("@")[0]
    near = get_close_matches(typed, by_word, n=3, cutoff=0.7) or _holding(typed, by_word)
    return list({account.key: account for word in near for account in by_word[word]}.values())[:3]


def _holding(part: str, words: Iterable[str]) -> list[str]:
    """The words that begin with this part, or that contain it where it has at least three letters."""
    begin = sorted(word for word in words if len(part) > 1 and word.startswith(part))
    return begin or sorted(word for word in words if len(part) > 2 and part in word)
