"""A recipe: a program, where its configuration stands, and what to put there, made from a few facts. Pure."""

from __future__ import annotations

from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Literal

    Need = Literal["git", "mcp", "mail", ""]


TERMINAL = "a terminal"
"""The place of a text that is a command."""


@frozen
class Wanted:
    """What a recipe is made from. No secret is in it.

    Args:
        gumauth: The words that start gumauth from any folder: a full path, with what Python needs behind it.
        account: The account as `gumauth token` takes it, not quoted.
        provider: The account's provider.
        name: What an entry for the account is called in a program's configuration: letters, digits, `-` and `_`.
        user: The e-mail address or user name of the account; "" where it is not known.
        url: The address of the account's server, or the one that the person named; "" where there is none.
        named: Whether the person named the address.
        hosts: The URLs for which git is to ask gumauth, without a slash at the end; `*.` stands for all below.
    """

    gumauth: tuple[str, ...]
    account: str
    provider: str
    name: str
    user: str = ""
    url: str = ""
    named: bool = False
    hosts: tuple[str, ...] = ()

    def token(self, *more: str) -> tuple[str, ...]:
        """The words of `gumauth token ACCOUNT`, with more behind them."""
        return (*self.gumauth, "token", self.account, *more)

    def bridge(self) -> tuple[str, ...]:
        """The words of `gumauth mcp ACCOUNT`."""
        return (*self.gumauth, "mcp", self.account, *(("--url", self.url) if self.named else ()))

    def run(self, variable: str, which: str = "") -> tuple[str, ...]:
        """The words of `gumauth run NAME=ACCOUNT --`, behind which the command stands.

        Args:
            variable: Its name, with `@` behind it for a file.
            which: "#id_token" for the id_token; "" for the access token.
        """
        return (*self.gumauth, "run", f"{variable}={self.account}{which}", "--")


@frozen
class Step:
    """One call of a program by `--write`.

    Args:
        argv: Its words.
        may_fail: Whether its exit status says nothing: what it takes away need not be there.
    """

    argv: tuple[str, ...]
    may_fail: bool = False


def _nothing(_wanted: Wanted) -> tuple[str, ...]:
    return ()


@frozen
class Present:
    """The entry of the same name that a program may have already: `--write` replaces one of gumauth's, and no other.

    Args:
        show: Prints the entry; fails, or prints nothing, where there is none.
        remove: Removes it. A person may run it; `--write` does not.
        is_ours: Whether lines of the entry are of one that starts gumauth.
        part: Whether a line that `show` printed is of the entry, where it prints all entries.
        on_stderr: Whether `show` prints on standard error.
    """

    show: tuple[str, ...]
    remove: tuple[str, ...]
    is_ours: Callable[[Sequence[str]], bool]
    part: Callable[[str], bool] = bool
    on_stderr: bool = False


def starts_gumauth(lines: Sequence[str]) -> bool:
    """Whether lines of a program's configuration name gumauth as a command: the last part of a path, or a module."""
    import re

    return re.search(r"""(^|[\s/\\"'=\[])gumauth(\.exe)?($|[\s"',\]])""", "\n".join(lines)) is not None


@frozen
class Listing:
    """A call that prints a program's configuration once `--write` is done, and what is wrong with that.

    Args:
        argv: The program and its words.
        judge: Makes sentences of the lines that it printed.
    """

    argv: tuple[str, ...]
    judge: Callable[[Sequence[str]], tuple[str, ...]]


@frozen
class Recipe:
    """How a program is told to ask gumauth.

    Args:
        program: The word behind `gumauth link`.
        title: The program's own name.
        place: Where the text goes, as the end of "Put this into …".
        needs: What the account must be good for: repositories of git, an MCP server, mail, or "" for anything.
        text: Makes the text to put there.
        notes: Makes sentences about the text: where in a file it goes, what is to be written in its place.
        then: Makes sentences about what is to be done or known once it is there.
        steps: Makes the calls of the program's own command for `--write`; None where it has none.
        shows: Makes a call that prints what `--write` replaces without a question; None where there is none.
        present: Says how an entry of the same name is found, which is not replaced unless it is gumauth's.
        listing: Makes a look at the configuration after `--write`.
        environment: How the names begin of variables that the program's own command may need.
    """

    program: str
    title: str
    place: str
    needs: Need = ""
    text: Callable[[Wanted], str]
    notes: Callable[[Wanted], tuple[str, ...]] = _nothing
    then: Callable[[Wanted], tuple[str, ...]] = _nothing
    steps: Callable[[Wanted], tuple[Step, ...]] | None = None
    shows: Callable[[Wanted], tuple[Step, ...]] | None = None
    present: Callable[[Wanted], Present] | None = None
    listing: Callable[[Wanted], Listing] | None = None
    environment: tuple[str, ...] = ()

    @property
    def is_line(self) -> bool:
        """Whether the text is run each time, in the person's own shell, and configures nothing."""
        return self.place == TERMINAL and self.steps is None
