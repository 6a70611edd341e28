"""The last answer of a method's own client is kept for that method, and for nobody else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import httpx
import pytest
import requests

from gumauth.client.provider_calls import last_response
from gumauth.oauth2.http import listeners
from tests.loopback import Answer, Loopback, loopback


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as server:
        yield server


@pytest.mark.parametrize("library", ["httpx", "requests"])
def test_the_last_answer_of_each_library_is_kept_until_the_end(server: Loopback, library: str) -> None:
    server.answer({"error": "nope"}, status=400)
    with last_response.recorded() as last:
        (httpx if library == "httpx" else requests).post(server.url, data={"refresh_token": "a-refresh-token"})
        response = last.refused()
        assert response is not None
        assert (response.status, response.fields(), last.speaker) == (400, {"error": "nope"}, "127.0.0.1")
        assert last.secrets == ["a-refresh-token"]
        assert repr(last) == "LastResponse()"
    assert last.response is None


def test_tasks_and_worker_threads_of_a_method_are_its_own_and_other_threads_are_not(server: Loopback) -> None:
    async def run() -> list[str]:
        with last_response.recorded() as last:
            found = []
            for ask in (in_task, in_worker, in_stranger):
                await ask(f"{server.url}/{ask.__name__}")
                found.append(last.response.url.path)
            return found

    async def in_task(url: str) -> None:
        async with httpx.AsyncClient() as client:
            await asyncio.gather(client.get(url))

    async def in_worker(url: str) -> None:
        await asyncio.to_thread(httpx.get, url)

    async def in_stranger(url: str) -> None:
        stranger = threading.Thread(target=httpx.get, args=(url,))
        stranger.start()
        await asyncio.to_thread(stranger.join)

    assert asyncio.run(run()) == ["/in_task", "/in_worker", "/in_worker"]


def test_methods_that_run_at_once_have_each_their_own(server: Loopback) -> None:
    async def ask(path: str, others: asyncio.Barrier) -> str:
        with last_response.recorded() as last:
            async with httpx.AsyncClient() as client:
                await client.get(f"{server.url}/{path}")
            await others.wait()
            return str(last.response.url.path)

    async def all_at_once() -> list[str]:
        others = asyncio.Barrier(5)
        return await asyncio.gather(*(ask(f"{number}", others) for number in range(5)))

    assert asyncio.run(all_at_once()) == ["/0", "/1", "/2", "/3", "/4"]


def test_nobody_else_is_told_of_anything(server: Loopback) -> None:
    with last_response.recorded():
        pass
    response = httpx.get(server.url)
    assert response.status_code == 200
    assert listeners.listening() == []


def test_a_task_that_is_left_behind_keeps_nothing(server: Loopback) -> None:
    async def late(go: asyncio.Event) -> None:
        await go.wait()
        async with httpx.AsyncClient() as client:
            await client.get(server.url)

    async def run() -> None:
        go = asyncio.Event()
        with last_response.recorded() as last:
            task = asyncio.create_task(late(go))
            await asyncio.sleep(0)
        go.set()
        await task
        assert last.response is None

    asyncio.run(run())


@pytest.mark.parametrize(
    ("content", "content_type", "status", "refused"),
    [
        (b"[]", "application/json", 200, False),
        (b'{"a": 1}', "application/json", 200, False),
        (b"a=1", "application/x-www-form-urlencoded", 200, False),
        (b'{"error": "x"}', "application/json", 200, True),
        (b"<html>", "text/html", 200, True),
        (b"", "", 200, True),
        (b"", "", 500, True),
    ],
)
def test_what_is_a_refusal(server: Loopback, content: bytes, content_type: str, status: int, refused: bool) -> None:
    server.answers = [Answer(status, content, {"Content-Type": content_type})]
    with last_response.recorded() as last:
        httpx.get(server.url)
        assert (last.refused() is not None) is refused


def test_what_is_still_to_be_read_is_not_kept(server: Loopback) -> None:
    with last_response.recorded() as last:
        server.answer(status=400)
        httpx.get(server.url)
        with httpx.stream("GET", server.url):
            assert last.refused() is None
