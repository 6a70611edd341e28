"""Hands recording objects to whoever decodes the bytes of an answer with Python's own decoder, for a while.

The decoder is that of httpx, requests and aiohttp too. What other decoders read, such as orjson's, is JSON of the same
shape.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from gumauth.cli.check.shapes.recording import Watch
from gumauth.cli.check.shapes.shape import Node

WIDTH = 24
SIGNED = re.compile(rf"\s*[\[{{]([ \t]{{{WIDTH}}})")
"""Blanks that no other JSON has at its beginning: bits of the number of an answer."""

DECODERS = ("json.decoder", "simplejson.decoder")


class Decoding:
    """The answers of one call, as they are read."""

    def __init__(self) -> None:
        self.watch = Watch({})
        self._signed: dict[str, tuple[Node, dict[str, Any]]] = {}

    def bytes_of(self, node: Node, value: Any, tokens: Mapping[str, Any]) -> bytes:
        """The JSON of an answer, with a mark by which it is known again.

        Args:
            node: The answer's tree.
            value: What the tree holds now.
            tokens: As in `Node.value`.
        """
        text = json.dumps(value)
        if text[:1] not in "[{":
            return text.encode()
        mark = f"{len(self._signed) + 1:0{WIDTH}b}".replace("0", " ").replace("1", "\t")
        self._signed[mark] = (node, dict(tokens))
        return f"{text[0]}{mark}{text[1:]}".encode()

    def read(self, text: object, plain: Any) -> Any:
        """What the code gets for a text: its recording object where it is one of these answers."""
        found = SIGNED.match(text) if isinstance(text, str) else None
        if found is None or found[1] not in self._signed:
            return plain
        node, self.watch.tokens = self._signed[found[1]]
        return self.watch.value(self.watch.touch(node))

    @contextmanager
    def watching(self) -> Iterator[Decoding]:
        """Watch whoever decodes, in this process, until the block ends."""
        classes = [module.JSONDecoder for module in map(sys.modules.get, DECODERS) if module is not None]
        before = [each.__dict__["decode"] for each in classes]
        for each, decode in zip(classes, before, strict=True):
            each.decode = self._watched(decode)
        try:
            yield self
        finally:
            for each, decode in zip(classes, before, strict=True):
                each.decode = decode

    def _watched(self, decode: Any) -> Any:
        def watched(decoder: Any, text: Any, *options: Any, **more: Any) -> Any:
            plain = decode(decoder, text, *options, **more)
            return self.read(text, plain) if _is_of_the_file(decoder) else plain

        return watched


def _is_of_the_file(decoder: Any) -> bool:
    """Whether a decoder gives dicts and lists, and is not gumauth's own, by which it looks for errors."""
    has_hook = decoder.object_hook is not None or decoder.object_pairs_hook is not None
    return not has_hook and not str(getattr(decoder.parse_int, "__module__", "")).startswith("gumauth.")
