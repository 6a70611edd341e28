"""What a session bus may say that is none, or whose: played here on a real socket."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jeepney
import pytest
from jeepney.low_level import Message

from gumauth.accounts.record import Record
from gumauth.client.context import Context
from gumauth.errors import KeyringTimeout, NoBus, StoreError
from gumauth.store import selection
from gumauth.store.dbus.addresses import paths, trusted
from gumauth.store.dbus.conversation import BadAnswer, Conversation
from gumauth.store.dbus.message import LARGEST, LARGEST_FIELDS, MOST_VALUES
from gumauth.store.dbus.secret_items import is_locked
from gumauth.store.failures import kind_of
from gumauth.store.keyring.child import Child
from gumauth.store.keyring.store import KeyringStore
from gumauth.store.secret_service.store import SecretServiceStore, ServiceAccess
from gumauth.store.selection import bus_names
from tests.accounts.directly import records_of
from tests.cli.program import environment, listed, process
from tests.parts.people import NOBODY, Nobody

KEY = "linear/0123456789abcdef/a"
COLLECTION = "/org/freedesktop/secrets/collection/login"
SECONDS = 5.0
SOON = 0.3
LATER = 1.5
"""Seconds after the deadline at which it has surely been heeded, on a machine with much to do."""

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

WRONG: list[Reply] = [
    ("", ()),
    ("y", (7,)),
    ("b", (True,)),
    ("n", (7,)),
    ("u", (7,)),
    ("x", (7,)),
    ("d", (7.0,)),
    ("s", ("x",)),
    ("o", ("/",)),
    ("g", ("a{sv}",)),
    ("v", (("u", 7),)),
    ("v", (("v", ("v", ("b", True))),)),
    ("ay", (b"x",)),
    ("au", ([7],)),
    ("ao", (["/"],)),
    ("as", (["x"],)),
    ("aas", ([["x"]],)),
    ("a{sv}", ({"x": ("u", 7)},)),
    ("a{us}", ({7: "x"},)),
    ("oo", ("/", "/")),
    ("(oo)", (("/", "/"),)),
    ("aoas", (["/"], ["x"])),
    ("asao", (["x"], ["/"])),
    ("(aoao)", ((["/"], []),)),
    ("so", ("", "/session")),
    ("ov", ("/", ("s", ""))),
    ("vs", (("s", ""), "/session")),
    ("a{o(oaysay)}", ({"/": ("/", b"", "x", b"")},)),
    ("a{s(oayays)}", ({"/": ("/", b"", b"", "")},)),
    ("aoaoao", ([], [], [])),
]


@pytest.fixture
def bus() -> Iterator[Bus]:
    with tempfile.TemporaryDirectory(prefix="gumauth-") as folder:  # a socket's path has at most 107 characters
        bus = Bus(f"{folder}/bus")
        yield bus
        bus.end()


@pytest.fixture
def store(bus: Bus, tmp_path: Path) -> SecretServiceStore:
    """A store with an item."""
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], ADDRESS: bus.address}
    run = Context(environ)
    store = SecretServiceStore(run, access=ServiceAccess(run, seconds=SECONDS))
    store.set(KEY, "{}")
    return store


@pytest.fixture
def soon(store: SecretServiceStore, monkeypatch: pytest.MonkeyPatch) -> SecretServiceStore:
    """One that is given up soon; so is looking for the names on the bus."""
    monkeypatch.setattr(selection, "SECONDS", SOON)
    store._access.seconds = SOON
    return store


def _reads(store: SecretServiceStore) -> None:
    store.get(KEY)


def _looks_for_none(store: SecretServiceStore) -> None:
    store.get(f"{KEY}/none")


def _writes(store: SecretServiceStore) -> None:
    store.set(KEY, "{}")


def _deletes(store: SecretServiceStore) -> None:
    store.delete(KEY)


def _looks_at_the_bus(store: SecretServiceStore) -> None:
    bus_names(store._run.environ[ADDRESS])


def _asks_whether_it_is_locked(store: SecretServiceStore) -> None:
    with Conversation(store._run.environ[ADDRESS], SECONDS) as bus:
        is_locked(bus)


PATHS = [
    (_reads, ["SearchItems", "OpenSession", "GetSecrets"]),
    (_looks_for_none, ["SearchItems", "ReadAlias", "Get"]),
    (_writes, ["SearchItems", "OpenSession", "ReadAlias", "Get", "CreateItem"]),
    (_deletes, ["SearchItems", "Delete", "ReadAlias", "Get"]),
    (_looks_at_the_bus, ["ListNames", "ListActivatableNames"]),
]
IN_THE_WORKER = (_asks_whether_it_is_locked, ["SearchItems", "ReadAlias", "Get"])
QUESTIONS = [(use, method) for use, methods in PATHS for method in methods]


@pytest.mark.parametrize(("use", "methods"), [*PATHS, IN_THE_WORKER])
def test_the_questions_of_each_way_are_those_of_the_next_tests(
    bus: Bus, store: SecretServiceStore, use: Callable[[SecretServiceStore], None], methods: list[str]
) -> None:
    bus.asked.clear()
    use(store)
    assert list(dict.fromkeys(bus.asked)) == ["Hello", *methods]


@pytest.mark.requirement("Y8", "K7")
@pytest.mark.parametrize(("use", "method"), QUESTIONS)
def test_an_answer_of_other_types_is_one_error_of_the_store(
    bus: Bus, store: SecretServiceStore, use: Callable[[SecretServiceStore], None], method: str
) -> None:
    for wrong in WRONG:
        bus.items = {f"{COLLECTION}/{KEY.encode().hex()}": b"{}"}
        if wrong[0] == (TYPES.get(method) or RIGHT[method][0]) != "v":
            continue
        bus.instead = {method: wrong}
        begun = time.monotonic()
        with pytest.raises(StoreError, match="an answer that is not what its specification says") as caught:
            use(store)
        assert caught.value.exit_code == 6
        assert time.monotonic() - begun < SECONDS + LATER
    assert store._library is None or store._library._child is None


@pytest.mark.requirement("Y8")
@pytest.mark.parametrize("method", ["SearchItems", "ReadAlias", "Get"])
def test_the_worker_finds_such_an_answer_before_it_does_anything(
    bus: Bus, store: SecretServiceStore, method: str
) -> None:
    bus.instead = {method: ("u", (7,))}
    with pytest.raises(BadAnswer) as caught:
        _asks_whether_it_is_locked(store)
    assert kind_of(caught.value) == ("odd answer", "BadAnswer")
    store._run.environ["KEYRING_PROPERTY_SCHEME"] = "default"  # type: ignore[index]
    try:
        with pytest.raises(StoreError, match="an answer that is not what its specification says"):
            store.get(KEY)
    finally:
        store.close()


@pytest.mark.requirement("Y8", "K7")
def test_an_answer_to_a_prompts_end_is_held_to_its_types_too(bus: Bus, store: SecretServiceStore) -> None:
    bus.instead = {"CreateItem": ("oo", ("/", "/prompt")), "Dismiss": ("u", (7,))}
    with pytest.raises(StoreError, match="an answer that is not what its specification says"):
        store.set(KEY, "{}")


def _message(fields: bytes, body: bytes = b"", kind: int = 2) -> bytes:
    """A message, little-endian, with header fields as they are given."""
    head = bytes([ord("l"), kind, 0, 1]) + len(body).to_bytes(4, "little") + b"\1\0\0\0"
    return head + len(fields).to_bytes(4, "little") + fields + bytes(-len(fields) % 8) + body


def _reply_to(asked: Message, kind: str = "u") -> bytes:
    return bytes([5, 1, ord(kind), 0]) + int(asked.header.serial).to_bytes(4, "little")


def _signature(signature: str) -> bytes:
    return bytes([8, 1, ord("g"), 0, len(signature)]) + signature.encode() + b"\0"


def _sends(make: Callable[[Message], bytes]) -> Act:
    return lambda connection, asked: connection.sendall(make(asked))


BROKEN = {
    "another byte order": lambda _asked: b"x" * 64,
    "a web server": lambda _asked: b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "an error whose name is a number": lambda asked: _message(_reply_to(asked) + b"\4\1u\0\1\0\0\0", kind=3),
    "an error whose name is no text": lambda asked: _message(_reply_to(asked) + b"\4\1s\0\1\0\0\0\xff\0", kind=3),
    "a signature that is a number": lambda asked: _message(_reply_to(asked) + b"\x08\1u\0\1\0\0\0"),
    "the serial of another type": lambda asked: _message(_reply_to(asked, "b")),
    "a signature that is none": lambda asked: _message(_reply_to(asked) + _signature(")(")),
    "too few bytes for the types": lambda asked: _message(_reply_to(asked) + _signature("aoao"), b"\1\0\0\0"),
    "no text in a text": lambda asked: _message(
        _reply_to(asked) + _signature("aoao"), b"\6\0\0\0\1\0\0\0\xff\0\0\0\0\0\0\0"
    ),
    "a list that ends within an element": lambda asked: _message(
        _reply_to(asked) + _signature("aoao"), b"\2\0\0\0\1\0\0\0/\0\0\0\0\0\0\0"
    ),
    "fields that end within one": lambda asked: _message(_reply_to(asked)[:-2]),
}


@pytest.mark.requirement("Y8", "K7")
@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_no_message_is_an_error_of_the_store(bus: Bus, store: SecretServiceStore, broken: str) -> None:
    bus.instead = {"SearchItems": _sends(BROKEN[broken])}
    with pytest.raises(StoreError, match="an answer that is not what its specification says"):
        store.get(KEY)


def test_a_call_with_the_serial_of_a_question_is_no_answer(bus: Bus, store: SecretServiceStore) -> None:
    """Nor is a signal: only a return or an error is."""

    def answer(asked: Message) -> bytes:
        fields = _reply_to(asked) + _signature("u")
        right = jeepney.new_method_return(asked, *bus.right("SearchItems", asked)).serialise(1)
        return b"".join([*(_message(fields, b"\7\0\0\0", kind) for kind in (1, 4, 9)), right])

    bus.instead = {"SearchItems": _sends(answer)}
    assert store.get(KEY) == "{}"


def _again_and_again(data: bytes) -> Act:
    """Send the same without end."""

    def send(connection: socket.socket, *_asked: Message) -> None:
        while True:
            connection.sendall(data)

    return send


def _drip(data: bytes, rest: bytes) -> Act:
    """Send something, and then a byte at a time, without end."""

    def send(connection: socket.socket, *_asked: Message) -> None:
        connection.sendall(data)
        for byte in itertools.cycle(rest):
            connection.sendall(bytes([byte]))
            time.sleep(0.001)

    return send


SIGNAL = jeepney.new_signal(jeepney.DBusAddress("/org/x", interface="org.x.Y"), "Z", "s", ("x" * 40,)).serialise(1)
LARGE = b"l\2\0\1" + (LARGEST - 1024).to_bytes(4, "little") + b"\1\0\0\0" + bytes(4)
LONG_FIELDS = _message((bytes([9, 1, ord("y"), 0, 0, 0, 0, 0]) * (LARGEST_FIELDS // 8))[:-3])

ENDLESS: dict[str, Act] = {
    "signals": _again_and_again(SIGNAL * 500),
    "messages of nothing": _again_and_again(_message(b"") * 4096),
    "messages with long headers": _again_and_again(LONG_FIELDS),
    "large messages": _again_and_again(_message(b"", bytes(LARGEST - 1024))),
    "a large message byte by byte": _drip(LARGE, b"x"),
    "a header byte by byte": _drip(b"", _message(b"")),
    "nothing": lambda _connection, _asked: None,
}


@pytest.mark.requirement("Y8", "K6")
@pytest.mark.parametrize("endless", ENDLESS)
@pytest.mark.parametrize("method", ["SearchItems", "ListNames"])
def test_what_has_no_end_ends_at_the_deadline(bus: Bus, soon: SecretServiceStore, method: str, endless: str) -> None:
    bus.instead = {method: ENDLESS[endless]}
    begun = time.monotonic()
    with pytest.raises(KeyringTimeout):
        (_reads if method == "SearchItems" else _looks_at_the_bus)(soon)
    assert SOON <= time.monotonic() - begun < SOON + LATER


def _strings(count: int) -> bytes:
    """A list of this many empty texts."""
    content = b"\0\0\0\0\0\0\0\0" * (count - 1) + b"\0\0\0\0\0"
    return len(content).to_bytes(4, "little") + content


def _variants(depth: int) -> bytes:
    """Variants in each other, with a number in the last."""
    return b"\1v\0" * (depth - 1) + b"\1y\0\7"


def _padded(data: bytes) -> bytes:
    """These bytes and an object's path."""
    return data + bytes(-len(data) % 4) + b"\1\0\0\0/\0"


def _many_kinds() -> bytes:
    """A variant with a list of variants, each of other types that are long to read."""
    out = bytearray(b"\2av\0\0\0\0\0")
    for number in range(20_000):
        kind = "(" + "".join("yb"[number >> bit & 1] for bit in range(16)) * 15 + ")"
        out += bytes([len(kind)]) + kind.encode() + b"\0"
        out += bytes(-len(out) % 8) + bytes(16)
    out[4:8] = (len(out) - 8).to_bytes(4, "little")
    return bytes(out)


HUGE: dict[str, tuple[str, str, bytes]] = {
    "many names": ("ListNames", "as", _strings(LARGEST // 8 - 1024)),
    "too many names by one": ("ListNames", "as", _strings(MOST_VALUES)),
    "many items": ("SearchItems", "aoao", _strings(LARGEST // 8 - 1024) + bytes(7)),
    "variants in variants": ("OpenSession", "vo", _padded(_variants(100_000))),
    "too many variants in each other by one": ("OpenSession", "vo", _padded(_variants(65))),
    "a variant of many kinds": ("OpenSession", "vo", _padded(_many_kinds())),
    "a list of nothing": ("OpenSession", "vo", b"\3a()\0\0\0\0" + b"\1\0\0\0" + bytes(20)),
}


@pytest.mark.requirement("Y8", "K6")
@pytest.mark.parametrize("huge", HUGE)
def test_an_answer_of_more_than_can_be_expected_is_not_read_to_its_end(
    bus: Bus, store: SecretServiceStore, huge: str
) -> None:
    method, signature, body = HUGE[huge]
    bus.instead = {method: _sends(lambda asked: _message(_reply_to(asked) + _signature(signature), body))}
    begun = time.monotonic()
    with pytest.raises(StoreError, match="an answer that is not what its specification says"):
        (_looks_at_the_bus if method == "ListNames" else _reads)(store)
    assert time.monotonic() - begun < SECONDS + LATER


@pytest.mark.requirement("Y8", "K6")
def test_a_message_of_the_length_that_the_specification_allows_is_refused_by_its_header(
    bus: Bus, store: SecretServiceStore
) -> None:
    """128 MiB, all of them names of no letters."""

    def answer(connection: socket.socket, asked: Message) -> None:
        head = _message(_reply_to(asked) + _signature("as"))
        length = (1 << 27) - 1024
        connection.sendall(head[:4] + length.to_bytes(4, "little") + head[8:] + (length - 4).to_bytes(4, "little"))
        for _ in range(length >> 16):
            connection.sendall(bytes(1 << 16))

    bus.instead = {"ListNames": answer}
    begun = time.monotonic()
    with pytest.raises(StoreError, match="an answer that is not what its specification says"):
        _looks_at_the_bus(store)
    assert time.monotonic() - begun < SECONDS + LATER


@pytest.mark.requirement("Y8")
@pytest.mark.parametrize("excess", [0, 1])
def test_a_message_may_be_as_long_as_the_largest_record_needs(bus: Bus, store: SecretServiceStore, excess: int) -> None:
    """8 MiB of text, and 64 KiB around it; a header that announces more is refused before there is more."""
    value, path = bytearray(), f"{COLLECTION}/{KEY.encode().hex()}"

    def answer(asked: Message) -> bytes:
        empty = jeepney.new_method_return(asked, "a{o(oayays)}", ({path: ("/s", b"", b"", "t")},)).serialise(1)
        value[:] = b"x" * ((LARGEST - len(empty)) // 8 * 8 + 8 * excess)
        whole = jeepney.new_method_return(asked, "a{o(oayays)}", ({path: ("/s", b"", bytes(value), "t")},))
        return bytes(whole.serialise(1))

    bus.instead = {"GetSecrets": _sends(answer)}
    if excess:
        with pytest.raises(StoreError, match="an answer that is not what its specification says"):
            store.get(KEY)
    else:
        assert store.get(KEY) == value.decode()
        assert len(value) > 1 << 23


@pytest.mark.requirement("Y8", "K6")
@pytest.mark.parametrize(
    ("greeting", "error"),
    [
        (_drip(b"", b"x"), KeyringTimeout),
        (_drip(b"OK ", b"\r"), KeyringTimeout),
        (_again_and_again(b"x" * 60_000), NoBus),
        (_drip(b"x" * 4090, b"x"), NoBus),
    ],
)
def test_a_greeting_that_has_no_end_is_not_waited_for(
    bus: Bus, soon: SecretServiceStore, greeting: Act, error: type[StoreError]
) -> None:
    bus.greet = greeting
    for use in (_reads, _looks_at_the_bus):
        begun = time.monotonic()
        with pytest.raises(error):
            use(soon)
        assert time.monotonic() - begun < SOON + LATER


def test_a_greeting_that_comes_byte_by_byte_is_read(bus: Bus, store: SecretServiceStore) -> None:
    def greet(connection: socket.socket) -> None:
        for byte in LET_IN:
            connection.sendall(bytes([byte]))
            time.sleep(0.001)

    bus.greet = greet
    assert store.get(KEY) == "{}"


class TestTheProgram:
    """As people run it."""

    @pytest.fixture
    def environ(self, bus: Bus, tmp_path: Path) -> dict[str, str]:
        """The environment of somebody with one account, whose record is in this Secret Service."""
        environ = {**environment(tmp_path), "GUMAUTH_STORE": "keyring", ADDRESS: bus.address}
        context = Context(environ)
        account = listed(environ, "acme", "ada@example.com", grant="g", store="Secret Service")
        records = records_of(context)
        account, _ = records.put(account, Record(access_token=os.urandom(16).hex(), grant="g", account={}))
        records.mark(account)
        return environ

    def test_all_is_well_at_first(self, environ: dict[str, str]) -> None:
        assert process(environ, "token", "acme").status == 0
        assert "Secret Service answers: it writes, reads and deletes." in "".join(
            (doctor := process(environ, "doctor")).out + doctor.err
        )

    @pytest.mark.requirement("Y8", "K7")
    @pytest.mark.parametrize("method", ["SearchItems", "OpenSession", "GetSecrets"])
    def test_a_token_is_refused_with_one_sentence(self, bus: Bus, environ: dict[str, str], method: str) -> None:
        for wrong in (("u", (7,)), ("", ()), ("a{us}", ({7: "x"},))):
            bus.instead = {method: wrong}
            ended = process(environ, "token", "acme")
            assert ended.status == 6, ended
            assert ended.out == ""
            assert "Secret Service gave an answer that is not what its specification says." in ended.err
            assert "bug" not in ended.err

    @pytest.mark.requirement("Y8", "K7")
    @pytest.mark.parametrize("method", ["ListNames", "SearchItems", "CreateItem", "Delete", "Get"])
    def test_doctor_names_the_store_and_goes_on(self, bus: Bus, environ: dict[str, str], method: str) -> None:
        bus.instead = {method: ("u", (7,))}
        ended = process(environ, "doctor")
        shown = ended.out + ended.err
        assert "gave an answer that is not what its specification says." in " ".join(shown.split()), ended
        assert "bug" not in shown
        assert "account in the list" in shown

    @pytest.mark.requirement("Y8", "K6")
    def test_a_token_is_given_up_at_the_deadline(self, bus: Bus, environ: dict[str, str]) -> None:
        bus.instead = {"SearchItems": ENDLESS["signals"]}
        begun = time.monotonic()
        ended = process(environ, "token", "acme")
        assert (ended.status, "did not answer within 5 s" in ended.err) == (6, True), ended
        assert time.monotonic() - begun < 5 + 4


def test_an_address_of_sockets_at_which_this_user_listens_is_what_a_library_is_given(bus: Bus) -> None:
    """Nothing is sent to them, and other transports are left out."""
    with socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(b"\0" + os.urandom(8).hex().encode())
        abstract.listen()
        name = f"unix:abstract={abstract.getsockname()[1:].decode()}"
        for address, expected in (
            (bus.address, bus.address),
            (f"{bus.address},guid=0", bus.address),
            (f"tcp:host=127.0.0.1,port=1;{bus.address};unixexec:path=/bin/true", bus.address),
            (f"unix:path=/nonexistent;{bus.address}", bus.address),
            (f"{bus.address};{name},guid=0", f"{bus.address};{name}"),
            (f"{name},{bus.address.removeprefix('unix:')}", f"{bus.address};{name}"),
            ("unix:path=/nonexistent", ""),
            ("unix:path=/a%00b", ""),
            (f"unix:path=/{'x' * 200}", ""),
            ("junk", ""),
            ("", ""),
        ):
            assert trusted(address, 5) == expected, address
    assert bus.asked == []


LISTEN = """
import socket, sys
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1].replace("@", chr(0)))
listening.listen()
print("listening", flush=True)
while True:
    peer, _ = listening.accept()
    peer.settimeout(5)
    print(len(peer.recv(1000)), flush=True)
"""

DBUS = """
import os, socket

class DBusException(Exception):
    "As dbus-python has it."

def SessionBus(mainloop):
    for part in os.environ["DBUS_SESSION_BUS_ADDRESS"].split(";"):
        name = part.partition(":")[2].partition("=")[2].partition(",")[0]
        connection = socket.socket(socket.AF_UNIX)
        connection.connect("\\0" + name if "abstract=" in part else name)
        connection.sendall(b"\\0AUTH EXTERNAL 30\\r\\n")
        connection.recv(1000)
    raise DBusException("enough")
"""


class Theirs:
    """A socket at which another user listens.

    Args:
        address: Where, as in DBUS_SESSION_BUS_ADDRESS.
        told: Gives the number of bytes that the next one to connect has sent.
    """

    def __init__(self, address: str, told: Callable[[], str]) -> None:
        self.address, self.told = address, told


@pytest.fixture(params=["path", "abstract"])
def theirs(nobody: Nobody, request: pytest.FixtureRequest) -> Iterator[Theirs]:
    name = f"{nobody.home}/bus"
    place = name if request.param == "path" else f"@{name}"
    command = [nobody.python, "-c", LISTEN, place]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, user=NOBODY, group=NOBODY, cwd="/") as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "listening\n"
            yield Theirs(f"unix:{request.param}={name}", process.stdout.readline)
        finally:
            process.kill()


@pytest.fixture
def stub_of_dbus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's `dbus`, as far as it connects to a bus."""
    (tmp_path / "modules" / "dbus" / "mainloop").mkdir(parents=True)
    (tmp_path / "modules" / "dbus" / "__init__.py").write_text(DBUS)
    (tmp_path / "modules" / "dbus" / "mainloop" / "__init__.py").touch()
    (tmp_path / "modules" / "dbus" / "mainloop" / "glib.py").write_text("DBusGMainLoop = object\n")
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))


@pytest.fixture
def ordinary(tmp_path: Path) -> Iterator[Callable[..., KeyringStore]]:
    """Makes stores that go the way of the `keyring` library, and ends their workers."""
    made: list[KeyringStore] = []

    def make(name: str, address: str, **environ: str) -> KeyringStore:
        environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], ADDRESS: address, **environ}
        made.append(KeyringStore(name, Context(environ)))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.requirement("Y3")
@pytest.mark.usefixtures("stub_of_dbus")
def test_kwallet_is_asked_at_a_bus_of_this_user_only(
    bus: Bus, theirs: Theirs, ordinary: Callable[..., KeyringStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The `keyring` library connects by itself, and asks nobody whose the bus is."""
    with pytest.raises(StoreError, match="KWallet failed: DBusException"):  # the stub ends after it has connected
        ordinary("KWallet", bus.address).get(KEY)
    monkeypatch.setattr(Child, "__init__", _start_none)
    for address in (theirs.address, f"{bus.address};{theirs.address}", f"{theirs.address};{bus.address}"):
        with pytest.raises(NoBus) as caught:
            ordinary("KWallet", address).set(KEY, "{}")
        assert caught.value.exit_code == 6
        assert theirs.told() == "0\n"


def _start_none(*_arguments: object) -> None:
    pytest.fail("a worker was started")


@pytest.mark.requirement("Y3", "K7")
@pytest.mark.parametrize("name", ["KWallet", "Secret Service", "keyring.backends.kwallet.DBusKeyringKWallet4"])
@pytest.mark.parametrize("address", ["", "tcp:host=127.0.0.1,port=1", "autolaunch:", "unix:path=/nonexistent"])
def test_without_a_socket_to_look_at_there_is_no_bus(
    ordinary: Callable[..., KeyringStore], monkeypatch: pytest.MonkeyPatch, name: str, address: str
) -> None:
    """Whose the other end of a network is, cannot be seen, and what a library finds on its own neither."""
    monkeypatch.setattr(Child, "__init__", _start_none)
    store = ordinary(name, address)
    store.warm()  # says nothing: it is only a beginning
    with pytest.raises(NoBus):
        store.get(KEY)


@pytest.mark.requirement("Y3")
@pytest.mark.usefixtures("stub_of_dbus")
def test_another_users_bus_is_told_nothing_by_a_worker(theirs: Theirs, ordinary: Callable[..., KeyringStore]) -> None:
    with pytest.raises(StoreError):
        ordinary("KWallet", theirs.address).set(KEY, "{}")
    assert theirs.told() == "0\n"


@pytest.mark.requirement("Y3")
@pytest.mark.parametrize("theirs", ["abstract"], indirect=True)
def test_nor_where_libraries_take_another_part_of_the_address_than_we(
    bus: Bus, theirs: Theirs, ordinary: Callable[..., KeyringStore]
) -> None:
    """Of an address with both, jeepney takes the abstract one; which one it is, is for nobody to guess."""
    both = f"{theirs.address},{bus.address.removeprefix('unix:')}"
    with pytest.raises(NoBus):
        ordinary("Secret Service", both, KEYRING_PROPERTY_SCHEME="default").get(KEY)
    assert theirs.told() == "0\n"
    assert bus.asked == []


@pytest.mark.requirement("Y3")
def test_a_backend_that_may_need_no_bus_is_given_none_that_is_another_users(
    bus: Bus, theirs: Theirs, ordinary: Callable[..., KeyringStore]
) -> None:
    spy = "tests.store.fakes.SpyKeyring"
    for address, expected in (
        (theirs.address, "disabled:"),
        (f"{bus.address};{theirs.address}", "disabled:"),
        (f"{bus.address},guid=0", bus.address),
        ("unix:path=/nonexistent", "disabled:"),
        ("", "disabled:"),
    ):
        assert json.loads(ordinary(spy, address).get(KEY) or "")["environ"][ADDRESS] == expected


@pytest.mark.parametrize(("platform", "address"), [("darwin", "launchd:env=X"), ("freebsd14", "unix:path=/a,guid=0")])
def test_on_other_systems_a_backend_finds_the_bus_on_its_own(
    ordinary: Callable[..., KeyringStore], monkeypatch: pytest.MonkeyPatch, platform: str, address: str
) -> None:
    monkeypatch.setattr("gumauth.store.keyring.store.sys", SimpleNamespace(platform=platform))
    store = ordinary("tests.store.fakes.SpyKeyring", address)
    assert json.loads(store.get(KEY) or "")["environ"][ADDRESS] == address
    del store._run.environ[ADDRESS]  # type: ignore[attr-defined]
    store.close()
    assert ADDRESS not in json.loads(store.get(KEY) or "")["environ"]


@pytest.mark.requirement("Y3")
def test_a_bus_that_becomes_another_users_is_found_at_the_next_request(
    bus: Bus, nobody: Nobody, ordinary: Callable[..., KeyringStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker serves many requests, and connects anew for each."""
    monkeypatch.setattr("gumauth.store.keyring.store.SPEAKS_TO_BUS", ("tests.",))
    store = ordinary("tests.store.fakes.FileKeyring", bus.address, KEYRING_FAKE_FILE=str(nobody.home / "entries"))
    store.set(KEY, "{}")
    path = next(paths(bus.address))
    os.rename(path, f"{path}.ours")
    with subprocess.Popen(
        [nobody.python, "-c", LISTEN, f"{nobody.home}/bus"], stdout=subprocess.PIPE, text=True, user=NOBODY, cwd="/"
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "listening\n"
            os.symlink(f"{nobody.home}/bus", path)
            with pytest.raises(NoBus):
                store.get(KEY)
            assert process.stdout.readline() == "0\n"
        finally:
            process.kill()
            os.unlink(path)
            os.rename(f"{path}.ours", path)


@pytest.mark.requirement("Y3")
@pytest.mark.usefixtures("stub_of_dbus")
def test_the_program_tells_another_users_bus_nothing(theirs: Theirs, tmp_path: Path) -> None:
    environ = {
        **environment(tmp_path),
        "GUMAUTH_STORE": "keyring",
        "GUMAUTH_KEYRING": "keyring.backends.kwallet.DBusKeyring",
        "PYTHONPATH": os.pathsep.join([str(tmp_path / "modules"), *filter(None, sys.path)]),
        ADDRESS: theirs.address,
    }
    listed(environ, "acme", "ada@example.com", grant="g", store="KWallet")
    ended = process(environ, "token", "acme")
    assert (ended.status, ended.out) == (6, ""), ended
    assert "There is no D-Bus session here" in ended.err
    assert theirs.told() == "0\n"


@pytest.mark.requirement("Y8", "K13")
def test_a_conversation_that_goes_on_is_begun_anew_after_what_is_no_message(
    bus: Bus, store: SecretServiceStore
) -> None:
    store._access._kept, store._access._keeper = Conversation(bus.address, SECONDS), os.getpid()
    store._access._kept.is_remembered = True
    assert store.get(KEY) == "{}"
    bus.instead = {"SearchItems": lambda connection, _asked: connection.sendall(b"no message at all" * 2)}
    with pytest.raises(StoreError, match="gave an answer that is not what its specification says"):
        store.get(KEY)
    bus.instead = {}
    assert store.get(KEY) == "{}"
