"""Long values in a store with short entries, as the Windows Credential Locker: 2560 bytes of UTF-16. Promise K9.

A short value stands under its key. A long value is cut into parts under `<key>/x0`, `<key>/x1`, … or `<key>/y0`, …, and
a line under its key holds the number of parts and their checksum. A new value takes the place of an old one so:

1. the new parts are written under the free letter, read back and compared,
2. the line under the key is replaced,
3. the old parts are deleted, the last part first.

Parts are written first to last and deleted last to first. So the parts that a killed process left behind are found by
counting up from 0.
"""

from __future__ import annotations

from gumauth.errors import RecordCorrupt, StoreError
from gumauth.platform.frozen import fields_of, from_json, frozen, members
from gumauth.platform.json import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from gumauth.store.interface import Store

    Letter = Literal["x", "y"]

LIMIT = 1200
"""UTF-16 code units of a part; an entry of the Credential Locker holds 1280."""

START = '{"version": 1, "parts": '


@frozen
class Head:
    """The line under a key with a value in parts: how many parts, their letter ("x" or "y"), the value's checksum."""

    parts: int
    letter: Letter
    sha256: str


class SplitStore:
    """Keeps values of any length in a store for short ones.

    Args:
        store: The store for short values.
        limit: How many UTF-16 code units an entry of the store may have.
    """

    def __init__(self, store: Store, limit: int = LIMIT) -> None:
        self.name = store.name
        self._store, self._limit = store, limit

    def get(self, key: str) -> str | None:
        """The value under a key; None where there is none.

        Raises:
            RecordCorrupt: A part is missing or damaged.
            StoreError: The store cannot be asked.
        """
        text = self._store.get(key)
        if text is None or not text.startswith(START):
            return text
        head = self._understand(text)
        parts = [self._store.get(f"{key}/{head.letter}{at}") for at in range(head.parts)]
        value = "".join(part for part in parts if part is not None)
        if None in parts or _checksum(value) != head.sha256:
            raise self._damaged()
        return value

    def set(self, key: str, value: str) -> None:
        """Put a value under a key, in parts if it is long; the older value stays whole until the new value is.

        Raises:
            StoreError: The value is not kept.
        """
        if units(value) <= self._limit and not value.startswith(START):
            self._store.set(key, value)
            self._sweep(key, "x")
            self._sweep(key, "y")
            return
        letter: Letter = "y" if self._letter(key) == "x" else "x"
        self._sweep(key, letter)
        count = self._write_parts(f"{key}/{letter}", value)
        head = Head(parts=count, letter=letter, sha256=_checksum(value))
        self._store.set(key, dumps({"version": 1, **fields_of(head)}))
        self._sweep(key, "x" if letter == "y" else "y")

    def delete(self, key: str) -> None:
        """See to it that there is nothing under a key, and no part; after an interruption it can be run again.

        Raises:
            StoreError: The value or a part may still be there.
        """
        self._sweep(key, "x")
        self._sweep(key, "y")
        self._store.delete(key)

    def warm(self) -> None:
        """Start in the background what makes the store slow to write to."""
        warm = getattr(self._store, "warm", None)
        if warm is not None:
            warm()

    def _write_parts(self, start: str, value: str) -> int:
        count = 0
        for count, part in enumerate(cut(value, self._limit), 1):
            self._store.set(f"{start}{count - 1}", part)
            if self._store.get(f"{start}{count - 1}") != part:
                raise StoreError(f"{self.name} did not give back what was written to it.", command="gumauth doctor")
        return count

    def _sweep(self, key: str, letter: Letter) -> None:
        """Delete all parts under this letter."""
        count = 0
        while self._store.get(f"{key}/{letter}{count}") is not None:
            count += 1
        for at in reversed(range(count)):
            self._store.delete(f"{key}/{letter}{at}")

    def _letter(self, key: str) -> Letter | None:
        """The letter under which the present parts stand."""
        text = self._store.get(key)
        if text is None or not text.startswith(START):
            return None
        try:
            return self._understand(text).letter
        except RecordCorrupt:
            return None

    def _understand(self, text: str) -> Head:
        try:
            head = from_json(Head, members(text, 1, "A record's first part"))
        except ValueError as error:
            raise self._damaged() from error
        if head.letter not in ("x", "y") or not 0 <= head.parts <= 1 << 16:
            raise self._damaged()
        return head

    def _damaged(self) -> RecordCorrupt:
        return RecordCorrupt(
            f"A record in {self.name} is incomplete.", hint="Connect the account again; the record is replaced then."
        )

    def __repr__(self) -> str:
        return f"SplitStore({self._store!r})"


def units(text: str) -> int:
    """The number of UTF-16 code units of a text."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def cut(text: str, limit: int) -> Iterator[str]:
    """A text in pieces of at most so many UTF-16 code units; no character is cut."""
    start = size = 0
    for at, letter in enumerate(text):
        width = units(letter)
        if size + width > limit:
            yield text[start:at]
            start, size = at, 0
        size += width
    if start < len(text):
        yield text[start:]


def _checksum(text: str) -> str:
    from gumauth.platform.digest import sha256

    return sha256(text.encode()).hexdigest()
