"""Which keeper has the accounts: this machine, or an engine that several machines share, as GUMAUTH_STORE says."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gumauth.accounts.list import AccountList
    from gumauth.accounts.local import LocalAccounts
    from gumauth.accounts.shared.administered import AdministeredEngine
    from gumauth.accounts.shared.administration import Administration
    from gumauth.accounts.shared.engine import Engine
    from gumauth.accounts.shared.keeper import SharedAccounts
    from gumauth.platform.folders import Home
    from gumauth.store.interface import Store

ADDRESSES = ("postgresql://", "postgres://")
"""What a value of GUMAUTH_STORE begins with that is the address of a database."""


def is_shared(environ: Mapping[str, str]) -> bool:
    """Whether the environment selects a store that machines share."""
    return environ.get("GUMAUTH_STORE", "").startswith(ADDRESSES)


def machine(environ: Mapping[str, str]) -> str:
    """What this machine calls itself towards people at others."""
    from gumauth.accounts.shared.session import machine_name

    return machine_name(environ)


def local(home: Home, store: Callable[[str | None], Store], notify: Callable[[str], None]) -> LocalAccounts:
    """The keeper of this machine's own accounts."""
    from gumauth.accounts.local import LocalAccounts

    return LocalAccounts(home, store, notify)


def shared(
    home: Home, environ: Mapping[str, str], notify: Callable[[str], None], clock: Callable[[], float]
) -> SharedAccounts:
    """The keeper of the accounts in the store that the environment selects."""
    from gumauth.accounts.shared.keeper import SharedAccounts

    return SharedAccounts(home, environ, notify, clock, _postgresql)


def administration(home: Home, environ: Mapping[str, str]) -> Administration:
    """What administers the store that the environment selects.

    Args:
        home: The folders of this machine's copy of the store's list.
        environ: Has GUMAUTH_STORE, with the address of a database.
    """
    from gumauth.accounts.shared.administration import Administration

    return Administration(environ, home, _administered)


def _administered(environ: Mapping[str, str], machine: str, holder: str) -> AdministeredEngine:
    from gumauth.accounts.postgresql.administration import AdministeredPostgreSQL

    return AdministeredPostgreSQL(environ, machine=machine, holder=holder)


def copies(home: Home, notify: Callable[[str], None]) -> list[AccountList]:
    """The copies of the lists of shared stores that this machine has. No store is asked, and nothing is written."""
    import os

    from gumauth.accounts.list import AccountList
    from gumauth.platform.frozen import replace

    top = os.path.join(home.data, "shared")
    try:
        names = sorted(os.listdir(top))
    except OSError:
        return []
    return [AccountList(replace(home, data=os.path.join(top, name)), _no_store, notify) for name in names]


def _no_store(_name: str | None) -> Store:
    raise NotImplementedError


def _postgresql(environ: Mapping[str, str], machine: str, holder: str) -> Engine:
    from gumauth.accounts.postgresql.engine import PostgreSQL

    return PostgreSQL(environ, machine=machine, holder=holder)
