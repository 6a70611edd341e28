"""Bodies that are compressed although nobody asked for that."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

from gumauth.handout.bridge.coding import PIECE, BadCoding, decoder
from tests.handout.bridge.client import Client
from tests.handout.bridge.site import Reply, Site, result

TEXT = bytes(range(256)) * 300


@pytest.mark.parametrize("step", [1, 1000, 1_000_000])
@pytest.mark.parametrize(
    ("codings", "body"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("GZIP", gzip.compress(TEXT)),
        ("identity, x-gzip", gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:])),
        ("deflate", zlib.compress(TEXT)),
    ],
)
def test_a_body_comes_out_whole_however_it_comes_in(codings: str, body: bytes, step: int) -> None:
    decoded = decoder(codings)
    pieces = [piece for at in range(0, len(body), step) for piece in decoded(body[at : at + step])]
    assert b"".join(pieces) == TEXT


def test_what_a_server_has_sent_of_a_stream_is_there_at_once() -> None:
    compress, decoded = zlib.compressobj(wbits=31), decoder("gzip")
    for event in (b"data: 1\n\n", b"x" * PIECE, b"y" * (2 * PIECE + 100)):
        sent = compress.compress(event) + compress.flush(zlib.Z_SYNC_FLUSH)
        assert b"".join(decoded(sent)) == event


def test_no_piece_is_larger_than_the_limit() -> None:
    sizes = [len(piece) for piece in decoder("gzip")(gzip.compress(b"a" * 10_000_000))]
    assert (max(sizes), sum(sizes)) == (PIECE, 10_000_000)


@pytest.mark.parametrize("codings", ["gzip, gzip", "gzip,deflate", "br", "zstd", "gzip\x1b[31m"])
def test_other_codings_and_several_are_refused_before_anything_is_decoded(codings: str) -> None:
    with pytest.raises(BadCoding):
        decoder(codings)


def test_what_is_not_in_its_coding_is_refused() -> None:
    with pytest.raises(BadCoding):
        list(decoder("gzip")(b"{}" * 10))


@pytest.mark.requirement("H7", "S7")
@pytest.mark.parametrize(
    ("codings", "told"),
    [
        ("gzip, gzip", "127.0.0.1 answered in 2 encodings, one inside the other."),
        ("br", "127.0.0.1 answered in an encoding that was not asked for, br."),
    ],
)
def test_a_body_that_cannot_be_decoded_is_an_error_that_the_client_shows(
    site: Site, client: Client, codings: str, told: str
) -> None:
    client.open()
    bomb = gzip.compress(gzip.compress(bytes(1 << 22)))
    site.on["tools/call"] = lambda seen: Reply(headers={"Content-Encoding": codings}, body=bomb)
    assert told in client.ask(1)["error"]["message"]
    site.on["tools/call"] = lambda seen: Reply(404, headers={"Content-Encoding": codings}, body=bomb)
    assert client.ask(2)["error"]["message"].startswith("The server ends each session at once.")
    site.on["tools/call"] = lambda seen: Reply(
        headers={"Content-Encoding": "gzip"}, body=gzip.compress(json.dumps(result(seen)).encode())
    )
    assert client.ask(3)["result"] == {"echo": "tools/call"}
