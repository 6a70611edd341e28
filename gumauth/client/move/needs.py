"""What an account needs beside its tokens, where it is moved to: its client, and what is known of its service."""

from __future__ import annotations

from gumauth.client import credentials
from gumauth.client.discovery import services
from gumauth.client.registered_clients import RegisteredClients, is_noted
from gumauth.errors import AccountConflict
from gumauth.platform.text import one_line
from gumauth.registry.lookup import is_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record
    from gumauth.client.context import Context


def bring(source: Context, target: Context, account: Account, record: Record) -> list[str]:
    """See to it that an account can be refreshed where it is moved to; what is copied stays in the source too.

    Args:
        source: Where the account is.
        target: Where it is moved to.
        account: The account.
        record: Its record, which says for what client its tokens are.

    Returns:
        Sentences about what did not come along.

    Raises:
        AccountConflict: Another client or another service has the same name there.
        StoreError: The credentials cannot be read, or not be stored.
    """
    if account.is_key:
        return []
    _bring_service(source, target, account)
    _bring_stored(source, target, account, record)
    _bring_registered(source, target, account, record)
    if credentials.is_stored(target, account.provider, issuer=account.issuer):
        return []
    if not credentials.is_given(source, account.provider):
        return []
    variable, _ = credentials.variables(account.provider)
    keeps = f"`gumauth setup {account.provider} --from-env` keeps it beside the account."
    return [f"{variable} is set here and did not come along: whoever refreshes {account.label} needs it. {keeps}"]


def leave(source: Context, account: Account) -> None:
    """Forget the discovered service that an account was of, where it was the last one, as a disconnect does."""
    if is_url(account.source) and all(each.is_key for each in source.accounts.all(account.provider)):
        services.forget(source, account.provider)


def _bring_service(source: Context, target: Context, account: Account) -> None:
    if not is_url(account.source):
        return
    service, there = services.read(source, account.provider), services.read(target, account.provider)
    if there is not None and there.url != account.source:
        raise AccountConflict(
            f"{account.provider} is {one_line(there.url, 300)} where {account.label} is to be moved.",
            hint="Connect it there under another name: `gumauth connect URL --name NAME`.",
        )
    if service is not None and there is None:
        services.write(target, service)


def _bring_stored(source: Context, target: Context, account: Account, record: Record) -> None:
    """Copy what `gumauth setup` has kept, where the tokens are for that client."""
    provider, note = account.provider, credentials.note_of(source, account.provider)
    kept = None if note is None else credentials.stored(source, provider, issuer=note.issuer)
    if note is None or kept is None or record.client_id not in (None, kept.client_id):
        return
    known = credentials.note_of(target, provider)
    there = None if known is None else credentials.stored(target, provider, issuer=known.issuer)
    if there is not None and there.client_id != kept.client_id:
        raise AccountConflict(
            f"Another client of {provider} is kept where {account.label} is to be moved, and it could not be refreshed"
            " with that.",
            hint=f"Connect it there anew: `gumauth connect {provider}`.",
        )
    if there is None:
        credentials.save(target, provider, kept.client_id, kept.client_secret, file=note.file, issuer=note.issuer)


def _bring_registered(source: Context, target: Context, account: Account, record: Record) -> None:
    """Copy the client that gumauth has registered and that the tokens are for."""
    issuer = account.issuer
    if issuer is None or record.client_id is None or not is_noted(source, issuer):
        return
    client = RegisteredClients(source, issuer).find(record.client_id)
    if client is None:
        return
    clients = RegisteredClients(target, issuer)
    with clients.locked():
        if clients.find(client.client_id) is None:
            clients.add(client, [each.client_id for each in clients.all()])
