"""The accounts of the providers that a server registers: whether they are connected, and their connect."""

from __future__ import annotations

import inspect
import os
import shlex
import sys

from . import config
from .process import GumstackError, ask, run, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

CREDENTIALS = "credentials"
"""What servers call the keys that a person enters."""

MENDED = ("not_connected", "reconnect")
"""The codes of the errors that a connect mends."""

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
        error = why_not(name)
        if error and error.code in MENDED and all(s and s.isatty() for s in (sys.stdin, sys.stderr)):
            say(f"connecting {name}, which this server needs.")
            if status := run(["connect", registered[name]]):
                raise SystemExit(status)
            error = why_not(name)
        if error:
            say(str(error))
            raise SystemExit(error.status)


def why_not(name: str) -> GumstackError | None:
    """Why a provider has no account that can be used, and what helps; None where it has one."""
    try:
        ask({"ask": "usable", "provider": name})
    except GumstackError as error:
        return named_by_file(name, error)
    return None


def named_by_file(name: str, error: GumstackError) -> GumstackError:
    """The error; where an account is missing, with the command that connects it, by the server's own files."""
    if error.code != "not_connected":
        return error
    if name in registered:
        words = f"{name} is not connected. Connect it: `{command(registered[name])}`."
    elif name == CREDENTIALS and (enter := config.command()):
        words = f"No key of this server is connected. Enter it: `{enter}`."
    else:
        return error
    return GumstackError(words, error.code, error.status)
