"""Handing out a token that is good now. A good one costs two reads, no lock and no network. Promise R1."""

from __future__ import annotations

from gumauth.client.lookup import check_usable, connect_command, find
from gumauth.client.refresh.expiry import can_refresh, is_due, is_nearly_due, is_too_short
from gumauth.errors import GumauthError, ReconnectNeeded, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record
    from gumauth.client.context import Context


def token(context: Context, reference: str, *, min_valid: float | None = None) -> tuple[Account, Record]:
    """An account with a record whose access token is valid now, refreshed first if it is due.

    Where it is nearly due, another process is left behind that refreshes it. Promise H8. The value of a key is valid
    until its service says otherwise.

    Args:
        context: Folders, clock, environment.
        reference: PROVIDER, PROVIDER/ALIAS or PROVIDER/NICKNAME.
        min_valid: Seconds for which the token must be good. Where the account's tokens live no longer than that, one is
            given that has four fifths of its lifetime left, with a warning.

    Raises:
        NotConnected: There is no such account.
        ReconnectNeeded: Its grant is dead or ended.
        Temporary: It is due and could not be refreshed this time.
        StoreError: The record cannot be read.
        UsageError: It is a key with several fields.
    """
    account, record = usable(context, reference, min_valid=min_valid)
    if account.fields is not None and len(account.fields) > 1:
        raise several_fields(account)
    return account, record


def several_fields(account: Account) -> UsageError:
    """The error for a key with several fields, where one value is wanted."""
    from gumauth.accounts.references import joined

    first, *_ = fields = account.fields or ("",)
    return UsageError(
        f"{account.label} has several fields: {joined(fields, 'and')}.",
        hint=f"Name one: `gumauth token {account.argument} --field {first}`, or in `gumauth run` ACCOUNT#{first}.",
    )


def usable(context: Context, reference: str, *, min_valid: float | None = None) -> tuple[Account, Record]:
    """`token`, also of a key with several fields, whose record has no one token."""
    return usable_of(context, find(context, reference), min_valid=min_valid)


def usable_of(context: Context, account: Account, *, min_valid: float | None = None) -> tuple[Account, Record]:
    """`usable`, of an account that has just been found."""
    check_usable(context, account)
    record = context.accounts.read(account)
    if is_due(record, context.clock(), min_valid):
        if not can_refresh(account, record):
            return account, without_refresh(context, account, record)
        from gumauth.client.refresh.refresh import refresh_account

        account, record = refresh_account(context, account, min_valid=min_valid)
    elif is_nearly_due(record, context.clock() - context.accounts.spread):
        from gumauth.client.refresh import ahead

        ahead.start(context, account, record)
    if is_too_short(record, min_valid):
        lifetime = f"{(record.expires_at or 0.0) - record.obtained_at:.0f} s"
        context.notify(
            f"A token of {account.label} lives for {lifetime} only, and cannot be good for as long as asked."
        )
    return account, record


def without_refresh(context: Context, account: Account, record: Record) -> Record:
    """The record of an account that cannot be refreshed, for as long as its token has life.

    Raises:
        ReconnectNeeded: It has none left.
    """
    if record.expires_at is None or record.expires_at > context.clock():
        context.notify(f"The token of {account.label} ends soon and cannot be refreshed.")
        return record
    raise ReconnectNeeded(
        f"The token of {account.label} has expired, and its provider gave no refresh token.",
        command=connect_command(context, account),
    )


def one_word(value: str) -> str:
    """The token, which may stand in a header, on a line, or in a shell's command substitution. Promise S5.

    Raises:
        GumauthError: The token holds a blank, a line end, another control character, or a character that is not ASCII.

    Source: RFC 6749 §A.12 (VSCHAR), RFC 6750 §2.1 (b64token), RFC 9110 §5.5.
    """
    if value.isascii() and value.isprintable() and " " not in value:
        return value
    raise GumauthError(
        "The stored token has characters in it that no header may hold; it was not handed out.",
        hint="Run `gumauth refresh` with the account's name, or connect it again.",
    )


def printable(account: Account, value: str) -> str:
    """The token or the value of a key, which may stand on a line. A key goes into no header, and may have blanks.

    Raises:
        GumauthError: It may not.
    """
    return value if account.is_key and value.isprintable() else one_word(value)


def own_header(account: Account) -> str | None:
    """The header in which a built-in service takes its token; None where that is Authorization, as for a file's."""
    from gumauth.providers import TOKEN_HEADERS
    from gumauth.registry.variant import service_of

    service = service_of(account.source, account.provider)
    return None if service is None else TOKEN_HEADERS.get(service)
