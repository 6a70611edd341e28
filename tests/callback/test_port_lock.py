from __future__ import annotations

import asyncio
import socket
from contextlib import closing

import pytest

from gumauth.callback import Listener, Redirect
from gumauth.callback.port_lock import ASK_AGAIN, GRACE, PAUSE, PortLock
from gumauth.errors import PortInUse
from tests.callback.test_presence import Serving, hangs_up, has_no_end, program, replies, says_nothing
from tests.callback.wire import in_a_loop, seconds_of, until

PRETENDS = replies(b"HTTP/1.1 200 OK\r\nServer: gumauth\r\n\r\n")


def turn(*ports: int) -> PortLock:
    return PortLock(Redirect(host="127.0.0.1", ports=ports), None)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_it_is_tried_ten_times_a_second_and_asked_every_other_second() -> None:
    assert (PAUSE, ASK_AGAIN, GRACE) == (0.1, 2.0, 1.0)


@pytest.mark.requirement("C11")
@in_a_loop
async def test_a_connect_waits_for_another_and_says_so_once() -> None:
    first = await turn().bind(lambda _: None, patience=9)
    said: list[str] = []
    second = asyncio.create_task(turn(first.port).bind(said.append, patience=9))
    await until(lambda: bool(said))
    assert said == [f"Another connect is waiting on port {first.port}; this one goes on when it has ended."]
    assert not second.done()
    assert first.rejections == {}
    await first.close()
    listener = await second
    assert listener.port == first.port
    assert len(said) == 1
    await listener.close()


@pytest.mark.requirement("C11")
@in_a_loop
async def test_many_that_need_one_port_all_get_it_one_after_the_other() -> None:
    port, had = free_port(), []

    async def one(number: int) -> None:
        listener = await turn(port).bind(lambda _: None, patience=15)
        had.append(number)
        await asyncio.sleep(0)
        await listener.close()

    await asyncio.gather(*(one(number) for number in range(6)))
    assert sorted(had) == [0, 1, 2, 3, 4, 5]


@pytest.mark.requirement("C11")
@in_a_loop
async def test_patience_has_an_end() -> None:
    first = await turn().bind(lambda _: None, patience=9)
    said: list[str] = []
    with pytest.raises(PortInUse, match=str(first.port)):
        await turn(first.port).bind(said.append, patience=0.3)
    assert len(said) == 1
    await first.close()


@pytest.mark.requirement("C3")
@pytest.mark.parametrize(
    ("serve", "most"),
    [(replies(b"HTTP/1.1 200 OK\r\n\r\n"), 0.5), (hangs_up, 1.8), (says_nothing, 1.8), (has_no_end, 0.5)],
)
@in_a_loop
async def test_another_program_is_an_error_at_once(serve: Serving, most: float) -> None:
    """At once, or after the second in which it could have said that it is a connect."""
    async with program(serve) as port:
        said: list[str] = []
        binding = asyncio.create_task(turn(port).bind(said.append, patience=60))
        assert await seconds_of(asyncio.wait([binding])) < most
        with pytest.raises(PortInUse, match=f"Port {port} is in use by another program"):
            await binding
        assert said == []


@pytest.mark.requirement("C3")
@in_a_loop
async def test_a_port_that_is_taken_by_nobody_who_answers_is_an_error_soon() -> None:
    """Bound, and not listened on."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        binding = asyncio.create_task(turn(taken.getsockname()[1]).bind(lambda _: None, patience=60))
        assert await seconds_of(asyncio.wait([binding])) < 1.8
        with pytest.raises(PortInUse):
            await binding


@pytest.mark.requirement("C3", "C11")
@in_a_loop
async def test_a_program_that_takes_the_port_of_a_connect_meanwhile_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is asked again and again, and the person is told once."""
    monkeypatch.setattr("gumauth.callback.port_lock.ASK_AGAIN", 0.2)
    said: list[str] = []
    asked: list[int] = []

    async def pretends(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(len(said))
        await PRETENDS(reader, writer)

    async with program(pretends) as port:
        binding = asyncio.create_task(turn(port).bind(said.append, patience=60))
        await until(lambda: len(asked) == 4)
        assert (asked, len(said)) == ([0, 1, 1, 1], 1)
        assert not binding.done()
    async with program(replies(b"HTTP/1.1 200 OK\r\n\r\n"), port=port):
        with pytest.raises(PortInUse):
            await binding


@pytest.mark.requirement("C11", "Y8")
@in_a_loop
async def test_one_that_pretends_to_be_a_connect_keeps_others_no_longer_than_their_patience() -> None:
    async with program(PRETENDS) as port:
        binding = asyncio.create_task(turn(port).bind(lambda _: None, patience=0.3))
        assert await seconds_of(asyncio.wait([binding])) < 1
        with pytest.raises(PortInUse):
            await binding


@pytest.mark.requirement("C11")
@in_a_loop
async def test_a_wait_can_be_cancelled_and_leaves_nothing_open() -> None:
    async with program(says_nothing) as port:
        binding = asyncio.create_task(turn(port).bind(lambda _: None, patience=60))
        await asyncio.sleep(0.05)
        binding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await binding


@pytest.mark.requirement("C3", "C11")
@in_a_loop
async def test_of_several_ports_the_first_free_one_is_taken_whoever_holds_the_others() -> None:
    first = await turn().bind(lambda _: None, patience=9)
    async with program(says_nothing) as other:
        said: list[str] = []
        listener = await turn(other, first.port, free := free_port()).bind(said.append, patience=9)
        assert (listener.port, said) == (free, [])
        await listener.close()
    await first.close()


@pytest.mark.requirement("C3", "C11")
@in_a_loop
async def test_of_several_taken_ports_that_of_a_connect_is_waited_for() -> None:
    first = await turn().bind(lambda _: None, patience=9)
    async with program(hangs_up) as other:
        said: list[str] = []
        binding = asyncio.create_task(turn(other, first.port).bind(said.append, patience=9))
        await until(lambda: bool(said))
        assert f"port {first.port};" in said[0]
        await first.close()
        assert (await binding).port == first.port
        await binding.result().close()


@pytest.mark.requirement("C3")
@in_a_loop
async def test_a_connect_that_ends_while_it_is_asked_leaves_its_port_to_the_next() -> None:
    """It is reset, or refused: tried again at once, and not taken for another program."""
    listener = await Listener.bind(Redirect(host="127.0.0.1", ports=()))
    binding = asyncio.create_task(turn(listener.port).bind(lambda _: None, patience=9))
    await asyncio.sleep(0)
    await listener.close()
    assert (await binding).port == listener.port
    await binding.result().close()
