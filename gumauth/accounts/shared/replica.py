"""This machine's copy of a shared store's list, brought up to date from the store, and its tokens from there.

The store is asked for what is new when the copy is older than a setting says; where it is away, the copy is used, and
the person is told. Promise T4.
"""

from __future__ import annotations

import os

from gumauth.accounts.account import is_name
from gumauth.accounts.shared.cache import TokenCache
from gumauth.accounts.shared.mirror import Mirror, State, mirror_home
from gumauth.accounts.shared.session import Session
from gumauth.errors import Busy, HomeError, NotConnected, StoreAway, StoreError
from gumauth.platform.frozen import replace
from gumauth.platform.lock import Lock
from gumauth.platform.settings import mending, source
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record
    from gumauth.accounts.shared.engine import Engine
    from gumauth.accounts.shared.session import MakeEngine
    from gumauth.platform.folders import Home

SETTING = "GUMAUTH_CACHE_SECONDS"
USUAL_SECONDS = 60.0
"""Seconds for which the copy is believed: a disconnect on another machine is seen by then."""

MOST_SECONDS = 86400

AWAY_SECONDS = 10.0
"""Seconds for which a store that did not answer is not asked again."""

OFFSET_STEP = 5.0
"""Seconds by which the difference of the clocks may change: by more, one was set, and what was kept is dropped."""

RECENT = 1.0
"""Seconds for which one run does not ask again for what is new."""

SPREAD = 30.0
"""Seconds over which the machines spread the beginning of a refresh ahead."""

WAIT = 30.0
"""Seconds to wait for another process of this machine that asks for what is new."""


AGAIN = "Try again; `gumauth doctor` looks at the database."


class Replica(Mirror):
    """The copy and the tokens.

    Args:
        home: The folders of this person.
        environ: Has GUMAUTH_STORE and GUMAUTH_KEY_FILE.
        notify: Takes one sentence for the person.
        clock: Gives the time.
        make_engine: Makes the store's engine, when it is needed.
    """

    def __init__(
        self,
        home: Home,
        environ: Mapping[str, str],
        notify: Callable[[str], None],
        clock: Callable[[], float],
        make_engine: MakeEngine,
    ) -> None:
        from gumauth.store.encrypted_file.store import EncryptedStore

        home = mirror_home(home, environ["GUMAUTH_STORE"])
        files = EncryptedStore(home, environ, None)
        super().__init__(home, lambda _name: files, notify)
        self.environ, self.clock = environ, clock
        self.cache = TokenCache(files)
        self.session = Session(environ, home, make_engine)
        self._asked = float("-inf")
        self._has_said_away = False
        self._to_settle: list[str] = []

    @property
    def engine(self) -> Engine:
        """The store's engine."""
        return self.session.engine

    @property
    def where(self) -> str:
        """Host and port, for a sentence."""
        where: str = getattr(getattr(self.engine, "connection", None), "where", self.engine.name)
        return where

    @property
    def offset(self) -> float:
        """Seconds that the store's clock is ahead of this machine's."""
        return self.session.welcome.offset

    def keep(self, account: Account, record: Record, before: Account | None) -> None:
        """Have an account and its record here too, as they have just been stored."""
        self.note(account, before)
        self.cache.keep(account, record)

    def note(self, account: Account, before: Account | None) -> None:
        """Have an account here too, as it has just been stored; where that fails, the next update copies it."""
        try:
            self.copy(account, before)
        except HomeError as error:
            self.notify(f"{error.message} This machine's copy of the list is behind.")

    def uncopy(self, account: Account) -> None:
        """Have an account here no longer; where that fails, the next update removes it."""
        try:
            self._remove(account.key, account)
        except HomeError as error:
            self.notify(f"{error.message} This machine's copy of the list is behind.")

    def has_tokens(self, key: str, generation: int, seen: int) -> None:
        """Forget a token that is not the newest; notice where the store was set back."""
        self.cache.drop_older(key, generation)
        if generation < seen:
            self._to_settle.append(key)

    def take(self, account: Account) -> Record:
        """The record of an account from the store, without its refresh token; this machine keeps it."""
        return self._taken(account, whole=False)[1]

    def take_whole(self, account: Account) -> tuple[Account, Record, int]:
        """The account as it is listed now, its record, and the number of its latest change."""
        return self._taken(account, whole=True)

    def seen(self, account: Account) -> int:
        """The latest generation of the account's tokens that this machine has seen."""
        kept, copied = self.cache.get(account), self.generation(account.key, self.session.welcome.store)
        return copied if kept is None else max(kept.generation, copied)

    def _taken(self, account: Account, *, whole: bool) -> tuple[Account, Record, int]:
        from gumauth.accounts.shared.sealed import edited, listed, unsealed

        keys, offset = self.session.keys, self.offset
        seen = self.seen(account)  # before the store is asked: another process may see a later one meanwhile
        row = self.engine.take(account.key, whole=whole)
        if row is None or (present := listed(row.content, offset)) is None:
            raise NotConnected(f"{account.label} has been disconnected.", account=account.label)
        if present.key != account.key:
            raise edited(account)
        record = unsealed(keys, present, row, offset)
        if record.generation < seen:
            self.notify(
                f"The database has older tokens of {account.label} than this machine has seen: it was set back, or"
                " somebody has changed it."
            )
        self._keep_taken(present, record, seen)
        return present, record, row.change

    def _keep_taken(self, account: Account, record: Record, seen: int) -> None:
        """Keep a record, unless a later one of the account is kept or known here."""
        try:
            with Lock(os.path.join(self.home.data, "locks", "kept.lock"), timeout=WAIT, what="the kept tokens"):
                kept = self.cache.get(account)
                if kept is not None and kept.generation > record.generation and self._has_life(kept):
                    return  # also where the store was set back: the later token is the one that works
                if seen <= record.generation < self.seen(account):
                    return
                self.cache.keep(account, record)
        except (HomeError, Busy):
            pass  # the store is asked again

    def _has_life(self, record: Record) -> bool:
        return record.expires_at is None or record.expires_at > self.clock()

    @property
    def believed(self) -> float:
        """Seconds for which the copy is believed; raises `StoreError` where the setting is no number of them."""
        said = self.environ.get(SETTING)
        if not said:
            return USUAL_SECONDS
        if said.isascii() and said.isdigit() and float(said) <= MOST_SECONDS:
            return float(said)
        raise StoreError(
            f"{source(self.environ, SETTING)} is {one_line(said, 40)!r}, and no number from 0 to {MOST_SECONDS}.",
            hint=mending(self.environ, SETTING, f"{USUAL_SECONDS:.0f}"),
        )

    def update(self, seconds: float) -> None:
        """Bring the copy up to date, if it is older than that; where the store is away, it stays as it is.

        Raises:
            StoreAway: It is away, and there is no copy.
        """
        now, state = self.clock(), self.state
        allowed = AWAY_SECONDS if state.is_away else seconds
        at = self._asked if seconds <= RECENT and not state.is_away else state.at
        if state.store and 0 <= now - at <= allowed:
            self._say_away(state)
            return
        try:
            self.update_now()
        except (StoreAway, Busy) as error:
            if not self.state.store:
                raise
            self._say_away(replace(self.state, is_away=True, why=error.message))
        except HomeError as error:
            if not self.state.store:
                raise
            self.notify(f"{error.message} This machine's copy of the list is as old as it is.")

    def _say_away(self, state: State) -> None:
        """Tell the person once in a run that the copy is used, and why."""
        if state.is_away and not self._has_said_away:
            self._has_said_away = True
            self.notify(f"{state.why or 'The database does not answer.'} This machine's copy of the list is used.")

    def check_present(self) -> None:
        """Stop where the copy alone would say that there is no such thing.

        Raises:
            StoreAway: The store could not be asked.
        """
        if self.state.is_away:
            raise StoreAway(self.state.why or "The database does not answer.", hint=AGAIN)

    def update_now(self) -> None:
        """Bring the copy up to date.

        Raises:
            StoreAway: The store does not answer.
            StoreError: It refuses, or the copy cannot be written.
        """
        asked = self.clock()
        path = os.path.join(self.home.data, "locks", "copy.lock")
        with Lock(path, timeout=WAIT, what="the copy of the list") as lock:
            if lock.has_waited and self._was_updated(asked):
                self._asked = asked
                return
            try:
                self._copy_changes()
                self._asked = asked
            except StoreAway as error:
                self.know(replace(self.state, at=self.clock(), is_away=True, why=one_line(error.message, 300)))
                raise

    def _was_updated(self, asked: float) -> bool:
        """Whether another process has brought the copy up to date since; raises `StoreAway` where it could not."""
        self._state = None
        if not asked <= self.state.at <= self.clock():
            return False
        if self.state.is_away:
            raise StoreAway(self.state.why or f"The database at {self.where} does not answer.", hint=AGAIN)
        return True

    def _copy_changes(self) -> None:
        welcome = self.session.welcome
        state, offset, at = self.state, welcome.offset, self.clock()
        was_set = abs(state.offset - offset) >= OFFSET_STEP
        since = state.last if state.store == welcome.store and not was_set else 0
        changes = self.engine.changes(since)
        if not self.apply(changes, since, offset, welcome.store):
            changes = self.engine.changes(0)
            self.apply(changes, 0, offset, welcome.store)
        self.session.learn_keys()
        self._look_for_own(welcome.store)
        if state.store and was_set:
            for account in super().all():
                self.cache.drop(account.key)  # its end is by a clock that was set since
        connects = welcome.connects and self.session.keys.can_refresh
        spread = state.spread or os.urandom(1)[0] / 255 * SPREAD
        self.know(State(at=at, store=welcome.store, connects=connects, offset=offset, last=changes.last, spread=spread))

    def _look_for_own(self, store: str) -> None:
        """Notice where a rescue file may have an answer that the store does not have.

        It has lost what this machine has written; or a process here was killed before it wrote, and another machine has
        found the grant dead since.
        """
        for name in self._folder(self._file("rescue")):
            provider, _, identity = name.rpartition(".")
            account = self.known(f"{provider}/{identity}") if is_name(provider) else None
            if account is not None and (account.state == "reconnect" or self._is_lost(account, store)):
                self._to_settle.append(account.key)

    def _is_lost(self, account: Account, store: str) -> bool:
        """Whether a later token of the account is kept here than the store has."""
        kept = self.cache.get(account)
        return kept is not None and kept.generation > self.generation(account.key, store)

    def outdate(self, *, whole: bool = False) -> None:
        """Have the copy brought up to date when it is needed next; `whole` where it is damaged."""
        self._asked = float("-inf")
        self.know(replace(self.state, at=0.0, last=0 if whole else self.state.last))
