"""`gumauth doctor` on the network: the client that asks providers is made, and makes one request on this machine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

from gumauth.cli.commands.doctor_findings import Finding, failure
from gumauth.client.context import Context
from gumauth.errors import GumauthError
from gumauth.oauth2.http import certificates, transport
from gumauth.oauth2.http.client import proxies_of
from gumauth.oauth2.http.proxies import Proxies
from gumauth.platform.text import one_line

ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
SECONDS = 5.0


def network(_context: Context) -> Iterator[Finding]:
    """Whether providers can be asked: the certificates, the proxy, and a request to a server of our own on loopback."""
    try:
        found = certificates.read(os.environ)
        asyncio.run(_ask_ourselves())
        way = proxies_of(os.environ)
    except GumauthError as error:
        yield failure("network", error)
        return
    except OSError as error:
        yield failure("network", _nowhere(error))
        return
    through = f"through {way.shown} ({way.variable})" if way.url else "without a proxy"
    yield Finding(
        check="network",
        status="ok",
        message=f"Providers are asked {through}, with {found.shown}.{_passed_over(way)}",
    )


def _nowhere(error: OSError) -> GumauthError:
    reason = one_line(error.strerror or type(error).__name__, 80)
    return GumauthError(
        f"Nothing can be listened for on 127.0.0.1 ({reason}), so this could not be tried.",
        hint="Look at what confines this program: a sandbox, a container without loopback, `ulimit -n`.",
    )


def _passed_over(way: Proxies) -> str:
    return f" NO_PROXY names no host by {', '.join(way.passed_over)}." if way.passed_over else ""


async def _ask_ourselves() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        await transport.send(transport.Request(method="GET", url=f"http://127.0.0.1:{port}/"), deadline=SECONDS)
    finally:
        await transport.close()
        server.close()
