"""Bodies in a content coding, decoded in pieces of bounded size: a few kilobytes may stand for gigabytes. Pure.

The bridge asks for no coding; some servers, and proxies before them, use one nevertheless. Source: RFC 9110 §8.4.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

PIECE = 1 << 16
"""Bytes of a decoded piece at most."""

GZIP_OR_ZLIB = 47
"""Window bits by which zlib reads both formats."""


class BadCoding(Exception):
    """A body cannot be decoded; the message is the end of a sentence, and may hold foreign text."""


def decoder(codings: str) -> Callable[[bytes], Iterator[bytes]]:
    """What decodes a body, piece after piece.

    Args:
        codings: The values of Content-Encoding, joined by commas; "" where there is none. Foreign.

    Raises:
        BadCoding: It is another coding than gzip or deflate, or several: also the decoded pieces may be decoded to
            a thousand times their size then. Here, and while decoding: the body is not in this coding.
    """
    names = [name for each in codings.split(",") if (name := each.strip().lower()) not in ("", "identity")]
    if not names:
        return lambda piece: iter((piece,))
    if len(names) > 1:
        raise BadCoding(f"in {len(names)} encodings, one inside the other")
    if names[0] not in ("gzip", "x-gzip", "deflate"):
        raise BadCoding(f"in an encoding that was not asked for, {names[0]}")
    return _Inflating().pieces


class _Inflating:
    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=GZIP_OR_ZLIB)

    def pieces(self, raw: bytes) -> Iterator[bytes]:
        is_full = False
        while raw or is_full:  # a full piece may have left some of it behind
            if self._inflate.eof:  # one gzip member may follow another. Source: RFC 1952 §2.2
                self._inflate = zlib.decompressobj(wbits=GZIP_OR_ZLIB)
            piece = self._inflated(raw)
            if piece:
                yield piece
            is_full = len(piece) == PIECE
            raw = self._inflate.unused_data or self._inflate.unconsumed_tail

    def _inflated(self, raw: bytes) -> bytes:
        try:
            return self._inflate.decompress(raw, PIECE)
        except zlib.error:
            raise BadCoding("in an encoding that it has not") from None
