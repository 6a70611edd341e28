"""The client's side of the bridge: its messages in their order, its requests side by side, and its errors."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field

from gumauth.errors import GumauthError
from gumauth.handout.bridge import frames
from gumauth.handout.bridge.conversation import CANCELLED, INITIALIZE, INITIALIZED, Conversation
from gumauth.handout.bridge.frames import Message
from gumauth.handout.bridge.server import Server
from gumauth.handout.bridge.standard_streams import Room
from gumauth.platform.text import one_line

AT_ONCE = 256
"""Requests that are under way at the server at most; the others wait here."""

ORDER = 5.0
"""Seconds that a request waits until the notification before it is taken, and a cancellation until its request is."""


@dataclass
class Underway:
    """A message of the client that is passed on.

    Args:
        message: The message.
        has_begun: Whether it is not waiting here any more.
        sent: Set once it is on its way.
        after: What is waited for first, for a moment.
    """

    message: Message
    has_begun: bool = False
    sent: asyncio.Event = field(default_factory=asyncio.Event)
    after: asyncio.Event | None = None


class Bridge:
    """Passes a client's messages on, and answers with an error where that fails.

    Args:
        server: The MCP server.
        conversation: What is open; the server's too.
        write: Takes a message for the client.
        say: Takes a sentence for the person.
    """

    def __init__(
        self,
        server: Server,
        conversation: Conversation,
        write: Callable[[bytes], Awaitable[None]],
        say: Callable[[str], None],
    ) -> None:
        self._server, self._conversation, self._write, self._say = server, conversation, write, say
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._room = Room()
        self._last: asyncio.Task[None] | None = None
        self._taking: asyncio.Task[None] | None = None
        self._tasks: dict[asyncio.Task[None], Underway] = {}
        self.failure: GumauthError | None = None
        """The error with which the last message was answered; None where it was passed on."""
        self.crash: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Has an exception once something has failed that is a bug."""

    async def take(self, lines: list[bytes | None]) -> None:
        """Take lines of the client, in their order; gives back once more can be taken."""
        self._taking = asyncio.current_task()
        for line in lines:
            message = frames.read(line) if line is not None else None
            if message is None:
                await self._unread(line)
            else:
                await self._take(message)

    async def _unread(self, line: bytes | None) -> None:
        told = f"has more than {frames.LARGEST >> 20} MiB" if line is None else "is no message of JSON-RPC"
        self._say(f"A line of the client {told}; it was not passed on.")
        code = frames.INVALID_REQUEST if line is None else frames.PARSE_ERROR
        await self._write(frames.error("null", f"The line {told}.", code=code))

    async def _take(self, message: Message) -> None:
        self._conversation.begin(message)
        if message.is_of(INITIALIZE) and message.requests:
            await self._guarded(message, self._server.open(message))
        elif message.is_of(INITIALIZED):
            await self._before(self._last)
            await self._guarded(message, self._server.initialized(message))
        elif message.requests:
            await self._start(message, self._request)
        elif not message.is_of(CANCELLED):
            self._last = await self._start(message, self._in_order)
        elif not self._closes(message):
            self._last = await self._start(message, self._in_order, after=self._sending(message))

    async def _start(
        self,
        message: Message,
        run: Callable[[Underway, asyncio.Task[None] | None], Coroutine[None, None, None]],
        after: asyncio.Event | None = None,
    ) -> asyncio.Task[None]:
        size = len(message.raw) + 1000
        await self._room.take(size)
        underway = Underway(message, after=after)
        task = asyncio.create_task(run(underway, self._last))
        self._tasks[task] = underway

        def done(task: asyncio.Task[None]) -> None:
            self._room.give(size)
            del self._tasks[task]
            error = None if task.cancelled() else task.exception()
            if error is not None and not self.crash.done():
                self.crash.set_exception(error)

        task.add_done_callback(done)
        return task

    async def _request(self, underway: Underway, before: asyncio.Task[None] | None) -> None:
        async with self._slots:
            await self._before(before)
            await self._pass(underway)

    async def _in_order(self, underway: Underway, before: asyncio.Task[None] | None) -> None:
        """Pass notifications and answers on one after the other: the end of something may not overtake its progress."""
        await self._before(before)
        if underway.after is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(underway.after.wait(), ORDER)
        await self._pass(underway)

    async def _before(self, task: asyncio.Task[None] | None) -> None:
        if task is not None and not task.done():
            await asyncio.wait({task}, timeout=ORDER)

    async def _pass(self, underway: Underway) -> None:
        underway.has_begun = True
        await self._guarded(underway.message, self._server.pass_on(underway.message, underway.sent))

    async def _guarded(self, message: Message, passing: Awaitable[None]) -> None:
        try:
            await passing
            self.failure = None
        except GumauthError as error:
            await self._fail(message, error)

    async def _fail(self, message: Message, error: GumauthError) -> None:
        words = f"{error.message} {error.hint or ''}".strip()
        if self.failure is None or str(self.failure) != str(error):  # else it was said of the message before
            self._say(one_line(words, 2000))
        self.failure = error
        data: dict[str, object] = {"gumauth": error.code}
        for key in self._conversation.left(message):
            await self._write(frames.error(key, words, data=data))

    def _closes(self, message: Message) -> bool:
        """Take a request back by closing its answer, or by not sending it; whether that was all there is to do.

        Source: Model Context Protocol, revision 2026-07-28, "Cancellation": over HTTP a closed stream says it.
        """
        key, known = self._conversation.cancel(message.parts[0])
        task, underway = self._asking(key)
        waits_here = not underway.has_begun and self._slots.locked()
        if known is None or task is None or (known.revision is None and not waits_here):
            return False
        self._conversation.open.pop(key, None)
        if not underway.message.is_batch:
            task.cancel()
        return True

    def _sending(self, message: Message) -> asyncio.Event | None:
        """Set once the request that a cancellation takes back is on its way: it would be unknown to the server."""
        task, underway = self._asking(frames.key_of(message.parts[0].params.get("requestId")))
        return underway.sent if task is not None else None

    def _asking(self, key: str) -> tuple[asyncio.Task[None] | None, Underway]:
        """The task that passes on the request with this id."""
        for task, underway in self._tasks.items():
            if any(part.key == key for part in underway.message.requests):
                return task, underway
        return None, Underway(Message(raw=b"", parts=()))

    async def end(self, seconds: float) -> None:
        """Wait for the answers that are to come by themselves, but no longer than that, and leave the rest."""
        late = asyncio.get_running_loop().time() + seconds
        while self._tasks and (left := late - asyncio.get_running_loop().time()) > 0:
            if not any(self._is_awaited(each.message) for each in self._tasks.values()):
                break
            await asyncio.wait(self._tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        tasks = [*self._tasks, *((self._taking,) if self._taking is not None else ())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _is_awaited(self, message: Message) -> bool:
        if not message.requests:
            return True
        known = [self._conversation.open.get(part.key) for part in message.requests]
        return any(each is not None and each.ends_by_itself for each in known)
