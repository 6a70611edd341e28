from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing

import pytest

from gumauth.callback import Answer
from gumauth.callback.presence import DEADLINE, LIMIT, Holder, who_holds
from tests.callback.wire import STATE, get, head, in_a_loop, listening, read_reply, seconds_of, send

Serving = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def program(serve: Serving, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """Another program on a port, which does this with every connection."""
    tasks: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # asyncio would log that the task of a connection was cancelled
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(one, host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def says_nothing(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def hangs_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    pass


async def has_no_end(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nServer: gumauth\r\n")
    while True:
        writer.write(b"A: b\r\n" * 1000)
        await writer.drain()


async def drips(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"H")
        await asyncio.sleep(0.01)


async def hangs_up_after_the_request(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def hangs_up_in_its_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nServer: gumauth\r\n")
    await writer.drain()


def replies(content: bytes) -> Serving:
    """A program that waits for a request, and answers this."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(content)
        await writer.drain()
        await reader.read()

    return serve


def test_the_answer_may_take_a_second_and_4_kib() -> None:
    assert (DEADLINE, LIMIT) == (1.0, 4096)


@pytest.mark.requirement("C11")
@in_a_loop
async def test_a_connect_is_told_from_other_programs_and_is_not_disturbed() -> None:
    """The question is not counted, before and after the answer is awaited, and the wait goes on."""
    listener = await listening()
    waiting = asyncio.create_task(listener.wait())
    assert await who_holds("localhost", listener.port) is Holder.CONNECT
    assert await who_holds("127.0.0.1", listener.port) is Holder.CONNECT
    assert listener.rejections == {}
    assert not waiting.done()
    browser = asyncio.create_task(get(listener, f"/callback?code=c&state={STATE}"))
    assert await waiting == Answer(code="c")
    assert await who_holds("localhost", listener.port) is Holder.CONNECT
    assert not browser.done()
    await listener.close()
    await browser


@pytest.mark.requirement("C11", "S2")
@in_a_loop
async def test_the_answer_holds_a_name_and_nothing_else() -> None:
    listener = await listening()
    reply = read_reply(await send(listener, head(listener, "/gumauth", method="HEAD")))
    assert (reply.status, reply.headers["server"], reply.body) == (200, "gumauth", b"")
    assert STATE not in repr(reply)
    await listener.close()


@pytest.mark.requirement("C4", "C11")
@pytest.mark.parametrize(
    ("options", "status"),
    [({"method": "GET"}, 404), ({"method": "POST"}, 405), ({"method": "HEAD", "host": "evil.example"}, 405)],
)
@in_a_loop
async def test_a_web_page_cannot_ask_and_no_other_method_does(options: dict[str, str], status: int) -> None:
    listener = await listening()
    reply = await get(listener, "/gumauth", **options)
    assert reply.status == status
    assert "server" not in reply.headers
    assert sum(listener.rejections.values()) == 1
    await listener.close()


@pytest.mark.requirement("C3", "C11", "Y8")
@pytest.mark.parametrize(
    "serve",
    [
        pytest.param(says_nothing, id="says nothing"),
        pytest.param(has_no_end, id="its answer has no end"),
        pytest.param(drips, id="its answer drips"),
        pytest.param(hangs_up_in_its_answer, id="its answer breaks off"),
        pytest.param(replies(b"SSH-2.0-other\r\n\r\n"), id="another protocol"),
        pytest.param(replies(b"HTTP/1.1 200 OK\r\n\r\n"), id="no name"),
        pytest.param(replies(b"HTTP/1.1 200 OK\r\nServer: other\r\n\r\n"), id="another name"),
        pytest.param(replies(b"HTTP/1.1 404 Not Found\r\nServer: gumauth\r\n\r\n"), id="another status"),
        pytest.param(replies(b"HTTP/1.1 302 Found\r\nServer: gumauth\r\nLocation: /\r\n\r\n"), id="leads elsewhere"),
        pytest.param(replies(b"X-Server: gumauth\r\n\r\n\xff"), id="no status"),
        pytest.param(replies(b"HTTP/1.1 200 OK\r\n\r\nServer: gumauth\r\n\r\n"), id="a name in the body"),
    ],
)
@in_a_loop
async def test_any_other_program_is_another_program_within_a_second_or_so(serve: Serving) -> None:
    async with program(serve) as port:
        asked = asyncio.create_task(who_holds("127.0.0.1", port))
        assert await seconds_of(asked) < 1.5
        assert asked.result() is Holder.OTHER


@pytest.mark.requirement("C11")
@pytest.mark.parametrize("serve", [hangs_up, hangs_up_after_the_request])
@in_a_loop
async def test_where_nobody_answers_the_port_may_be_free(serve: Serving) -> None:
    async with program(serve) as port:
        assert await who_holds("127.0.0.1", port) is Holder.NOBODY
    assert await who_holds("localhost", port) is Holder.NOBODY


@pytest.mark.requirement("C11")
@in_a_loop
async def test_another_program_in_one_family_is_in_the_way_although_a_connect_holds_the_other() -> None:
    from gumauth.callback import Listener, Redirect

    try:
        with closing(socket.socket(socket.AF_INET6)) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    listener = await Listener.bind(Redirect(host="127.0.0.1", ports=()))
    assert await who_holds("localhost", listener.port) is Holder.CONNECT
    async with program(says_nothing, host="::1", port=listener.port):
        assert await who_holds("localhost", listener.port) is Holder.OTHER
    await listener.close()


@pytest.mark.requirement("C11", "S2")
@in_a_loop
async def test_the_question_tells_nothing() -> None:
    heard: list[bytes] = []

    async def listens(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))

    async with program(listens) as port:
        await who_holds("127.0.0.1", port)
        assert heard == [f"HEAD /gumauth HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode()]
