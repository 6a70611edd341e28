"""Makes the schema, or brings it to this gumauth's version: numbered files of SQL, forward only, under a lock.

Each file is one transaction, with the number that it leads to. Promise T8.
"""

from __future__ import annotations

import os

from gumauth.accounts.postgresql.connection import Connection
from gumauth.accounts.postgresql.engine import VERSION, check_version
from gumauth.errors import StoreAway, StoreError
from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FOLDER = os.path.join(os.path.dirname(__file__), "schema")
OWNER = "gumauth_admin"
ROLES = {
    "gumauth_reader": "reads tokens",
    "gumauth_connector": "reads tokens, connects, refreshes and disconnects",
    OWNER: "administers: changes keys, reads the log, updates the schema",
}
LOCK = 0x67756D617574
"""The number of the advisory lock of a migration, which ends with its transaction."""

SECONDS = 120.0

OURS = (
    "select 1 from pg_class where oid = to_regclass('gumauth.store') and relkind = 'r'"
    " and pg_get_userbyid(relowner) = any (%s || array[current_user::text])"
)
"""Whether the table of the version may be read before it is known whose schema it is in."""


@frozen
class Made:
    """What became of the schema.

    Args:
        before: Its version before; 0 for none.
        version: Its version now.
        has_roles: Whether the three roles are there.
        role: Who did it.
    """

    before: int
    version: int
    has_roles: bool
    role: str


def migrate(connection: Connection) -> Made:
    """Make or update the schema; nothing happens where it has this gumauth's version.

    Raises:
        StoreError: The role may not, or a newer gumauth made the schema.
        StoreAway: The database does not answer.
    """
    role = str(connection.ask("select session_user")[0][0])
    before = version_of(connection)
    if before > VERSION:
        check_version(before, connection.where)
    has_roles = _make_roles(connection)
    owner = _owner(connection) if before else OWNER if has_roles else "current_user"
    for number in range(before + 1, VERSION + 1):
        _run(connection, number, owner)
    if has_roles:
        alone = f"{SAFE} select pg_advisory_xact_lock({LOCK}); set local role {_owner(connection)};"
        connection.ask(f"{alone} {_file('roles.sql')}", seconds=SECONDS)
    return Made(before=before, version=VERSION, has_roles=has_roles, role=role)


def version_of(connection: Connection) -> int:
    """The schema's version; 0 where there is none."""
    if not connection.ask(OURS, ([OWNER],)):
        return 0  # a view of somebody else's is not asked: its functions would run with this role's rights
    rows: list[Any] = connection.ask("select version from gumauth.store")
    return int(rows[0][0]) if rows else 0


def has_all_roles(connection: Connection) -> bool:
    """Whether the three roles are there."""
    found = connection.ask("select 1 from pg_roles where rolname = any (%s)", (list(ROLES),))
    return len(found) == len(ROLES)


def _make_roles(connection: Connection) -> bool:
    """Whether the three roles are there, made now where this role may make roles."""
    for role in ROLES:
        if _has_role(connection, role):
            continue
        member = " role current_user" if role == OWNER else ""  # who makes the owner may act as it
        try:
            connection.ask(f"create role {role} nologin{member}")
        except StoreAway:
            raise
        except StoreError:
            if not _has_role(connection, role):  # else another machine made it just now
                return False
    return True


def _has_role(connection: Connection, role: str) -> bool:
    return bool(connection.ask("select 1 from pg_roles where rolname = %s", (role,)))


def _owner(connection: Connection) -> str:
    """Whose the schema's objects are, as SQL has the name."""
    rows = connection.ask(
        "select quote_ident(pg_get_userbyid(c.relowner)) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = 'gumauth' and c.relname = 'store'"
    )
    return str(rows[0][0])


def _run(connection: Connection, number: int, owner: str) -> None:
    """One file in one transaction, as several statements at once are, unless another machine was first.

    Args:
        connection: Of a role that may act as the owner.
        number: Of the file, and of the version to which it leads.
        owner: Whose the objects are to be, as SQL has the name.
    """
    noted = "insert into gumauth.store (version) values" if number == 1 else "update gumauth.store set version ="
    become = "" if owner == "current_user" else f"set local role {owner};"
    check = (FIRST if number == 1 else LATER).format(owner=owner, before=number - 1)
    statements = (
        f"{SAFE} select pg_advisory_xact_lock({LOCK}); {check} {become} {_file(f'{number:04}.sql')} {noted} ({number})"
    )
    try:
        connection.ask(statements, seconds=SECONDS)
    except StoreAway:
        raise
    except StoreError:
        if version_of(connection) < number:
            raise


SAFE = "set local search_path = pg_catalog, pg_temp;"
"""No function or table that somebody put into the schema `public` is taken for the system's own."""

FIRST = """
do $$
begin
    if to_regclass('gumauth.store') is not null then
        raise exception using errcode = 'GA002', message = 'another machine was first';
    elsif to_regnamespace('gumauth') is null then
        create schema gumauth authorization {owner};
    elsif (select pg_get_userbyid(nspowner) not in ('{owner}', current_user) from pg_namespace
           where nspname = 'gumauth') then
        raise exception using errcode = 'GA003', message = 'the schema is somebody else''s';
    end if;
end
$$;
"""
"""The schema; one that is there already has to be of who makes it: its owner could put anything into it."""

LATER = """
do $$
begin
    if (select version from gumauth.store) <> {before} then
        raise exception using errcode = 'GA002', message = 'another machine was first';
    end if;
end
$$;
"""


def _file(name: str) -> str:
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return file.read()
