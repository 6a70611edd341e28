"""What went wrong while a provider file or plugin was imported, as one error with the file and the line."""

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
from gumauth.registry.files import server_file
from gumauth.registry.files.enclosing_package import by_folders
from gumauth.registry.foreign_code import raised
from gumauth.registry.foreign_code.prints import on_standard_error
from gumauth.registry.foreign_code.warnings import unsaid
from gumauth.registry.resolved import shown_path

T = TypeVar("T")

MEND = "Mend the file and try again."
BETWEEN = (raised.OURS, os.path.dirname(importlib.__file__) + os.sep, "<frozen importlib")
"""Begin the names of the files of gumauth and of Python through which one file imports another."""

NO_PACKAGE = "relative import"
"""Stands in the interpreter's words where the dots lead out of all packages."""


def guarded(label: str, run: Callable[[], T]) -> T:
    """What foreign code gives, with its prints on standard error and its failures as one kind of error.

    Args:
        label: Its file, or what it is called.
        run: Runs it.

    Raises:
        ProviderFileError: It failed.
    """
    try:
        with on_standard_error(), unsaid():
            return run()
    except (ProviderFileError, MissingCredentials, StoreError, HomeError):
        raise  # of a file beside it; of what it was lent
    except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign
        known = translated(label, error)
        known.way = raised.way(error, ())
        raised.close_coroutines(error)
    raise known  # here, where what the error holds has been let go


def translated(label: str, error: BaseException) -> GumauthError:
    """The error for what foreign code raised while it was imported."""
    place = _place(label, error)
    if isinstance(error, ImportError) and server_file.is_a_servers(error.name):
        return ProviderFileError(
            f"{place}: it is a Gumstack server, which gumauth does not run: {one_line(error.msg).partition(' (')[0]}.",
            hint=server_file.hint_for(label),
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
    """Whether it was `os.environ` that was asked in vain."""
    modules = [frame.f_globals.get("__name__") for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(error.args) and modules[-1] == os.__name__


def setup_argument(label: str) -> str | None:
    """What `gumauth setup` is given for foreign code: its file, as a person types it; None for code without a file."""
    return shown_path(label) if os.path.isabs(label) else None


def _without_module(label: str, place: str, error: ModuleNotFoundError) -> ProviderFileError:
    """The error for an import that found nothing, or nothing that may be used."""
    module = one_line(error.name or "")
    start, folder = f"{place}: it needs {module!r}", os.path.dirname(label)
    package = by_folders(label)
    if module.startswith(".") or (package and "." in module and module.partition(".")[0] == package.top):
        return ProviderFileError(f"{start}, which is not in its package.", hint="Mend the import, or add that module.")
    beside_it = os.path.join(folder, module.partition(".")[0])
    if os.path.lexists(beside_it) or os.path.lexists(f"{beside_it}.py"):
        # Never to be installed by that name: what is offered under it elsewhere is somebody else's.
        return _not_used(start, folder)
    return ProviderFileError(f"{start}, which is not installed.", hint=known_packages.hint_for(module))


def _out_of_package(label: str, place: str) -> ProviderFileError:
    """The error for dots that lead out of the package, or into a folder that is not used."""
    package = by_folders(label)
    for folder in package.folders if package else (os.path.dirname(label),):
        if not is_private_folder(folder):
            return _not_used(f"{place}: it imports from its package", folder)
    return ProviderFileError(
        f"{place}: it imports from a package that gumauth does not see: a folder without `__init__.py`.",
        hint="Put an empty file `__init__.py` into every folder of the package.",
    )


def _not_used(start: str, folder: str) -> ProviderFileError:
    """The error for what is there and is not run, for its folder or its kind."""
    if is_private_folder(folder):
        return ProviderFileError(
            f"{start}, which lies beside it and is not used: it is no source file.",
            hint="Put its source, a file with the ending .py, beside it.",
        )
    fault = why_not_private(folder)
    return ProviderFileError(
        f"{start}, which lies beside it and is not used: others can write {one_line(folder, 500)}.",
        hint=fault.hint if fault else "Put both into a folder of your own.",
    )


def _place(label: str, error: BaseException) -> str:
    """The file and line at which foreign code failed: the last that is in the file itself."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{one_line(error.filename, 500)}, line {error.lineno or 1}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(BETWEEN)]
    ours = [frame for frame in frames if frame.filename == label] or frames[-1:]
    if not ours:
        return one_line(label, 500)
    return f"{one_line(ours[-1].filename, 500)}, line {ours[-1].lineno}"
