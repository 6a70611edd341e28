"""How a grant is obtained: what every flow does. `authorization_code` is the usual flow."""

from __future__ import annotations

from typing import Protocol, TypeAlias

from gumauth.accounts.account import Account
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.connect.grant import Grant
from gumauth.client.connect.token_request import TokenRequest
from gumauth.client.context import Context
from gumauth.client.prompts import Prompts
from gumauth.client.provider_calls.calls import ProviderCalls

Outcome: TypeAlias = Account | BaseException
"""What became of a connect: the account as it is stored and listed, or what ended the connect."""


class Flow(Protocol):
    """One way to a grant.

    A flow asks the provider and the person, and keeps nothing: it makes its token requests with `tokens`, which lists
    the account before a request that may bring tokens, waits for the answer also after Ctrl-C, and checks the answer.

    Args:
        context: Folders, clock, environment.
        request: What the person wants.
        calls: The provider.
        prompts: What is shown to the person and asked of them.
        shown: What people call the provider.
    """

    def __init__(
        self, context: Context, request: ConnectRequest, calls: ProviderCalls, prompts: Prompts, shown: str
    ) -> None: ...

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
