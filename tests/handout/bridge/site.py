"""An MCP server on loopback that does what a test says, and notes everything that it is asked."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

VERSION = "2025-11-25"


@dataclass(frozen=True)
class Seen:
    """A request.

    Args:
        method: Of HTTP.
        path: With the query.
        headers: By their names in small letters.
        body: As it came.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> Any:
        return json.loads(self.body) if self.body else None

    @property
    def said(self) -> str:
        """The message's method, or the request's."""
        message = self.message
        return (
            message.get("method", "response") if isinstance(message, dict) else self.method if not message else "batch"
        )


@dataclass(frozen=True)
class Reply:
    """An answer.

    Args:
        status: Of HTTP.
        headers: Beside those of the body.
        body: Whole, or in pieces as they are sent; an exception among them breaks the connection.
        kind: Of the body.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""
    kind: str = "application/json"


def event(message: object, **fields: object) -> bytes:
    """A server-sent event, with other fields before its data."""
    before = "".join(f"{name}: {value}\n" for name, value in fields.items())
    data = message if isinstance(message, str) else json.dumps(message)
    return f"{before}data: {data}\n\n".encode()


def result(seen: Seen, value: object = None) -> dict[str, Any]:
    """The answer to a request."""
    return {"jsonrpc": "2.0", "id": seen.message["id"], "result": value if value is not None else {"echo": seen.said}}


def stream(*pieces: bytes | Callable[[], object], **headers: str) -> Reply:
    """A stream of events; a function among its pieces is called, and may wait."""

    def body() -> Iterable[bytes]:
        for piece in pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                piece()

    return Reply(headers=headers, body=body(), kind="text/event-stream")


class Server(ThreadingHTTPServer):
    """Listens; a thread for each connection."""

    site: Site
    daemon_threads = True
    request_queue_size = 256
    allow_reuse_port = False

    def __init__(self, port: int, site: Site) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)
        self.site = site
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def end(self) -> None:
        """Listen no more, and break all connections."""
        self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a script that broke the connection, or a client that left


class Handler(BaseHTTPRequestHandler):
    """Notes a request and sends what the site says."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(self.server.site.noted(Seen(self.command, self.path, headers, body)))

    def _send(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 202 and reply.body != b"":
            self.send_header("Content-Type", reply.kind)
        if isinstance(reply.body, bytes):
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in reply.body:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST = do_DELETE = _respond  # noqa: N815  http.server's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  http.server's name
        pass


class Site:
    """Sessions as the specification wants them; a test replaces what is answered to a method, in `on`."""

    def __init__(self, port: int = 0) -> None:
        self.seen: list[Seen] = []
        self.sessions: set[str] = set()
        self.on: dict[str, Callable[[Seen], Reply | None]] = {}
        """By the method of the message, or of HTTP; None gives the usual answer."""
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._server = Server(port, self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.end()

    def restart(self, pause: float) -> None:
        """Forget every session, and be away for a moment, as a server that is started again is."""
        port = self.port
        self._server.end()
        self.sessions.clear()
        time.sleep(pause)
        self._server = Server(port, self)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def said(self) -> list[str]:
        """The methods of all messages and requests, in order."""
        return [seen.said for seen in self.seen]

    def posts(self) -> list[Seen]:
        """The messages, in order."""
        return [seen for seen in self.seen if seen.method == "POST"]

    def noted(self, seen: Seen) -> Reply:
        with self._lock:
            self.seen.append(seen)
        return self.answer(seen)

    def answer(self, seen: Seen) -> Reply:
        """What is answered."""
        for name in (seen.said, seen.method):
            if (script := self.on.get(name)) is not None and (reply := script(seen)) is not None:
                return reply
        if seen.said == "initialize":
            return self.open(seen)
        if seen.headers.get("mcp-session-id") not in self.sessions:
            return Reply(404)
        if seen.method != "POST":
            return self._without_body(seen)
        if seen.said == "batch" or "id" not in seen.message or seen.said == "response":
            return Reply(202)
        return Reply(body=json.dumps(result(seen)).encode())

    def open(self, seen: Seen) -> Reply:
        session = f"session-{next(self._numbers)}"
        self.sessions.add(session)
        value = {"protocolVersion": VERSION, "capabilities": {}, "serverInfo": {"name": "site", "version": "1"}}
        return Reply(headers={"Mcp-Session-Id": session}, body=json.dumps(result(seen, value)).encode())

    def _without_body(self, seen: Seen) -> Reply:
        if seen.method == "DELETE":
            self.sessions.discard(seen.headers["mcp-session-id"])
            return Reply(200)
        return Reply(405)
