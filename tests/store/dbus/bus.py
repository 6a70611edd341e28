"""A session bus with a Secret Service on it, on a real socket, which answers as a test tells it to."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import Any, Self

import jeepney
from jeepney.low_level import Message

KEY = "linear/0123456789abcdef/a"
COLLECTION = "/org/freedesktop/secrets/collection/login"
ADDRESS = "DBUS_SESSION_BUS_ADDRESS"
LET_IN = b"OK 0123456789abcdef\r\n"
Reply = tuple[str, tuple[Any, ...]]
Act = Callable[..., None]


class Bus:
    """A session bus with a Secret Service on it, which answers as it is told.

    Attributes:
        instead: What is answered to a method in place of the right thing: types and values, or something that is done.
        greet: What is done with a connection that wants to be let in.
        items: The secrets by the path of their item.
        asked: The methods that were called.
        paths: The object of which each was called last.
    """

    @classmethod
    @contextlib.contextmanager
    def running(cls) -> Iterator[Self]:
        """A bus on a socket of its own, which is ended afterwards."""
        with tempfile.TemporaryDirectory(prefix="gumauth-") as folder:  # a socket's path has at most 107 characters
            bus = cls(f"{folder}/bus")
            yield bus
            bus.end()

    def __init__(self, path: str) -> None:
        self.address = f"unix:path={path}"
        self.instead: dict[str, Reply | Act] = {}
        self.greet: Callable[[socket.socket], None] = lambda connection: connection.sendall(LET_IN)
        self.items: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.paths: dict[str, str] = {}
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen()
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def end(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._listener.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.recv(4096)
            self.greet(connection)
            data = b""
            while b"BEGIN\r\n" not in data:
                data += connection.recv(4096) or b"BEGIN\r\n"
            parser = jeepney.Parser()
            parser.add_data(data.partition(b"BEGIN\r\n")[2])
            while True:
                while (message := parser.get_next_message()) is not None:
                    self._answer(connection, message)
                if not (data := connection.recv(1 << 16)):
                    return
                parser.add_data(data)

    def _answer(self, connection: socket.socket, asked: Message) -> None:
        method = asked.header.fields[jeepney.HeaderFields.member]
        self.asked.append(method)
        self.paths[method] = asked.header.fields[jeepney.HeaderFields.path]
        reply = self.instead.get(method) or self.right(method, asked)
        if callable(reply):
            reply(connection, asked)
        else:
            answer = jeepney.new_method_return(asked, reply[0] or None, reply[1])
            connection.sendall(answer.serialise(1))

    def right(self, method: str, asked: Message) -> Reply:
        """What the specification says."""
        if method == "CreateItem":
            path = f"{COLLECTION}/{_name(asked.body[0]['org.freedesktop.Secret.Item.Attributes'][1])}"
            self.items[path] = asked.body[1][2]
            return "oo", (path, "/")
        if method == "Delete":
            self.items.pop(asked.header.fields[jeepney.HeaderFields.path], None)
            return "o", ("/",)
        if method == "SearchItems":
            found = f"{COLLECTION}/{_name(asked.body[0])}"
            return "aoao", ([path for path in self.items if path == found], [])
        if method == "GetSecrets":
            secrets = {path: ("/session", b"", self.items[path], "text/plain") for path in asked.body[0]}
            return "a{o(oayays)}", (secrets,)
        return RIGHT[method]


def _name(attributes: dict[str, str]) -> str:
    return attributes["username"].encode().hex()


TYPES = {"CreateItem": "oo", "Delete": "o", "SearchItems": "aoao", "GetSecrets": "a{o(oayays)}"}
RIGHT: dict[str, Reply] = {
    "Hello": ("s", (":1.1",)),
    "ListNames": ("as", (["org.freedesktop.secrets"],)),
    "ListActivatableNames": ("as", ([],)),
    "OpenSession": ("vo", (("s", ""), "/session")),
    "ReadAlias": ("o", (COLLECTION,)),
    "Get": ("v", (("b", False),)),
    "Dismiss": ("", ()),
}
