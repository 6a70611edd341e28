"""Lines and messages."""

from __future__ import annotations

import json

import pytest

from gumauth.handout.bridge.frames import Lines, answered, error, key_of, lines, read


def test_lines_come_out_whole_however_the_bytes_come_in() -> None:
    lines = Lines()
    found = [line for piece in (b"ab", b"c\nde", b"\r\n\nf", b"g") for line in lines.feed(piece)]
    assert found == [b"abc", b"de", b""]
    assert lines.rest() == b"fg"


def test_a_line_that_is_too_long_is_told_once_and_the_next_is_read() -> None:
    lines = Lines(largest=4)
    found = [line for piece in (b"abc", b"def", b"g\nhi\n") for line in lines.feed(piece)]
    assert found == [None, b"hi"]


@pytest.mark.requirement("H7")
def test_a_message_keeps_its_bytes() -> None:
    raw = '{"jsonrpc": "2.0",\t"id":1.50, "method":"ä", "x":[1e400, 9007199254740993, "\\u00e9"]}'.encode()
    message = read(raw)
    assert message is not None
    assert (message.raw, message.parts[0].kind, message.parts[0].method) == (raw, "request", "ä")


def test_line_ends_between_tokens_become_blanks() -> None:
    message = read(b'{\r\n "id": "a\\nb",\n "result": {}}\n')
    assert message is not None
    assert message.raw == b'{   "id": "a\\nb",  "result": {}}'


def test_one_and_the_text_one_are_two_ids() -> None:
    keys = [read(b'{"id":%s,"result":1}' % each) for each in (b"1", b'"1"', b"1.0", b"null")]
    assert [message.parts[0].key for message in keys if message] == ["1", '"1"', "1", "null"]


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"1", b"{}", b'{"id":1}', b"\xff", b'{"id":NaN,"result":1}', b"[" * 99_999]
)
def test_what_is_no_message_is_none(raw: bytes) -> None:
    assert read(raw) is None


def test_a_batch_is_read_as_its_messages() -> None:
    message = read(b'[{"method":"a","id":1},{"method":"b"},{"id":2,"error":{}}]')
    assert message is not None
    assert [part.kind for part in message.parts] == ["request", "notification", "response"]
    assert [part.key for part in message.requests] == ["1"]
    assert message.only is None


def test_the_revision_of_a_message_is_read_from_its_meta() -> None:
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    new = read(json.dumps({"id": 1, "method": "a", "params": {"_meta": meta}}).encode())
    old = read(b'{"id":1,"method":"a","params":[1]}')
    assert new
    assert old
    assert (new.parts[0].revision, old.parts[0].revision) == ("2026-07-28", None)


def test_errors_carry_the_id_as_it_was() -> None:
    assert error('"a"', "no") == b'{"jsonrpc":"2.0","id":"a","error":{"code": -32000, "message": "no"}}'
    told = answered("7", {"id": "server-error", "error": {"code": -32600, "message": "bad"}})
    assert told == b'{"jsonrpc":"2.0","id":7,"error":{"code": -32600, "message": "bad"}}'
    assert answered("7", {"result": 1}) is None


@pytest.mark.requirement("H7")
def test_a_number_that_json_cannot_hold_is_never_written() -> None:
    """Python reads 1e999 as an infinite number, and would write it as Infinity."""
    asked = read(b'{"id":1e999,"method":"a"}')
    assert asked
    assert error(asked.parts[0].key, "no") == b'{"jsonrpc":"2.0","id":1e999,"error":{"code": -32000, "message": "no"}}'
    assert [key_of(each) for each in (float("-inf"), float("nan"), [float("inf")])] == ["-1e999", "-1e999", "null"]
    told = read(b'{"id":1,"error":{"code":-5,"message":"no","data":[-1e999]}}')
    assert told
    assert answered("1", told.parts[0].members) == (b'{"jsonrpc":"2.0","id":1,"error":{"code": -5, "message": "no"}}')
    told = read(b'{"id":1,"error":{"code":1e999,"message":{"a":1}}}')
    assert told
    assert answered("1", told.parts[0].members) == b'{"jsonrpc":"2.0","id":1,"error":{"code": 0, "message": 0}}'


@pytest.mark.requirement("H7")
def test_an_integer_of_any_length_passes() -> None:
    raw = b'{"id":1,"result":' + b"7" * 5000 + b"}"
    message = read(raw)
    assert message
    assert message.raw == raw


BATCH = b'[ {"id": 1,\t"result":"\xc3\xa9,]"} , {"method":"b"},{"id":2,"result":' + b"7" * 5000 + b"}]"


@pytest.mark.requirement("H7")
@pytest.mark.parametrize(
    ("passing", "together", "expected"),
    [
        ((True, True, True), True, [BATCH]),
        ((True, True, False), True, [b'[{"id": 1,\t"result":"\xc3\xa9,]"},{"method":"b"}]']),
        ((True, True, False), False, [b'{"id": 1,\t"result":"\xc3\xa9,]"}', b'{"method":"b"}']),
        ((False, False, True), False, [b'{"id":2,"result":' + b"7" * 5000 + b"}"]),
        ((False, False, False), True, []),
    ],
)
def test_of_a_batch_only_what_passes_is_written_byte_for_byte(
    passing: tuple[bool, ...], together: bool, expected: list[bytes]
) -> None:
    batch = read(BATCH)
    assert batch
    assert lines(batch, passing, together=together) == expected
