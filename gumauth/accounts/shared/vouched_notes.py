"""Notes whose content the machines vouch for: who can write into the database may not say where secrets are sent.

A note says at which token endpoint a discovered service is, or for which issuer a client secret is, and every machine
copies it in the open. Beside each note, the digest of its content is kept as a sealed value, which only a machine that
may refresh can make. The digest of the content before is kept too: a machine that is killed between the two writes
leaves a note that is vouched for. Promise T3.
"""

from __future__ import annotations

from gumauth.errors import RecordCorrupt
from gumauth.platform.digest import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.store.interface import Store


def vouch(entries: Store, name: str, before: bytes | None, content: bytes) -> None:
    """Vouch for the content that a note is to have, and for the one that it has, before it is written.

    Args:
        entries: The sealed values.
        name: Of the note.
        before: What it has; None for none.
        content: What it is to have.
    """
    digests = [_digest(each) for each in (content, before) if each is not None]
    entries.set(_entry(name), " ".join(dict.fromkeys(digests)))


def is_vouched_for(entries: Store, name: str, content: bytes) -> bool:
    """Whether a machine vouches for a note's content."""
    return _digest(content) in (entries.get(_entry(name)) or "").split()


def forget(entries: Store, name: str) -> None:
    """Vouch for a note no longer, once it is removed."""
    entries.delete(_entry(name))


def edited(name: str) -> RecordCorrupt:
    """The error for a note that no machine has written so."""
    what = name.rpartition("/")[2].removesuffix(".json")
    return RecordCorrupt(
        f"What the database says of {what} was not written by a machine with its key: somebody has edited it.",
        hint="Restore a backup of the database; or connect, or run `gumauth setup`, once more on a machine that may.",
    )


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _entry(name: str) -> str:
    return f"note/{name}"
