"""How a grant is obtained: what every flow does. `authorization_code` is the usual flow."""

from __future__ import annotations

from typing import Protocol, TypeAlias

from gumauth.accounts.account import Account
from gumauth.client.connect.grant import Grant
from gumauth.client.connect.token_request import TokenRequest

Outcome: TypeAlias = Account | BaseException
"""What became of a connect: the account as it is stored and listed, or what ended the connect."""


class Flow(Protocol):
    """One way to a grant.

    A flow asks the provider and the person, and keeps nothing: it makes its token requests with `tokens`, which lists
    the account before a request that may bring tokens, and sees to Ctrl-C and to what the answer is worth.
    """

    async def obtain(self, tokens: TokenRequest) -> Grant:
        """Obtain a grant; whatever this raises ends the connect.

        Args:
            tokens: Makes token requests.
        """
        ...

    async def finish(self, outcome: Outcome) -> None:
        """Tell whoever still waits what became of the connect, and let everything go that `obtain` has opened.

        Called once after `obtain`, also where that failed or was cancelled.
        """
        ...
