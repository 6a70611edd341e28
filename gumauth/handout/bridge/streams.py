"""Streams of a server's events: read to their end, and resumed where they broke.

Source: Model Context Protocol, revision 2025-11-25, "Listening for Messages from the Server" and "Resumability and
Redelivery".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from gumauth.errors import GumauthError, NetworkError, Temporary
from gumauth.handout.bridge import headers
from gumauth.handout.bridge.answers import NOT_FOUND, Answer
from gumauth.handout.bridge.requests import Opened, Outgoing, Requests
from gumauth.handout.bridge.session import Session
from gumauth.handout.bridge.sse import Event, Events, TooLong

LINGER = 2.0
"""Seconds for which a stream is read on after the answer that it was for: a server should end it."""

WAIT = 1.0
"""Seconds before a stream is asked for again, where the server has not said."""

SHORTEST_WAIT, LONGEST_WAIT = 0.1, 30.0
MOST_FAILURES = 6

Take = Callable[[Event, Session], Awaitable[None]]


def pause(retry: float | None, failures: int) -> float:
    """Seconds to wait before a stream is asked for again. Pure.

    Args:
        retry: What the server has said; None where it has not.
        failures: How often it failed since it last worked.
    """
    wait = WAIT if retry is None else max(retry, SHORTEST_WAIT)
    return wait if failures == 0 else min(max(wait, WAIT) * 2 ** min(failures - 1, 10), LONGEST_WAIT)


class Streams:
    """Reads streams of events.

    Args:
        requests: To the server.
        take: Is given each event, in order.
    """

    def __init__(self, requests: Requests, take: Take) -> None:
        self._requests, self._take = requests, take

    async def read(
        self, opened: Opened, events: Events, session: Session, *, wanted: Callable[[], bool] = lambda: True
    ) -> None:
        """Read a stream to its end.

        Args:
            opened: The answer with the stream.
            events: Reads it.
            session: In which it was asked for.
            wanted: Whether something is still expected of it; if not, it is left after a moment.

        Raises:
            NetworkError: It broke.
            GumauthError: An event is too long.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as limit, aclosing(opened.pieces()) as pieces:
                async for piece in pieces:
                    for event in events.feed(piece):
                        await self._take(event, session)
                    if limit.when() is None and not wanted():
                        limit.reschedule(loop.time() + LINGER)
        except TooLong:
            raise GumauthError(f"{opened.host} sent an event that is too long.") from None
        except TimeoutError:
            return

    async def answer(self, opened: Opened, session: Session, wanted: Callable[[], bool]) -> None:
        """Read the stream that answers a request, resumed until the answer has come.

        Args:
            opened: The answer to the request.
            session: In which it was asked for.
            wanted: Whether the answer is still to come.

        Raises:
            GumauthError: The stream broke and could not be resumed.
        """
        events = Events()
        broken: NetworkError | None = None
        try:
            await self.read(opened, events, session, wanted=wanted)
        except NetworkError as error:
            broken = error
        failures = 0
        while wanted():
            if not headers.can_hold(events.last_id) or failures >= MOST_FAILURES:
                raise broken or _cut_off(opened.host)
            await asyncio.sleep(pause(events.retry, failures))
            before = events.last_id
            try:
                events = await self._resumed(events, session, wanted)
                failures = 0
            except NetworkError as error:
                broken, failures = error, failures + 1 if events.last_id == before else 0

    async def _resumed(self, events: Events, session: Session, wanted: Callable[[], bool]) -> Events:
        resumed = Events(events.last_id)
        resumed.retry = events.retry
        async with self._requests.opened(_get(session, events.last_id)) as opened:
            answer = await opened.answer()
            if not is_stream(answer):
                raise _cut_off(opened.host)
            await self.read(opened, resumed, session, wanted=wanted)
        return resumed

    async def listen(self, session: Session) -> bool:
        """Read the stream on which a server sends what belongs to no request, as long as it gives one.

        A server that is away, or a network, is waited for: the client may have nothing to ask for hours.

        Returns:
            Whether the session has ended, as the server says.

        Raises:
            GumauthError: There is no token any more.
        """
        events, failures, has_worked = Events(), 0, False
        while True:
            again = Events(events.last_id)
            again.retry = events.retry
            try:
                async with self._requests.opened(_get(session, events.last_id)) as opened:
                    answer = await opened.answer()
                    if not is_stream(answer):
                        return has_worked and bool(session.id) and answer.status == NOT_FOUND
                    has_worked, events, failures = True, again, 0
                    await self.read(opened, events, session)
            except Temporary:
                failures += 1
            await asyncio.sleep(pause(events.retry, failures))


def is_stream(answer: Answer) -> bool:
    """Whether an answer is a stream of events."""
    return answer.is_ok and answer.content_type.partition(";")[0].strip().lower() == headers.EVENTS


def _get(session: Session, last_id: str | None) -> Outgoing:
    resume = {headers.LAST_EVENT: last_id} if last_id is not None and headers.can_hold(last_id) else {}
    return Outgoing(method="GET", fields={"Accept": headers.EVENTS, **session.fields(), **resume})


def _cut_off(host: str) -> Temporary:
    return Temporary(
        f"{host} broke its answer off.", hint="The request may have been carried out; look before you repeat it."
    )
