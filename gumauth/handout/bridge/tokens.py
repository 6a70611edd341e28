"""The account's token for every request, had once for all requests that wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.client.context import Context
from gumauth.client.refresh.expiry import ahead_margin, has_life, is_due, margin
from gumauth.client.refresh.refresh import refresh_unless_other
from gumauth.client.token import one_word, token
from gumauth.errors import GumauthError
from gumauth.handout.bridge import address

PAUSE = 1.0
"""Seconds between two looks at a token that ends soon."""

UNKNOWN_LIFETIME = 60.0
"""Seconds for which a token without a known end is used without looking at the store."""

REMEMBERED = 5.0
"""Seconds for which a refused token without another one is remembered as such."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A token, whose it is, and where it may go.

    Args:
        account: Whose token it is.
        record: Holds the token.
        url: The address of the account's MCP server.
        until: When it is not used any more, in seconds since 1970.
        look_at: When the store is looked at again, while the token is used.
    """

    account: Account
    record: Record = field(repr=False)
    url: str
    until: float
    look_at: float

    @property
    def authorization(self) -> str:
        """The value of the header field. Secret."""
        return f"{self.record.scheme} {self.record.access_token}"


def held(account: Account, record: Record, url: str, now: float) -> Held:
    """A token with the times of its use; one that is due already is used once. Pure."""
    if is_due(record, now) or not has_life(record, now):
        return Held(account=account, record=record, url=url, until=now, look_at=now)
    if record.expires_at is None:
        end = now + UNKNOWN_LIFETIME
        return Held(account=account, record=record, url=url, until=end, look_at=end)
    life = record.expires_at - record.obtained_at
    until = record.expires_at - margin(life)
    ahead = record.expires_at - ahead_margin(life)  # from then on, a look leaves a process behind that refreshes it
    return Held(account=account, record=record, url=url, until=until, look_at=max(ahead, now + PAUSE))


class Tokens:
    """Hands out the token of one account, on an event loop; files, keyring and network are asked on a thread.

    Args:
        make_context: Gives the folders and the environment, anew for each look; may raise GumauthError.
        reference: The account as it was written. Once it was found, the same account is meant for ever.
        url: Of the MCP server, where the person names one.
        clock: Gives the time, in seconds since 1970.
    """

    def __init__(
        self,
        make_context: Callable[[], Context],
        reference: str,
        url: str | None,
        clock: Callable[[], float],
    ) -> None:
        self._make_context, self._reference, self._url, self._clock = make_context, reference, url, clock
        self._held: Held | None = None
        self._looking: asyncio.Task[Held] | None = None
        self._replacing = asyncio.Lock()
        self._without_other: tuple[str, float] = "", 0.0
        self.failure: GumauthError | None = None
        """Why there is no token now; None where there is one."""

    async def current(self) -> Held:
        """A token that is valid now.

        Raises:
            GumauthError: As `gumauth token`; or the address of the server is not known, or not the account's own.
        """
        held, now = self._held, self._clock()
        if held is not None and now < held.until and now >= held.record.obtained_at - PAUSE:
            if now >= held.look_at:
                self._look()
            return held
        return await asyncio.shield(self._look())

    def _look(self) -> asyncio.Task[Held]:
        """The look at the store that is under way, or a new one."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._looked())
            self._looking.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._looking

    async def _looked(self) -> Held:
        try:
            self._held = await asyncio.to_thread(self._read)
        except GumauthError as error:
            self.failure = error
            raise
        self.failure = None
        return self._held

    def _read(self) -> Held:
        context = self._make_context()
        account, record = token(context, self._held.account.key if self._held else self._reference)
        one_word(record.access_token)
        url = self._held.url if self._held else address.of_account(context, account, record, self._url)
        return held(account, record, url, self._clock())

    async def other(self, refused: Held) -> Held | None:
        """Another token of the same account after a 401: the newer one that is there, or a fresh one.

        Returns:
            None where there is none: the account cannot be refreshed, or the refused token is as good as new.

        Raises:
            GumauthError: As `gumauth token`.
        """
        word = refused.record.access_token
        async with self._replacing:
            now = self._clock()
            if self._held is not None and self._held.record.access_token != word and now < self._held.until:
                return self._held
            if self._without_other[0] == word and 0 <= now - self._without_other[1] < REMEMBERED:
                return None
            try:
                other = await asyncio.to_thread(self._replaced, refused)
            except GumauthError as error:
                self.failure = error
                raise
            if other.record.access_token == word:
                self._without_other = word, now
                return None
            self._held, self.failure = other, None
            return other

    def _replaced(self, refused: Held) -> Held:
        if is_due(refused.record, self._clock()):  # it has ended on the way
            return self._read()
        account, record = refresh_unless_other(self._make_context(), refused.account, refused.record.access_token)
        one_word(record.access_token)
        return held(account, record, refused.url, self._clock())
