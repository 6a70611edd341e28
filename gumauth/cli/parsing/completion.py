"""`gumauth __complete KIND PREFIX`: the words that a shell offers, one a line; runs no provider."""

from __future__ import annotations

import os
import sys

from gumauth.errors import HomeError
from gumauth.platform.files import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gumauth.cli.terminal.terminal import Terminal

SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@+/")
"""A word of other letters is not offered: a shell would split it, or run it."""


def complete(words: Sequence[str], terminal: Terminal) -> int:
    """Print the words of a kind that begin with a prefix; nothing where there are none, or on any odd call."""
    kind, prefix = (*words, "", "")[:2]
    found: Iterable[str] = ()
    if kind == "accounts":
        found = _accounts(terminal, prefix)
    elif kind == "providers":
        found = _providers()
    elif kind == "help":
        from gumauth.cli.parsing.table import COMMANDS
        from gumauth.cli.topics.pages import TOPICS

        found = (*COMMANDS, *TOPICS)
    elif kind == "shells":
        found = ("bash", "fish", "zsh")
    for word in sorted({word for word in found if word.startswith(prefix) and SAFE.issuperset(word)}):
        terminal.out(word)
    return 0


def _accounts(terminal: Terminal, prefix: str) -> Iterable[str]:
    """What names each account; the provider alone as well, for its default one."""
    from gumauth.accounts.account import is_name

    provider, slash, _ = prefix.partition("/")
    if slash and not is_name(provider):
        return
    terminal.json = True
    context = terminal.context()
    for account in context.accounts.all(provider if slash else None, where=lambda name: name.startswith(provider)):
        yield account.provider
        yield account.label


def _providers() -> Iterable[str]:
    """The built-in providers by their files' names, and those that installed distributions declare.

    The registry knows the same by way of modules that take as long to import as all the rest here.
    """
    own = os.path.join(__file__.rpartition(os.path.join("cli", ""))[0], "providers")
    yield from (name[:-3] for name in _entries(own) if name.endswith(".py") and not name.startswith("_"))
    for folder in sys.path:
        for name in _entries(folder):
            if name.endswith(".dist-info"):
                yield from _declared(os.path.join(folder, name, "entry_points.txt"))


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _declared(path: str) -> Iterable[str]:
    """The providers' names in one `entry_points.txt`, read by hand: importlib.metadata takes three interpreter starts.

    Source: packaging.python.org, "Entry points specification".
    """
    try:
        # Some installers put links to the files of a cache there.
        text = (read_file(os.path.realpath(path), ours=False) or b"").decode("utf-8", "replace")
    except HomeError:
        return  # no reason to offer nothing at all
    _, _, section = text.partition("[gumauth.providers]")
    for line in section.partition("\n[")[0].splitlines():
        name, equals, _ = line.partition("=")
        if equals:
            yield name.strip()
