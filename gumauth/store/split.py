"""Long values in a store whose entries are short, as the Windows Credential Locker's are: 2560 bytes of UTF-16.

A value that fits stands under its key. One that does not is cut into parts under `<key>/x0`, `<key>/x1`, … or
`<key>/y0`, …, and under its key stands a line that says how many there are, and their checksum:

1. the new parts go under the letter that is free, and are read back and compared,
2. the line under the key is replaced,
3. the old parts are deleted, the last one first.

Parts are written first to last and deleted last to first, so that those that a killed process left behind are found
by counting up from 0.
"""

from __future__ import annotations

from gumauth.errors import RecordCorrupt, StoreError
from gumauth.platform.frozen import fields_of, from_json, frozen, members
from gumauth.platform.json import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gumauth.store.interface import Store

LIMIT = 1200
"""UTF-16 code units; an entry of the Credential Locker holds 1280."""

START = '{"version": 1, "parts": '


@frozen
class Head:
    """The line under a key with a value in parts: how many parts, their letter ("x" or "y"), the value's checksum."""

    parts: int
    letter: str
    sha256: str


class SplitStore:
    """Keeps values of any length in a store for short ones.

    Args:
        store: For short values.
        limit: How many UTF-16 code units a value of it may have.
    """

    def __init__(self, store: Store, limit: int = LIMIT) -> None:
        self.name = store.name
        self._store, self._limit = store, limit

    def get(self, key: str) -> str | None:
        """The value under a key; None where there is none.

        Raises:
            RecordCorrupt: A part is missing or is not what was written.
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
        """Put a value under a key, in parts where it is long; the older one stays whole until the new one is.

        Raises:
            StoreError: It is not kept.
        """
        if units(value) <= self._limit and not value.startswith(START):
            self._store.set(key, value)
            self._sweep(key, "x")
            self._sweep(key, "y")
            return
        letter = "y" if self._letter(key) == "x" else "x"
        self._sweep(key, letter)
        count = self._write_parts(f"{key}/{letter}", value)
        head = Head(parts=count, letter=letter, sha256=_checksum(value))
        self._store.set(key, dumps({"version": 1, **fields_of(head)}))
        self._sweep(key, "x" if letter == "y" else "y")

    def delete(self, key: str) -> None:
        """See to it that there is nothing under a key, and no part either; can be run again when interrupted.

        Raises:
            StoreError: Something may still be there.
        """
        self._sweep(key, "x")
        self._sweep(key, "y")
        self._store.delete(key)

    def warm(self) -> None:
        """Let the store start what it needs."""
        warm = getattr(self._store, "warm", None)
        if warm is not None:
            warm()

    def _write_parts(self, start: str, value: str) -> int:
        count = 0
        for count, part in enumerate(cut(value, self._limit), 1):
            self._store.set(f"{start}{count - 1}", part)
            if self._store.get(f"{start}{count - 1}") != part:
                raise StoreError(f"{self.name} did not give back what was written to it.", hint="Run `gumauth doctor`.")
        return count

    def _sweep(self, key: str, letter: str) -> None:
        """Delete all parts of this letter."""
        count = 0
        while self._store.get(f"{key}/{letter}{count}") is not None:
            count += 1
        for at in reversed(range(count)):
            self._store.delete(f"{key}/{letter}{at}")

    def _letter(self, key: str) -> str | None:
        """The letter of the parts that are in use."""
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
    """How many UTF-16 code units a text has."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def cut(text: str, limit: int) -> Iterator[str]:
    """A text in pieces of at most so many UTF-16 code units, none of which cuts a character."""
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
    from hashlib import sha256

    return sha256(text.encode()).hexdigest()
