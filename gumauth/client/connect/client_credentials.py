"""The client credentials flow: the client asks for tokens of its own. No person, browser or port. Promise V3.

Source: RFC 6749 §4.4.
"""

from __future__ import annotations

from gumauth.client import credentials
from gumauth.client.binding import client_id_of
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.connect.flow import Outcome
from gumauth.client.connect.grant import Grant
from gumauth.client.connect.token_request import TokenRequest
from gumauth.client.context import Context
from gumauth.client.prompts import Prompts
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import MissingCredentials, TokenEndpointError, UsageError
from gumauth.oauth2.error_meaning import is_code, plain
from gumauth.platform.threads import in_thread

NOT_ALLOWED = "unauthorized_client"
"""The code for a client that gets no tokens of its own. Services also say something of the grant type.

Source: RFC 6749 §5.2.
"""


class ClientCredentials:
    """The flow of one connect: one token request. For its arguments see `Flow`."""

    def __init__(
        self, _context: Context, request: ConnectRequest, calls: ProviderCalls, _prompts: Prompts, shown: str
    ) -> None:
        self._resolved, self._client, self._calls, self._shown = request.resolved, request.client, calls, shown

    async def obtain(self, tokens: TokenRequest) -> Grant:
        """The tokens that the provider gives the client.

        Raises:
            UsageError: The provider's file cannot ask for such tokens.
            MissingCredentials: The client id or the client secret is nowhere.
            TokenEndpointError: The provider refused.
        """
        traits, argument = self._calls.traits, self._resolved.argument
        if not traits.has("request_token"):
            raise UsageError(
                f"{self._shown} cannot be connected by client credentials: its provider file has no `request_token`.",
                hint=f"Connect a person's account: `gumauth connect {argument}`.",
            )
        if self._client is not None:
            self._calls.use(await self._client.obtain(None))
        try:
            client_id = await in_thread(client_id_of, self._calls)
        except MissingCredentials as error:
            if credentials.variables(self._resolved.name)[0] not in error.variables:
                raise
            client_id = ""  # told below: this grant needs the secret too, also where a person's does not
        if client_id in credentials.NO_ID:
            raise credentials.missing(self._resolved.name, argument)
        try:
            return await tokens.send("request_token", client_id=client_id, requested=traits.client_scopes)
        except TokenEndpointError as error:
            if is_code(error.error, [NOT_ALLOWED]) or "grant type" in plain(error.message):
                error.hint = (
                    f"Allow the client credentials grant in the app's settings at {self._shown}, or connect a person's"
                    f" account: `gumauth connect {argument}`."
                )
            raise

    async def finish(self, outcome: Outcome) -> None:
        """Nobody waits, and nothing is open."""
