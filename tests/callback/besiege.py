"""Connections that want nothing, from a process of their own: `python -m tests.callback.besiege PORT`.

Each line of its input is an order, and is echoed when that many connections are open: `drip 100`, `post 100` (which
drip the body of a form), `idle 500`. It ends with its input, and holds everything open until then.
"""

from __future__ import annotations

import socket
import sys
import threading

DRIPS = 15_000
"""Bytes of a request that each of those that drip sends, one by one and as fast as they are taken."""


FORM = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {DRIPS + 1}\r\n"


def opened(port: int, count: int) -> list[socket.socket]:
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
    for connection in connections:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connections


def drip(connections: list[socket.socket], content: bytes) -> None:
    """Send all of them this, one byte each in turn."""
    alive = list(connections)
    for at in range(len(content)):
        for connection in list(alive):
            try:
                connection.send(content[at : at + 1])
            except OSError:
                alive.remove(connection)


def main() -> None:
    port, held = int(sys.argv[1]), []
    for order in sys.stdin:
        what, count = order.split()
        connections = opened(port, int(count))
        held.append(connections)
        content = b""
        if what == "drip":
            content = b"GET /callback?code=".ljust(DRIPS, b"a")
        elif what == "post":
            head = f"POST /callback HTTP/1.1\r\nHost: localhost:{port}\r\n{FORM}\r\n".encode()
            for connection in connections:
                connection.send(head)
            content = b"a" * DRIPS
        threading.Thread(target=drip, args=(connections, content), daemon=True).start()
        sys.stdout.write(order)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
