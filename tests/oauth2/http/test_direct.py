"""Connections without httpx: what is kept for the next request, what servers may answer, who hears of it."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from gumauth.errors import NetworkError
from gumauth.oauth2.http import transport
from gumauth.oauth2.http.connection import options_for
from gumauth.oauth2.http.listeners import Listener, heard_by
from gumauth.oauth2.response import Response
from tests.loopback import Loopback
from tests.running import run

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Server:
    """Gives every request the same answer.

    Attributes:
        requests: For each, the number of the connection over which it came.
        ended: For each connection, whether it has ended.
        connections: Each of them.
    """

    def __init__(self, answer: bytes, *, closes: bool) -> None:
        self.answer, self.closes = answer, closes
        self.requests: list[int] = []
        self.ended: list[threading.Event] = []
        self.connections: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.ended.append(threading.Event())
            self.connections.append(connection)
            threading.Thread(target=self._talk, args=(connection, len(self.ended) - 1), daemon=True).start()

    def _talk(self, connection: socket.socket, number: int) -> None:
        with connection, suppress(OSError):  # who asked has gone
            while connection.recv(65536).endswith(b"\r\n\r\n"):
                self.requests.append(number)
                connection.sendall(self.answer)
                if self.closes:
                    break
        self.ended[number].set()


@contextmanager
def serving(answer: bytes, *, closes: bool = False) -> Iterator[Server]:
    server = Server(answer, closes=closes)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join()


async def get(url: str) -> Response:
    return await transport.send(transport.Request(method="GET", url=url))


def test_requests_to_one_origin_share_a_connection() -> None:
    async def thrice(url: str) -> list[bytes]:
        return [(await get(url)).body for _ in range(3)]

    with serving(OK) as server:
        assert run(thrice(server.url)) == [b"{}"] * 3
        assert server.requests == [0, 0, 0]


def test_two_requests_at_once_have_a_connection_each() -> None:
    async def twice(url: str) -> list[Response]:
        return list(await asyncio.gather(get(url), get(url)))

    with serving(OK) as server:
        assert len(run(twice(server.url))) == 2
        assert sorted(server.requests) == [0, 1]


@pytest.mark.requirement("F5", "R7")
@pytest.mark.parametrize(
    "answer",
    [
        OK.replace(b"OK", b"OK\r\nConnection: close"),
        OK.replace(b"1.1", b"1.0"),
        OK + b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["the server says so", "of HTTP/1.0", "more came than was asked for"],
)
def test_a_connection_that_cannot_be_used_again_is_not(answer: bytes) -> None:
    async def twice(url: str) -> list[int]:
        return [(await get(url)).status for _ in range(2)]

    with serving(answer) as server:
        assert run(twice(server.url)) == [200, 200]
        assert server.requests == [0, 1]


@pytest.mark.requirement("F5", "R7")
def test_a_connection_that_the_server_has_ended_meanwhile_is_not_used_again() -> None:
    async def twice(server: Server) -> list[int]:
        first = await get(server.url)
        await asyncio.to_thread(server.ended[0].wait, 5)
        await asyncio.sleep(0.05)  # the end is read from the socket
        return [first.status, (await get(server.url)).status]

    with serving(OK, closes=True) as server:
        assert run(twice(server)) == [200, 200]
        assert server.requests == [0, 1]


@pytest.mark.requirement("F5", "R7")
def test_a_connection_that_ended_while_the_program_did_something_else_is_not_used_again() -> None:
    async def twice(server: Server) -> list[int]:
        first = await get(server.url)
        server.ended[0].wait(5)  # the event loop reads nothing meanwhile
        return [first.status, (await get(server.url)).status]

    with serving(OK, closes=True) as server:
        assert run(twice(server)) == [200, 200]
        assert server.requests == [0, 1]


@pytest.mark.requirement("F5", "R7")
def test_an_answer_that_came_before_its_request_is_nobodys() -> None:
    async def twice(server: Server) -> list[int]:
        first = await get(server.url)
        server.connections[0].sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        return [first.status, (await get(server.url)).status]

    with serving(OK) as server:
        assert run(twice(server)) == [200, 200]
        assert server.requests == [0, 1]


class Resetting(Listener):
    """Breaks the connection as soon as the head of the answer has come."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def answered(self, request: Any, response: Any) -> None:
        connection = self._server.connections[0]
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RD)  # ends the thread that reads from it, which closes it


@pytest.mark.requirement("F5", "F9")
def test_a_body_without_a_length_that_a_broken_connection_ends_is_not_whole() -> None:
    """The form would be read, and the beginning of a token kept for the token."""

    async def ask(server: Server) -> None:
        with heard_by(Resetting(server)):
            await get(server.url)

    with (
        serving(b"HTTP/1.1 200 OK\r\n\r\naccess_token=abc") as server,
        pytest.raises(NetworkError, match=r"127\.0\.0\.1 could not be reached: Connection reset by peer\."),
    ):
        run(ask(server))


class Writing(Listener):
    """Notes when the request is written."""

    def __init__(self) -> None:
        self.is_near = asyncio.Event()

    def writing(self, request: Any) -> None:
        self.is_near.set()


def test_a_request_that_is_cancelled_twice_leaves_no_error_in_the_event_loop() -> None:
    async def cancelled(url: str) -> list[dict[str, Any]]:
        faults, writing = list[dict[str, Any]](), Writing()
        asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
        with heard_by(writing):
            task = asyncio.create_task(get(url))
            await writing.is_near.wait()
            task.cancel()
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        for _ in range(5):
            await asyncio.sleep(0)
        return faults

    with serving(b"") as server:
        assert run(cancelled(server.url)) == []


@pytest.mark.requirement("S1", "R7")
@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Authorization": "Bearer s3crét"}, "UnicodeEncodeError"),
        ({"Authorization": "Bearer s3cret\r\nX: y"}, "LocalProtocolError"),
        ({"Authorization": "Bearer s3cret\0"}, "LocalProtocolError"),
        ({"Content-Length": "1"}, "LocalProtocolError"),
    ],
    ids=["another script", "line end", "NUL", "another length"],
)
def test_what_a_header_cannot_hold_is_not_sent_and_not_quoted(headers: dict[str, str], kind: str) -> None:
    with serving(OK) as server:
        request = transport.Request(method="POST", url=server.url, form={"a": "s3cret"}, headers=headers)
        with pytest.raises(NetworkError) as caught:
            run(transport.send(request))
        assert server.requests == []
    assert caught.value.message == f"127.0.0.1 could not be reached: {kind}."
    assert caught.value.__cause__ is None
    assert "Nothing was lost" in (caught.value.hint or "")


def test_only_asyncios_own_event_loop_is_told_of_many_addresses() -> None:
    """uvloop has no such option: every request failed there."""
    with asyncio.Runner() as runner:
        own = runner.get_loop()
        assert options_for("auth1", own) == options_for("localhost", own) == {"happy_eyeballs_delay": 0.25}
        assert options_for("127.0.0.1", own) == options_for("fe80::a", own) == {}
    assert options_for("localhost", asyncio.AbstractEventLoop()) == {}  # type: ignore[abstract]


@pytest.mark.requirement("R7")
def test_several_addresses_at_which_nobody_listens_are_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system has one address for localhost here, and two there."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{last}", 1)) for last in (1, 2)]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: found)
    with pytest.raises(NetworkError, match=r"localhost could not be reached: Connection refused\."):
        run(get("http://localhost:1/"))


def test_a_connection_that_was_long_unused_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    async def twice(url: str) -> None:
        await get(url)
        await get(url)

    monkeypatch.setattr("gumauth.oauth2.http.direct.UNUSED", 0.0)
    with serving(OK) as server:
        run(twice(server.url))
        assert server.requests == [0, 1]


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, b"{}"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\nX: y\r\n\r\n", b"{}"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", b"{}"),
    ],
    ids=["interim responses", "chunks", "no content", "no phrase"],
)
def test_what_servers_may_answer_is_read(answer: bytes, body: bytes) -> None:
    with serving(answer) as server:
        assert run(get(server.url)).body == body


def test_a_body_that_ends_with_the_connection_is_read() -> None:
    with serving(b"HTTP/1.1 200 OK\r\n\r\n{}", closes=True) as server:
        assert run(get(server.url)).body == b"{}"


@pytest.mark.requirement("F8", "Y8")
@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"HTTP/1.1 200 OK\r\nA\x00B: c\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x00" * 1000,
    ],
    ids=["headers without end", "two lengths", "unknown coding", "negative chunk", "NUL", "SSH", "NULs"],
)
def test_what_is_no_http_is_no_answer(answer: bytes) -> None:
    with (
        serving(answer, closes=True) as server,
        pytest.raises(NetworkError, match=r"127\.0\.0\.1 could not be reached"),
    ):
        run(get(server.url))


def test_several_values_of_a_header_are_kept() -> None:
    answer = OK.replace(b"OK", b"OK\r\nWWW-Authenticate: Basic\r\nwww-authenticate: Bearer\r\nLocation: /\xe9")
    with serving(answer) as server:
        response = run(get(server.url))
    assert (response.challenges, response.location) == (("Basic", "Bearer"), "/é")


class Hearing(Listener):
    """Writes down what it hears; raises where it is told to."""

    def __init__(self, stops_at: str = "") -> None:
        self.heard: list[str] = []
        self._stops_at = stops_at

    def _hear(self, what: str) -> None:
        self.heard.append(what)
        if what == self._stops_at:
            raise RuntimeError

    def sending(self, request: Any) -> None:
        self._hear(f"sending {request.method} {request.content.decode()}")

    def writing(self, request: Any) -> None:
        self._hear("writing")

    def answered(self, request: Any, response: Any) -> None:
        self._hear(f"answered {response.status_code}")

    def failed(self, request: Any, error: BaseException) -> None:
        self._hear(f"failed {type(error).__name__}: {error}")

    def read(self, response: Any, body: bytes) -> None:
        self._hear(f"read {body.decode()}")

    def returned(self, response: Any) -> None:
        self._hear(f"returned {response}")


async def heard(hearing: Hearing, url: str) -> None:
    with heard_by(hearing):
        await get(url)


@pytest.mark.requirement("P4")
def test_listeners_hear_of_a_request_as_of_one_of_httpx() -> None:
    hearing = Hearing()
    with serving(OK) as server:
        run(heard(hearing, server.url))
    assert hearing.heard == ["sending GET ", "writing", "answered 200", "returned None", "read {}"]


def test_listeners_hear_why_there_is_no_answer() -> None:
    hearing = Hearing()
    with pytest.raises(NetworkError):
        run(heard(hearing, "http://127.0.0.1:1/"))
    assert hearing.heard == ["sending GET ", "failed NoConnection: Connection refused"]


@pytest.mark.requirement("T2")
@pytest.mark.parametrize("moment", ["sending GET ", "writing"])
def test_a_listener_that_raises_stops_the_request_before_its_first_byte(moment: str) -> None:
    with serving(OK) as server:
        with pytest.raises(RuntimeError):
            run(heard(Hearing(moment), server.url))
        assert server.requests == []


HEARD_THROUGH_A_PROXY = """
import asyncio, sys
from gumauth.errors import GumauthError
from gumauth.oauth2.http import transport
from gumauth.oauth2.http.listeners import Listener, heard_by

class Hearing(Listener):
    def sending(self, request):
        print("sending", request.method, "httpx" in sys.modules)

async def ask():
    with heard_by(Hearing()):
        try:
            await transport.send(transport.Request(method="GET", url="https://provider.invalid/"))
        except GumauthError as error:
            print(error.message)
    await transport.close()

assert "httpx" not in sys.modules
asyncio.run(ask())
"""


@pytest.mark.requirement("F7", "P4")
def test_a_request_through_a_proxy_is_heard_though_httpx_is_imported_for_it(server: Loopback) -> None:
    server.answer(status=502)
    environ = {**os.environ, "HTTPS_PROXY": server.url}
    words = [sys.executable, "-c", HEARD_THROUGH_A_PROXY]
    ended = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=60, check=True)
    first, second = ended.stdout.splitlines()
    assert first == "sending GET True"
    assert second.startswith("provider.invalid could not be reached: 502")
