"""A request that brings tokens, the same in every flow: the account is listed before it, and Ctrl-C waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from gumauth.client import scopes
from gumauth.client.connect.grant import Grant
from gumauth.client.connect.interruption import Interruption
from gumauth.client.connect.pending_account import PendingAccount
from gumauth.client.context import Context
from gumauth.client.provider_calls.calls import ProviderCalls, awaitable
from gumauth.client.signals import GRACE
from gumauth.oauth2.id_token import fault_of
from gumauth.oauth2.token_response import checked, printable_extras, scopes_of
from gumauth.oauth2.traits import Traits
from gumauth.platform.threads import in_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.oauth2.traits import Method


class TokenRequest:
    """Makes the token requests of one connect.

    Args:
        context: For the clock.
        calls: The provider.
        pending: Is listed before the first request.
        interruption: Of the connect.
        shown: What people call the provider.
    """

    def __init__(
        self, context: Context, calls: ProviderCalls, pending: PendingAccount, interruption: Interruption, shown: str
    ) -> None:
        self._clock, self._calls, self._pending = context.clock, calls, pending
        self._interruption, self._shown = interruption, shown

    @property
    def is_interrupted(self) -> bool:
        """Whether Ctrl-C was pressed during a request."""
        return self._interruption.heard

    async def send(
        self,
        method: Method,
        *arguments: str,
        client_id: str | None,
        requested: tuple[str, ...],
        came_along: Mapping[str, str] | None = None,
    ) -> Grant:
        """The grant that a method of the provider brings. Promises F9, F11, Y7.

        Args:
            method: The provider's method, such as `exchange`.
            arguments: What the method is given; the first, such as a code, is secret and may be of use only once.
            client_id: The client in whose name the method asks.
            requested: Scopes asked for.
            came_along: What came with the first argument and belongs to the grant; perhaps secret.

        Raises:
            GumauthError: The provider gave no tokens.
            CancelledError: Ctrl-C was pressed, and no answer has come in the moment after it.
        """
        await in_thread(self._pending.begin, requested)
        answer, now = await self._answer(method, self._calls.start(method, *arguments)), self._clock()
        traits, source, secrets = self._calls.traits, self._calls.resolved.source, arguments[:1]
        response, notices = checked(
            answer, method=method, source=source, now=now, secrets=secrets, scheme=traits.token_scheme
        )
        id_token, odd = _kept(response.id_token, traits, client_id, now)
        self._calls.hide(response.access_token, response.refresh_token, id_token)
        extras = {**printable_extras(came_along or {}, secrets), **response.extras}
        notices = [*notices, *odd, *scopes.differences(requested, scopes_of(response.scope), traits)]
        return Grant(
            response=response,
            client_id=client_id,
            requested=requested,
            extras=extras,
            id_token=id_token,
            refresh_expires_at=response.refresh_token_expires_at,
            notices=(*notices, *self._lacking(traits, extras)),
        )

    def _lacking(self, traits: Traits, extras: Mapping[str, str]) -> list[str]:
        """A sentence that names the values beside the token that did not come; none where all did."""
        missing = [name for name in (*traits.callback_extras, *traits.token_extras) if name not in extras]
        return (
            [f"{self._shown} did not give {', '.join(missing)}, which calls need beside the token."] if missing else []
        )

    async def _answer(self, method: Method, future: Future[Any]) -> Any:
        """The answer; what was sent for it is spent, so that it is waited for a moment longer after Ctrl-C."""
        try:
            return await self._calls.finish(method, future)
        except asyncio.CancelledError:
            self._interruption.hear()
            await asyncio.wait([awaitable(future)], timeout=GRACE)
            if not future.done():
                raise
            return future.result()


def _kept(id_token: object, traits: Traits, client_id: str | None, now: float) -> tuple[str | None, list[str]]:
    """The id_token of a response, if it can be kept; else a sentence that says why not."""
    if id_token is None:
        return None, []
    fault = fault_of(id_token, issuer=traits.issuer, client_id=client_id, now=now)
    return (str(id_token), []) if fault is None else (None, [f"The id_token that came {fault}; it was not kept."])
