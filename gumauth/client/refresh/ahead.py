"""Refreshing ahead: a good token that is nearly due is handed out at once, and another process refreshes it.

Whoever hands it out leaves the process behind and forgets it: nothing that becomes of it is waited for, printed or
raised. It refreshes by the rules of `refresh`, under the account's lock. A failure that these rules note is noted; all
others are told to whoever meets the token once it is due.

A lock file beside the account's says that a process is at it, and for which token one was started last, and when: of
two hundred runs that meet the same token, one starts a process. Promise H8.
"""

from __future__ import annotations

import os

from gumauth.client.refresh.expiry import ahead_margin, can_refresh, is_nearly_due
from gumauth.client.refresh.failures import is_noted
from gumauth.errors import GumauthError
from gumauth.platform import interpreter
from gumauth.platform.detached import leave_behind
from gumauth.platform.json import dumps, loads
from gumauth.platform.lock import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record
    from gumauth.client.context import Context

SETTING = "GUMAUTH_AHEAD"
OFF = ("0", "no", "off", "false")

PAUSE = 120.0
"""Seconds until the same token is tried again: what fails on this machine is not noted, as a keyring that asks."""

DEADLINE = 300
"""Seconds after which the system ends the process, whatever keeps it: waits of its own take less."""

LONGEST_NOTE = 100
START = "from gumauth.client.refresh.ahead import main; main()"


def start(context: Context, account: Account, record: Record) -> None:
    """Leave a process behind that refreshes the account, unless one is at it already. Raises nothing.

    Args:
        context: Folders, clock, environment.
        account: As it is listed.
        record: With a token that is nearly due.
    """
    if not (_is_possible(context) and is_worth_it(account, record, context.clock())):
        return
    try:
        if _is_first(context, account, record):
            leave_behind(command(account), _message(context.environ), context.environ)
    except (GumauthError, OSError):
        pass  # the token is refreshed when it is due


def is_worth_it(account: Account, record: Record, now: float) -> bool:
    """Whether a refresh may well succeed. Pure."""
    ends = account.refresh_expires_at
    has_ended = ends is not None and ends <= now
    return account.state == "ok" and can_refresh(account, record) and not has_ended and not is_noted(account, now)


def is_wanted(environ: Mapping[str, str]) -> bool:
    """Whether the person allows to refresh ahead."""
    return environ.get(SETTING, "").strip().lower() not in OFF


def command(account: Account) -> list[str]:
    """The command of the process. It holds no secret: the list of processes shows it."""
    return interpreter.command(START, account.key)


def main() -> None:
    """Be the process: refresh the account that the first argument names, in the environment from standard input."""
    import signal
    import sys

    from gumauth.client.context import Context

    if hasattr(signal, "alarm"):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)  # the program that started it may ignore them
        signal.alarm(DEADLINE)
    environ: dict[str, str] = loads(sys.stdin.buffer.read())
    os.environ.clear()
    os.environ.update(environ)
    try:
        refresh_ahead(Context(os.environ), sys.argv[1])
    except GumauthError:
        pass  # told once the token is due


def refresh_ahead(context: Context, key: str) -> None:
    """Refresh an account whose token is nearly due, unless another process is at it.

    Args:
        context: Folders, clock, environment.
        key: Provider and id of the account.

    Raises:
        Busy: Another process is at it.
        GumauthError: As `refresh_account`.
    """
    account = context.accounts.get(*key.split("/"))
    if account is None:
        return
    with _lock(context, key, seconds=1):  # a run that looks at the file holds it for some microseconds
        record = context.accounts.read(account)
        if record.expires_at is None or not is_nearly_due(record, context.clock()):
            return
        from gumauth.client.refresh.refresh import refresh_account

        refresh_account(context, account, min_valid=ahead_margin(record.expires_at - record.obtained_at))


def _is_possible(context: Context) -> bool:
    return context.is_of_environ and is_wanted(context.environ) and interpreter.is_known()


def _is_first(context: Context, account: Account, record: Record) -> bool:
    """Whether no process is at the account, and none was started for this token of late; this one is noted then."""
    with _lock(context, account.key) as lock:
        now = context.clock()  # not before: to an earlier one, what another run has just noted would be in the future
        if not _may_start(os.read(lock.handle, LONGEST_NOTE), record.obtained_at, now):
            return False
        os.lseek(lock.handle, 0, os.SEEK_SET)
        os.truncate(lock.handle, os.write(lock.handle, f"{record.obtained_at!r} {now!r}\n".encode()))
    return True


def _may_start(note: bytes, token: float, now: float) -> bool:
    """Whether a process may be started for a token.

    Args:
        note: When the token was obtained for which a process was started last, and when that was; perhaps damaged.
        token: When this token was obtained.
        now: Seconds since 1970 in UTC.
    """
    try:
        noted, at = map(float, note.split())
    except ValueError:
        return True
    return noted != token or not 0 <= now - at < PAUSE


def _lock(context: Context, key: str, *, seconds: float = 0) -> Lock:
    """The lock of the process, which is not the account's: the process holds that one only while it refreshes."""
    path = os.path.join(context.home.data, "locks", f"{key.replace('/', '.')}.ahead.lock")
    return Lock(path, timeout=seconds, what=key)


def _message(environ: Mapping[str, str]) -> bytes:
    """All variables of the run, for the process: with fewer, it could fail where the run would not, and note that."""
    return dumps(dict(environ)).encode()
