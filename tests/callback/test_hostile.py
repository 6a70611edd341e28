"""Everything at once that the loopback can be made to suffer, and then the one right callback."""

from __future__ import annotations

import asyncio

import pytest

from gumauth.callback import Answer, Listener
from gumauth.pages import connected_page
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
    await until(lambda: len(held) == 100 and len(listener._passing) == 100)
    await asyncio.gather(*(strays(listener) for _ in range(60)))
    wrong = (f"/callback?code=c{number}&state={number:043d}" for number in range(300))
    assert {(await get(listener, target)).status for target in wrong} == {400}
    assert (await get(other, f"/callback?code=crossed&state={STATE}")).status == 400
    assert sum(listener.ignored.values()) == 60 * 13 + 300
    assert listener.ignored["wrong state"] == 60 + 300
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


@pytest.mark.requirement("C6")
@in_a_loop
async def test_five_hundred_connections_at_once_do_not_keep_the_right_one_out() -> None:
    listener = await listening()
    crowd = await asyncio.gather(
        *(asyncio.open_connection("127.0.0.1", listener.port) for _ in range(500)), return_exceptions=True
    )
    async with asyncio.timeout(1):
        _, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(head(listener, f"/callback?code=right&state={STATE}"))
        assert await listener.wait() == Answer(code="right")
    assert len(listener._passing) <= 128
    writer.close()
    for each in crowd:
        if not isinstance(each, BaseException):
            each[1].close()
    await listener.close()
