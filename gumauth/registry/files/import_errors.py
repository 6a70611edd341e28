"""Turns what a provider file or plugin raised while it was imported into one error with file and line. Promise P1."""

from __future__ import annotations

import importlib
import os
import traceback
from collections.abc import Callable
from typing import TypeVar

from gumauth.errors import GumauthError, HomeError, MissingCredentials, ProviderFileError, StoreError
from gumauth.platform import known_packages
from gumauth.platform.permissions import is_private_folder, why_not_private
from gumauth.platform.text import one_line
from gumauth.registry.files import file_hints
from gumauth.registry.files.enclosing_package import by_folders
from gumauth.registry.foreign_code import raised
from gumauth.registry.foreign_code.output import on_standard_error, without_warnings
from gumauth.registry.resolved import shown_path

T = TypeVar("T")

MEND = "Mend the file and try again."
BETWEEN = (raised.OURS, os.path.dirname(importlib.__file__) + os.sep, "<frozen importlib")
"""The paths of the code of gumauth and of Python through which one file imports another begin so."""

NO_PACKAGE = "relative import"
"""The interpreter's message holds this where the dots of an import lead out of all packages."""


def guarded(label: str, run: Callable[[], T]) -> T:
    """The result of foreign code, whose prints go to standard error. Promise P6.

    Args:
        label: The code's file, or the name of the plugin.
        run: Runs the code.

    Raises:
        ProviderFileError: The code failed.
        MissingCredentials: The code reads an environment variable that is not set.
        StoreError, HomeError: Credentials that the code reads cannot be read from the store.
    """
    try:
        with on_standard_error(), without_warnings():
            return run()
    except (ProviderFileError, MissingCredentials, StoreError, HomeError):
        raise  # of a file beside this one, or of the credentials that the code reads
    except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign
        known = translated(label, error)
        known.way = raised.way(error, ())
        raised.close_coroutines(error)
    raise known  # outside of `except`, so that `known` does not refer to `error`


def translated(label: str, error: BaseException) -> GumauthError:
    """The error that stands for an exception of foreign code."""
    place = _place(label, error)
    if isinstance(error, ImportError) and file_hints.is_a_servers(error.name):
        return ProviderFileError(
            f"{place}: it is a Gumstack server, which `gumauth run --gumstack` runs, and no provider's file.",
            hint=file_hints.hint_for(label),
        )
    if isinstance(error, ModuleNotFoundError):
        return _without_module(label, place, error)
    if isinstance(error, SyntaxError):
        return ProviderFileError(f"{place}: {one_line(error.msg)}.", hint=MEND)
    if isinstance(error, KeyError) and _is_of_environment(error):
        variable = one_line(error.args[0], 80)
        message = f"{place}: it needs the environment variable {variable}, which is not set."
        return MissingCredentials.of_import(message, variable, setup_argument(label))
    what = raised.message(error, ()) or "no reason given"
    if isinstance(error, ImportError) and NO_PACKAGE in what:
        return _out_of_package(label, place)
    return ProviderFileError(f"{place}: {type(error).__name__}: {what}.", hint=raised.advice(error) or MEND)


def _is_of_environment(error: KeyError) -> bool:
    """Whether `os.environ` raised the error."""
    modules = [frame.f_globals.get("__name__") for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(error.args) and modules[-1] == os.__name__


def setup_argument(label: str) -> str | None:
    """The argument of `gumauth setup` for foreign code: the file as a person types it; None for code without a file."""
    return shown_path(label) if os.path.isabs(label) else None


def _without_module(label: str, place: str, error: ModuleNotFoundError) -> ProviderFileError:
    """The error for an import of a module that does not exist, or that is not used. Promise K18."""
    module = one_line(error.name or "")
    start, folder = f"{place}: it needs {module!r}", os.path.dirname(label)
    package = by_folders(label)
    if module.startswith(".") or (package and "." in module and module.partition(".")[0] == package.top):
        return ProviderFileError(f"{start}, which is not in its package.", hint="Mend the import, or add that module.")
    beside_it = os.path.join(folder, module.partition(".")[0])
    if os.path.lexists(beside_it) or os.path.lexists(f"{beside_it}.py"):
        # No hint to install this name: a package of this name on an index is somebody else's.
        return _not_used(start, folder)
    return ProviderFileError(f"{start}, which is not installed.", hint=known_packages.hint_for(module))


def _out_of_package(label: str, place: str) -> ProviderFileError:
    """The error for a relative import that leads out of the package, or into a folder that is not used."""
    package = by_folders(label)
    for folder in package.folders if package else (os.path.dirname(label),):
        if not is_private_folder(folder):
            return _not_used(f"{place}: it imports from its package", folder)
    return ProviderFileError(
        f"{place}: it imports from a package that gumauth does not see: a folder without `__init__.py`.",
        hint="Put an empty file `__init__.py` into every folder of the package.",
    )


def _not_used(start: str, folder: str) -> ProviderFileError:
    """The error for a module beside the file that is not used: for its folder's permissions, or for its kind."""
    if is_private_folder(folder):
        return ProviderFileError(
            f"{start}, which lies beside it and is not used: it is no source file.",
            hint="Put its source, a file with the ending .py, beside it.",
        )
    fault = why_not_private(folder)
    return ProviderFileError(
        f"{start}, which lies beside it and is not used: others can write {one_line(folder, 500)}.",
        hint=fault.hint() if fault else "Put both into a folder of your own.",
    )


def _place(label: str, error: BaseException) -> str:
    """The file and line at which foreign code failed: the last line of the file itself on the way to the error."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{one_line(error.filename, 500)}, line {error.lineno or 1}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(BETWEEN)]
    ours = [frame for frame in frames if frame.filename == label] or frames[-1:]
    if not ours:
        return one_line(label, 500)
    return f"{one_line(ours[-1].filename, 500)}, line {ours[-1].lineno}"
