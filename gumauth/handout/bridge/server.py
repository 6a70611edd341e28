"""The MCP server's side of the bridge: its sessions, which are opened again where they end, and its answers.

Source: Model Context Protocol, "Streamable HTTP", revisions 2025-03-26 to 2026-07-28; "HTTP with SSE", 2024-11-05.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace

from gumauth.errors import GumauthError, Temporary
from gumauth.handout.bridge import answers, frames, headers
from gumauth.handout.bridge.conversation import Conversation
from gumauth.handout.bridge.frames import LARGEST, Message, Part
from gumauth.handout.bridge.older import OlderStream
from gumauth.handout.bridge.requests import Opened, Outgoing, Requests
from gumauth.handout.bridge.session import Session, names_revision
from gumauth.handout.bridge.sse import Event
from gumauth.handout.bridge.streams import Streams
from gumauth.handout.bridge.waiting import first_of

MOST_SESSIONS = 3
"""Sessions in which one message is tried."""

FAREWELL = 2.0
"""Seconds for the server to take the end of the session."""


class Server:
    """The MCP server of an account.

    Args:
        requests: To the server.
        conversation: What is open.
        write: Takes a message for the client.
        say: Takes a sentence for the person.
    """

    def __init__(
        self,
        requests: Requests,
        conversation: Conversation,
        write: Callable[[bytes], Awaitable[None]],
        say: Callable[[str], None],
    ) -> None:
        self._requests, self._conversation, self._write, self._say = requests, conversation, write, say
        self._streams = Streams(requests, self._take)
        self._session = Session()
        self._first: Message | None = None
        self._initialized: Message | None = None
        self._renewing = asyncio.Lock()
        self._listening: asyncio.Task[None] | None = None
        self._older: OlderStream | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, message: Message) -> None:
        """Pass an `initialize` on, until it is answered.

        Raises:
            GumauthError: It was not.
        """
        async with self._renewing:
            self._first, self._initialized = message, None
            await self._opened(message, passes=True)

    async def initialized(self, message: Message) -> None:
        """Pass the client's `notifications/initialized` on, and listen from then on.

        Raises:
            GumauthError: The server did not take it.
        """
        self._initialized = message
        await self.pass_on(message, asyncio.Event())
        if self._listening is None:
            self._listen()

    async def pass_on(self, message: Message, sent: asyncio.Event) -> None:
        """Pass a message on, until its requests are answered; in a new session where the server has ended the old one.

        Args:
            message: Of the client.
            sent: Set once it is on its way.

        Raises:
            GumauthError: It was not taken, or not answered.
        """
        for _ in range(MOST_SESSIONS):
            async with self._renewing:
                session = self._session
            if not names_revision(message):
                if self._conversation.is_late(message, session.number):
                    return
                if self._older is not None and self._older.has_ended:
                    await self._renew(session)
                    continue
            if await self._post(message, session, sent) != "ended":
                return
            await self._renew(session)
        raise Temporary("The server ends each session at once.", hint="Try again later.")

    async def close(self) -> None:
        """End the session at the server, and all connections."""
        await self._stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session.id is not None:
            with contextlib.suppress(GumauthError, TimeoutError):
                async with asyncio.timeout(FAREWELL):
                    async with self._requests.opened(Outgoing(method="DELETE", fields=self._session.fields())):
                        pass
        await self._requests.close()

    async def _stop(self) -> None:
        for task in (self._listening, self._older.task if self._older else None):
            if task is not None and task is not asyncio.current_task():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        self._listening = self._older = None

    def _listen(self) -> None:
        if self._older is None:
            self._listening = asyncio.create_task(self._heard(self._session))

    async def _heard(self, session: Session) -> None:
        with contextlib.suppress(GumauthError):  # the next request hears of it too
            if await self._streams.listen(session):
                await self._renew(session)

    async def _renew(self, ended: Session) -> None:
        """Open another session in place of one that has ended, as the client has opened that one."""
        async with self._renewing:
            if self._session.number != ended.number:
                return
            if self._first is None:
                raise Temporary("The server has ended the session.", hint="Start the MCP client again.")
            await self._stop()
            try:
                await self._opened(self._first, passes=False)
                if self._initialized is not None:
                    await self._post(self._initialized, self._session, asyncio.Event())
            except GumauthError:
                self._session = ended
                raise
            if self._initialized is not None:
                self._listen()

    async def _opened(self, first: Message, *, passes: bool) -> None:
        """Send an `initialize`, and note what the server answers."""
        await self._stop()
        answered: asyncio.Future[Part] = asyncio.get_running_loop().create_future()
        key = first.requests[0].key
        self._conversation.watch(key, answered.set_result, passes=passes)
        self._session = Session(number=self._session.number + 1)
        try:
            posting = await self._until(answered, self._post(first, self._session, asyncio.Event(), opens=True))
            if posting == "older":
                self._older = OlderStream(self._requests, self._take, self._session, self._lost)
                self._session = replace(self._session, post_url=await self._older.endpoint())
                await self._post(first, self._session, asyncio.Event())
                await first_of(answered, self._older.task)
            if posting == "refused" and passes:
                return  # the client has the server's own error
            if not answered.done():
                raise Temporary("The server did not answer `initialize`.", hint="Try again later.")
        finally:
            self._conversation.forget_watch(key)
        result = answered.result().members.get("result")
        version = result.get("protocolVersion") if isinstance(result, dict) else None
        self._session = replace(self._session, version=version if isinstance(version, str) else None)
        if not passes and not isinstance(result, dict):
            raise Temporary("The server does not open another session.", hint="Start the MCP client again.")

    async def _until(self, answered: asyncio.Future[Part], posting: Awaitable[str]) -> str:
        """What posting comes to, or "" as soon as the answer is there: its stream may go on."""
        task = asyncio.ensure_future(posting)
        try:
            await first_of(task, answered)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if task.done() or not answered.done():
            return await task
        rest = asyncio.create_task(_finished(task))
        self._tasks.add(rest)
        rest.add_done_callback(self._tasks.discard)
        return ""

    async def _post(
        self, message: Message, session: Session, sent: asyncio.Event, *, opens: bool = False
    ) -> answers.Meaning:
        fields = session.fields_for(message, self._conversation.mirrored)
        outgoing = Outgoing(method="POST", fields=fields, body=message.raw, url=session.post_url, sent=sent)
        async with self._requests.opened(outgoing) as opened:
            answer = await opened.answer()
            in_session = session.id is not None and not names_revision(message)
            meaning = answers.meaning(answer, in_session=in_session, opens=opens and session.post_url is None)
            if opens and answer.is_ok:
                self._session = replace(session, id=_session_id(opened))
            if meaning == "events":
                await self._streams.answer(opened, self._session if opens else session, self._waits(message))
            elif meaning == "json":
                await self._json(opened, session)
            elif meaning == "refused":
                await self._refused(message, answer, opened)
        if meaning in ("json", "accepted") and session.post_url is None and self._conversation.waits(message):
            raise Temporary(f"{opened.host} took the request and did not answer it.", hint="Try again later.")
        return meaning

    def _waits(self, message: Message) -> Callable[[], bool]:
        return lambda: self._conversation.waits(message)

    async def _json(self, opened: Opened, session: Session) -> None:
        body = bytearray()
        async with contextlib.aclosing(opened.pieces()) as pieces:
            async for piece in pieces:
                body += piece
                if len(body) > LARGEST:
                    raise GumauthError(f"{opened.host} sent a message that is too long.")
        if body.strip():
            await self._arrived(bytes(body), session)

    async def _refused(self, message: Message, answer: answers.Answer, opened: Opened) -> None:
        """Pass the server's own error on, or raise one; it is the answer to a request that was refused whole."""
        if answer.told is None or answers.lacking(answer) is not None or answer.status == answers.UNAUTHORIZED:
            raise answers.refusal(answer, opened.held.account, opened.host)
        for key in self._conversation.left(message):
            if (line := frames.answered(key, answer.told)) is not None:
                await self._write(line)

    async def _take(self, event: Event, session: Session) -> None:
        if event.name == "message":
            await self._arrived(event.data, session)

    async def _arrived(self, raw: bytes, session: Session) -> None:
        message = frames.read(raw)
        if message is None:
            self._say("The server sent something that is no message of JSON-RPC; it was not passed on.")
            return
        passing = self._conversation.arrived(message, session.number)
        together = self._conversation.has_batches or session.version == frames.BATCHES
        for line in frames.lines(message, passing, together=together):
            await self._write(line)

    async def _lost(self) -> None:
        """Answer all requests of an older stream that has ended."""
        for key in self._conversation.left_everywhere():
            await self._write(frames.error(key, "The server ended its stream before it answered."))


def _session_id(opened: Opened) -> str | None:
    value = opened.header(headers.SESSION)
    return value if value and headers.VISIBLE.fullmatch(value) else None


async def _finished(task: asyncio.Future[str]) -> None:
    with contextlib.suppress(GumauthError):
        await task
