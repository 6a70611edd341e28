"""The credentials that a server asks for by Gumstack's `get_credentials`, by the rules of `gumauth token`."""

from __future__ import annotations

from gumauth.client.lookup import check_usable, find
from gumauth.client.token import one_word, token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gumauth.client.context import Context


def credentials(context: Context, provider: str, named: Sequence[str] = ()) -> dict[str, str]:
    """The credentials of the account that is meant by a provider's name. Secret.

    Args:
        context: Folders, clock, environment.
        provider: As the server writes it.
        named: The keys of the accounts that the person has named for the server.

    Raises:
        GumauthError: As `gumauth token`.
    """
    _, record = token(context, meant(provider, named))
    return {"access_token": one_word(record.access_token)}


def check(context: Context, provider: str, named: Sequence[str] = ()) -> None:
    """Stop where an account has to be connected before it has credentials. Asks no store and no provider.

    Raises:
        NotConnected: There is no such account.
        ReconnectNeeded: Its grant is dead.
    """
    check_usable(context, find(context, meant(provider, named)))


def meant(provider: str, named: Sequence[str]) -> str:
    """The account that is meant: one that the person has named for the server, else the provider's default account."""
    return next((key for key in named if key.partition("/")[0] == provider), provider)
