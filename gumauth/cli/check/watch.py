"""`gumauth check --watch`: the check again at every save of the file, or of a module beside it that it imports."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection
from functools import partial
from typing import NoReturn

from gumauth.cli.check.process import Overtaken
from gumauth.cli.terminal.terminal import Terminal, harmless
from gumauth.errors import GumauthError, UsageError
from gumauth.registry import lookup

INTERVAL = 0.3
"""Seconds between two looks at the files."""

CLEAR = "\x1b[H\x1b[2J\x1b[3J"
"""Clears a terminal and what it has scrolled away. Source: ECMA-48 §8.3.39; xterm's extension."""

Stamps = dict[str, tuple[int, int, int] | None]


def again_at_each_save(
    reference: str,
    terminal: Terminal,
    check: Callable[[set[str], Callable[[], bool]], object],
    sleep: Callable[[float], None] = time.sleep,
) -> NoReturn:
    """Check a file now, and whenever it has changed, until Ctrl-C.

    Args:
        reference: The file, as PROVIDER of a command line, from the root.
        terminal: Where the time of each check stands.
        check: Prints what is found, and adds the paths of the modules that were read; it may end by `Overtaken` once
            the function that it is given says so.
        sleep: Waits.

    Raises:
        UsageError: It is the name of a provider, or there is no such file.
        KeyboardInterrupt: The person has had enough.
    """
    if not lookup.is_path(reference):
        raise UsageError("--watch waits for a file to be saved, and this is a name.", hint="Name the provider's file.")
    path = lookup.split_path(reference)[0]
    if not os.path.exists(path):
        raise UsageError(f"There is no file {harmless(path)}.", hint="--watch needs one that is there.")
    files = {path}
    while True:
        before, began = stamps(files), time.time_ns()
        _head(reference, terminal)
        read: set[str] = set()
        try:
            check(read, partial(has_changed, before))
        except Overtaken:
            files |= read
            continue
        except GumauthError as error:
            _failed(reference, terminal, error)
        _foot(terminal)
        learnt = stamps(read - files)
        files |= read
        if not any(stamp and stamp[0] > began for stamp in learnt.values()):  # else it was saved during the check
            wait({**learnt, **before}, sleep)


def stamps(files: Collection[str]) -> Stamps:
    """What changes when a file is saved: the time, the size and the place; None for a file that is gone."""
    return {file: _stamp(file) for file in files}


def _stamp(file: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def wait(before: Stamps, sleep: Callable[[float], None]) -> None:
    """Return once a file has been saved."""
    while True:
        if has_changed(before):
            return
        sleep(INTERVAL)


def has_changed(before: Stamps) -> bool:
    """Whether a file has been saved; one that is gone for the moment is being saved."""
    now = stamps(before)
    return any(now[file] not in (None, before[file]) for file in before)


def _head(reference: str, terminal: Terminal) -> None:
    """Clear the screen, and say what is checked when; nothing with `--json`, whose lines are for a program."""
    if terminal.json:
        return
    if terminal.stdout.isatty() and terminal.environ.get("TERM") != "dumb":
        terminal.stdout.write(CLEAR)
    at = time.strftime("%H:%M:%S", time.localtime(terminal.clock()))
    terminal.out(terminal.paint("bold", f"{at} {harmless(os.path.basename(reference))}", terminal.stdout))
    terminal.stdout.flush()


def _failed(reference: str, terminal: Terminal, error: GumauthError) -> None:
    """Say why the file cannot be played; with `--json` on standard output, so that each check has its line there."""
    if not terminal.json:
        terminal.fail(error)
        return
    told = {"code": error.code, "message": harmless(error.message), "hint": error.hint and harmless(error.hint)}
    terminal.answer(ok=False, provider="", file=reference, findings=[], error=told)


def _foot(terminal: Terminal) -> None:
    terminal.stdout.flush()
    if not terminal.json:
        terminal.line("Waiting for the next save; Ctrl-C ends. What is fine is not listed.", style="dim")
