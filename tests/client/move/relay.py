"""A relay on loopback, before a database that goes away at a chosen message."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Relay:
    """Passes on what clients and the server send, until so many messages of clients have come.

    Args:
        port: The server's, on loopback.
    """

    def __init__(self, port: int) -> None:
        self._server = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.left: int | None = None
        """How many messages of clients are still let through; None for all."""
        self.passes_last = True
        """Whether the last of them reaches the server, whose answer does not come back."""
        self.count = 0
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """End all connections, and take no more."""
        self._listener.close()
        self._cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.left == 0:
                client.close()
                continue
            server = socket.create_connection(self._server)
            self._open += [client, server]
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
            threading.Thread(target=self._back, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(1 << 16):
                self.count += 1
                if self.left is not None:
                    self.left = max(self.left - 1, 0)
                    if self.left == 0:
                        client.shutdown(socket.SHUT_RDWR)  # before the answer can come
                        if self.passes_last:
                            server.sendall(data)
                            server.recv(1 << 16)  # it is done
                        break
                server.sendall(data)
        self._cut()

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while self.left != 0 and (data := server.recv(1 << 16)):
                client.sendall(data)

    def _cut(self) -> None:
        ended, self._open = self._open, []
        for each in ended:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
