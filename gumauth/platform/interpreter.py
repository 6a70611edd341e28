"""The command of another Python process of gumauth's own: for the keyring's worker, and for refreshing ahead."""

from __future__ import annotations

import os
import sys

from gumauth.platform.files import working_folder


def command(code: str, *words: str) -> list[str]:
    """The command of a process that finds the same modules as this process, and none in the current folder.

    With -I, Python ignores PYTHON* variables, the user's site and the current folder; the command then sets the path.

    Args:
        code: What the process runs.
        words: Its arguments, in `sys.argv` from the second on. Not secret.
    """
    here = working_folder()
    path = [os.path.join(here, entry) for entry in sys.path if here or os.path.isabs(entry)]
    bytecode = ["-B"] if sys.dont_write_bytecode else []
    if sys.pycache_prefix:
        bytecode += ["-X", f"pycache_prefix={sys.pycache_prefix}"]
    return [sys.executable, "-I", *bytecode, "-c", f"import sys; sys.path[:] = {path!r}; {code}", *words]


def is_known() -> bool:
    """Whether `sys.executable` is an interpreter: a program that has Python inside may name itself there."""
    name = os.path.basename(sys.executable or "").lower()
    return ("python" in name or "pypy" in name) and not getattr(sys, "frozen", False)


def end_helpers() -> None:
    """End what this process would end with itself, such as the keyring's worker, where it ends in another way."""
    if "atexit" in sys.modules:
        import atexit

        atexit._run_exitfuncs()  # noqa: SLF001 - this process does not end by the interpreter's shutdown
