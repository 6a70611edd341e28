"""One port of this machine that answers for every host, over TLS and plain."""

from __future__ import annotations

import socket
import ssl
import sys
from collections.abc import Callable
from pathlib import Path

from gumauth.cli.check.authority import Authority
from gumauth.testing.listening import Handler, Listening
from gumauth.testing.messages import Request, Response

HELLO = b"\x16"
"""The first byte of TLS. Source: RFC 8446 §5.1."""


class Listener:
    """Answers for every host, from construction to `close`.

    Args:
        folder: Where certificates are put.
        answer: Gives the response to a request; its header `host` says for which host. Called from many threads.
    """

    def __init__(self, folder: Path, answer: Callable[[Request], Response]) -> None:
        self._authority = Authority(folder)
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._listening = Listening(answer, self._handler())

    @property
    def port(self) -> int:
        """The port of 127.0.0.1."""
        return self._listening.port

    @property
    def certificates(self) -> str:
        """The path of the certificate by which clients believe every host."""
        return str(self._authority.certificate)

    def close(self) -> None:
        """Stop, and end every connection."""
        self._listening.close()

    def _handler(self) -> type[Handler]:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

        def be(connection: ssl.SSLObject, host: str | None, _tls: ssl.SSLContext) -> None:
            name = host or "localhost"
            if name not in self._contexts:
                self._contexts[name] = self._authority.context(name)
            connection.context = self._contexts[name]

        tls.sni_callback = be

        class Any(Handler):
            """Speaks TLS where the client does."""

            def setup(self) -> None:
                sys.settrace(None)  # what follows the file's lines would follow the service's too, at twice the cost
                if self.request.recv(1, socket.MSG_PEEK) == HELLO:
                    self.request = tls.wrap_socket(self.request, server_side=True)
                super().setup()

            def finish(self) -> None:
                super().finish()
                if isinstance(self.request, ssl.SSLSocket) and self.request.fileno() != -1:
                    self.request.shutdown(socket.SHUT_WR)

        return Any
