"""One connection to the database, with a deadline of our own for everything that is asked on it.

libpq's own deadline is for connecting only: a server that is stopped, or cut off behind a firewall, would be waited for
without end. So the connection is psycopg2's asynchronous one, and the waiting is done here. It is always in autocommit:
each statement is one short transaction, which a pooler in transaction mode takes too. Promises T2 and T7.
"""

from __future__ import annotations

import os
import select
import threading
import time

from gumauth.accounts.postgresql.address import check_address, hosts, shown, tls_mode, trust
from gumauth.errors import ClaimLost, StoreAway, StoreError
from gumauth.platform.settings import mending, source
from gumauth.platform.text import one_line

try:
    import psycopg2
    from psycopg2 import extensions
except ImportError as error:
    raise StoreError(
        "Accounts in PostgreSQL need a driver that is not installed.", hint="Install `gumauth[postgresql]`."
    ) from error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

CONNECT_SECONDS = 5.0
"""Seconds for one host to take a connection."""

STATEMENT_SECONDS = 10.0

CLAIM_LOST = "GA001"
"""The SQLSTATE of our functions for a write under a claim that another has followed."""

PASSING = ("08", "53", "57", "58", "40")
"""Classes of SQLSTATE that say nothing of the statement: connection, resources, shutdown, system, rollback."""

REFUSED = {
    "28": ("does not let this role in", "Check the role and its password (~/.pgpass, PGPASSFILE, PGPASSWORD)."),
    "42501": ("does not let this role do that", "`gumauth store init` prints what an administrator has to grant."),
    "3F000": ("has no accounts of gumauth yet", "Run `gumauth store init` as its administrator."),
    "42P01": ("has no accounts of gumauth yet", "Run `gumauth store init` as its administrator."),
    "42883": (
        "has no accounts of gumauth yet, or those of an older one",
        "Run `gumauth store init` as its administrator.",
    ),
    "3D000": ("does not have that database", "Check the name at the end of the address."),
    "25006": ("is a standby, and can only be read", "Name the primary, or both with target_session_attrs=read-write."),
}
"""SQLSTATE, or its class → what the database does, and what to do."""


class Connection:
    """A connection, made when something is asked, and made anew where it was lost.

    Args:
        environ: Has GUMAUTH_STORE, and perhaps variables of libpq.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ, self._lock = environ, threading.RLock()
        self._connection: Any = None
        said = source(environ, "GUMAUTH_STORE")
        try:
            self.parameters: dict[str, str] = extensions.parse_dsn(environ["GUMAUTH_STORE"])
        except psycopg2.ProgrammingError as error:
            raise StoreError(
                f"{said} cannot be read as the address of a database.",
                hint=mending(environ, "GUMAUTH_STORE", "postgresql://HOST/DATABASE"),
            ) from error
        check_address(self.parameters, said)
        self.where = shown(self.parameters, environ)

    def ask(self, statement: str, values: Sequence[object] = (), *, seconds: float = STATEMENT_SECONDS) -> list[Any]:
        """The rows that a statement gives.

        Args:
            statement: With `%s` for each value.
            values: Its values.
            seconds: To wait for it.

        Raises:
            StoreAway: The database cannot be asked at present; whether the statement was run is not known then.
            ClaimLost: Another machine has the claim by now.
            StoreError: It refuses.
        """
        with self._lock:
            connection = self._connected()
            try:
                cursor = connection.cursor()
                cursor.execute(statement, values or None)  # without values, a % in it is a %
                self._wait(time.monotonic() + seconds)
                return cursor.fetchall() if cursor.description else []
            except (psycopg2.Error, OSError) as error:
                raise self._as_ours(error) from error
            except BaseException:
                self.close()  # what comes next on it would be this statement's answer
                raise

    def close(self) -> None:
        """End the connection; what is asked next makes a new one."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    @property
    def tls(self) -> str | None:
        """The version of TLS on the connection; None without TLS."""
        with self._lock:
            info = self._connected().info
            return (info.ssl_attribute("protocol") or "TLS") if info.ssl_in_use else None

    def _connected(self) -> Any:
        if self._connection is None or self._connection.closed:
            self._connection = None
            failure: StoreError | None = None
            for parameters in _one_by_one(self.parameters, self._environ):
                try:
                    self._connect(parameters)
                except StoreError as error:
                    self.close()
                    failure = error
                else:
                    return self._connection
            assert failure is not None  # noqa: S101
            raise failure
        return self._connection

    def _connect(self, parameters: Mapping[str, str]) -> None:
        end = time.monotonic() + CONNECT_SECONDS
        try:
            self._connection = psycopg2.connect(**parameters, async_=1)
            self._wait(end)
        except (psycopg2.Error, OSError) as error:
            raise self._as_ours(error, connecting=True) from error

    def _wait(self, end: float) -> None:
        connection = self._connection
        while (state := connection.poll()) != extensions.POLL_OK:
            seconds = end - time.monotonic()
            handle = connection.fileno()
            reads, writes = ([handle], []) if state == extensions.POLL_READ else ([], [handle])
            if seconds <= 0 or not any(select.select(reads, writes, [], seconds)):
                raise TimeoutError("it does not answer")

    def _as_ours(self, error: Exception, *, connecting: bool = False) -> StoreError:
        """The error in words of ours. Those of the server may repeat a statement, and so values."""
        state = getattr(error, "pgcode", None) or ""
        if state == CLAIM_LOST:
            return ClaimLost("Another machine has taken the account over; nothing was written.")
        what, hint = REFUSED.get(state) or REFUSED.get(state[:2]) or (None, None)
        if what is not None:
            return StoreError(f"The database at {self.where} {what}.", hint=hint)
        is_lost = not state or state[:2] in PASSING or isinstance(error, OSError)
        if is_lost or self._connection is None or self._connection.closed:
            self.close()
            if connecting:
                return _not_connected(self.where, error)
            return StoreAway(f"The database at {self.where} does not answer: {_reason(error)}.", hint=AGAIN)
        return StoreError(f"The database at {self.where} refuses: {type(error).__name__} {state}.", hint=DOCTOR)


AGAIN = "Try again when it does; `gumauth doctor` looks at it."
DOCTOR = "Run `gumauth doctor`."

ABOUT_TLS = ("certificate", "SSL", "TLS")


def _not_connected(where: str, error: Exception) -> StoreError:
    """The error for a connection that did not come about, for which libpq has only words and no SQLSTATE."""
    said = _reason(error)
    if "password" in said or "role " in said or "authentication" in said or "pg_hba" in said:
        what, hint = REFUSED["28"]
        return StoreError(f"The database at {where} {what}: {said}.", hint=hint)
    if "database " in said and "does not exist" in said:
        what, hint = REFUSED["3D000"]
        return StoreError(f"The database at {where} {what}.", hint=hint)
    if any(word in said for word in ABOUT_TLS):
        return StoreError(
            f"The database at {where} cannot be reached safely: {said}.",
            hint="Give it a certificate that this machine trusts (sslrootcert=), or say sslmode= in the address.",
        )
    if "read-only" in said or "not in hot standby" in said or "standby" in said:
        what, hint = REFUSED["25006"]
        return StoreError(f"The database at {where} {what}.", hint=hint)
    return StoreAway(f"The database at {where} cannot be reached: {said}.", hint=AGAIN)


def _reason(error: Exception) -> str:
    """The last line of what libpq says, without the address of the server."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    said = next((line for line in lines if "FATAL" in line), lines[0])
    return one_line(said.rpartition("FATAL:")[2].rpartition("failed:")[2].strip().rstrip("."), 200)


def _one_by_one(parameters: Mapping[str, str], environ: Mapping[str, str]) -> list[dict[str, str]]:
    """The parameters for each host of an address, with what is added to them: each host has its own deadline so."""
    added = {"application_name": "gumauth", "client_encoding": "UTF8"}
    if mode := tls_mode(parameters, environ):
        own = os.path.exists(os.path.join(os.path.expanduser("~"), ".postgresql", "root.crt"))
        added["sslmode"] = mode
        if root := trust(parameters, environ, has_own=own):
            added["sslrootcert"] = root
    whole = {**added, **parameters}
    names = hosts(parameters, environ)
    if len(names) == 1:
        return [whole]
    ports = (parameters.get("port") or environ.get("PGPORT") or "").split(",")
    key = "hostaddr" if parameters.get("hostaddr") else "host"
    return [
        {**whole, key: name, **({"port": port} if (port := ports[min(at, len(ports) - 1)]) else {})}
        for at, name in enumerate(names)
    ]
