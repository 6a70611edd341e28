"""Which data keys of a shared store this machine has seen, and which of them were replaced since.

Who has an old key file has the data key of that time, and a copy of the database may have it sealed under the new key
too. Put back by somebody who can write into the database, it would open to them what machines seal from then on. So a
machine never uses a data key again that it has seen replaced: `keys.json` remembers it for good. Promise T3.
"""

from __future__ import annotations

from gumauth.errors import HomeError, RecordCorrupt
from gumauth.platform.files import read_file, write_file
from gumauth.platform.frozen import fields_of, from_json, frozen, members
from gumauth.platform.json import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION = 1


@frozen
class Seen:
    """What is known of the data keys of the store at one address.

    Args:
        present: The ids of those that there were at the last look, the newest last.
        replaced: The ids of those that there were before.
    """

    present: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


class KnownKeys:
    """The memory of one machine, for one address.

    Args:
        path: Of its file.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def read(self) -> Seen:
        """What is known; nothing where the file is missing or damaged."""
        try:
            content = read_file(self._path)
            return Seen() if content is None else from_json(Seen, members(content, VERSION, "The list of keys"))
        except ValueError:
            return Seen()

    def learn(self, seen: Seen, present: Sequence[str]) -> None:
        """Remember what there is now; where that cannot be written, it is learned the next time.

        Args:
            seen: What was known.
            present: The ids that the store has, asked for after `seen` was read, while no other process learns.
        """
        gone = [key for key in seen.present if key not in present]
        new = Seen(present=tuple(present), replaced=tuple(dict.fromkeys((*seen.replaced, *gone))))
        if new == seen:
            return
        try:
            write_file(self._path, dumps({"version": VERSION, **fields_of(new)}).encode() + b"\n")
        except HomeError:
            pass


def check(seen: Seen, present: Sequence[str]) -> None:
    """Stop where a data key is back that was replaced.

    Args:
        seen: What was known before the store was asked: another process may see a key replaced meanwhile.
        present: The ids that the store has.

    Raises:
        RecordCorrupt: One is back.
    """
    if not set(seen.replaced).isdisjoint(present):
        raise RecordCorrupt(
            "The database has a key again that was replaced: it was set back, or somebody with an old key has changed"
            " it. Nothing in it is used.",
            hint="Look who can write into it. Then, and where you put a backup back, change its key: `gumauth store"
            " rekey FILE`, and `gumauth store rekey --finish`.",
        )
