"""The header of the encrypted file, which says how the key is made. Promise K10."""

from __future__ import annotations

from gumauth.errors import RecordCorrupt
from gumauth.platform.frozen import from_json, frozen, members
from gumauth.platform.json import dumps
from gumauth.store.sealing import seal, unseal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VERSION = 1
CHECK = b"gumauth"
KEY_BYTES = 32
LEAST_WORK, MOST_WORK = 14, 20
"""A header with less work was tampered with; Python's OpenSSL refuses scrypt with more than 1 GiB, which 20 needs."""


@frozen
class Header:
    """The header, which is not encrypted.

    Args:
        work: Base-2 logarithm of scrypt's N; None where the key is a file's 32 bytes as they are.
        salt: 16 random bytes.
        check: `CHECK`, encrypted with the key: a wrong passphrase is told from a damaged entry.
    """

    work: int | None
    salt: bytes
    check: bytes


def made(key: bytes, *, salt: bytes, work: int | None) -> Header:
    """The header of a new encrypted file with this key."""
    return Header(work=work, salt=salt, check=seal(key, CHECK, b"header"))


def opens(header: Header, key: bytes) -> bool:
    """Whether a key is the key of the encrypted file."""
    return len(key) == KEY_BYTES and unseal(key, header.check, b"header") == CHECK


def encode(header: Header) -> bytes:
    """The content of the header's file: one line of JSON with a checksum."""
    fields = {"version": VERSION, "work": header.work, "salt": header.salt.hex(), "check": header.check.hex()}
    return dumps({**fields, "sum": _checksum(fields)}).encode() + b"\n"


def decode(content: bytes, path: str) -> Header:
    """The header in its file's content.

    Args:
        content: The content.
        path: The path of the file, for the error.

    Raises:
        RecordCorrupt: A byte has changed.
        NewerRecord: A newer gumauth wrote the header.
    """
    try:
        fields = members(content, VERSION, path)
        if fields.pop("sum", None) == _checksum({"version": VERSION, **fields}):
            header = from_json(Header, fields)
            if header.work is None or LEAST_WORK <= header.work <= MOST_WORK:
                return header
    except ValueError:
        pass
    raise RecordCorrupt(
        f"{path} was damaged: it cannot be read as the encrypted file's header.",
        hint="Restore it from a backup; or remove the folder and connect the accounts again.",
    )


def _checksum(fields: dict[str, Any]) -> str:
    from gumauth.platform.digest import sha256

    return sha256(dumps(dict(sorted(fields.items()))).encode()).hexdigest()
