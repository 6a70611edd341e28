"""Which variables of a command get tokens, and of which accounts. Pure.

A reference is a variable whose whole value is `gumauth:ACCOUNT`, or `gumauth:ACCOUNT#id_token` for the account's
id_token in place of its access token, or `gumauth:ACCOUNT#FIELD` for one value of a key. `NAME=ACCOUNT` on the command
line of `gumauth run` is the same in short.
"""

from __future__ import annotations

from gumauth.errors import UsageError
from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PREFIX = "gumauth:"

ID_TOKEN = "#id_token"
"""What stands behind the account where its id_token is wanted. Source: OpenID Connect Core §3.1.3.3."""

CODE = (
    *("PATH", "HOME", "SHELL", "IFS", "ENV", "BASH_ENV", "SHELLOPTS", "GCONV_PATH", "GLIBC_TUNABLES", "NODE_OPTIONS"),
    *("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PERL5LIB", "PERL5OPT", "RUBYLIB", "RUBYOPT"),
)
"""Variables that say what a program runs or loads: a service chooses its token, and would choose that."""

BEGINNINGS = ("LD_", "DYLD_", "GUMAUTH_")
"""How the names of more such variables begin, and of gumauth's own."""


@frozen
class Reference:
    """A variable of the command, and the account whose token is for it.

    Args:
        name: The variable's name.
        account: The account, as it was written; perhaps with # and the field of a key.
        as_file: Whether the variable holds the path of a file with the token, in place of the token.
        id_token: Whether it is the account's id_token, in place of its access token.
    """

    name: str
    account: str
    as_file: bool = False
    id_token: bool = False

    @property
    def wanted(self) -> str:
        """The account, and which of its tokens: two references that want the same have the same."""
        return which(self.account, id_token=self.id_token)


def which(account: str, *, id_token: bool) -> str:
    """An account and which of its tokens is meant, as `split` takes it."""
    return f"{account}{ID_TOKEN}" if id_token else account


def split(text: str) -> tuple[str, bool]:
    """The account that a text names, and whether it asks for its id_token."""
    account = text.removesuffix(ID_TOKEN)
    return account, account != text


def wanted(words: Sequence[str], variables: Mapping[str, str]) -> tuple[Reference, ...]:
    """Every reference: of the command line first, then of the variables that the command line does not name.

    Args:
        words: `NAME=ACCOUNT` or `NAME@=ACCOUNT`.
        variables: Those that the command would get without gumauth.

    Raises:
        UsageError: A word is no reference, a variable is named twice, a reference names no account, or a variable is
            one that may not hold a token.
    """
    given = [parse(word) for word in words]
    names = [each.name for each in given]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{name} is given twice.", hint="Name each variable once.")
    inherited = [
        _reference(name, value) for name, value in variables.items() if value.startswith(PREFIX) and name not in names
    ]
    for each in (*given, *inherited):
        if each.name.upper() in CODE or each.name.upper().startswith(BEGINNINGS):
            raise UsageError(
                f"{each.name} cannot hold a token: it says what programs run or where they look.",
                hint="Choose the variable that the command reads its token from.",
            )
    return (*given, *inherited)


def parse(word: str) -> Reference:
    """The reference that a word of the command line is.

    Raises:
        UsageError: It is none.
    """
    from_name, equals, account = word.partition("=")
    name = from_name.removesuffix("@")
    if not (equals and name.isascii() and name.isidentifier()):
        raise _no_reference(word)
    return _reference(name, account, as_file=name != from_name)


def _reference(name: str, value: str, *, as_file: bool = False) -> Reference:
    account, id_token = split(value.removeprefix(PREFIX))
    if account.casefold().endswith(("#id-token", ID_TOKEN)):
        from gumauth.platform.text import one_line

        raise UsageError(
            f"{one_line(name)} names a token that there is not.", hint=f"Write ACCOUNT{ID_TOKEN} for an id_token."
        )
    if not account:
        from gumauth.platform.text import one_line

        raise UsageError(f"{one_line(name)} refers to no account.", hint="Write the account's name behind it.")
    return Reference(name=name, account=account, as_file=as_file, id_token=id_token)


def _no_reference(word: str) -> UsageError:
    from gumauth.platform.text import one_line

    return UsageError(
        f"{one_line(word)!r} is not NAME=ACCOUNT, with a name of letters, digits and underscores.",
        hint="Write `gumauth run NAME=ACCOUNT -- COMMAND`; the command and its words stand behind --.",
    )
