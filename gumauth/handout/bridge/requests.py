"""Requests to an MCP server with the account's token: sent once, to its own origin, with another token after a 401.

Promises S7, H7 and R7. Source: RFC 6750 §3.1; RFC 9110 §9.2.2 and §15.4.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from gumauth.errors import ForeignHost, GumauthError
from gumauth.handout.bridge.answers import UNAUTHORIZED, Answer
from gumauth.handout.bridge.coding import BadCoding, decoder
from gumauth.handout.bridge.tokens import Held, Tokens
from gumauth.oauth2.discovery.addresses import parse
from gumauth.oauth2.http.client import httpx, make_client
from gumauth.platform.text import one_line

TIMEOUTS = httpx.Timeout(10.0, read=None, pool=None)
"""A tool may take hours, and a stream of the server says nothing for as long."""

LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=3.0)
"""Unused connections are left before common servers close them (after 5 s): a request could meet the end of one."""

CROWD = 24
"""Requests that share a client of httpx: with each request, it looks through all of its connections several times."""

PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds before a request that could not be sent is tried again, once the server has answered before."""

UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

REDIRECTS = {"POST": (307, 308), "GET": (301, 302, 307, 308), "DELETE": (307, 308)}
MOST_REDIRECTS = 3

LARGEST_REFUSAL = 1 << 16
"""Bytes of the body of a refusal that are read."""

ALIVE = (("SO_KEEPALIVE", 1), ("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 6))
"""After three minutes without a sign of life from the other machine, the system ends a connection."""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A request.

    Args:
        method: Of HTTP.
        fields: Header fields beside the token.
        body: Of a POST.
        url: Where to, where that is not the server's own address.
        sent: Set once the whole request is on its way.
    """

    method: str
    fields: dict[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    url: str | None = None
    sent: asyncio.Event = field(default_factory=asyncio.Event)


class Opened:
    """The answer to a request, whose body is still to be read.

    Args:
        response: Of httpx.
        held: The token that was sent.
    """

    def __init__(self, response: httpx.Response, held: Held) -> None:
        self._response, self.held = response, held

    @property
    def host(self) -> str:
        """The host that answered."""
        return self._response.url.host

    @property
    def url(self) -> str:
        """Where the answer came from."""
        return str(self._response.url)

    def header(self, name: str) -> str | None:
        """A header field of the answer; foreign."""
        value: str | None = self._response.headers.get(name)
        return value

    async def answer(self) -> Answer:
        """The answer; with a piece of the body where it is a refusal."""
        response = self._response
        body = b"" if response.is_success else await self._beginning()
        return Answer(
            status=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            body=body,
            challenges=response.headers.get_list("WWW-Authenticate"),
        )

    async def _beginning(self) -> bytes:
        body = bytearray()
        with contextlib.suppress(GumauthError):  # the status says enough
            async with contextlib.aclosing(self.pieces()) as pieces:
                async for piece in pieces:
                    body += piece
                    if len(body) > LARGEST_REFUSAL:
                        break
        return bytes(body[:LARGEST_REFUSAL])

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes.

        Raises:
            NetworkError: The connection broke.
            GumauthError: It cannot be decoded.
        """
        pieces = self._response.aiter_raw()
        try:
            decoded = decoder(self._response.headers.get("Content-Encoding", ""))
            async for raw in pieces:
                for piece in decoded(raw):
                    yield piece
        except BadCoding as error:
            raise _undecoded(error, self.host) from None
        except httpx.HTTPError as error:
            raise _no_answer(error, self.host) from None
        finally:
            # httpx reads through nested generators, which complain where the event loop ends before them.
            await self._response.aclose()
            await pieces.aclose()  # type: ignore[attr-defined]


class Lane:
    """A client of httpx, with the number of its requests that are under way."""

    def __init__(self) -> None:
        self.client = make_client(os.environ, timeouts=TIMEOUTS, limits=LIMITS, socket_options=socket_options())
        self.busy = 0


class Requests:
    """Sends requests with the token of one account.

    Args:
        tokens: Of the account.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._lanes: list[Lane] = []
        self._has_answered = False

    async def close(self) -> None:
        """Close all connections."""
        for lane in self._lanes:
            await lane.client.aclose()

    @contextlib.contextmanager
    def _lane(self) -> Iterator[Lane]:
        """The first client that has room, so that its connections are used again."""
        lane = next((lane for lane in self._lanes if lane.busy < CROWD), None)
        if lane is None:
            self._lanes.append(lane := Lane())
        lane.busy += 1
        try:
            yield lane
        finally:
            lane.busy -= 1

    @contextlib.asynccontextmanager
    async def opened(self, outgoing: Outgoing) -> AsyncIterator[Opened]:
        """The answer to a request, which is sent again where it was certainly not sent, and once after a 401.

        Raises:
            GumauthError: As `gumauth token`; or no answer came, or a redirect leads to another origin.
        """
        held = await self._tokens.current()
        with self._lane() as lane:
            async with self._answered(outgoing, held, lane.client) as opened:
                yield opened

    @contextlib.asynccontextmanager
    async def _answered(self, outgoing: Outgoing, held: Held, client: httpx.AsyncClient) -> AsyncIterator[Opened]:
        response = await self._followed(outgoing, held, client)
        if response.status_code == UNAUTHORIZED:
            other = await self._tokens.other(held)
            if other is not None:
                await response.aclose()
                held = other
                response = await self._followed(outgoing, held, client)
        self._has_answered = True
        try:
            yield Opened(response, held)
        finally:
            await response.aclose()

    async def _followed(self, outgoing: Outgoing, held: Held, client: httpx.AsyncClient) -> httpx.Response:
        """The answer behind redirects, which have to stay at the origin of the server. Promise S7."""
        url = checked(outgoing.url or held.url, held)
        for _ in range(MOST_REDIRECTS):
            response = await self._sent(outgoing, url, held, client)
            if response.status_code not in REDIRECTS.get(outgoing.method, ()):
                return response
            await response.aclose()
            location = response.headers.get("Location", "")
            try:
                url = checked(str(response.url.join(location)), held)
            except (httpx.InvalidURL, ValueError):
                break
        raise GumauthError(
            f"{one_line(httpx.URL(held.url).host)} sends requests on and on.", hint="Look at the server's address."
        )

    async def _sent(self, outgoing: Outgoing, url: str, held: Held, client: httpx.AsyncClient) -> httpx.Response:
        pauses = iter(PAUSES if self._has_answered else ())
        while True:
            begun = asyncio.Event()
            try:
                return await client.send(_request(outgoing, url, held, begun, client), stream=True)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                pause = next(pauses, None)
                is_unsent = not begun.is_set() or isinstance(error, UNSENT)
                if pause is None or not is_unsent or not isinstance(error, httpx.TransportError):
                    raise _no_answer(error, httpx.URL(url).host, changes=outgoing.method == "POST") from None
            await asyncio.sleep(pause)


def _request(
    outgoing: Outgoing, url: str, held: Held, begun: asyncio.Event, client: httpx.AsyncClient
) -> httpx.Request:
    """The request of httpx, which sets `begun` before its first byte is sent, and `sent` behind its last."""

    async def trace(event: str, _info: Any) -> None:
        if event.endswith("send_request_headers.started"):
            begun.set()
        elif event.endswith("send_request_body.complete"):
            outgoing.sent.set()

    named = {**outgoing.fields, "Authorization": held.authorization}
    fields = [(name.encode(), value.encode()) for name, value in named.items()]
    extensions = {"trace": trace, "timeout": TIMEOUTS.as_dict()}
    return client.build_request(outgoing.method, url, headers=fields, content=outgoing.body, extensions=extensions)


def _no_answer(error: Exception, host: str, *, changes: bool = True) -> GumauthError:
    from gumauth.oauth2.http.errors import no_answer  # it takes longer to import than a message takes

    return no_answer(error, host, changes=changes)


def _undecoded(error: BadCoding, host: str) -> GumauthError:
    return GumauthError(
        f"{one_line(host)} answered {one_line(error, 100)}.",
        hint="That is for its operator to mend, or for that of a proxy before it.",
    )


def checked(url: str, held: Held) -> str:
    """An address that the token may be sent to: one of the origin of the account's server.

    Raises:
        ForeignHost: It is of another origin.
        ValueError: It is no address.
    """
    wanted, found = parse(held.url).origin, parse(url).origin
    if wanted != found:
        raise ForeignHost(
            f"The token of {held.account.label} is not sent to {one_line(found, 300)},"
            f" where {one_line(wanted, 300)} leads.",
            hint="Look at the server's address.",
        )
    return url


def socket_options() -> list[tuple[int, int, int]]:
    """The options of a connection that find a dead one out, as far as the system has them."""
    level = {"SO_KEEPALIVE": socket.SOL_SOCKET}
    return [
        (level.get(name, socket.IPPROTO_TCP), getattr(socket, name), value)
        for name, value in ALIVE
        if hasattr(socket, name)
    ]
