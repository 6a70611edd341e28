"""The process that keeps the files of `NAME@=` fresh while the command runs, and removes them with its end.

The command is the process that gumauth was: nothing has to pass its signals and its status on. The keeper is no child
of it, has no terminal, and none of its files but standard error, where it says what fails. It ends with the command: it
ignores SIGTERM and SIGHUP, which a service manager sends to all processes of a service while the command still ends.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

from gumauth.client.context import Context
from gumauth.client.id_token import id_token
from gumauth.client.refresh.expiry import SKEW
from gumauth.client.token import one_word, printable
from gumauth.errors import GumauthError, HomeError
from gumauth.handout.run import files, schedule
from gumauth.handout.run.end_of_process import EndOfProcess
from gumauth.handout.run.references import split
from gumauth.handout.run.start_keeper import LOCK_HANDLE, READY
from gumauth.handout.run.tokens import one_value
from gumauth.platform.json import loads
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gumauth.accounts.account import Account

MOST_FILES = 4096
LAST_REQUEST = 90.0
"""Seconds for which a request that is under way is waited for: its answer may hold the only refresh token left."""


def main() -> None:
    """Be the keeper: the first line of standard input says of what, and standard output says that it is ready.

    At the end of standard input the files are there. That is also the end of a starter that was killed meanwhile.
    """
    if os.fork():
        os._exit(0)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.closerange(LOCK_HANDLE + 1, MOST_FILES)
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        os._exit(0)  # the starter was killed, and there are no files yet
    message = loads(line)
    os.environ.clear()
    os.environ.update(message["environ"])
    end = EndOfProcess(message["process"])
    keeper = Keeper(
        message["folder"], message["accounts"], lambda: Context(os.environ, notify=say), min_valid=message["min_valid"]
    )
    try:
        os.write(1, READY)
    except BrokenPipeError:
        pass  # the starter was killed, and its end is waited for below
    sys.stdin.buffer.read()
    thread = threading.Thread(target=keeper.renew_until_stopped, daemon=True)
    thread.start()
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    end.wait()
    keeper.stop()
    os.dup2(nowhere, 2)  # whoever reads the command's errors to their end does not wait for a request
    thread.join(LAST_REQUEST)
    os._exit(0)


class Keeper:
    """Files with tokens, kept fresh.

    Args:
        folder: The run's folder.
        accounts: The names of the files in it, and the keys of the accounts whose tokens they hold, each with which of
            the tokens, as `references.which` and `tokens.kept_key` write that.
        new_context: Gives a context for one look at the accounts.
        min_valid: Seconds for which the tokens must be good, as for `gumauth token`.
        clock: Gives the time, in seconds since 1970.
    """

    def __init__(
        self,
        folder: str,
        accounts: Mapping[str, str],
        new_context: Callable[[], Context],
        *,
        min_valid: float | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder, self._accounts = folder, {name: split(wanted) for name, wanted in accounts.items()}
        self._new_context, self._min_valid, self._clock = new_context, min_valid, clock
        self._plans = {name: schedule.Plan(at=0.0, life=min_valid) for name in accounts}
        self._known: dict[str, Account | None] = {}
        self._looked = 0.0
        self._stopped, self._writing = threading.Event(), threading.Lock()

    def renew_until_stopped(self) -> None:
        """Renew each token before it ends, and write what another process has refreshed, until `stop`."""
        import gumauth.client.refresh.request  # noqa: F401 - now, because it takes longer than the margin of some tokens

        while not self._stopped.is_set():
            try:
                self.look()
            except GumauthError as error:  # the data folder cannot be used for now
                say(error.message)
            self._stopped.wait(schedule.pause(list(self._plans.values()), self._clock()))

    def look(self) -> None:
        """Renew the tokens that are due, or whose accounts have changed; all, where the clock has gone back."""
        context = self._new_context()
        before, self._looked = self._looked, self._clock()
        for name, (key, is_id_token) in self._accounts.items():
            account = _account(context, key)
            at = self._plans[name].at
            is_time = at is not None and (self._clock() >= at or self._looked + SKEW < before)
            if is_time or account != self._known.get(name):
                self._renew(context, name, key, is_id_token=is_id_token)
                self._known[name] = _account(context, key)

    def _renew(self, context: Context, name: str, key: str, *, is_id_token: bool) -> None:
        plan, now = self._plans[name], self._clock
        try:
            if is_id_token:
                found = id_token(context, key, min_valid=plan.life)
                self._put(name, one_word(found.value))
                self._plans[name] = schedule.after_id_token(found, now(), self._min_valid, plan.failures)
            else:
                account, record, value = one_value(context, key, min_valid=plan.life)
                self._put(name, printable(account, value))
                self._plans[name] = schedule.after(record, now(), self._min_valid, plan.failures)
        except GumauthError as error:
            say(f"The file of {name} is not renewed: {error.message} {error.hint or ''}")
            self._plans[name] = schedule.after_failure(now(), plan.life, plan.failures)

    def _put(self, name: str, value: str) -> None:
        path = os.path.join(self._folder, name)
        with self._writing:
            if not self._stopped.is_set() and not _holds(path, value):
                files.put(path, value)

    def stop(self) -> None:
        """Remove the files, and write none any more."""
        with self._writing:
            self._stopped.set()
            try:
                files.remove(self._folder)
            except GumauthError as error:
                say(error.message)


def _account(context: Context, key: str) -> Account | None:
    """The account that a file's token is of; behind its key, the field of a key may stand."""
    return context.accounts.get(*key.partition("#")[0].split("/"))


def _holds(path: str, value: str) -> bool:
    """Whether a file holds a token alone; not where the command has put a link or a pipe in its place."""
    from gumauth.platform.files import read_file

    try:
        return read_file(path) == value.encode()
    except HomeError:
        return False


_said: dict[str, None] = {}
"""Sentences that were said, so that none is said at every try."""


def say(sentence: str) -> None:
    """Write a sentence on standard error, once."""
    line = f"gumauth run: {one_line(sentence, 1000)}"
    if line in _said:
        return
    if len(_said) > 100:
        _said.clear()
    _said[line] = None
    try:
        os.write(2, f"{line}\n".encode())
    except OSError:
        pass  # nobody reads it
