"""`gumauth __complete KIND PREFIX`: prints the words that a shell offers, one a line; no provider is imported."""

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
"""The letters of a word that is offered: a shell would split a word with another letter, or run a part of it."""


def complete(words: Sequence[str], terminal: Terminal) -> int:
    """Print the words of a kind that begin with a prefix; an unknown kind has no words.

    Args:
        words: The kind ("accounts", "providers", "programs", "help", "shells" or "store") and the prefix; either may
            be missing.
        terminal: Where the words are printed.
    """
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
    elif kind == "programs":
        from gumauth.handout.recipes.table import RECIPES

        found = RECIPES
    elif kind == "shells":
        found = ("bash", "fish", "zsh")
    elif kind == "store":
        found = ("init", "log", "reader-key", "rekey")
    for word in sorted({word for word in found if word.startswith(prefix) and SAFE.issuperset(word)}):
        terminal.out(word)
    return 0


def _accounts(terminal: Terminal, prefix: str) -> Iterable[str]:
    """The label of each account, and the name of each account's provider."""
    from gumauth.accounts.account import is_name

    provider, slash, _ = prefix.partition("/")
    if slash and not is_name(provider):
        return
    terminal.json = True
    context = terminal.context()
    for account in context.accounts.at_hand(provider if slash else None, where=lambda name: name.startswith(provider)):
        yield account.provider
        yield account.label


def _providers() -> Iterable[str]:
    """The built-in providers by their files' names, and those that installed distributions declare.

    The registry gives the same names, but importing it takes as long as the rest of a completion.
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
    """The providers' names in one `entry_points.txt`, without importlib.metadata, whose import takes too long here.

    Source: packaging.python.org, "Entry points specification".
    """
    try:
        # Some installers put a symbolic link into a cache in place of the file.
        text = (read_file(os.path.realpath(path), ours=False) or b"").decode("utf-8", "replace")
    except HomeError:
        return  # the other distributions' providers are offered all the same
    _, _, section = text.partition("[gumauth.providers]")
    for line in section.partition("\n[")[0].splitlines():
        name, equals, _ = line.partition("=")
        if equals:
            yield name.strip()
