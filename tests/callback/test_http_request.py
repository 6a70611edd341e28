from __future__ import annotations

import itertools
import time
from collections.abc import Iterable

import pytest

from gumauth.callback.http_request import FormReader, Request, RequestReader, read_request
from gumauth.callback.rejections import TOO_LARGE, UNREADABLE, Rejection

GOOD = b"GET /callback?code=a&state=b HTTP/1.1\r\nHost: localhost:4862\r\nAccept: */*\r\n\r\n"


def with_fields(fields: bytes) -> bytes:
    return b"GET / HTTP/1.1\r\n" + fields + b"\r\n"


def test_a_request_is_read_with_the_parts_that_are_judged() -> None:
    assert read_request(GOOD) == Request(
        method="GET", path="/callback", query="code=a&state=b", host="localhost:4862", ahead=False
    )


@pytest.mark.requirement("S2")
def test_the_query_is_left_out_of_the_repr() -> None:
    request = read_request(GOOD)
    assert repr(request) == (
        "Request(method='GET', path='/callback', host='localhost:4862', ahead=False, by_visit=True, form_length=None)"
    )


def posted(fields: bytes) -> Request:
    request = read_request(b"POST /callback HTTP/1.1\r\nHost: localhost:4862\r\n" + fields + b"\r\n")
    assert isinstance(request, Request)
    return request


FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.mark.parametrize(
    ("fields", "length"),
    [
        (FORM + b"Content-Length: 12\r\n", 12),
        (b"content-type:Application/X-WWW-Form-Urlencoded ; charset=UTF-8\r\nContent-Length: 0\r\n", 0),
        (FORM + b"Content-Length: 999999999\r\n", 999999999),
        (FORM, None),
        (FORM + b"Content-Length: \r\n", None),
        (FORM + b"Content-Length: -1\r\n", None),
        (FORM + b"Content-Length: 1,1\r\n", None),
        (FORM + b"Content-Length: 0x10\r\n", None),
        (FORM + b"Content-Length: 1234567890\r\n", None),
        (FORM + b"Content-Length: 12\r\nTransfer-Encoding: chunked\r\n", None),
        (b"Content-Length: 12\r\n", None),
        (b"Content-Type: text/plain\r\nContent-Length: 12\r\n", None),
        (b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 12\r\n", None),
    ],
)
def test_a_form_is_one_only_by_its_type_and_with_a_length(fields: bytes, length: int | None) -> None:
    assert posted(fields).form_length == length


@pytest.mark.parametrize(
    ("fields", "by_visit"),
    [
        (b"", True),
        (b"Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Site: cross-site\r\n", True),
        (b"Sec-Fetch-Mode: cors\r\n", False),
        (b"Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: empty\r\n", False),
        (b"Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n", False),
        (b"Origin: https://idp.example\r\n", True),
        (b"Origin: null\r\n", True),
        (b"Origin: http://127.0.0.1:9000\r\n", True),
        (b"Origin: http://idp.example\r\n", False),
        (b"Origin: http://localhost.evil.example\r\n", False),
        (b"Origin: file://\r\n", False),
    ],
)
def test_what_a_browser_says_of_a_visit_is_read(fields: bytes, by_visit: bool) -> None:
    assert posted(fields).by_visit is by_visit


@pytest.mark.requirement("C7")
@pytest.mark.parametrize("size", [1, 3, 1 << 16])
def test_a_form_is_read_to_its_length_however_it_was_cut(size: int) -> None:
    body = b"code=c%2F&state=s"
    reader = FormReader(posted(FORM + b"Content-Length: 17\r\n"))
    verdicts = [reader.feed((body + b"\x00more")[at : at + size]) for at in range(0, 17, size)]
    assert set(verdicts[:-1]) <= {None}
    assert isinstance(verdicts[-1], Request)
    assert verdicts[-1].form == "code=c%2F&state=s"
    assert "code" not in repr(verdicts[-1])


@pytest.mark.requirement("C7")
def test_a_form_of_other_bytes_than_ascii_is_not_read() -> None:
    assert FormReader(posted(FORM + b"Content-Length: 3\r\n")).feed(b"a=\xff") is UNREADABLE


def test_what_has_come_behind_the_head_is_kept_as_far_as_it_can_be_a_form() -> None:
    reader = RequestReader()
    reader.feed(GOOD + b"a" * 20_000)
    assert reader.rest == b"a" * 16_384


def test_a_request_in_pieces_is_waited_for_at_every_length() -> None:
    assert {read_request(GOOD[:length]) for length in range(len(GOOD))} == {None}


def test_what_follows_the_head_is_not_read() -> None:
    assert read_request(GOOD + b"\x00\xffGET /other HTTP/1.1\r\n\r\n") == read_request(GOOD)


def test_only_the_first_question_mark_divides() -> None:
    request = read_request(b"GET /a?b?c HTTP/1.0\r\n\r\n")
    assert request == Request(method="GET", path="/a", query="b?c", host=None, ahead=False)


@pytest.mark.parametrize(
    "field", [b"Sec-Purpose: prefetch", b"sec-purpose:prefetch;prerender", b"Purpose: prefetch", b"X-moz: prefetch"]
)
def test_a_request_made_ahead_of_time_is_told(field: bytes) -> None:
    request = read_request(with_fields(field + b"\r\n"))
    assert isinstance(request, Request)
    assert request.ahead


@pytest.mark.requirement("C7")
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS hello"),
        pytest.param(b"\x16", id="the first byte of a TLS hello"),
        pytest.param(b"GET /callback?code=a\rb", id="CR in a target that goes on"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2 preface"),
        pytest.param(b"GET /callback?code=\x00 HTTP/1.1\r\n", id="NUL in the target"),
        pytest.param(b"GET /callback?code=a\rb HTTP/1.1\r\n", id="CR in the target"),
        pytest.param(b"GET /callback?code=a\nb HTTP/1.1\r\n", id="LF in the target"),
        pytest.param("GET /callback?code=é HTTP/1.1\r\n".encode(), id="UTF-8 in the target"),
        pytest.param(b"GET /callback#code=a HTTP/1.1\r\n", id="fragment"),
        pytest.param(b"GET  /callback HTTP/1.1\r\n", id="two blanks"),
        pytest.param(b"GET http://localhost/callback HTTP/1.1\r\n", id="absolute form"),
        pytest.param(b"OPTIONS * HTTP/1.1\r\n", id="asterisk form"),
        pytest.param(b"CONNECT localhost:4862 HTTP/1.1\r\n", id="authority form"),
        pytest.param(b"GET /callback\r\n", id="HTTP/0.9"),
        pytest.param(b"GET /callback HTTP/1.2\r\n", id="another version"),
        pytest.param(b"\r\n", id="an empty line"),
        pytest.param(b"GET / HTTP/1.1\n\n", id="bare line feeds"),
        pytest.param(with_fields(b"Host: a\r\nHost: a\r\n"), id="Host twice"),
        pytest.param(with_fields(b"Host : a\r\n"), id="blank before the colon"),
        pytest.param(with_fields(b"Host: a\r\n b\r\n"), id="folded line"),
        pytest.param(with_fields(b"Host: a\nX: b\r\n"), id="LF in a field"),
        pytest.param(with_fields(b"Host: a\x00\r\n"), id="NUL in a field"),
        pytest.param(with_fields(b"nonsense\r\n"), id="no colon"),
    ],
)
def test_what_is_no_request_is_told_at_once(content: bytes) -> None:
    assert read_request(content) is UNREADABLE


@pytest.mark.requirement("C7")
def test_a_code_of_4_kib_in_a_query_of_8_kib_is_read() -> None:
    query = "code=" + "c" * 4096 + "&extra=" + "x" * 4096
    request = read_request(f"GET /callback?{query} HTTP/1.1\r\n\r\n".encode())
    assert isinstance(request, Request)
    assert request.query == query


@pytest.mark.requirement("C6")
def test_a_request_line_has_16_kib() -> None:
    line = b"GET /" + b"a" * 16370 + b" HTTP/1.1"
    assert len(line) == 16384
    assert isinstance(read_request(line + b"\r\n\r\n"), Request)
    assert read_request(line + b"\r") is None
    assert read_request(line.replace(b" /", b" /a") + b"\r\n\r\n") is TOO_LARGE


@pytest.mark.requirement("C6")
@pytest.mark.parametrize(("length", "taken"), [(32768, True), (32769, False)])
def test_headers_have_32_kib(length: int, taken: bool) -> None:
    fields = b"Cookie: " + b"a" * (length - 10)
    content = b"GET / HTTP/1.1\r\n" + fields + b"\r\n\r\n"
    assert len(fields) + 2 == length
    assert isinstance(read_request(content), Request) == taken


@pytest.mark.requirement("C6")
def test_a_request_line_without_an_end_is_refused() -> None:
    assert read_request(b"GET /" + b"a" * 16379) is None
    assert read_request(b"GET /" + b"a" * 16381) is TOO_LARGE
    assert read_request(b"GET /" + b"a" * 16380 + b"\0") is UNREADABLE


@pytest.mark.requirement("C6")
def test_headers_without_an_end_are_refused() -> None:
    assert read_request(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 6000) is TOO_LARGE
    longest = b"GET / HTTP/1.1\r\nCookie: " + b"a" * 32762
    assert read_request(longest[:-1]) is None
    assert read_request(longest) is TOO_LARGE


def test_a_field_may_be_there_twice_if_it_is_not_the_host() -> None:
    request = read_request(with_fields(b"Cookie: a=1\r\nHost: localhost\r\nCookie: b=2\r\n"))
    assert isinstance(request, Request)
    assert request.host == "localhost"


def test_blanks_around_a_field_are_no_part_of_it() -> None:
    request = read_request(with_fields(b"Host: \t BOX \t\r\n"))
    assert isinstance(request, Request)
    assert request.host == "BOX"


def in_pieces(pieces: Iterable[bytes]) -> Request | Rejection | None:
    """What a reader tells first of these pieces."""
    reader = RequestReader()
    return next((told for piece in pieces if (told := reader.feed(piece)) is not None), None)


@pytest.mark.no_cover
@pytest.mark.requirement("Y8")
@pytest.mark.parametrize("content", [b"G / HTTP/1.1\r\n\r\n", b"G / HTTP/1.1\r\nA\r\n", b"G /\r\rHTTP/1.1\r\n"])
def test_every_way_of_cutting_a_request_tells_the_same(content: bytes) -> None:
    """All 2 to the power of 15 ways, and more."""
    whole = read_request(content)
    for cuts in itertools.product((False, True), repeat=len(content) - 1):
        edges = [0, *(at for at, cut in enumerate(cuts, 1) if cut), len(content)]
        assert in_pieces(content[a:b] for a, b in itertools.pairwise(edges)) == whole


@pytest.mark.requirement("Y8", "C6")
@pytest.mark.parametrize("length", [1, 7, 1000, 16386])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"GET /" + b"a" * 16380, None, id="a line that may still end"),
        pytest.param(b"GET /" + b"a" * 16381, TOO_LARGE, id="a line too long"),
        pytest.param(b"GET /" + b"a" * 16380 + b"\r", TOO_LARGE, id="a line too long whose end begins"),
        pytest.param(b"GET /" + b"a" * 16379 + b"\ra", UNREADABLE, id="CR at the limit"),
        pytest.param(b"GET / HTTP/1.1\r\nCookie: " + b"a" * 32761, None, id="fields that may still end"),
        pytest.param(b"GET / HTTP/1.1\r\nCookie: " + b"a" * 32762, TOO_LARGE, id="fields too long"),
    ],
)
def test_the_limits_are_the_same_in_pieces(content: bytes, told: Rejection | None, length: int) -> None:
    assert in_pieces(content[at : at + length] for at in range(0, len(content), length)) is told


def seconds_for(reader: RequestReader, content: bytes) -> float:
    """Of this processor, for the content byte by byte."""
    begun = time.process_time()
    for at in range(len(content)):
        assert reader.feed(content[at : at + 1]) is None
    return time.process_time() - begun


@pytest.mark.requirement("Y8")
@pytest.mark.parametrize("before", [b"", b"GET / HTTP/1.1\r\nCookie: "])
def test_a_byte_costs_the_same_at_the_end_of_a_long_request_as_at_its_beginning(before: bytes) -> None:
    """The last thousand of 16,000 bytes beside the first thousand; the best of five, as other programs run too."""
    first, last = [], []
    for _ in range(5):
        reader = RequestReader()
        assert reader.feed(before) is None
        first.append(seconds_for(reader, b"a" * 1000))
        seconds_for(reader, b"a" * 14_000)
        last.append(seconds_for(reader, b"a" * 1000))
    assert min(last) < 4 * min(first)


@pytest.mark.requirement("Y8")
def test_a_field_of_blanks_that_is_none_is_told_in_a_moment() -> None:
    """32,000 blanks and a NUL: every way to part the blanks between two patterns would be tried."""
    begun = time.process_time()
    assert read_request(with_fields(b"A:" + b" " * 32_000 + b"\0\r\n")) is UNREADABLE
    assert time.process_time() - begun < 0.2
