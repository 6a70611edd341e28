"""The values of an account that is a key, for whoever may have them, and the words for what a key cannot do."""

from __future__ import annotations

from gumauth.accounts.references import joined
from gumauth.client.lookup import look_up
from gumauth.client.token import several_fields, usable
from gumauth.errors import GumauthError, RecordCorrupt, UsageError
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record
    from gumauth.client.context import Context


def values_of(account: Account, record: Record) -> dict[str, str]:
    """The values of a key by the names of its fields, in their order. Secret.

    Raises:
        RecordCorrupt: The record has not all of them.
        GumauthError: One of them has a line end or another control character in it. Promise S5.
    """
    kept = record.credentials or {}
    if account.fields is None or not set(account.fields) <= kept.keys():
        raise RecordCorrupt(
            f"The record of {account.label} in the store has not the values of its fields.",
            hint="Enter the key again: `gumauth connect` with the account's name.",
            account=account.label,
        )
    values = {field: kept[field] for field in account.fields}
    if not all(value.isprintable() for value in values.values()):
        raise GumauthError(
            f"The key of {account.label} has control characters in it; it was not handed out.",
            hint="Enter it again: `gumauth connect` with the account's name.",
            account=account.label,
        )
    return values


def value_of(account: Account, record: Record, field: str | None = None) -> str:
    """One value of a key. Secret.

    Args:
        account: The key.
        record: Its record.
        field: The name of the field; None for the only one.

    Raises:
        UsageError: It has no such field, or several, of which none is named.
        GumauthError: As `values_of`.
    """
    values = values_of(account, record)
    if field is None and len(values) > 1:
        raise several_fields(account)
    if field is not None and field not in values:
        raise UsageError(
            f"{account.label} has no field {one_line(field, 64)!r}.",
            hint=f"It has {joined(account.fields or (), 'and')}.",
        )
    return next(iter(values.values())) if field is None else values[field]


def no_fields(account: Account) -> UsageError:
    """The error for a field of an account that is no key."""
    return UsageError(
        f"{account.label} is no key, and has no fields.", hint=f"Its token: `gumauth token {account.argument}`."
    )


def unfit(account: Account, why: str) -> UsageError:
    """The error for what is done with a grant, and cannot be done with a key.

    Args:
        account: The key.
        why: What gumauth lacks or would do, as the end of a sentence.
    """
    return UsageError(
        f"{account.label} is a key: {why}.",
        hint=f"Its value: `gumauth token {account.argument}`, or `gumauth run NAME={account.argument} -- COMMAND`.",
    )


def of_field(context: Context, reference: str) -> tuple[Account, Record, str] | None:
    """The key, its record and the value that `ACCOUNT#FIELD` means; None where no key stands before the last #.

    Secret. A nickname may have a # in it too.

    Raises:
        UsageError: The key has no such field.
        GumauthError: As `gumauth token`.
    """
    name, mark, field = reference.rpartition("#")
    if not mark:
        return None
    try:
        account = look_up(context, name)
    except GumauthError:
        return None
    if not account.is_key:
        return None
    account, record = usable(context, account.key)
    return account, record, value_of(account, record, field)
