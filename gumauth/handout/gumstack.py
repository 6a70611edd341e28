"""The credentials that a server asks for by Gumstack's `get_credentials`, by the rules of `gumauth token`."""

from __future__ import annotations

from gumauth.client.context import Context
from gumauth.client.lookup import check_usable, find
from gumauth.client.token import one_word, usable
from gumauth.errors import NotConnected, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gumauth.accounts.account import Account

CREDENTIALS = "credentials"
"""What servers call the values that a person enters, whichever service they are for."""


def credentials(context: Context, provider: str, named: Sequence[str] = ()) -> dict[str, str]:
    """The credentials of the account that is meant: all values of a key, else the access token. Secret.

    Args:
        context: Folders, clock, environment.
        provider: As the server writes it: a provider's name, or "credentials".
        named: The keys of the accounts that the person has named for the server.

    Raises:
        GumauthError: As `gumauth token`, or it is not clear which account is meant.
    """
    account, record = usable(context, meant(context, provider, named))
    if account.is_key:
        from gumauth.client.key_values import values_of

        return values_of(account, record)
    return {"access_token": one_word(record.access_token)}


async def _of_a_key() -> dict[str, str]:
    """`credentials` for "credentials" in a process that has gumauth, for an event loop of asyncio."""
    import asyncio
    import os

    return await asyncio.to_thread(lambda: credentials(Context(os.environ), CREDENTIALS))


def check(context: Context, provider: str, named: Sequence[str] = ()) -> None:
    """Stop where an account has to be connected before it has credentials. Asks no store and no provider.

    Raises:
        NotConnected: There is no such account.
        ReconnectNeeded: Its grant is dead.
    """
    check_usable(context, find(context, meant(context, provider, named)))


def meant(context: Context, provider: str, named: Sequence[str] = ()) -> str:
    """The account that is meant: one that the person has named for the server, else the provider's default account.

    For "credentials" it is the key that the person has named, else an account of that name, else the only key.

    Raises:
        NotConnected: "credentials" is asked for, and no key is connected.
        UsageError: Several keys could be meant.
    """
    of_provider = [key for key in named if key.partition("/")[0] == provider]
    if of_provider or provider != CREDENTIALS:
        return of_provider[0] if of_provider else provider
    known = list(context.accounts.all())
    keys = [account for account in known if account.is_key]
    if len(chosen := [account for account in keys if account.key in named] or _called(known) or keys) == 1:
        return chosen[0].key
    if any(account.provider == CREDENTIALS for account in chosen):
        return CREDENTIALS
    raise _unclear(chosen)


def _called(known: Sequence[Account]) -> list[Account]:
    return [account for account in known if account.provider == CREDENTIALS or account.alias == CREDENTIALS]


def _unclear(keys: Sequence[Account]) -> NotConnected | UsageError:
    if not keys:
        return NotConnected(
            "The server asks for values that a person enters, and no key is connected.",
            hint="Enter them under a name: `gumauth connect NAME --key FIELD`, with the fields of its config.yaml.",
        )
    from gumauth.accounts.references import joined

    return UsageError(
        f"The server asks for values that a person enters, and these are keys: "
        f"{joined([account.label for account in keys], 'and')}.",
        hint=f"Name one: `gumauth run --gumstack {keys[0].argument} -- COMMAND`.",
    )
