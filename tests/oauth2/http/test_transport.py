"""Requests to a provider: bounded, TLS or loopback, no redirect, no second try."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gumauth.errors import NetworkError, ProviderCodeError, TokenEndpointError
from gumauth.oauth2.http import transport
from gumauth.oauth2.http.client import TIMEOUTS
from gumauth.oauth2.response import LARGEST, Response
from tests.loopback import Answer, Loopback, loopback
from tests.running import run


def post(url: str, *, deadline: float = 30.0) -> Response:
    return run(transport.send(transport.Request(method="POST", url=url, form={"code": "c"}), deadline=deadline))


def test_an_answer_is_given_whole(server: Loopback) -> None:
    server.answers = [Answer(418, b"{}", {"Content-Type": "application/json", "Retry-After": "7", "Location": "/x"})]
    response = post(server.url)
    assert response == Response(status=418, content_type="application/json", body=b"{}", retry_after=7.0, location="/x")
    assert server.seen[0].form == {"code": "c"}
    assert server.seen[0].headers["user-agent"].startswith("gumauth/")


@pytest.mark.requirement("F6")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server: Loopback, status: int) -> None:
    with loopback() as elsewhere:
        server.answer(status=status, Location=f"{elsewhere.url}/token")
        assert post(server.url).status == status
        assert elsewhere.seen == []


@pytest.mark.requirement("F6")
@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/token",
        "http://127.0.0.2/token",
        "http://localhost.example.com/token",
        "http://127.0.0.1@example.com/token",
        "https://user:word@example.com/token",
        "ftp://localhost/",
        "file:///etc/passwd",
        "//localhost/token",
        "https://",
        "https:///token",
        "token",
        "",
        "https://exa\nmple.com/",
    ],
)
def test_nothing_is_sent_but_to_https_or_loopback(url: str) -> None:
    with pytest.raises(ProviderCodeError, match="not an https URL"):
        post(url)


@pytest.mark.requirement("F6")
@pytest.mark.parametrize(
    "url", ["https://example.com/token", "http://localhost:1/", "http://127.0.0.1:1/", "http://[::1]:1/"]
)
def test_https_and_loopback_are_endpoints(url: str) -> None:
    assert transport.endpoint(url) == url


@contextmanager
def talking(*pieces: bytes, pause: float = 0.0) -> Iterator[tuple[str, list[bytes]]]:
    """A socket that reads a request and then writes these pieces; gives its URL and the requests read."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)
    ended, requests = threading.Event(), list[bytes]()

    def talk() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                requests.append(request := connection.recv(65536))
                while request and not request.endswith(b"code=c"):  # unread bytes would reset the connection
                    request += connection.recv(65536)
                try:
                    for piece in pieces:
                        connection.sendall(piece)
                        ended.wait(pause)
                except OSError:
                    continue

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/", requests
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.requirement("F8")
def test_a_server_that_drips_is_left_at_the_overall_deadline() -> None:
    with talking(HEAD + b"Content-Length: 5000\r\n\r\n", *[b" "] * 400, pause=0.02) as (url, _):
        begun = time.monotonic()
        with pytest.raises(NetworkError, match=r"did not answer within 0\.3 seconds"):
            post(url, deadline=0.3)
        assert time.monotonic() - begun < 2


@pytest.mark.requirement("F8")
def test_a_silent_server_is_left_at_the_deadline() -> None:
    with talking(b"", pause=5) as (url, _), pytest.raises(NetworkError, match=r"127\.0\.0\.1 did not answer"):
        post(url, deadline=0.2)


@pytest.mark.requirement("F8")
def test_the_deadlines_are_those_that_are_promised() -> None:
    assert transport.DEADLINE == 30.0
    assert (TIMEOUTS.connect, TIMEOUTS.read) == (10.0, 20.0)
    assert LARGEST == 1048576


@pytest.mark.requirement("F8")
def test_a_body_of_one_mebibyte_is_read_and_a_byte_more_refused(server: Loopback) -> None:
    server.answers = [Answer(200, b" " * 1048576), Answer(200, b" " * 1048577)]
    assert len(post(server.url).body) == 1048576
    with pytest.raises(TokenEndpointError, match="more than 1 MiB"):
        post(server.url)


@pytest.mark.requirement("F8")
def test_a_body_without_end_is_left_at_the_cap() -> None:
    with talking(HEAD + b"\r\n", *[b" " * 65536] * 64) as (url, _), pytest.raises(TokenEndpointError, match="1 MiB"):
        post(url)


@pytest.mark.requirement("F8")
def test_a_compressed_bomb_is_never_unpacked(server: Loopback) -> None:
    import tracemalloc

    server.answers = [Answer(200, gzip.compress(b" " * (64 << 20)), {"Content-Encoding": "gzip"})]
    tracemalloc.start()
    try:
        with pytest.raises(TokenEndpointError, match="more than 1 MiB"):
            post(server.url)
        assert tracemalloc.get_traced_memory()[1] < 24 << 20
    finally:
        tracemalloc.stop()


def test_a_compressed_answer_is_read(server: Loopback) -> None:
    server.answers = [Answer(200, gzip.compress(b'{"a": 1}'), {"Content-Encoding": "gzip"})]
    assert post(server.url).data() == {"a": 1}


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "zstd"])
def test_an_encoding_that_was_not_asked_for_is_refused(server: Loopback, encoding: str) -> None:
    server.answers = [Answer(200, b"x", {"Content-Encoding": encoding})]
    with pytest.raises(TokenEndpointError, match="encoding"):
        post(server.url)


@pytest.mark.requirement("F5", "F9")
@pytest.mark.parametrize("left", [30, -8, -1])
def test_a_compressed_answer_that_was_cut_off_is_not_taken_for_a_whole_one(server: Loopback, left: int) -> None:
    """The form would be read, and the beginning of a token kept for the token."""
    body = gzip.compress(b"scope=all&access_token=abcdefghijklmnopqrstuvwxyz")[:left]
    server.answers = [Answer(200, body, {"Content-Encoding": "gzip"})]
    with pytest.raises(NetworkError, match=r"127\.0\.0\.1 could not be reached: its answer was cut off\."):
        post(server.url)


def test_an_answer_without_a_body_may_be_called_compressed(server: Loopback) -> None:
    server.answers = [Answer(200, b"", {"Content-Encoding": "gzip"})]
    assert post(server.url).body == b""


@pytest.mark.requirement("F9")
def test_what_stands_behind_a_compressed_body_is_passed_over(server: Loopback) -> None:
    server.answers = [Answer(200, gzip.compress(b'{"a": 1}') + b"\0" * 512, {"Content-Encoding": "gzip"})]
    assert post(server.url).data() == {"a": 1}


@pytest.mark.requirement("F8", "Y8")
def test_what_stands_behind_a_compressed_body_without_end_is_left_at_the_cap() -> None:
    head = HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"{}")
    pieces = [b"\0" * 65536] * 64
    with talking(head, *pieces) as (url, _), pytest.raises(TokenEndpointError, match="more than 1 MiB"):
        post(url)


def test_a_broken_compression_is_a_failure_of_the_network(server: Loopback) -> None:
    server.answers = [Answer(200, b"not gzip", {"Content-Encoding": "gzip"})]
    with pytest.raises(NetworkError):
        post(server.url)


@pytest.mark.requirement("F5", "R7")
@pytest.mark.parametrize("answer", [b"", HEAD, HEAD + b"Content-Length: 9\r\n\r\n{}", b"\x15\x03\x01\x00\x02\x02"])
def test_a_request_is_made_once_whatever_happens_to_the_connection(answer: bytes) -> None:
    with talking(answer) as (url, requests):
        with pytest.raises(NetworkError):
            post(url)
        assert len(requests) == 1


@pytest.mark.requirement("R7")
def test_no_listener_and_no_name_are_network_errors() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(NetworkError, match=r"127\.0\.0\.1 could not be reached"):
            post(f"http://127.0.0.1:{free.getsockname()[1]}/")


def test_a_request_shows_no_secret() -> None:
    request = transport.Request(
        method="POST", url="https://a", headers={"Authorization": "x"}, form={"code": "c", "grant_type": "g"}
    )
    assert repr(request) == "Request(method='POST')"
    assert request.secrets == ["c"]


def test_every_event_loop_has_its_own_connections(server: Loopback) -> None:
    """Two threads with a loop each: closing one leaves the other's alone."""
    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
    request = transport.Request(method="GET", url=server.url)
    try:
        assert first.run_until_complete(transport.send(request)).ok
        assert second.run_until_complete(transport.send(request)).ok
        second.run_until_complete(transport.close())
        assert first.run_until_complete(transport.send(request)).ok
        first.run_until_complete(transport.close())
        first.run_until_complete(transport.close())
    finally:
        first.close()
        second.close()
