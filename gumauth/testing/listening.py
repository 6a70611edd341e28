"""The server's sockets: requests are read from them and responses written, each connection in its own thread."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from gumauth.testing.messages import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

BODY_LIMIT = 2**20


class Listening:
    """An HTTP server on a free port of 127.0.0.1, from construction to `close`.

    Args:
        answer: Gives the response to a request; called from many threads at once.
        handler: Reads the requests of a connection.
    """

    def __init__(self, answer: Callable[[Request], Response], handler: type[Handler] | None = None) -> None:
        self._server = Server(answer, handler or Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening, and end every connection, also a hanging one."""
        self._server.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.end_connections()
        self._server.server_close()


class Server(ThreadingHTTPServer):
    """Accepts connections, and lists the open ones.

    Args:
        answer: Gives the response to a request.
        handler: Reads the requests of a connection.
    """

    request_queue_size = 512
    daemon_threads = True

    def __init__(self, answer: Callable[[Request], Response], handler: type[Handler]) -> None:
        self.answer = answer
        self.stopping = threading.Event()
        self._busy: dict[threading.Thread, socket.socket] = {}
        super().__init__(("127.0.0.1", 0), handler)

    def server_bind(self) -> None:
        """Bind without asking the resolver for this machine's name, as HTTPServer does: that can take seconds."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection, in its thread."""
        self._busy[threading.current_thread()] = request
        try:
            super().process_request_thread(request, client_address)
        finally:
            del self._busy[threading.current_thread()]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client that closed its connection."""

    def end_connections(self) -> None:
        """End the open connections, and wait for their threads."""
        for thread, connection in list(self._busy.items()):
            with contextlib.suppress(OSError):  # it ended meanwhile
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(5)


class Handler(BaseHTTPRequestHandler):
    """Reads a request, asks the server's `answer`, delivers the response."""

    server: Server
    timeout = 30

    def _respond(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, BODY_LIMIT))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(method=self.command, target=self.path, headers=headers, body=body)
        self._deliver(self.server.answer(request))

    do_GET = do_POST = do_HEAD = do_DELETE = do_PUT = _respond  # noqa: N815  http.server's names

    def _deliver(self, response: Response) -> None:
        if response.delivery in ("hang", "reset"):
            if response.delivery == "hang":
                self.server.stopping.wait(600)
            return self._reset()
        if response.wait and response.delivery == "whole":
            self.server.stopping.wait(response.wait)
        self._send_head(response)
        if self.command != "HEAD":
            self._send_body(response)
        return None

    def _send_head(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in (*response.headers.items(), *response.more_headers):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.send_header("Connection", "close")
        self.end_headers()

    def _send_body(self, response: Response) -> None:
        if response.delivery == "cut":
            self.wfile.write(response.body[: len(response.body) // 2])
        elif response.delivery == "dripping":
            for byte in response.body:
                if self.server.stopping.wait(response.wait):
                    return
                self.wfile.write(bytes((byte,)))
        else:
            self.wfile.write(response.body)

    def _reset(self) -> None:
        """Close with a TCP reset, which SO_LINGER with zero seconds asks for (socket(7))."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  http.server's name
        """Write nothing: the log of decisions has it, without secrets."""

    def version_string(self) -> str:
        """The Server header."""
        return "gumauth.testing"
