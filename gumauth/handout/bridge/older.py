"""The stream of the older transport, on which everything from the server comes.

Source: Model Context Protocol, revision 2024-11-05, "HTTP with SSE".
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from urllib.parse import urljoin

from gumauth.errors import GumauthError, Temporary
from gumauth.handout.bridge import headers
from gumauth.handout.bridge.answers import refusal
from gumauth.handout.bridge.requests import Opened, Outgoing, Requests, checked
from gumauth.handout.bridge.session import Session
from gumauth.handout.bridge.sse import Event, Events
from gumauth.handout.bridge.streams import Streams, Take, is_stream
from gumauth.handout.bridge.waiting import first_of

PATIENCE = 20.0
"""Seconds for the server to name the address for messages."""


class OlderStream:
    """The stream, read on a task of its own.

    Args:
        requests: To the server.
        take: Is given each event but the first.
        session: Of the stream.
        lost: Called once the stream has ended.
    """

    def __init__(self, requests: Requests, take: Take, session: Session, lost: Callable[[], Awaitable[None]]) -> None:
        self._requests, self._take, self._session, self._lost = requests, take, session, lost
        self._endpoint: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self._run())

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes."""
        return self.task.done()

    async def endpoint(self) -> str:
        """The address for messages.

        Raises:
            GumauthError: The server has no such stream, or the address is of another origin.
        """
        await first_of(self._endpoint, self.task, seconds=PATIENCE)
        if self._endpoint.done():
            return self._endpoint.result()
        if self.task.done():
            self.task.result()
        self.task.cancel()
        raise Temporary("The server does not say where messages go.", hint="Look at its address.")

    async def _run(self) -> None:
        outgoing = Outgoing(method="GET", fields={"Accept": headers.EVENTS})
        async with self._requests.opened(outgoing) as opened:
            answer = await opened.answer()
            if not is_stream(answer):
                raise refusal(answer, opened.held.account, opened.host)
            with contextlib.suppress(GumauthError):
                await self._read(opened)
        if self._endpoint.done() and self._endpoint.exception() is None:
            await self._lost()

    async def _read(self, opened: Opened) -> None:
        async def take(event: Event, session: Session) -> None:
            if event.name != "endpoint":
                await self._take(event, session)
            elif not self._endpoint.done():
                self._note(opened, event.data)

        await Streams(self._requests, take).read(opened, Events(), self._session)

    def _note(self, opened: Opened, data: bytes) -> None:
        try:
            self._endpoint.set_result(checked(urljoin(opened.url, data.decode("utf-8", "replace")), opened.held))
        except GumauthError as error:
            self._endpoint.set_exception(error)
        except ValueError:
            self._endpoint.set_exception(GumauthError("The server names no address for messages."))
