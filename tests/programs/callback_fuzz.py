"""Throw bytes at the reader and judge of callbacks: `python -m tests.programs.callback_fuzz --inputs 100000`.

What must hold for every input: it is read without an exception; it is believed only with the right state; what was
told of its beginning stays true when more comes; and the same is told however it is cut.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections import Counter
from urllib.parse import parse_qsl

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

from gumauth.callback import Answer, Expected
from gumauth.callback.http_request import FORM_LIMIT, FormReader, Request, RequestReader, read_request
from gumauth.callback.pasted_url import read_paste
from gumauth.callback.rejections import Rejection
from gumauth.callback.validation import Unread, validate

STATE = b"Zk3vYb8mQe5rTn1xWc7uLd9hPj2fSg6aKo4iMv0tBqE"
EXPECTED = Expected(state=STATE.decode(), issuer="https://as.example")
FORM_EXPECTED = Expected(state=STATE.decode(), issuer="https://as.example", form_post=True)
FORM = b"POST /callback HTTP/1.1\r\nHost: localhost:4862\r\nContent-Type: application/x-www-form-urlencoded\r\n"

PIECES = (
    *(
        b"GET",
        b"HEAD",
        b"POST",
        b"PRI",
        b" ",
        b"  ",
        b"/callback",
        b"/",
        b"*",
        b"?",
        b"&",
        b"=",
        b"#",
        b"%",
        b"%00",
        b"+",
    ),
    *(b" HTTP/1.1", b" HTTP/1.0", b" HTTP/2.0", b"\r\n", b"\r\n\r\n", b"\r", b"\n", b"\x00", b"\xff", b"\t", b": "),
    *(b"Host: localhost:4862", b"host:[::1]:4862", b"Host: evil.example", b"Sec-Purpose: prefetch", b"Cookie: a=b"),
    *(b"code=c", b"code=", b"state=" + STATE, b"state=", STATE, b"error=access_denied", b"iss=https://as.example"),
    *(
        b"iss=x",
        b"\x16\x03\x01\x02\x00",
        b"GET /callback?code=c&state=" + STATE + b" HTTP/1.1\r\nHost: localhost:4862\r\n",
    ),
)

assembled = st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=24).map(b"".join)
parameters = st.sampled_from(
    (
        b"code=c",
        b"code=%00",
        b"code",
        b"state=" + STATE,
        b"state=" + STATE,
        b"state=x",
        b"error=access_denied",
        b"iss=x",
    )
) | st.binary(max_size=4)
queries = st.lists(parameters, max_size=5).map(b"&".join)
lines = st.tuples(st.sampled_from((b"GET /callback?", b"GET /callback?", b"HEAD /callback?", b"GET /?")), queries).map(
    b"".join
)
fields = st.lists(
    st.sampled_from((b"Host: localhost:4862", b"Host: localhost:4862", b"Sec-Purpose: prefetch", b"A: b", b"A")),
    max_size=3,
)
framed = st.builds(lambda line, rest: b"\r\n".join((line + b" HTTP/1.1", *rest, b"", b"")), lines, fields)
long = (st.integers(0, 40_000) | st.sampled_from((17_000, 40_000))).flatmap(
    lambda size: assembled.map(lambda bit: b"GET /" + (bit or b"a") * (size // (len(bit) or 1)))
)
RIGHT_QUERY = b"code=c&state=" + STATE + b"&iss=https://as.example"
RIGHT = b"GET /callback?" + RIGHT_QUERY + b" HTTP/1.1\r\nHost: localhost:4862\r\n\r\n"
nearly = st.builds(
    lambda at, gone, put: RIGHT[:at] + put + RIGHT[at + gone :],
    st.integers(0, len(RIGHT)),
    st.integers(0, 3),
    st.binary(max_size=3) | st.sampled_from(PIECES),
)
bodies = queries | st.binary(max_size=40) | st.just(RIGHT_QUERY)
forms = st.builds(
    lambda body, more, rest: FORM + b"Content-Length: %d\r\n\r\n" % max(0, len(body) + more) + body + rest,
    bodies,
    st.sampled_from((0, 0, 0, 1, -1, 20_000)),
    st.binary(max_size=3),
)
inputs = st.binary(max_size=400) | nearly | assembled | framed | long | forms

seen: Counter[str] = Counter()


def check(content: bytes, cut: int) -> None:
    """Read and judge one input, whole and cut short, and as a paste."""
    whole, part = read_request(content), read_request(content[: cut % (len(content) + 1)])
    assert read_in_pieces(content, cut) == whole, "cut in other places, it was told otherwise"
    if part is not None:
        assert type(part) is type(whole), "what was told of the beginning did not stay true"
        assert isinstance(part, Rejection) or part == whole
    if isinstance(whole, Request):
        assert re.fullmatch(r"/[!-~]*", whole.path)
        assert re.fullmatch(r"[!-~]*", whole.query)
        check_verdict(whole)
        check_form(whole, content, cut)
    else:
        seen["unfinished" if whole is None else whole.reason] += 1
    check_paste(content.decode("latin-1"))


def read_in_pieces(content: bytes, seed: int) -> Request | Rejection | None:
    """What is told of the content when it comes in pieces of many lengths, until something is told."""
    lengths, reader, at = random.Random(seed), RequestReader(), 0
    longest = lengths.choice((1, 3, 40, 5000))
    while at < len(content):
        length = lengths.randint(1, longest)
        told = reader.feed(content[at : at + length])
        if told is not None:
            return told
        at += length
    return None


def check_verdict(request: Request) -> None:
    verdict = validate(request, EXPECTED, path="/callback", port=4862)
    seen[verdict.reason if isinstance(verdict, Rejection) else "believed"] += 1
    if isinstance(verdict, Answer):
        named = parse_qsl(request.query, keep_blank_values=True, max_num_fields=None)
        assert [value for name, value in named if name == "state"] == [STATE.decode()]
        assert (request.method, request.path) == ("GET", "/callback")


def check_form(request: Request, content: bytes, cut: int) -> None:
    """Where a form is expected: it is read to its length, told the same however it is cut, and judged by its state."""
    verdict = validate(request, FORM_EXPECTED, path="/callback", port=4862)
    if verdict is not Unread.FORM:
        return
    assert 0 <= (request.form_length or 0) <= FORM_LIMIT
    body = content.partition(b"\r\n\r\n")[2]
    reader, whole = FormReader(request), FormReader(request).feed(body)
    at = cut % (len(body) + 1)
    told = reader.feed(body[:at])
    assert (reader.feed(body[at:]) if told is None else told) == whole, "cut in other places, it was told otherwise"
    if not isinstance(whole, Request):
        seen["unfinished form" if whole is None else "unreadable form"] += 1
        return
    verdict = validate(whole, FORM_EXPECTED, path="/callback", port=4862)
    seen["form: " + (verdict.reason if isinstance(verdict, Rejection) else "believed")] += 1
    assert verdict is not Unread.FORM
    if isinstance(verdict, Answer):
        named = parse_qsl(whole.form or "", keep_blank_values=True, max_num_fields=None)
        assert [value for name, value in named if name == "state"] == [STATE.decode()]


def check_paste(pasted: str) -> None:
    request = read_paste(pasted, host="localhost:4862", path="/callback")
    if isinstance(request, Request):
        verdict = validate(request, EXPECTED, path="/callback", port=4862)
        assert isinstance(verdict, Rejection) or STATE.decode() in "".join(pasted.split())


def run(count: int, *, seed: int | None = None) -> Counter[str]:
    """Check that many inputs; the reasons that were given, by how often."""
    seen.clear()

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=seed is not None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs, st.integers(0, 1 << 16))
    def throw(content: bytes, cut: int) -> None:
        check(content, cut)

    throw()
    return Counter(seen)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000, help="how many inputs to make")
    count = parser.parse_args().inputs
    with tempfile.TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        reasons = run(count)
    for reason, count in reasons.most_common():
        print(f"{count:9}  {reason}")
    print(f"{sum(reasons.values()):9}  inputs, no exception, nothing believed without the state")


if __name__ == "__main__":
    main()
