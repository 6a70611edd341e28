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

    Attributes:
        content: What has come so far, decoded; holds secrets.

    Raises:
        TokenEndpointError: It is compressed in a way that was not asked for.
    """

    def __init__(self, headers: Any, host: str) -> None:
        encoding = headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in (*PLAIN, *COMPRESSED):
            raise TokenEndpointError(f"{host} answered in an encoding that was not asked for.")
        self._inflate: Any = zlib.decompressobj(wbits=47) if encoding in COMPRESSED else None
        self._host = host
        self.content = bytearray()

    def add(self, raw: bytes) -> None:
        """Take a piece as it came.

        Raises:
            NoResponse: It is not compressed as the headers say.
            TokenEndpointError: The body is larger than 1 MiB.
        """
        room = LARGEST + 1 - len(self.content)
        self.content += self._inflated(raw, room) if self._inflate else raw[:room]
        if len(self.content) > LARGEST:
            raise TokenEndpointError(f"{self._host} answered with more than 1 MiB.")

    def _inflated(self, raw: bytes, room: int) -> bytes:
        try:
            return bytes(self._inflate.decompress(raw, room))
        except zlib.error as error:
            raise NoResponse("not gzip") from error
