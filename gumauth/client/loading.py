"""Loading a provider for a person: by what they have typed, or by what an account remembers."""

from __future__ import annotations

from gumauth import registry
from gumauth.client.sources import Sources
from gumauth.context import Context
from gumauth.found import Found
from gumauth.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts import Account


def of_account(context: Context, account: Account) -> Found:
    """The provider that an account remembers, from any directory.

    Raises:
        UnknownProvider: It is not there any more.
        ProviderFileError: It cannot be used, or is another one by now.
    """
    found = registry.load(account.source, account.provider)
    return replace(found, typed=lambda: Sources(context).argument(account))
