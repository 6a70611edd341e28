"""The check of `gumauth doctor` that plays a program of a desktop, which starts gumauth with HOME and PATH alone.

The part is played by another process, which opens the store and reads a record as `gumauth token` does. Promise H6.
"""

from __future__ import annotations

import os
import subprocess
import sys

from gumauth.cli.commands.doctor_finding import Finding
from gumauth.cli.terminal.questions import unlock
from gumauth.errors import GumauthError
from gumauth.handout.recipes.short_environment import (
    DATABASE_SECRET,
    HOME,
    SECRET,
    Advice,
    advice,
    lost,
    missing_opener,
    shortened,
)
from gumauth.platform import interpreter
from gumauth.platform.json import dumps, loads
from gumauth.platform.text import shell_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gumauth.accounts.account import Account
    from gumauth.client.context import Context

SECONDS = 10.0
"""Seconds within which the process has to be done; its keyring has five of them."""

START = "from gumauth.cli.commands.doctor_programs import main; main()"
WHO = "Programs that pass on HOME and PATH alone"
STORE = "GUMAUTH_STORE"
NOT_THERE = "They look for accounts on this machine, and not in the database."


def programs(context: Context, listed: Sequence[Account]) -> Iterator[Finding]:
    """Whether a token can be had where a program passes on HOME and PATH alone."""
    usable = [account for account in listed if account.state == "ok"]
    key = usable[0].key if usable else ""
    if not (context.is_of_environ and interpreter.is_known() and _can_read(context, key)):
        return
    short, missing = shortened(context.environ), lost(context.environ)
    is_elsewhere = context.is_shared and STORE in missing  # they would look into this machine's own store
    fault = (NOT_THERE, None) if is_elsewhere else _played(short, key)
    moved = f"`env {HOME}={shell_word(short[HOME])}` before gumauth's path" if HOME in short else ""
    if fault is None:
        what = f"the record of {usable[0].label}" if usable else "the store"
        behind = f", with {moved}, as `gumauth link` writes it" if moved else ""
        yield Finding("ok", f"{WHO} get tokens too{behind}: {what} can be read there.")
        return
    # No secret is in a process's variables to find out more.
    is_secret = any(name in (*SECRET, DATABASE_SECRET) for name in missing)
    still = _played({**short, **missing}, key) if missing and not is_secret else fault
    given = []
    if still is None or is_secret or missing_opener(context.environ):
        given = advice(context.environ, missing)
    elif still[1]:
        given = [Advice(text=still[1])]
    if moved:
        given.append(Advice(text=f"They need {moved} too, as `gumauth link` writes it."))
    hint = " ".join(each.sentence for each in given) or None
    yield Finding("warn", f"{WHO} get no token. {fault[0]}", hint, advice=tuple(given))


def _played(environ: Mapping[str, str], key: str) -> tuple[str, str | None] | None:
    """What fails in the process, and what to do about it; None where it reads the record."""
    try:
        done = subprocess.run(
            interpreter.command(START, key),
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
            cwd=os.path.abspath(os.sep),
        )
        message, hint = loads(done.stdout)
    except subprocess.TimeoutExpired:
        return f"There is no answer within {SECONDS:g} s.", "Look at what confines the keyring or this program."
    except (OSError, ValueError, TypeError):
        return "Another process of gumauth cannot be started.", "Run `gumauth --version` with `env -i` before it."
    return None if message is None else (str(message), hint)


def _can_read(context: Context, key: str) -> bool:
    """Whether the record can be read here; if not, other checks have told."""
    try:
        _read(context, key)
    except GumauthError:
        return False
    return True


def main() -> None:
    """Be the process: read the record that the first argument names, and print what fails as JSON. No secret."""
    from gumauth.client.context import Context

    try:
        _read(Context(os.environ), sys.argv[1])
    except GumauthError as error:
        sys.stdout.write(dumps([error.message, error.hint]))
    else:
        sys.stdout.write(dumps([None, None]))


def _read(context: Context, key: str) -> None:
    account = context.accounts.get(*key.split("/")) if key else None
    if account is not None:
        context.accounts.read(account)
    elif key:
        raise GumauthError(f"There is no such account in {context.home.data}.", hint=None)
    else:
        unlock(context)  # an encrypted file gives nothing that is absent without a look at its key
        context.store().get("probe/absent")
