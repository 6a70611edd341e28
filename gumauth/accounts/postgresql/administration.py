"""PostgreSQL as its administrator uses it: the schema, its grants, and the first keys."""

from __future__ import annotations

from gumauth.accounts.postgresql.engine import VERSION, PostgreSQL, kind_of
from gumauth.accounts.postgresql.migrations import OWNER, ROLES, has_all_roles, migrate, version_of
from gumauth.accounts.shared.administered import Entry, Prepared, Seal
from gumauth.errors import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gumauth.accounts.shared.engine import Row, SealedKey

FORBIDDEN = "42501"
"""The SQLSTATE of what a role may not do."""

LISTED = "select name, is_account from gumauth.to_reseal(%s)"

LOOKED_AT = 1_000_000
"""Rows of the log that are looked at for who has used the store: those of five hours, of a thousand machines."""

NAMES = {
    "gumauth_reader": "a_role_that_reads_tokens",
    "gumauth_connector": "a_role_that_connects_and_refreshes",
    OWNER: "a_role_that_administers",
}
"""A role of ours → what stands in its grant for the name of a role of theirs."""


class AdministeredPostgreSQL(PostgreSQL):
    """`shared.administration.AdministeredEngine` in a database."""

    version = VERSION

    @property
    def where(self) -> str:
        """Host and port, for a sentence."""
        return self.connection.where

    def present_version(self) -> int:
        """The version of the schema that is there; 0 for none."""
        try:
            return version_of(self.connection)
        except StoreError as error:
            if not _is_forbidden(error):
                raise
        return int(self.connection.ask("select version from gumauth.hello('{}')")[0][0])  # for who may touch no table

    def prepare(self) -> Prepared:
        """Make the schema, or bring it up to date.

        Raises:
            StoreError: The role may not.
        """
        try:
            made = migrate(self.connection)
        except StoreError as error:
            if _is_forbidden(error):
                role, database = self.connection.ask("select session_user, current_database()")[0]
                grants = [f"GRANT CREATE ON DATABASE {quoted(database)} TO {quoted(role)};"]
                grants += [f"GRANT {OWNER} TO {quoted(role)};"] if has_all_roles(self.connection) else []
                error.hint = f"Run it as an administrator; or let one run `{' '.join(grants)}` first."
            raise
        return _prepared(made.before, made.role, has_roles=made.has_roles)

    def look(self) -> Prepared:
        """What `prepare` gives where the schema is up to date, without a change."""
        role = str(self.connection.ask("select session_user")[0][0])
        return _prepared(VERSION, role, has_roles=has_all_roles(self.connection))

    def first_keys(self, keys: Sequence[SealedKey]) -> bool:
        """Keep the first pair of data keys; False where there is one already."""
        access, refresh = keys
        values = (access.data_key, access.key_id, access.sealed, refresh.key_id, refresh.sealed)
        return bool(self._value("first_keys", *values, self._machine))

    def seals(self) -> list[Seal]:
        """Which data key is sealed under which key, the latest last."""
        rows = self.connection.ask("select data_key, kind, key_id from gumauth.seals()")
        return [Seal(data_key=str(data_key), kind=kind_of(kind), key_id=key_id) for data_key, kind, key_id in rows]

    def to_reseal(self, data_key: str) -> list[tuple[str, bool]]:
        """What is sealed under another data key."""
        return [(name, account) for name, account in self.connection.ask(LISTED, (data_key,))]

    def reseal(self, name: str, before: Row, after: Row) -> bool:
        """Write an account's sealed values, unless it has another generation or data key by now."""
        values = (name, before.generation, before.data_key, after.access, after.refresh, after.data_key)
        return bool(self._value("reseal", *values, self._machine))

    def reseal_entry(self, name: str, before: bytes, after: bytes, data_key: str) -> bool:
        """Write an entry's sealed value, unless it has another one by now."""
        return bool(self._value("reseal_entry", name, before, after, data_key, self._machine))

    def drop_keys(self, data_key: str) -> bool:
        """Forget all other data keys, unless something is sealed under one."""
        return bool(self._value("drop_keys", data_key, self._machine))

    def machines(self, days: int) -> list[str]:
        """What the machines call themselves that the log has of the last days, the latest first."""
        statement = (
            "select machine from gumauth.log(%s, null) where at > clock_timestamp() - make_interval(days => %s)"
            " group by machine order by max(at) desc"
        )
        return [machine for (machine,) in self.connection.ask(statement, (LOOKED_AT, days))]

    def log(self, most: int, only_of: str | None) -> list[Entry]:
        """The latest entries of the log, the newest first."""
        statement = (
            "select extract(epoch from at)::double precision, role, machine, action, name, label, generation"
            " from gumauth.log(%s, %s)"
        )
        rows = self.connection.ask(statement, (most, only_of))
        fields = ("at", "role", "machine", "action", "name", "label", "generation")
        return [Entry(**dict(zip(fields, row, strict=True))) for row in rows]


def _is_forbidden(error: StoreError) -> bool:
    return getattr(error.__cause__, "pgcode", None) == FORBIDDEN


def _prepared(before: int, role: str, *, has_roles: bool) -> Prepared:
    missing = () if has_roles else (*(f"CREATE ROLE {name} NOLOGIN;" for name in ROLES),)
    return Prepared(
        before=before,
        version=VERSION,
        role=role,
        missing=missing,
        grants=tuple(f"GRANT {name} TO {NAMES[name]};" for name in ROLES),
    )


def quoted(name: str) -> str:
    """A name as SQL reads it. Source: PostgreSQL documentation, "Identifiers and Key Words"."""
    is_plain = name.replace("_", "a").isalnum() and name.isascii() and name == name.lower() and not name[0].isdigit()
    doubled = name.replace('"', '""')
    return name if is_plain else f'"{doubled}"'
