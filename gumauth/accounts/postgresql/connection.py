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

from gumauth.accounts.postgresql.address import (
    check_address,
    checked_hosts,
    connect_seconds,
    one_by_one,
    shown,
    tls,
)
from gumauth.accounts.postgresql.refusals import SILENT, UNFIT, Refusal, of_connecting, of_state
from gumauth.accounts.postgresql.service_file import with_service
from gumauth.errors import ClaimLost, KeyReplaced, StoreAway, StoreError
from gumauth.platform.settings import mending, source

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

NO_SUCH_KEY = "23503"
"""The SQLSTATE of a reference to what is not there: of ours, those to data keys."""

CLAIM_LOST = "GA001"
"""The SQLSTATE of our functions for a write under a claim that another has followed."""


class Connection:
    """A connection, made when something is asked, and made anew where it was lost.

    Args:
        environ: Has GUMAUTH_STORE, and perhaps variables of libpq.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ, self._lock = environ, threading.RLock()
        self._connection: Any = None
        self._process = os.getpid()
        said = source(environ, "GUMAUTH_STORE")
        try:
            parameters: dict[str, str] = extensions.parse_dsn(environ["GUMAUTH_STORE"])
        except psycopg2.ProgrammingError:
            raise StoreError(
                f"{said} cannot be read as the address of a database.",
                hint=mending(environ, "GUMAUTH_STORE", "postgresql://HOST/DATABASE"),
            ) from None  # which repeats what it could not read, perhaps a password
        check_address(parameters, said)
        self.parameters = with_service(parameters, environ)
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
            except (psycopg2.Error, OSError, ValueError) as error:
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
    def info(self) -> Any:
        """What libpq knows of the connection; it may hold the password."""
        with self._lock:
            return self._connected().info

    @property
    def tls(self) -> str | None:
        """The version of TLS on the connection; None without TLS."""
        with self._lock:
            info = self._connected().info
            return (info.ssl_attribute("protocol") or "TLS") if info.ssl_in_use else None

    def _connected(self) -> Any:
        if self._process != os.getpid():
            self._connection, self._process = None, os.getpid()  # it is the parent's, who goes on to use it
        if self._connection is None or self._connection.closed:
            self._connect_to_any()
        return self._connection

    def _connect_to_any(self) -> None:
        """Connect to the first host that takes a connection."""
        failures: list[StoreError] = []
        for parameters in self._targets():
            try:
                self._connect(parameters)
            except StoreError as error:
                failures.append(error)
            else:
                return
        # A host that is away may be the one that could be written to: then a later try may find it.
        raise next((error for error in failures if isinstance(error, StoreAway)), failures[-1])

    def _targets(self) -> list[dict[str, str]]:
        """What libpq is given for each host."""
        whole = {
            "application_name": "gumauth",
            **self.parameters,
            **checked_hosts(self.parameters, self._environ),
            **tls(self.parameters, self._environ, is_there=_is_there),
            "client_encoding": "UTF8",
        }
        return one_by_one(whole, self._environ)

    def _connect(self, parameters: Mapping[str, str]) -> None:
        end = time.monotonic() + connect_seconds(parameters, self._environ, CONNECT_SECONDS)
        try:
            self._connection = psycopg2.connect(**parameters, async_=1)
            self._wait(end)
        except (psycopg2.Error, OSError, ValueError) as error:
            self.close()
            raise self._not_connected(error, parameters) from error
        except BaseException:
            self.close()
            raise

    def _wait(self, end: float) -> None:
        connection = self._connection
        while (state := connection.poll()) != extensions.POLL_OK:
            seconds = end - time.monotonic()
            to_read = state == extensions.POLL_READ
            if seconds <= 0 or not _is_ready(connection.fileno(), to_read=to_read, seconds=seconds):
                raise TimeoutError("it does not answer")

    def _as_ours(self, error: Exception) -> StoreError:
        """The error of a statement in words of ours."""
        state = getattr(error, "pgcode", None) or ""
        if state == NO_SUCH_KEY:
            return KeyReplaced(f"The key of the accounts at {self.where} was replaced meanwhile; nothing was written.")
        if state == CLAIM_LOST:
            return ClaimLost("Another machine has taken the account over; nothing was written.")
        if isinstance(error, OSError):
            refusal = SILENT
        elif isinstance(error, ValueError):
            refusal = UNFIT  # a letter that no text of the database may have
        else:
            refusal = of_state(state)
        if refusal.is_passing or self._connection is None or self._connection.closed:
            self.close()
        return self._error(refusal)

    def _not_connected(self, error: Exception, parameters: Mapping[str, str]) -> StoreError:
        """The error of connecting in words of ours."""
        if isinstance(error, TimeoutError):
            return self._error(SILENT)
        environ = self._environ
        role = parameters.get("user") or environ.get("PGUSER") or environ.get("USER") or ""
        database = parameters.get("dbname") or environ.get("PGDATABASE") or role
        state = getattr(error, "pgcode", None)
        return self._error(of_state(state) if state else of_connecting(str(error), role=role, database=database))

    def _error(self, refusal: Refusal) -> StoreError:
        kind = StoreAway if refusal.is_passing else StoreError
        return kind(f"The database at {self.where} {refusal.what}.", hint=refusal.hint)


def _is_there(path: str) -> bool:
    return os.path.exists(os.path.expanduser(path))


def _is_ready(handle: int, *, to_read: bool, seconds: float) -> bool:
    """Whether a handle can be read or written within some seconds."""
    if not hasattr(select, "poll"):
        return any(select.select([handle] if to_read else [], [] if to_read else [handle], [], seconds))
    poller = select.poll()  # takes handles above 1023 too, which programs with many connections have
    poller.register(handle, select.POLLIN if to_read else select.POLLOUT)
    return bool(poller.poll(1000 * seconds))
