"""A record as the two values that a shared store keeps, sealed apart: the access token, and the refresh token.

The account, its grant, the generation, the store and the data key are authenticated with each value: a value that was
swapped, edited or put into another row does not open. Pure. Promise T3.
"""

from __future__ import annotations

from gumauth.accounts.account import Account, from_fields, stored_fields
from gumauth.accounts.record import Record, decode, encode
from gumauth.accounts.shared.cache import BOUND
from gumauth.accounts.shared.engine import Row
from gumauth.errors import RecordCorrupt, RecordMissing
from gumauth.platform.digest import sha256
from gumauth.platform.frozen import members, replace
from gumauth.platform.json import dumps
from gumauth.store.sealing import seal, unseal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gumauth.accounts.shared.engine import Kind
    from gumauth.accounts.shared.keys import DataKeys

VERSION = 1
"""Of the value with the refresh token."""

ACCOUNT_TIMES = (
    "expires_at",
    "connected_at",
    "refreshed_at",
    "failed_at",
    "retry_at",
    "refresh_expires_at",
    "refused_at",
)
RECORD_TIMES = ("expires_at", "obtained_at")


def sealed(keys: DataKeys, account: Account, record: Record, offset: float) -> Row:
    """The row of an account.

    Args:
        keys: The store's data keys.
        account: As it is to be listed, by this machine's clock.
        record: Its record, with the generation that the row is to have.
        offset: Seconds that the engine's clock is ahead of this machine's.
    """
    account, record = shifted_account(account, offset), shifted_record(record, offset)
    open_part = replace(
        record, refresh_token=None, rescue=None, kept_apart=bool(record.refresh_token), account=stored_fields(account)
    )
    secret_part = dumps({"version": VERSION, "refresh_token": record.refresh_token, "rescue": record.rescue})

    def part(kind: Kind, text: str, beside: bytes | None = None) -> bytes:
        about = _about(keys.store, account, record.generation, keys.newest, kind, beside)
        return seal(keys.get(keys.newest, kind), text.encode(), about)

    access = part("access", encode(open_part))
    return Row(
        content=content(account),
        generation=record.generation,
        access=access,
        refresh=part("refresh", secret_part, access),
        data_key=keys.newest,
    )


def content(account: Account) -> str:
    """An account as the engine lists it, by the engine's clock."""
    from gumauth.accounts.account import version_of

    fields = stored_fields(account)
    return dumps({"version": version_of(fields), **fields})


def listed(text: str, offset: float) -> Account | None:
    """The account of a row's content, by this machine's clock; None where the content is no account.

    Raises:
        HomeError: A newer gumauth wrote it.
    """
    from gumauth.accounts.account import parse

    account = parse(text)
    return None if account is None else shifted_account(account, -offset)


def unsealed(keys: DataKeys, account: Account, row: Row, offset: float) -> Record:
    """The record of a row, by this machine's clock: with the refresh token where the row has it.

    Raises:
        RecordMissing: There are no tokens.
        RecordCorrupt: The row was edited, or belongs to another account.
        PassphraseError: This machine's key does not open it.
    """
    sealed_access, used = row.access, row.data_key
    if sealed_access is None or used is None:
        raise RecordMissing(
            f"The tokens of {account.label} are not in the database any more.",
            command=f"gumauth connect {account.provider}",
            account=account.label,
        )

    def part(kind: Kind, value: bytes, beside: bytes | None = None) -> str:
        about = _about(keys.store, account, row.generation, used, kind, beside)
        plain = unseal(keys.get(used, kind), value, about)
        if plain is None:
            raise edited(account)
        return plain.decode()

    record = decode(part("access", sealed_access), account.label)
    described = from_fields(record.account)
    if described is None or any(getattr(described, name) != getattr(account, name) for name in BOUND):
        raise edited(account)
    if row.refresh is not None:
        try:
            apart = members(part("refresh", row.refresh, sealed_access), VERSION, f"The record of {account.label}")
            record = replace(record, refresh_token=apart["refresh_token"], rescue=apart["rescue"], kept_apart=None)
        except (ValueError, KeyError):
            raise edited(account) from None
    return shifted_record(record, -offset)


def resealed(keys: DataKeys, row: Row, data_key: str) -> Row:
    """The row under another data key, with its generation.

    Raises:
        RecordCorrupt: The row was edited, or belongs to another account.
        PassphraseError: This machine's key does not open it.
    """
    account = listed(row.content, 0.0)
    if account is None:
        raise RecordCorrupt("An account in the database cannot be read.", hint="Restore a backup of the database.")

    def part(kind: Kind, value: bytes | None, before: bytes | None = None, after: bytes | None = None) -> bytes | None:
        if value is None:
            return None
        if row.data_key is None:
            raise edited(account)
        old = _about(keys.store, account, row.generation, row.data_key, kind, before)
        plain = unseal(keys.get(row.data_key, kind), value, old)
        if plain is None:
            raise edited(account)
        new = _about(keys.store, account, row.generation, data_key, kind, after)
        return seal(keys.get(data_key, kind), plain, new)

    access = part("access", row.access)
    return replace(row, access=access, refresh=part("refresh", row.refresh, row.access, access), data_key=data_key)


def edited(account: Account) -> RecordCorrupt:
    """The error for a row that somebody has edited, or put in the place of another."""
    return RecordCorrupt(
        f"The tokens of {account.label} in the database do not open: the row was edited, or is another account's.",
        hint=f"Restore a backup of the database, or connect again: `gumauth connect {account.provider}`.",
        account=account.label,
    )


def shifted_account(account: Account, seconds: float) -> Account:
    """The account with all its times some seconds later."""
    return replace(account, **_later(account, ACCOUNT_TIMES, seconds))


def shifted_record(record: Record, seconds: float) -> Record:
    """The record with all its times some seconds later."""
    return replace(record, **_later(record, RECORD_TIMES, seconds))


def _later(value: object, names: tuple[str, ...], seconds: float) -> dict[str, Any]:
    times = {name: getattr(value, name) for name in names}
    return {name: time + seconds for name, time in times.items() if time is not None}


def _about(store: str, account: Account, generation: int, data_key: str, kind: Kind, beside: bytes | None) -> bytes:
    """What is authenticated with a value; with the refresh token the sealed access part, which says where it is sent.

    Who has a reader's key can seal another access part, and the refresh token does not open beside that one.
    """
    beside_it = sha256(beside).hexdigest() if beside else ""
    return f"{kind} {store} {account.key} {account.grant} {generation} {data_key} {beside_it}".encode()
