"""Which class of a module is the provider: a class with the contract's members, whatever the class inherits."""

from __future__ import annotations

import inspect
import os
import sys
from types import ModuleType
from typing import Any

from gumauth.accounts.account import is_name
from gumauth.errors import ProviderFileError
from gumauth.platform.text import one_line
from gumauth.registry.resolved import shown_path

METHODS = ("get_url", "exchange", "refresh", "get_nickname")


def choose(module: ModuleType, class_name: str | None) -> type[Any]:
    """The provider's class.

    Args:
        module: Holds the class. Without a `class_name`, only classes that the module itself defines count.
        class_name: The class to take; None where the module should define one provider.

    Raises:
        ProviderFileError: The module defines no provider, or more than one; or the provider's name is impossible.
    """
    if class_name is not None:
        return _named(module, class_name)
    own = [value for value in _classes(module) if value.__module__ == module.__name__]
    whole = [value for value in own if not lacks(value)]
    if len(whole) > 1:
        references = ", ".join(f"{shown_path(module.__file__ or '')}:{value.__name__}" for value in whole)
        raise ProviderFileError(
            f"{_file(module)} holds {len(whole)} providers.", hint=f"Name one of them: {one_line(references, 500)}"
        )
    if not whole:
        raise _elsewhere(module, own) or _none(module, own)
    return _sound(module, whole[0])


def lacks(value: type[Any]) -> list[str]:
    """The members of the contract that a class does not have: `name`, or methods."""
    missing = [] if isinstance(getattr(value, "name", None), str) else ["name"]
    abstract: frozenset[str] = getattr(value, "__abstractmethods__", frozenset())
    return missing + [name for name in METHODS if not callable(getattr(value, name, None)) or name in abstract]


def _classes(module: ModuleType) -> list[type[Any]]:
    return list(dict.fromkeys(value for value in vars(module).values() if inspect.isclass(value)))


def _named(module: ModuleType, class_name: str) -> type[Any]:
    value = getattr(module, class_name, None)
    if not inspect.isclass(value):
        there = ", ".join(value.__name__ for value in _classes(module) if value.__module__ == module.__name__)
        raise ProviderFileError(
            f"{_file(module)} has no class {class_name}.", hint=f"It has: {one_line(there) or 'none'}."
        )
    if missing := lacks(value):
        raise _incomplete(module, value, missing)
    return _sound(module, value)


def _none(module: ModuleType, own: list[type[Any]]) -> ProviderFileError:
    if not own:
        wanted = ", ".join(("name", *METHODS))
        return ProviderFileError(
            f"{_file(module)} holds no provider: no class with {wanted}.",
            hint="Check the path; `gumauth help own-provider` shows what a provider is.",
        )
    nearest = min(own, key=lambda value: len(lacks(value)))
    return _incomplete(module, nearest, lacks(nearest))


def _elsewhere(module: ModuleType, own: list[type[Any]]) -> ProviderFileError | None:
    """The error for a module that has imported its providers, with the files that define them."""
    files = {value: getattr(sys.modules.get(value.__module__), "__file__", None) for value in _classes(module)}
    folder = os.path.dirname(module.__file__ or "")
    there = [
        f"`gumauth connect {shown_path(file)}:{value.__name__}`"
        for value, file in files.items()
        if value not in own and file and not lacks(value) and os.path.dirname(file).startswith(folder)
    ]
    if not there:
        return None
    return ProviderFileError(
        f"{_file(module)} imports a provider and defines none.",
        hint=f"Name the file that does: {' or '.join(there)}.",
    )


def _incomplete(module: ModuleType, value: type[Any], missing: list[str]) -> ProviderFileError:
    return ProviderFileError(
        f"{value.__name__} in {_file(module)} is not a provider: it has no {', '.join(missing)}.",
        hint="A provider has `name`, `get_url`, `exchange`, `refresh` and `get_nickname`.",
    )


def _sound(module: ModuleType, value: type[Any]) -> type[Any]:
    if not is_name(value.name):
        raise ProviderFileError(
            f"{value.name!r} in {_file(module)} cannot name a provider.",
            hint="Use lower-case letters, digits and . _ -, at most 64, and begin with a letter or digit.",
        )
    return value


def _file(module: ModuleType) -> str:
    return one_line(module.__file__ or module.__name__, 500)
