"""The files that `gumauth new` writes: which ones, and their writing, never over a file that is there."""

from __future__ import annotations

import os
from collections.abc import Mapping

from gumauth.cli.authoring.draft import Draft
from gumauth.cli.authoring.facts_file import facts_file
from gumauth.cli.authoring.gumstack_file import gumstack_file
from gumauth.cli.authoring.life_file import life_of
from gumauth.cli.authoring.package import package
from gumauth.errors import GumauthError, UsageError
from gumauth.platform.text import one_line, shell_word

NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def texts(draft: Draft, *, gumstack: bool, tests: bool, whole_package: bool) -> dict[str, str]:
    """The texts of the files, by their paths below the folder that they are written to.

    Args:
        draft: The provider.
        gumstack: Whether the provider is a file for Gumstack, not a class of facts.
        tests: Whether tests stand beside it.
        whole_package: Whether a package stands around both.

    Raises:
        UsageError: No file for Gumstack can be written.
    """
    provider = gumstack_file(draft) if gumstack else facts_file(draft)
    if whole_package:
        return package(draft, provider, gumstack=gumstack)
    beside = {f"test_{draft.module}.py": life_of(draft, draft.module, gumstack=gumstack)} if tests else {}
    return {f"{draft.module}.py": provider, **beside}


def write(folder: str, files: Mapping[str, str]) -> list[str]:
    """Write new files, all of them or none; gives their paths.

    They are for their owner to write, whatever the umask allows, and for others to read where it allows that. Promise
    P3.

    Args:
        folder: Exists.
        files: As `texts` gives them.

    Raises:
        UsageError: One of them is there already.
        GumauthError: One of them cannot be written.
    """
    paths = [os.path.join(folder, name) for name in files]
    for path in paths:
        if os.path.lexists(path):
            raise _there(path)
    made: list[str] = []
    try:
        for path, text in zip(paths, files.values(), strict=True):
            _make_folders(folder, os.path.dirname(path), made)
            _write_one(path, text, made)
    except BaseException as error:
        _unmake(made)
        if isinstance(error, FileExistsError):
            raise _there(path) from error
        if isinstance(error, OSError):
            reason = error.strerror or type(error).__name__
            raise GumauthError(
                f"{one_line(path, 500)} cannot be written: {reason}.",
                hint="Nothing was written. Try another folder with --in.",
            ) from error
        raise
    return paths


def _make_folders(root: str, folder: str, made: list[str]) -> None:
    missing = []
    while folder not in (root, "") and not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for each in reversed(missing):
        os.mkdir(each, 0o755)
        made.append(each)


def _write_one(path: str, text: str, made: list[str]) -> None:
    handle = os.open(path, NEW, 0o644)
    made.append(path)
    with open(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def _unmake(made: list[str]) -> None:
    for path in reversed(made):
        try:
            os.rmdir(path) if os.path.isdir(path) else os.unlink(path)
        except OSError:
            return


def _there(path: str) -> UsageError:
    return UsageError(
        f"{one_line(path, 500)} is there already, and nothing was written.",
        hint=f"Move it away (mv {shell_word(path)} …), give another name, or another folder with --in.",
    )
