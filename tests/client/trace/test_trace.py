"""Every request of a step is heard, of whatever client, and shown in the order of what happens."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator

import httpx
import pytest
import requests

from gumauth.client.trace.step import step
from gumauth.client.trace.trace import Trace
from gumauth.errors import NetworkError
from gumauth.oauth2.http import transport
from gumauth.oauth2.http.listeners import heard_by
from tests.loopback import Answer, Loopback, loopback


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as server:
        yield server


class Seen:
    """The lines of a trace that begin a request or an answer, without times and ports."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.trace = Trace(self.lines.extend)

    @property
    def heads(self) -> list[str]:
        heads = [line for line in self.lines if line.startswith("#")]
        return [re.sub(r"\d+ ms|127\.0\.0\.1:\d+", "…", line) for line in heads]


@pytest.fixture
def seen() -> Seen:
    return Seen()


async def by_async_httpx(url: str) -> None:
    async with httpx.AsyncClient(follow_redirects=True) as client:
        await client.post(url, data={"a": "1"})


async def by_httpx(url: str) -> None:
    httpx.post(url, data={"a": "1"}, follow_redirects=True)  # noqa: ASYNC210 - as files do


async def by_requests(url: str) -> None:
    requests.post(url, data={"a": "1"})  # noqa: ASYNC210


@pytest.mark.parametrize("ask", [by_async_httpx, by_httpx, by_requests])
def test_each_library_is_heard_also_where_it_follows_a_redirect(server: Loopback, seen: Seen, ask: object) -> None:
    server.answers = [Answer(303, b"over there", {"Location": "/there"}), Answer(200, b'{"b": "2"}')]
    with step(seen.trace, "exchange") as heard, heard_by(*heard):
        asyncio.run(ask(f"{server.url}/here"))  # type: ignore[operator]
    assert seen.heads == [
        "#1 exchange > POST http://…/here",
        "#1 exchange < 303 See Other, …",
        "#2 exchange > GET http://…/there",
        "#2 exchange < 200 OK, …",
    ]
    assert "   > a = 1" in seen.lines
    assert "   < 10 bytes: over there" in seen.lines
    assert '   < b = "2"' in seen.lines


def test_gumauths_own_client_is_heard_with_the_body(server: Loopback, seen: Seen) -> None:
    async def ask() -> None:
        await transport.send(transport.Request(method="POST", url=server.url, json={"token": "abc"}))
        await transport.close()

    server.answer({"ok": True})
    with step(seen.trace, "registration") as heard, heard_by(*heard):
        asyncio.run(ask())
    assert seen.heads == ["#1 registration > POST http://…", "#1 registration < 200 OK, …"]
    assert seen.lines[-1] == "   < ok = true"
    assert any(re.fullmatch(r"   > token = \(secret, 3 characters, sha256 [0-9a-f]{8}\)", line) for line in seen.lines)


def test_what_is_read_as_a_stream_is_shown_at_the_end(server: Loopback, seen: Seen) -> None:
    with step(seen.trace, "exchange") as heard, heard_by(*heard):
        with httpx.stream("GET", server.url) as response:
            assert seen.heads == ["#1 exchange > GET http://…"]
            response.read()
        requests.get(server.url, stream=True).close()
    assert seen.heads[1:] == ["#1 exchange < 200 OK, …", "#2 exchange > GET http://…/", "#2 exchange < 200 OK, …"]
    assert seen.lines[-1] == "   < (the body was not read to its end)"


@pytest.mark.parametrize("ask", [by_async_httpx, by_httpx, by_requests])
def test_a_connection_that_fails_is_shown_with_what_happened(seen: Seen, ask: object) -> None:
    with step(seen.trace, "exchange") as heard, heard_by(*heard), pytest.raises(Exception, match=r"."):
        asyncio.run(ask("http://127.0.0.1:9/"))  # type: ignore[operator]
    assert seen.heads[0] == "#1 exchange > POST http://…/"
    assert re.match(r"#1 exchange < no answer, …: Connect\w*Error: .", seen.heads[1])
    assert len(seen.heads) == 2


def test_a_request_that_is_given_up_is_shown_so(server: Loopback, seen: Seen) -> None:
    async def ask() -> None:
        with step(seen.trace, "exchange") as heard, heard_by(*heard):
            async with asyncio.timeout(0.05), httpx.AsyncClient() as client:
                await client.get(f"http://127.0.0.1:{held}/")

    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TimeoutError):
        held = silent.getsockname()[1]
        asyncio.run(ask())
    assert seen.heads == ["#1 exchange > GET http://…/", "#1 exchange < no answer, …: it was given up"]


def test_requests_at_once_have_each_their_number(server: Loopback, seen: Seen) -> None:
    async def ask() -> None:
        async with httpx.AsyncClient() as client:
            await asyncio.gather(*(client.get(f"{server.url}/{number}") for number in range(5)))

    with step(seen.trace, "exchange") as heard, heard_by(*heard):
        asyncio.run(ask())
    asked = [line for line in seen.heads if ">" in line]
    assert sorted(asked) == [f"#{number + 1} exchange > GET http://…/{number}" for number in range(5)]
    told = [re.sub(", as #.", "", line) for line in seen.heads if "<" in line]
    assert sorted(told) == [f"#{number + 1} exchange < 200 OK, …" for number in range(5)]


def test_what_is_polled_is_shown_once(server: Loopback, seen: Seen) -> None:
    with step(seen.trace, "exchange_device") as heard, heard_by(*heard):
        for code in ("a", "a", "b", "a"):
            httpx.post(server.url, data={"device_code": code})
    assert seen.heads[2:] == [
        "#2 exchange_device > POST http://…, as #1",
        "#2 exchange_device < 200 OK, …, as #1",
        "#3 exchange_device > POST http://…",
        "#3 exchange_device < 200 OK, …, as #1",
        "#4 exchange_device > POST http://…, as #1",
        "#4 exchange_device < 200 OK, …, as #1",
    ]


def test_a_method_that_has_to_ask_and_is_not_seen_to_is_told(seen: Seen) -> None:
    for name in ("exchange", "get_nickname"):
        with step(seen.trace, name) as heard:
            heard[0].gave(None)
    assert seen.lines == [
        "exchange returned None",
        "exchange sent no request of httpx or requests; those of other libraries are not seen",
        "get_nickname returned None",
    ]


class Tokens:
    """A token response as a file might make its own."""

    def __init__(self) -> None:
        self.access_token, self.expires_in, self.refresh_token = 12345, "3600", "a-refresh-token"


@pytest.mark.parametrize(
    ("result", "shown"),
    [
        ("ada@example.com", ['get returned "ada@example.com"']),
        (True, ["get returned True"]),
        ({"access_token": "abc"}, ["get returned dict"]),
        (
            Tokens(),
            [
                "get returned tokens",
                "   < access_token = (secret, int, 5 characters, sha256 …)",
                "   < refresh_token = (secret, 15 characters, sha256 …)",
                '   < expires_in = "3600"',
            ],
        ),
        (
            "https://a.example/auth?client_id=app&state=abc",
            [
                "get returned https://a.example/auth",
                "   < ?client_id = app",
                "   < ?state = (secret, 3 characters, sha256 …)",
            ],
        ),
    ],
)
def test_what_a_method_returned_is_shown(seen: Seen, result: object, shown: list[str]) -> None:
    with step(seen.trace, "get") as heard:
        heard[0].gave(result)
    assert [re.sub(r"sha256 \w{8}", "sha256 …", line) for line in seen.lines] == shown


def test_the_exchanges_of_a_step_stand_in_the_way_of_its_error_where_none_are_shown(server: Loopback) -> None:
    with pytest.raises(NetworkError) as raised, step(Trace(), "exchange") as heard, heard_by(*heard):
        httpx.get(server.url)
        raise NetworkError("no")
    assert [re.sub(r"\d+ ms|127\.0\.0\.1:\d+", "…", line) for line in raised.value.way if line[0] == "#"] == [
        "#1 exchange > GET http://…",
        "#1 exchange < 200 OK, …",
    ]


def test_where_they_are_shown_the_error_does_not_repeat_them(server: Loopback, seen: Seen) -> None:
    with pytest.raises(NetworkError) as raised, step(seen.trace, "exchange") as heard, heard_by(*heard):
        httpx.get(server.url)
        raise NetworkError("no")
    assert raised.value.way == ()
