"""What comes to a callback over https beside the requests that it is for."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gumauth.callback import Answer, Listener
from gumauth.callback.presence import Holder, who_holds
from gumauth.callback.rejections import Rejection
from tests.callback.wire import (
    OVER_TLS,
    STATE,
    clicked_through,
    connected,
    form,
    get,
    head,
    in_a_loop,
    listening,
    read_reply,
    seconds_of,
    send,
    until,
)

pytestmark = pytest.mark.requirement("C13")

RIGHT = f"/callback?code=c0de&state={STATE}"


@asynccontextmanager
async def unharmed(listener: Listener) -> AsyncIterator[None]:
    """Whatever happens here, the right answer still comes through at once afterwards."""
    yield
    assert not listener._settled.is_set()
    async with asyncio.timeout(5):
        browser = asyncio.create_task(get(listener, RIGHT))
        assert await listener.wait() == Answer(code="c0de")
    await listener.close()
    await browser


async def sent_plain(listener: Listener, content: bytes) -> bytes:
    """What comes back for bytes that are sent without TLS."""
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(content)
    try:
        return await reader.read()
    finally:
        writer.transport.abort()


def hello() -> bytes:
    """The first that a browser sends."""
    there = ssl.MemoryBIO()
    client = clicked_through().wrap_bio(ssl.MemoryBIO(), there)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return there.read()


@pytest.mark.requirement("C4")
@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        ("the right request", 400, "not encrypted"),
        (f"GET / HTTP/1.1\r\nHost: evil.example\r\nX: {STATE}\r\n\r\n", 400, "not encrypted"),
        ("\x00" * 64, 400, "unreadable"),
        ("GET /" + "a" * 40_000, 431, "too large"),
    ],
)
@in_a_loop
async def test_plain_http_is_told_to_come_by_https_and_changes_nothing(content: str, status: int, reason: str) -> None:
    listener = await listening(OVER_TLS)
    async with unharmed(listener):
        plain = head(listener, RIGHT) if content == "the right request" else content.encode()
        reply = read_reply(await sent_plain(listener, plain))
        assert (reply.status, dict(listener.rejections)) == (status, {reason: 1})
        if reason == "not encrypted":
            assert b"write https:// in place of http://" in reply.body
        assert "strict-transport-security" not in reply.headers, "it would hold for all else on localhost"
        assert STATE not in repr(reply)


@pytest.mark.requirement("C11")
@in_a_loop
async def test_another_connect_is_answered_with_and_without_tls() -> None:
    """It cannot know whether the one that holds its port has a certificate."""
    listener = await listening(OVER_TLS)
    async with unharmed(listener):
        assert await who_holds("localhost", listener.port) is Holder.CONNECT
        assert (await get(listener, "/gumauth", method="HEAD")).headers["server"] == "gumauth"
        assert listener.rejections == {}


def warn(port: int, version: ssl.TLSVersion) -> None:
    """Do what a browser does before it shows its warning. (asyncio would hang up without the alert.)"""
    careful = ssl.create_default_context()
    careful.minimum_version = careful.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        careful.wrap_socket(plain, server_hostname="localhost")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@in_a_loop
async def test_a_browser_that_does_not_believe_the_certificate_is_counted_once_and_told_of(
    version: ssl.TLSVersion,
) -> None:
    listener, noted = await listening(OVER_TLS), list[Rejection]()
    listener._note = noted.append
    async with unharmed(listener):
        for _ in range(2):
            await asyncio.to_thread(warn, listener.port, version)
        await until(lambda: listener.rejections["certificate refused"] == 2)
        assert [rejection.reason for rejection in noted] == ["certificate refused"]
        assert listener.rejections_in_words() == (
            "2 requests that the browser broke off at gumauth's certificate were ignored."
        )


@pytest.mark.requirement("C6")
@pytest.mark.parametrize("sent", ["nothing", "half a hello", "a hello", "a handshake"])
@in_a_loop
async def test_a_connection_that_brings_no_request_is_ended_and_not_counted(sent: str) -> None:
    """Browsers open connections for later, and leave them in the middle of a handshake."""
    listener = await listening(OVER_TLS, patience=0.1)
    async with unharmed(listener):
        if sent == "a handshake":
            assert await send(listener, b"") == b""
        else:
            first = {"nothing": b"", "half a hello": hello()[:40], "a hello": hello()}[sent]
            assert await seconds_of(sent_plain(listener, first)) < 5
        assert listener.rejections == {}
        listener._patience = 5.0


@pytest.mark.requirement("C7")
@pytest.mark.parametrize("where", ["at the beginning", "in the handshake", "an alert of another kind", "after it"])
@in_a_loop
async def test_bytes_that_are_no_tls_end_the_connection_and_are_counted(where: str) -> None:
    listener = await listening(OVER_TLS)
    async with unharmed(listener):
        if where == "after it":
            reader, writer = await connected(listener)
            await asyncio.sleep(0)
            os.write(writer.get_extra_info("socket").fileno(), b"\x17\x03\x03\x00\x20" + b"\x00" * 32)
            with pytest.raises(ssl.SSLError, match=r"(?i)alert"):
                await reader.read()
            writer.transport.abort()
        else:
            garbage = {
                "at the beginning": b"\x16\x03\x01\x00\x10" + bytes(range(64)),
                "in the handshake": hello() * 2,
                "an alert of another kind": hello() + b"\x15\x03\x03\x00\x02\x02\x50",
            }
            assert b"HTTP" not in await sent_plain(listener, garbage[where])
        assert listener.rejections == {"unreadable": 1}


@pytest.mark.requirement("C7")
@in_a_loop
async def test_a_request_that_comes_byte_by_byte_is_the_same_request() -> None:
    """Each byte in a record of its own; and the handshake in pieces of one byte on the wire."""
    listener = await listening(OVER_TLS)
    async with unharmed(listener):
        reader, writer = await connected(listener)
        for byte in head(listener, "/elsewhere"):
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        assert read_reply(await reader.read()).status == 404
        writer.close()
        into, wire = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = clicked_through().wrap_bio(into, wire)
        plain_reader, plain_writer = await asyncio.open_connection("127.0.0.1", listener.port)
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                for byte in wire.read():
                    plain_writer.write(bytes([byte]))
                    await asyncio.sleep(0)
                into.write(await plain_reader.read(1 << 16))
        assert client.version() == "TLSv1.3"
        assert client.selected_alpn_protocol() is None
        plain_writer.transport.abort()


@pytest.mark.requirement("C8")
@in_a_loop
async def test_a_response_ends_as_tls_ends_so_that_nobody_can_have_cut_it_short() -> None:
    """A strict client takes the end of the connection alone for an attack. Source: RFC 8446 §6.1."""
    listener = await listening(OVER_TLS)

    def strictly() -> bytes:
        with (
            socket.create_connection(("127.0.0.1", listener.port)) as plain,
            clicked_through().wrap_socket(plain, suppress_ragged_eofs=False) as through,
        ):
            through.sendall(head(listener, "/elsewhere"))
            return b"".join(iter(lambda: through.recv(1 << 16), b""))

    async with unharmed(listener):
        assert read_reply(await asyncio.to_thread(strictly)).status == 404


@pytest.mark.requirement("C4")
@pytest.mark.parametrize("in_two", [False, True])
@in_a_loop
async def test_a_form_is_read_in_one_record_with_its_head_or_in_two(in_two: bool) -> None:
    listener = await listening(OVER_TLS, form_post=True)
    reader, writer = await connected(listener)
    content = form(listener, f"code=c0de&state={STATE}")
    at = content.index(b"\r\n\r\n") + 4 if in_two else len(content)
    for piece in (content[:at], content[at:]):
        writer.write(piece)
        await asyncio.sleep(0)
    assert await listener.wait() == Answer(code="c0de")
    await listener.close()
    assert read_reply(await reader.read()).status == 503
    writer.close()


@pytest.mark.requirement("C6", "Y9")
@in_a_loop
async def test_a_hundred_handshakes_that_do_not_end_and_400_idle_connections_delay_nothing() -> None:
    listener = await listening(OVER_TLS)
    begin, held = hello(), []
    async with unharmed(listener):
        for number in range(500):
            reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
            writer.write(begin[: number % 5 * 40] if number < 100 else b"")
            held.append((reader, writer))
        await until(lambda: len(listener._crowd) >= 128)
        assert listener.rejections == {}
    for _, writer in held:
        writer.transport.abort()
