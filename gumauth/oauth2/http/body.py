"""The body of a response, decoded piece by piece and bounded. Promise F8."""

from __future__ import annotations

import zlib
from typing import Any

from gumauth.errors import TokenEndpointError
from gumauth.oauth2.http.no_answer import NoResponse
from gumauth.oauth2.response import LARGEST

PLAIN, COMPRESSED = ("identity", ""), ("gzip", "deflate")


class Body:
    """A body that comes in pieces, which are decompressed one at a time: a few kilobytes may decompress to gigabytes.

    Args:
        headers: Of the response; any mapping that ignores case.
        host: That answered.

    Raises:
        TokenEndpointError: It is compressed in a way that was not asked for.
    """

    def __init__(self, headers: Any, host: str) -> None:
        encoding = headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in (*PLAIN, *COMPRESSED):
            raise TokenEndpointError(f"{host} answered in an encoding that was not asked for.")
        self._inflate: Any = zlib.decompressobj(wbits=47) if encoding in COMPRESSED else None
        self._host = host
        self._content = bytearray()
        self._came = 0

    def add(self, raw: bytes) -> None:
        """Take a piece as it came.

        Raises:
            NoResponse: It is not compressed as the headers say.
            TokenEndpointError: The body is larger than 1 MiB, or compressed to more than twice that.
        """
        room = LARGEST + 1 - len(self._content)
        self._content += self._inflated(raw, room) if self._inflate else raw[:room]
        self._came += len(raw)
        if len(self._content) > LARGEST or self._came > 2 * LARGEST:
            raise TokenEndpointError(f"{self._host} answered with more than 1 MiB.")

    def whole(self) -> bytes:
        """The decoded body, when all has come; holds secrets.

        Raises:
            NoResponse: What was compressed does not end. A form may be cut off within a token, and still be read.
        """
        if self._inflate and self._came and not self._inflate.eof:
            raise NoResponse("its answer was cut off")
        return bytes(self._content)

    def _inflated(self, raw: bytes, room: int) -> bytes:
        if self._inflate.eof:
            return b""  # nothing belongs to it, but some servers fill it up
        try:
            return bytes(self._inflate.decompress(raw, room))
        except zlib.error as error:
            raise NoResponse("not gzip") from error
