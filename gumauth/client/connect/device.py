"""The device authorization grant: the person enters a code on any device, and the provider is asked until then.

Nothing listens, and no port is bound. Source: RFC 8628.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from gumauth.client import credentials
from gumauth.client.binding import client_id_of
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.connect.flow import Outcome
from gumauth.client.connect.grant import Grant
from gumauth.client.connect.token_request import TokenRequest
from gumauth.client.context import Context
from gumauth.client.prompts import Prompts
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import CodeExpired, Denied, GumauthError, ProviderCodeError
from gumauth.oauth2.device import DeviceAuthorization
from gumauth.oauth2.device_polls import Pace, judge
from gumauth.platform.clocks import since_boot
from gumauth.platform.threads import in_thread

TICK = 1.0
"""Seconds after which a pause looks at the clock: a sleeping program is not told that the machine was suspended."""


class DeviceCode:
    """The flow of one connect, from the codes to the tokens. For its arguments see `Flow`.

    Args:
        clock: Gives seconds that also pass while the machine is suspended.
        sleep: Waits for so many seconds.
    """

    def __init__(
        self,
        _context: Context,
        request: ConnectRequest,
        calls: ProviderCalls,
        prompts: Prompts,
        shown: str,
        *,
        clock: Callable[[], float] = since_boot,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._request, self._calls, self._prompts, self._shown = request, calls, prompts, shown
        self._clock, self._sleep = clock, sleep
        self._patience = 0.0

    async def obtain(self, tokens: TokenRequest) -> Grant:
        """The grant that the person allows with the code. Promise V1.

        Raises:
            MissingCredentials: The provider needs a client id that is nowhere; nothing was shown.
            TokenEndpointError: The provider gives no codes, or refuses the polls.
            Temporary: The provider cannot give codes now.
            Denied: The person or the provider said no.
            CodeExpired: Nobody allowed access in time.
            ProviderCodeError: The provider's code does not keep the contract.
        """
        scopes = self._calls.traits.scopes or ()
        client_id = await self._client_id(scopes)
        authorization = await self._authorize()
        self._patience = min(authorization.expires_in, self._request.timeout)
        ends = self._clock() + self._patience
        self._prompts.show_code(authorization, shown=self._shown, scopes=scopes)
        pace = Pace(interval=authorization.interval)
        while True:
            await self._pause(pace.pause, ends)
            try:
                return await tokens.send(
                    "exchange_device", authorization.device_code, client_id=client_id, requested=scopes
                )
            except GumauthError as error:
                if tokens.is_interrupted:
                    raise asyncio.CancelledError from error
                pace = self._next_pace(pace, error)

    async def finish(self, outcome: Outcome) -> None:
        """Nobody waits: the provider's page has told the person."""

    async def _client_id(self, scopes: tuple[str, ...]) -> str | None:
        """The id of the client, which a discovered service may have been given just now."""
        client = self._request.client
        if client is not None:
            self._calls.use(await client.obtain(None))
            self._prompts.show_details([*client.details(), ("Scopes", " ".join(scopes) or "none in particular")])
        client_id: str | None = await in_thread(client_id_of, self._calls)
        if client_id in credentials.NO_ID:
            resolved, traits = self._request.resolved, self._request.resolved.traits
            raise credentials.missing(
                resolved.name, resolved.argument, "none" if traits.device_public else traits.secret
            )
        return client_id

    async def _authorize(self) -> DeviceAuthorization:
        authorization = await self._calls.finish("authorize_device", self._calls.start("authorize_device"))
        if not isinstance(authorization, DeviceAuthorization):
            raise ProviderCodeError(
                f"`authorize_device` of {self._request.resolved.name} returned {type(authorization).__name__} instead"
                " of a DeviceAuthorization."
            )
        return authorization

    async def _pause(self, seconds: float, ends: float) -> None:
        """Wait, also for time in which the machine is suspended.

        Raises:
            CodeExpired: The end came first.
        """
        due = self._clock() + seconds
        while (left := min(due, ends) - self._clock()) > 0:
            await self._sleep(min(left, TICK))
        if self._clock() >= ends:
            raise self._expired(f"within {self._patience:g} s")

    def _next_pace(self, pace: Pace, error: GumauthError) -> Pace:
        """The pace after a poll that brought no tokens; raises where no poll will bring any."""
        verdict = judge(error, self._calls.traits.denied_errors)
        if verdict == "denied":
            hint = "Connect again, and allow it there."
            raise error if isinstance(error, Denied) else Denied(f"Access was denied at {self._shown}.", hint=hint)
        if verdict == "expired":
            raise self._expired("before the code expired") from error
        if verdict == "final":
            raise error
        if verdict == "passing" and pace.failures == 0:
            self._prompts.say(f"{error.message} The code stays good, and this goes on asking.")
        return pace.after(verdict, error.retry_after)

    def _expired(self, when: str) -> CodeExpired:
        return CodeExpired(
            f"Nobody allowed access at {self._shown} {when}.",
            command=f"gumauth connect {self._request.resolved.argument} --device",
        )
