"""The refresh token goes only to whom it was issued: the same token endpoint and client id. Promise F12."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.client.lookup import connect_options
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import ReconnectNeeded
from gumauth.oauth2.facts import Facts
from gumauth.registry.resolved import ResolvedProvider


def client_id_in(url: str, name: str = "client_id") -> str | None:
    """The client id that an authorization URL carries; None where there is none.

    Args:
        url: As a provider's `get_url` makes it.
        name: The parameter with the client's id.

    Source: RFC 6749 §4.1.1.
    """
    values = parse_qs(urlsplit(url).query, keep_blank_values=True).get(name)
    return values[0] if values else None


def client_id_of(calls: ProviderCalls) -> str | None:
    """The client id with which a provider sends requests now: the one in a URL that nobody opens.

    A service without a page for consent has no such URL, and one whose devices have no secret may have none now.
    """
    traits, provider = calls.traits, calls.provider
    if isinstance(provider, Facts) and (traits.authorize_url is None or traits.device_public):
        return str(calls.now("client_id", lambda: provider.client_id))  # type: ignore[attr-defined]
    return client_id_in(calls.get_url("http://localhost/", "unused"), calls.traits.client_id_param)


def check_client(context: Context, resolved: ResolvedProvider) -> None:
    """Stop where a provider's client id or secret is nowhere; nothing is sent, and nothing opened.

    Raises:
        MissingCredentials: The client id or secret is nowhere.
    """
    calls = ProviderCalls(context, resolved)
    try:
        if client_id_of(calls) in credentials.NO_ID:
            raise credentials.missing(resolved.name, resolved.argument, calls.traits.secret)
    finally:
        calls.close()


def check_binding(calls: ProviderCalls, account: Account, record: Record) -> None:
    """Stop before a refresh token goes to another endpoint, or in another client's name, than the one it came from.

    Raises:
        ReconnectNeeded: The endpoint or the client id has changed since the account was connected.
        MissingCredentials: The client id is not there any more.
    """
    client_id = client_id_of(calls)
    if client_id == "":
        raise credentials.missing(account.provider, secret=calls.traits.secret)
    kept_back = "no token is asked for" if account.is_of_client else "its refresh token is not sent"
    for what, is_right in (
        ("token endpoint", calls.traits.takes_tokens_of(record.token_url)),
        ("client id", record.client_id in (None, client_id)),
    ):
        if not is_right:
            raise ReconnectNeeded(
                f"The {what} of {account.provider} is not the one with which {account.label} was connected;"
                f" {kept_back} there.",
                hint=f"Run `gumauth connect {calls.resolved.argument}{connect_options(account)}`, or set back what has"
                " changed.",
                account=account.label,
            )
