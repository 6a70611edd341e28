"""D-Bus messages, held against jeepney, which somebody else wrote."""

from __future__ import annotations

import random
from typing import Any

import jeepney
import pytest
from hypothesis import given, strategies
from jeepney.low_level import Endianness, Message, MessageType

from gumauth.store.dbus.addresses import paths
from gumauth.store.dbus.conversation import BusUnreachable, Conversation
from gumauth.store.dbus.message import LARGEST, BadAnswer, BusObject, encode_call, parse, types, whole_length

SERVICE = BusObject(path="/org/example", destination="org.example.Service", interface="org.example.Interface")
THERE = jeepney.DBusAddress("/org/example", bus_name="org.example.Service", interface="org.example.Interface")

text = strategies.text(strategies.characters(exclude_characters="\0", exclude_categories=["Cs"]))
objects = strategies.sampled_from(["/", "/org/freedesktop/secrets", "/a/b_1/c"])
VALUES: dict[str, strategies.SearchStrategy[Any]] = {
    "s": text,
    "o": objects,
    "u": strategies.integers(0, (1 << 32) - 1),
    "i": strategies.integers(-(1 << 31), (1 << 31) - 1),
    "x": strategies.integers(-(1 << 63), (1 << 63) - 1),
    "b": strategies.booleans(),
    "y": strategies.integers(0, 255),
    "v": text.map(lambda value: ("s", value)),
    "ay": strategies.binary(),
    "ao": strategies.lists(objects),
    "a{ss}": strategies.dictionaries(text, text),
    "(oayays)": strategies.tuples(objects, strategies.binary(), strategies.binary(), text),
    "a{o(oayays)}": strategies.dictionaries(
        objects, strategies.tuples(objects, strategies.binary(), strategies.binary(), text)
    ),
    "a{sv}": strategies.dictionaries(
        text, text.map(lambda value: ("s", value)) | strategies.dictionaries(text, text).map(lambda d: ("a{ss}", d))
    ),
    "a(yv)": strategies.lists(strategies.tuples(strategies.integers(0, 255), text.map(lambda value: ("s", value)))),
}
rows = strategies.lists(
    strategies.sampled_from(sorted(VALUES)).flatmap(lambda kind: VALUES[kind].map(lambda value: (kind, value))),
    max_size=5,
)


@given(rows, strategies.integers(1, 1 << 20))
def test_a_call_has_the_meaning_that_jeepney_reads(row: list[tuple[str, Any]], serial: int) -> None:
    signature, arguments = "".join(kind for kind, _ in row), tuple(value for _, value in row)
    data = encode_call(SERVICE, serial, "Method", signature, arguments)
    parser = jeepney.Parser()
    parser.add_data(data)
    message = parser.get_next_message()
    assert message.body == arguments
    assert message.header.serial == serial
    assert message.header.message_type is MessageType.method_call
    expected = jeepney.new_method_call(THERE, "Method", signature or None, arguments)
    assert message.header.fields == expected.header.fields
    assert len(data) == len(expected.serialise(serial))


@given(rows, strategies.sampled_from([Endianness.little, Endianness.big]))
def test_an_answer_that_jeepney_writes_is_read_in_either_byte_order(
    row: list[tuple[str, Any]], order: Endianness
) -> None:
    signature, arguments = "".join(kind for kind, _ in row), tuple(value for _, value in row)
    sent = jeepney.new_method_call(THERE, "Method")
    sent.header.serial = 7
    answer: Message = jeepney.new_method_return(sent, signature or None, arguments)
    answer.header.endianness = order
    data = answer.serialise(3)
    assert whole_length(data[:16]) == len(data)
    message = parse(data)
    assert (message.kind, message.reply_to, message.error) == (2, 7, None)
    assert (message.signature, message.body()) == (signature, arguments)


def test_an_error_has_its_name() -> None:
    sent = jeepney.new_method_call(THERE, "Method")
    sent.header.serial = 7
    error = jeepney.new_error(sent, "org.example.Error.No", "s", ("text",))
    message = parse(error.serialise(3))
    assert (message.kind, message.reply_to, message.error) == (3, 7, "org.example.Error.No")


@pytest.mark.requirement("S2")
def test_a_message_does_not_show_its_body() -> None:
    answer = jeepney.new_signal(THERE, "Signal", "s", ("the secret",))
    assert "the secret" not in repr(parse(answer.serialise(1)))


def test_a_signature_is_a_row_of_complete_types() -> None:
    assert list(types("sv")) == ["s", "v"]
    assert list(types("aoaoa{o(oayays)}(a{ss}u)")) == ["ao", "ao", "a{o(oayays)}", "(a{ss}u)"]
    for broken in ("(s", "a", "a{s"):
        with pytest.raises(BadAnswer):
            list(types(broken))


def test_damaged_bytes_are_refused_and_nothing_else_is_raised() -> None:
    """Ten thousand messages with some bytes changed, from a seed that is always the same."""
    sent = jeepney.new_method_call(THERE, "Method")
    sent.header.serial = 7
    secret = {"/item": ("/session", b"", b"value", "text/plain")}
    whole = jeepney.new_method_return(sent, "a{o(oayays)}", (secret,)).serialise(3)
    chance = random.Random(4862)
    refused = 0
    for _ in range(10_000):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        cut = bytes(data[: chance.randint(16, len(data))])
        try:
            whole_length(cut)
            parse(cut).body()
        except BadAnswer:
            refused += 1
    assert refused > 5000


def _answer(signature: str, body: object) -> bytes:
    sent = jeepney.new_method_call(THERE, "Method")
    sent.header.serial = 7
    return bytes(jeepney.new_method_return(sent, signature, (body,)).serialise(3))


@pytest.mark.requirement("Y8")
def test_so_many_values_are_read_and_no_more() -> None:
    for signature, value in (("as", "x"), ("a{ss}", "x"), ("a(yv)", (7, ("s", "x")))):
        cost = {"as": 1, "a{ss}": 3, "a(yv)": 5}[signature]
        for count, is_read in ((9_990 // cost, True), (10_000 // cost + 1, False)):
            values = {f"{number}": value for number in range(count)}
            body = values if signature == "a{ss}" else list(values.values())
            message = parse(_answer(signature, body))
            if is_read:
                assert len(message.body()[0]) == count
            else:
                with pytest.raises(BadAnswer, match="too many values"):
                    message.body()


@pytest.mark.requirement("Y8")
@pytest.mark.parametrize("depth", [64, 65])
def test_types_stand_in_each_other_as_deep_as_the_specification_allows(depth: int) -> None:
    value: Any = ("y", 7)
    for _ in range(depth - 1):
        value = ("v", value)
    message = parse(_answer("v", value))
    if depth == 64:
        assert message.body() == (value,)
    else:
        with pytest.raises(BadAnswer, match="too deep"):
            message.body()


@pytest.mark.parametrize("content", ["", "ss", "a", "(", "t"])
def test_a_variant_holds_one_complete_type_of_those_that_are_read(content: str) -> None:
    whole = _answer("v", ("y", 7))
    body = bytes([len(content)]) + content.encode() + b"\0" + bytes(40)
    at = len(whole) - 4
    data = whole[:4] + len(body).to_bytes(4, "little") + whole[8:at] + body
    with pytest.raises(BadAnswer):
        parse(data).body()


@pytest.mark.parametrize("signature", ["a()", "a{}", "(aa())"])
def test_a_row_of_elements_without_bytes_is_refused_and_not_read_for_ever(signature: str) -> None:
    body = (8).to_bytes(4, "little") + bytes(4) + b"\x01" * 8
    fields = bytes([8, 1, ord("g"), 0, len(signature)]) + signature.encode() + b"\0"
    head = b"l\2\0\1" + len(body).to_bytes(4, "little") + bytes([1, 0, 0, 0]) + len(fields).to_bytes(4, "little")
    with pytest.raises(BadAnswer):
        parse(head + fields + bytes(-len(fields) % 8) + body).body()


@pytest.mark.requirement("Y8")
def test_a_message_that_is_too_long_is_refused() -> None:
    """At its first bytes, before there is more of it: the largest record is of 8 MiB."""
    assert whole_length(b"l\2\0\1" + (LARGEST - 16).to_bytes(4, "little") + bytes(8)) == LARGEST > (1 << 23)
    assert whole_length(b"l\2\0\1" + bytes(8) + (8192).to_bytes(4, "little")) == 16 + 8192
    for body, fields in ((LARGEST - 15, 0), ((1 << 31) - 1, 0), (0, 8193), (0, (1 << 32) - 1)):
        with pytest.raises(BadAnswer, match="too long"):
            whole_length(b"l\2\0\1" + body.to_bytes(4, "little") + bytes(4) + fields.to_bytes(4, "little"))
    with pytest.raises(BadAnswer):
        whole_length(b"HTTP/1.1 400 Bad")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("unix:path=/run/user/1000/bus", ["/run/user/1000/bus"]),
        ("unix:path=/tmp/a%20b%2cc,guid=00ff", ["/tmp/a b,c"]),
        ("unix:abstract=/tmp/dbus-x,guid=1", ["\0/tmp/dbus-x"]),
        ("unix:abstract=x,path=/a;unix:path=/b", ["/a", "\0x", "/b"]),
        ("tcp:host=localhost,port=1;unix:path=/a;unix:path=/b", ["/a", "/b"]),
        ("unix:path=/a%zz", ["/a%zz"]),
        ("autolaunch:", []),
        ("unix:runtime=yes", []),
        ("", []),
        ("junk", []),
        (";;==,,::", []),
    ],
)
def test_an_address_is_read_as_the_specification_says(address: str, expected: list[str]) -> None:
    assert list(paths(address)) == expected


def test_without_an_address_there_is_no_bus() -> None:
    with pytest.raises(BusUnreachable):
        Conversation(None, 1)
