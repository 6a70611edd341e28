"""What a session bus may say that is no message, or no right answer: played here on a real socket."""

from __future__ import annotations

import itertools
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import jeepney
import pytest
from jeepney.low_level import Message

from gumauth.accounts.record import Record
from gumauth.client.context import Context
from gumauth.errors import KeyringTimeout, NoBus, StoreError
from gumauth.store import selection
from gumauth.store.dbus.conversation import BadAnswer, Conversation
from gumauth.store.dbus.message import LARGEST, LARGEST_FIELDS, MOST_VALUES
from gumauth.store.dbus.secret_items import is_locked
from gumauth.store.failures import kind_of
from gumauth.store.secret_service.store import SecretServiceStore, ServiceAccess
from gumauth.store.selection import bus_names
from tests.accounts.directly import records_of
from tests.cli.program import environment, listed, process
from tests.store.dbus.bus import ADDRESS, COLLECTION, KEY, LET_IN, RIGHT, TYPES, Act, Bus, Reply

SECONDS = 5.0
SOON = 0.3
LATER = 4.0
"""Seconds after the deadline at which it has surely been heeded, on a machine with much to do."""

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
    with Bus.running() as bus:
        yield bus


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
CALLS = [(use, method) for use, methods in PATHS for method in methods]


@pytest.mark.parametrize(("use", "methods"), [*PATHS, IN_THE_WORKER])
def test_the_calls_of_each_way_are_those_of_the_next_tests(
    bus: Bus, store: SecretServiceStore, use: Callable[[SecretServiceStore], None], methods: list[str]
) -> None:
    bus.asked.clear()
    use(store)
    assert list(dict.fromkeys(bus.asked)) == ["Hello", *methods]


@pytest.mark.requirement("Y8", "K7")
@pytest.mark.parametrize(("use", "method"), CALLS)
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


def test_a_call_with_the_serial_of_another_call_is_no_answer(bus: Bus, store: SecretServiceStore) -> None:
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
