"""A second engine: rows and claims in memory, without SQL, with a clock and failures that a test sets.

A test's machines share one `Memory`. Each has an engine of its own, and a function that hears of each question before
it is asked and after it was answered, and may raise: the store is away, or its answer is lost.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from gumauth.accounts.shared.engine import Change, Changes, Claim, Held, Moved, Row, SealedKey, Welcome
from gumauth.errors import ClaimLost, StoreAway
from gumauth.platform.json import loads

T = TypeVar("T")
Hear = Callable[[str, str], None]
"""Takes what is asked, such as "put", and "before" or "after"."""


@dataclass(frozen=True)
class Kept:
    """An account in memory."""

    content: str | None = None
    number: int | None = None
    generation: int = 0
    access: bytes | None = None
    refresh: bytes | None = None
    data_key: str | None = None
    change: int = 0

    @property
    def is_listed(self) -> bool:
        return self.content is not None and loads(self.content)["state"] != "connecting"


@dataclass(frozen=True)
class Lent:
    """A claim in memory."""

    fence: int
    holder: str
    machine: str
    generation: int
    since: float
    until: float


@dataclass
class Rows:
    """What is kept; another copy of it is an earlier state."""

    accounts: dict[str, Kept] = field(default_factory=dict)
    notes: dict[str, tuple[str | None, int]] = field(default_factory=dict)
    entries: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    sealed_keys: list[SealedKey] = field(default_factory=list)
    change: int = 0


class Memory:
    """The store that machines share.

    Args:
        clock: The store's.
        store: Its id.
    """

    def __init__(self, clock: Callable[[], float], store: str = "memory") -> None:
        self.clock, self.store = clock, store
        self.rows, self.claims, self.log = Rows(), dict[str, Lent](), list[tuple[str, str, str]]()
        self.fence, self.lock = 0, threading.RLock()

    def copy(self) -> Rows:
        """What is kept now, for `set_back`."""
        return copy.deepcopy(self.rows)

    def set_back(self, rows: Rows) -> None:
        """Keep what was kept at an earlier time, as a failover or a restored backup does; claims are lost too."""
        self.rows, self.claims = copy.deepcopy(rows), {}

    def change(self) -> int:
        self.rows.change += 1
        return self.rows.change

    def actions(self, name: str) -> list[str]:
        """What the log says that was done with a name, but for handing out."""
        return [action for action, of, _ in self.log if of == name and action != "take"]


class MemoryEngine:
    """`shared.engine.Engine` in memory.

    Args:
        memory: What the machines share.
        machine: What this machine calls itself.
        holder: The name of its folder.
        clock: This machine's.
        hear: Hears of each question.
    """

    name = "memory"

    def __init__(
        self,
        memory: Memory,
        *,
        machine: str,
        holder: str,
        clock: Callable[[], float],
        hear: Hear = lambda _what, _when: None,
        reads_only: bool = False,
    ) -> None:
        self._memory, self._machine, self._holder, self._clock, self.hear = memory, machine, holder, clock, hear
        self._reads_only = reads_only

    def close(self) -> None:
        """Nothing is open."""

    def _asked(self, what: str, answer: Callable[[], T]) -> T:
        self.hear(what, "before")
        with self._memory.lock:
            found = answer()
        self.hear(what, "after")
        return found

    def welcome(self, key_ids: Sequence[str] = ()) -> Welcome:
        def answer() -> Welcome:
            keys = self._memory.rows.sealed_keys
            return Welcome(
                store=self._memory.store,
                offset=self._memory.clock() - self._clock(),
                role=self._machine,
                connects=not self._reads_only,
                administers=not self._reads_only,
                data_keys=tuple(dict.fromkeys(key.data_key for key in keys)),
                sealed_keys=tuple(key for key in keys if key.key_id in key_ids),
            )

        return self._asked("welcome", answer)

    def changes(self, since: int) -> Changes:
        def answer() -> Changes:
            rows = self._memory.rows
            everything = [
                Change(
                    kind="account",
                    name=name,
                    change=kept.change,
                    content=kept.content,
                    number=kept.number,
                    generation=kept.generation,
                )
                for name, kept in rows.accounts.items()
            ]
            everything += [
                Change(kind="note", name=name, change=change, content=content)
                for name, (content, change) in rows.notes.items()
            ]
            return Changes(
                rows=tuple(row for row in everything if row.change > since),
                defaults=dict(rows.defaults),
                last=max([row.change for row in everything], default=0),
                count=len(everything),
                total=sum(row.change for row in everything),
            )

        return self._asked("changes", answer)

    def take(self, name: str, *, whole: bool) -> Row | None:
        def answer() -> Row | None:
            kept = self._memory.rows.accounts.get(name)
            if kept is None or kept.content is None:
                return None
            self._note("take", name)
            return Row(
                content=kept.content,
                generation=kept.generation,
                access=kept.access,
                refresh=kept.refresh if whole else None,
                data_key=kept.data_key,
                change=kept.change,
            )

        return self._asked("take", answer)

    def claim(
        self, name: str, seconds: float, *, take_over: bool, generation: int | None = None, drawn: str = ""
    ) -> Claim | Held | Moved:
        since, holder = time.monotonic(), f"{self._holder} {drawn}"

        def answer() -> Claim | Held | Moved:
            kept, lent = self._memory.rows.accounts.get(name, Kept()), self._memory.claims.get(name)
            now = self._memory.clock()
            if lent is not None and lent.holder != holder:
                may_follow = take_over or lent.generation != kept.generation
                if lent.until > now or not may_follow:
                    return Held(machine=lent.machine, seconds=now - lent.since)
            if generation is not None and generation != kept.generation:
                return Moved(generation=kept.generation)
            self._memory.fence += 1
            self._memory.claims[name] = Lent(
                self._memory.fence, holder, self._machine, kept.generation, now, now + seconds
            )
            return Claim(
                name=name, fence=self._memory.fence, generation=kept.generation, since=since, change=kept.change
            )

        return self._asked("claim", answer)

    def renew(self, claim: Claim, seconds: float) -> bool:
        def answer() -> bool:
            lent = self._memory.claims.get(claim.name)
            if lent is None or lent.fence != claim.fence:
                return False
            self._memory.claims[claim.name] = replace(lent, until=self._memory.clock() + seconds)
            return True

        return self._asked("renew", answer)

    def release(self, claim: Claim) -> None:
        def answer() -> None:
            lent = self._memory.claims.get(claim.name)
            if lent is not None and lent.fence == claim.fence:
                del self._memory.claims[claim.name]

        self._asked("release", answer)

    def put(self, claim: Claim, row: Row, number: int | None, *, action: str) -> int:
        def answer() -> int:
            self._check(claim)
            kept = self._memory.rows.accounts.get(claim.name)
            if kept is not None and kept.generation != row.generation - 1:
                return kept.generation
            new = Kept(row.content, self._number(claim.name, number), row.generation, row.access, row.refresh)
            self._keep(claim.name, replace(new, data_key=row.data_key))
            self._note(action, claim.name)
            return row.generation

        return self._asked("put", answer)

    def mark(self, claim: Claim, content: str, number: int | None, *, action: str) -> None:
        def answer() -> None:
            self._check(claim)
            kept = self._memory.rows.accounts.get(claim.name, Kept())
            self._keep(claim.name, replace(kept, content=content, number=self._number(claim.name, number)))
            self._note(action, claim.name)

        self._asked("mark", answer)

    def erase(self, claim: Claim, *, whole: bool, heir: str | None, action: str) -> int:
        def answer() -> int:
            self._check(claim)
            rows, (provider, _, identity) = self._memory.rows, claim.name.partition("/")
            kept = rows.accounts.get(claim.name, Kept())
            if not (kept.access or kept.refresh or (whole and kept.content)):
                return kept.generation
            gone = replace(kept, access=None, refresh=None, generation=kept.generation + 1)
            self._keep(claim.name, replace(gone, content=None) if whole else gone)
            if whole:
                of_provider = [kept for name, kept in rows.accounts.items() if name.startswith(f"{provider}/")]
                if not any(kept.is_listed for kept in of_provider):
                    rows.defaults.pop(provider, None)
                elif rows.defaults.get(provider) == identity:
                    rows.defaults[provider] = heir or "-"
            self._note(action, claim.name)
            return gone.generation

        return self._asked("erase", answer)

    def set_default(self, provider: str, identity: str) -> None:
        self._asked("set_default", lambda: self._memory.rows.defaults.update({provider: identity}))

    def write_note(self, name: str, content: str | None) -> None:
        self._asked("write_note", lambda: self._memory.rows.notes.update({name: (content, self._memory.change())}))

    def entry(self, name: str) -> tuple[bytes, str] | None:
        return self._asked("entry", lambda: self._memory.rows.entries.get(name))

    def set_entry(self, name: str, value: bytes | None, data_key: str | None) -> None:
        def answer() -> None:
            if value is None:
                self._memory.rows.entries.pop(name, None)
            else:
                self._memory.rows.entries[name] = value, data_key or ""

        self._asked("set_entry", answer)

    def add_key(self, keys: Sequence[SealedKey]) -> None:
        kept = self._memory.rows.sealed_keys
        self._asked("add_key", lambda: kept.extend(key for key in keys if key not in kept))

    def _check(self, claim: Claim) -> None:
        lent = self._memory.claims.get(claim.name)
        if lent is None or lent.fence != claim.fence:
            raise ClaimLost("Another machine has taken the account over; nothing was written.")

    def _number(self, name: str, number: int | None) -> int | None:
        return self._memory.rows.accounts.get(name, Kept()).number if number is None else number

    def _keep(self, name: str, kept: Kept) -> None:
        self._memory.rows.accounts[name] = replace(kept, change=self._memory.change())
        if kept.is_listed:
            provider, _, identity = name.partition("/")
            self._memory.rows.defaults.setdefault(provider, identity)

    def _note(self, action: str, name: str) -> None:
        self._memory.log.append((action, name, self._machine))


def away(*questions: str, when: str = "before") -> Hear:
    """Hears of questions, and is away for these; without any, for all."""

    def hear(what: str, at: str) -> None:
        if at == when and (what in questions or not questions):
            raise StoreAway("The store does not answer.", hint="Try again when it does.")

    return hear
