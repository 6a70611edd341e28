"""Everything at once that the loopback can be made to suffer, and then the one right callback."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gumauth.callback import Answer, Listener, Redirect
from gumauth.callback.crowd import RESERVE
from gumauth.callback.pages import connected_page
from tests.callback.wire import STATE, follow, get, head, in_a_loop, listening, send, until

PAGE = connected_page("Linear", "ada@example.com")
OTHER_STATE = "Pq7rLm2sVx9tBn4uCk1wDj6yEh3zFg8aGf5bHd0cJtS"
STRAYS = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x00" * 64,
    b"\r\n\r\n",
    b"GET /" + b"a" * 40_000,
    b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 8000,
)


async def slow(listener: Listener, number: int, held: list[asyncio.StreamWriter]) -> None:
    """A connection that says nothing, or a request that comes byte by byte and never ends."""
    _, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    held.append(writer)
    try:
        while number % 2:
            writer.write(b"G" if number % 4 == 1 else b"GET /callback HTTP/1.1\r\nX: y\r\n")
            await asyncio.sleep(0.02)
        await asyncio.Event().wait()
    finally:
        writer.close()


async def strays(listener: Listener) -> None:
    for content in STRAYS:
        await send(listener, content)
    for target in ("/", "/favicon.ico", "/callback", f"/callback?code=crossed&state={OTHER_STATE}"):
        await get(listener, target)
    await get(listener, f"/callback?code=c&state={STATE}", method="HEAD")
    await get(listener, f"/callback?code=c&state={STATE}", host=f"evil.example:{listener.port}")
    await get(listener, f"/callback?code=c&state={STATE}", more="Sec-Purpose: prefetch\r\n")


@pytest.mark.requirement("C4", "C6", "C7", "C11")
@in_a_loop
async def test_the_right_callback_gets_through_within_a_second_whatever_else_comes() -> None:
    """100 slow connections, 780 stray ones, 300 wrong states, two connects with crossed tabs, then the right one."""
    listener, other = await listening(), await listening(state=OTHER_STATE)
    held: list[asyncio.StreamWriter] = []
    crowd = [asyncio.create_task(slow(listener, number, held)) for number in range(100)]
    await until(lambda: len(held) == 100 and len(listener._crowd) == 100)
    await asyncio.gather(*(strays(listener) for _ in range(60)))
    wrong = (f"/callback?code=c{number}&state={number:043d}" for number in range(300))
    assert {(await get(listener, target)).status for target in wrong} == {400}
    assert (await get(other, f"/callback?code=crossed&state={STATE}")).status == 400
    slow_ones = listener.rejections["too slow"]  # of the hundred, where the machine is busy and all this takes long
    assert sum(listener.rejections.values()) - slow_ones == 60 * 13 + 300
    assert listener.rejections["wrong state"] == 60 + 300
    assert not listener._settled.is_set()

    async with asyncio.timeout(1):
        browser = asyncio.create_task(follow(listener, f"/callback?code=right&state={STATE}"))
        assert await listener.wait() == Answer(code="right")
        await listener.finish(PAGE)
        assert (await browser).body == PAGE.body

    assert other.offer(f"code=other&state={OTHER_STATE}") is None
    await other.close()
    for task in crowd:
        task.cancel()
    await asyncio.gather(*crowd, return_exceptions=True)


@asynccontextmanager
async def besieged(listener: Listener) -> AsyncIterator[Callable[[str], Coroutine[Any, Any, None]]]:
    """Gives orders to another process that opens connections; an order is done when it can be awaited."""
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.callback.besiege", str(listener.port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert program.stdin is not None
    assert program.stdout is not None
    told, heard = program.stdin, program.stdout

    async def order(what: str) -> None:
        told.write(f"{what}\n".encode())
        assert (await heard.readline()).decode() == f"{what}\n"

    try:
        yield order
    finally:
        told.close()
        program.kill()
        await program.wait()


async def right_one(listener: Listener) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", listener.port)


async def answered(listener: Listener, writer: asyncio.StreamWriter) -> float:
    """The seconds from the moment that the browser sends the right callback until it is believed."""
    begun = time.monotonic()
    writer.write(head(listener, f"/callback?code=right&state={STATE}"))
    assert await listener.wait() == Answer(code="right")
    return time.monotonic() - begun


@pytest.mark.requirement("Y9", "C6")
@pytest.mark.parametrize("when", ["after", "while", "opened before"])
@in_a_loop
async def test_the_right_callback_is_answered_within_a_second_under_a_siege(when: str) -> None:
    """100 connections that drip 15,000 bytes each, and 500 idle ones that come at once.

    The right one comes after the idle ones, while they come, or was opened before them and sends its bytes after them.
    """
    listener = await listening()
    async with besieged(listener) as order:
        await order("drip 100")
        begun, first = time.monotonic(), await right_one(listener) if when == "opened before" else None
        opening = time.monotonic() - begun
        idle = asyncio.create_task(order("idle 500"))
        if when != "while":
            await idle
        begun = time.monotonic()
        _, writer = first or await right_one(listener)
        seconds = opening + time.monotonic() - begun + await answered(listener, writer)
        await idle
        assert seconds < 1
        assert len(listener._crowd) <= 601
        writer.close()
    await listener.close()


@pytest.mark.requirement("Y8", "Y9")
@pytest.mark.skipif(sys.platform == "win32", reason="sockets are no file descriptors there")
@in_a_loop
async def test_a_siege_takes_no_more_file_descriptors_than_there_are() -> None:
    """With room for 24 connections, 500 idle ones come; the system never refuses, and the right one gets in."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    listener = await listening()
    async with besieged(listener) as order:
        await listener.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (RESERVE + 24, before[1]))
        try:
            listener = await listening(Redirect(ports=(listener.port,)))
            await order("idle 500")
            _, writer = await right_one(listener)
            assert await answered(listener, writer) < 1
            assert len(listener._crowd) <= 24
            writer.close()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
    await listener.close()


@pytest.mark.requirement("Y8")
@in_a_loop
async def test_one_request_of_nothing_but_blanks_holds_up_nobody() -> None:
    listener = await listening()
    blanks = f"A:{' ' * 32_000}\0\r\n"
    async with asyncio.timeout(1):
        strange = asyncio.create_task(get(listener, "/", more=blanks))
        browser = asyncio.create_task(get(listener, f"/callback?code=right&state={STATE}"))
        assert (await strange).status == 400
        assert await listener.wait() == Answer(code="right")
    await listener.close()
    await browser
