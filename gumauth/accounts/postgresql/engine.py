"""PostgreSQL as the engine of a shared store: each method is one call of a function of the schema.

The functions run with the rights of the schema's owner, and the roles may call them and touch no table: no token is
read without a row of the log, or a line of the server's own log where who reads rolls that back. Promises T2, T5, T8.
"""

from __future__ import annotations

import time

from gumauth.accounts.postgresql.connection import Connection
from gumauth.accounts.shared.engine import Change, Changes, Claim, Held, Moved, Row, SealedKey, Welcome
from gumauth.errors import StoreError
from gumauth.platform.json import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from gumauth.accounts.interface import Observation
    from gumauth.accounts.shared.engine import Kind

VERSION = 1
"""The schema's version that this gumauth needs and understands. Promise T8."""


class PostgreSQL:
    """`shared.engine.Engine` in a database.

    Args:
        environ: Has GUMAUTH_STORE.
        machine: What this machine calls itself in the log.
        holder: The folder that has this machine's locks, by which it knows its own claims.
    """

    name = "PostgreSQL"

    def __init__(self, environ: Mapping[str, str], *, machine: str, holder: str) -> None:
        self.connection, self._environ = Connection(environ), environ
        self._machine, self._holder = machine, holder

    def close(self) -> None:
        """End the connection, if there is one."""
        self.connection.close()

    def welcome(self, key_ids: Sequence[str] = ()) -> Welcome:
        """What the database says of itself, and the data keys that keys of these ids open.

        Raises:
            StoreError: Its schema is older or newer than this gumauth, or the role may do nothing.
        """
        offset = self._offset()
        rows = self.connection.ask("select * from gumauth.hello(%s)", (list(key_ids),))
        store, version, role, reads, connects, administers = rows[0][:6]
        check_version(version, self.connection.where)
        if not reads:
            raise StoreError(
                f"The role {role} may not read tokens at {self.connection.where}.",
                hint=f"Its administrator grants it: `GRANT gumauth_reader TO {role};`.",
            )
        sealed = [row for row in rows if row[9] is not None]
        return Welcome(
            store=str(store),
            offset=offset,
            role=role,
            connects=connects,
            administers=administers,
            data_keys=tuple(dict.fromkeys(str(row[6]) for row in rows if row[6] is not None)),
            sealed_keys=tuple(
                SealedKey(data_key=str(row[6]), kind=kind_of(row[7]), key_id=row[8], sealed=bytes(row[9]))
                for row in sealed
            ),
        )

    def _offset(self) -> float:
        """Seconds that the database's clock is ahead, as it was half way between question and answer."""
        self.connection.ask("select")  # connecting takes longer than an answer
        asked = time.time()
        now = self.connection.ask("select extract(epoch from clock_timestamp())::double precision")[0][0]
        return float(now - (asked + time.time()) / 2)

    def observe(self) -> Iterator[Observation]:
        """What can be said of the database and of the way to it."""
        from gumauth.accounts.postgresql.observation import observe

        return observe(self.connection, self._environ)

    def changes(self, since: int) -> Changes:
        """What is new since a change."""
        rows, defaults, first = [], {}, None
        found = self.connection.ask("select * from gumauth.changes(%s)", (since,))
        for kind, name, change, content, number, generation in found:
            if kind == "all":
                first = change, loads(content)
            elif kind == "default":
                defaults[name] = content
            else:
                rows.append(
                    Change(kind=kind, name=name, change=change, content=content, number=number, generation=generation)
                )
        assert first is not None  # noqa: S101
        last, counted = first
        return Changes(
            rows=tuple(rows), defaults=defaults, last=last, count=counted["count"], total=int(counted["sum"])
        )

    def take(self, name: str, *, whole: bool) -> Row | None:
        """The tokens of an account."""
        found = self.connection.ask("select * from gumauth.take(%s, %s, %s)", (name, self._machine, whole))
        if not found:
            return None
        content, generation, access, refresh, data_key, change = found[0]
        return Row(
            content=content,
            generation=generation,
            access=_bytes(access),
            refresh=_bytes(refresh),
            data_key=None if data_key is None else str(data_key),
            change=change,
        )

    def claim(
        self, name: str, seconds: float, *, take_over: bool, generation: int | None = None, drawn: str = ""
    ) -> Claim | Held | Moved:
        """A claim for some seconds."""
        since = time.monotonic()
        values = (name, f"{self._holder} {drawn}", self._machine, seconds, take_over, generation)
        rows = self.connection.ask("select * from gumauth.claim(%s, %s, %s, %s, %s, %s)", values)
        outcome, fence, machine, for_seconds, present, change = rows[0]
        if outcome == "held":
            return Held(machine=machine, seconds=for_seconds)
        if outcome == "moved":
            return Moved(generation=present)
        return Claim(name=name, fence=fence, generation=present, since=since, change=change)

    def renew(self, claim: Claim, seconds: float) -> bool:
        """Let a claim last some seconds from now."""
        return bool(self._value("renew", claim.name, claim.fence, seconds))

    def release(self, claim: Claim) -> None:
        """End a claim."""
        self._value("release", claim.name, claim.fence)

    def put(self, claim: Claim, row: Row, number: int | None, *, action: str) -> int:
        """Write an account whole."""
        return int(
            self._value(
                "put",
                *(claim.name, claim.fence, self._machine, action, row.generation - 1),
                *(row.content, number, row.access, row.refresh, row.data_key),
            )
        )

    def mark(self, claim: Claim, content: str, number: int | None, *, action: str) -> None:
        """Write an account's content."""
        self._value("mark", claim.name, claim.fence, self._machine, action, content, number)

    def erase(self, claim: Claim, *, whole: bool, heir: str | None, action: str) -> int:
        """Delete an account's tokens, or the account."""
        return int(self._value("erase", claim.name, claim.fence, self._machine, action, whole, heir))

    def set_default(self, provider: str, identity: str) -> None:
        """Make an account the default account of its provider."""
        self._value("set_default", provider, identity, self._machine)

    def write_note(self, name: str, content: str | None) -> None:
        """Write a note, or remove it."""
        self._value("write_note", name, content, self._machine)

    def entry(self, name: str) -> tuple[bytes, str] | None:
        """A sealed value."""
        rows = self.connection.ask("select * from gumauth.entry(%s)", (name,))
        return (bytes(rows[0][0]), str(rows[0][1])) if rows else None

    def set_entry(self, name: str, value: bytes | None, data_key: str | None) -> None:
        """Keep a sealed value, or delete it."""
        self._value("set_entry", name, value, data_key, self._machine)

    def add_key(self, keys: Sequence[SealedKey]) -> None:
        """Keep a data key."""
        values = [(key.data_key, key.kind, key.key_id, key.sealed, self._machine) for key in keys]
        calls = ", ".join("gumauth.add_key(%s, %s, %s, %s, %s)" for _ in values)  # in one statement: all or none
        self.connection.ask(f"select {calls}", [value for each in values for value in each])

    def _value(self, function: str, *values: object) -> Any:
        holes = ", ".join("%s" for _ in values)
        rows = self.connection.ask(f"select gumauth.{function}({holes})", values)
        return rows[0][0] if rows else None


def check_version(version: int, where: str) -> None:
    """Stop where this gumauth would not understand the schema. Promise T8.

    Raises:
        StoreError: It is newer, or older.
    """
    if version > VERSION:
        raise StoreError(f"A newer gumauth made the accounts at {where}.", hint="Update gumauth; nothing was changed.")
    if version < VERSION:
        raise StoreError(
            f"An older gumauth made the accounts at {where}.", hint="Run `gumauth store init` as its administrator."
        )


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def kind_of(value: str) -> Kind:
    """What a data key opens, as the table has it."""
    return "refresh" if value == "refresh" else "access"
