"""The accounts of the providers that a server registers: whether they are connected, and their connect."""

from __future__ import annotations

import inspect
import os
import shlex
import sys

from .process import GumstackError, ask, run, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

CREDENTIALS = "credentials"
"""What servers call the keys that a person enters."""

registered: dict[str, str] = {}
"""The names of the providers that the server has registered → the file of each, as `gumauth connect` takes it."""


def meant(provider: str | None) -> str:
    """The provider that a server asks for; where it names none, the one that it has registered."""
    if provider is None:
        return next(iter(registered)) if len(registered) == 1 else CREDENTIALS
    return provider


def register(provider: object) -> None:
    """Note a provider, or its class.

    Raises:
        GumstackError: It has no name.
    """
    kind = provider if isinstance(provider, type) else type(provider)
    name = getattr(provider, "name", None)
    if not isinstance(name, str):
        raise GumstackError(f"{kind.__name__} is no provider: it has no name.")
    registered[name] = file_of(kind)


def file_of(kind: type) -> str:
    """The file that defines a provider's class, as `gumauth connect` takes it, with the class where it has several."""
    try:
        path = os.path.realpath(inspect.getfile(kind))
    except (TypeError, OSError):
        return kind.__name__
    module = sys.modules.get(kind.__module__)
    others = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and each.__module__ == kind.__module__ and hasattr(each, "get_url")
    ]
    return f"{path}:{kind.__name__}" if len(others) > 1 else path


def command(file: str) -> str:
    """The command that connects the provider of a file, for a person in the working folder."""
    here = os.path.join(os.path.realpath(os.curdir), "")
    shown = os.curdir + os.sep + file[len(here) :] if here != os.sep and file.startswith(here) else file
    return f"gumauth connect {shlex.quote(shown)}"


def have_connected(names: Iterable[str]) -> None:
    """See to it that each of these providers has an account that can be used: on a terminal, by a connect now.

    Raises:
        SystemExit: One has none; the status is that of gumauth.
    """
    for name in names:
        helps = _what_helps(name)
        if helps is None:
            continue
        if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
            say(helps)
            raise SystemExit(3)
        say(f"connecting {name}, which this server needs.")
        if status := run(["connect", registered[name]]):
            raise SystemExit(status)


def _what_helps(name: str) -> str | None:
    """What is to be done before a provider's account can be used; None where nothing is."""
    try:
        ask({"ask": "usable", "provider": name})
    except GumstackError as error:
        if error.code == "not_connected":
            return f"{name} is not connected. Connect it: `{command(registered[name])}`."
        return str(error)
    return None
