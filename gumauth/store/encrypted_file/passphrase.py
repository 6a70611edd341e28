"""The encrypted file's key: 32 bytes from a file, or a passphrase that scrypt stretches. Promises K10 and S3."""

from __future__ import annotations

import os
import stat

from gumauth.errors import PassphraseError
from gumauth.platform.files import read_named
from gumauth.platform.settings import mending, source
from gumauth.platform.text import one_line
from gumauth.store.encrypted_file.header import KEY_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LARGEST = 1 << 16
"""Bytes of a file with a key or passphrase, at most."""

MOST_MEMORY = (1 << 31) - 1
"""Bytes that Python can allow OpenSSL's scrypt: the largest int of C."""

SETTINGS = "Set GUMAUTH_PASSPHRASE, GUMAUTH_PASSPHRASE_FILE or GUMAUTH_KEY_FILE."


def key_from_file(environ: Mapping[str, str]) -> bytes | None:
    """The 32 bytes that GUMAUTH_KEY_FILE holds: raw, in hexadecimal, or in base64; None where it is not set.

    Raises:
        PassphraseError: The file is missing, others can read it, or it holds something else.
    """
    path = environ.get("GUMAUTH_KEY_FILE")
    if not path:
        return None
    content = _own_file(path, environ, "GUMAUTH_KEY_FILE")
    for read in (bytes, _hexadecimal, _base64):
        if len(key := read(content)) == KEY_BYTES:
            return key
    raise PassphraseError(
        f"{one_line(path)} ({source(environ, 'GUMAUTH_KEY_FILE')}) does not hold a key of 32 bytes.",
        hint="Make one with `head -c 32 /dev/urandom > FILE && chmod 600 FILE`.",
    )


def _hexadecimal(content: bytes) -> bytes:
    try:
        return bytes.fromhex(content.decode("ascii"))
    except ValueError:
        return b""


def _base64(content: bytes) -> bytes:
    import base64

    try:
        return base64.b64decode(content.strip().translate(bytes.maketrans(b"-_", b"+/")), validate=True)
    except ValueError:
        return b""


def passphrase(environ: Mapping[str, str], ask: Callable[[str], str] | None, *, new: bool) -> str:
    """The passphrase from the environment, a file, or the person, who types a new passphrase twice.

    Raises:
        PassphraseError: There is no passphrase, or the two differ.
    """
    if given := environ.get("GUMAUTH_PASSPHRASE"):
        return given
    if path := environ.get("GUMAUTH_PASSPHRASE_FILE"):
        return _from_passphrase_file(path, environ)
    if ask is None:
        raise PassphraseError("The encrypted file needs a passphrase, and nobody can be asked.", hint=SETTINGS)
    given = ask("New passphrase for gumauth's encrypted file: " if new else "Passphrase for gumauth's encrypted file: ")
    if not given:
        raise PassphraseError("The passphrase is empty.", hint=SETTINGS)
    if new and ask("The same passphrase again: ") != given:
        raise PassphraseError("The two passphrases differ.", hint="Run the command again.")
    return given


def _from_passphrase_file(path: str, environ: Mapping[str, str]) -> str:
    named = f"{one_line(path)} ({source(environ, 'GUMAUTH_PASSPHRASE_FILE')})"
    try:
        text = _own_file(path, environ, "GUMAUTH_PASSPHRASE_FILE").decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise PassphraseError(f"{named} is not text.", hint="Write the passphrase in UTF-8.") from error
    if not text:
        raise PassphraseError(f"{named} is empty.", hint=SETTINGS)
    return text


def _own_file(path: str, environ: Mapping[str, str], variable: str) -> bytes:
    """The content of a file that no other user may read or replace; or of a pipe, as a shell makes for `<(…)`.

    Links are followed, because the person names the file, and mounted secrets are often links (Kubernetes).
    """
    said = source(environ, variable)

    def look(handle: int, real: str) -> None:
        _check_rights(os.fstat(handle), path, said)
        _check_place(handle, (path, real), said)

    try:
        return read_named(path, LARGEST, look=look)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a readable file"
        raise PassphraseError(
            f"{one_line(path)} ({said}) cannot be read: {reason}.", hint=mending(environ, variable)
        ) from error


def _check_rights(status: os.stat_result, path: str, said: str) -> None:
    """Refuse a file that another user can read or write, as its mode says.

    Raises:
        PassphraseError: Another user can.
    """
    if os.name == "nt":
        return  # on Windows, the mode does not hold rights
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise PassphraseError(
            f"{one_line(path)} ({said}) can be read by others.",
            hint=f"Run `chmod 600 {one_line(path)}`; for a mounted secret, set its mode to 0400.",
        )


def _check_place(handle: int, paths: tuple[str, str], said: str) -> None:
    """Refuse a file that belongs to another user, or that another user can replace.

    Raises:
        PassphraseError: It is such a file.
        OSError: A folder above the file cannot be looked at.
    """
    from gumauth.platform.permissions import why_not_trusted

    status = os.fstat(handle)
    if os.name != "nt" and stat.S_ISFIFO(status.st_mode) and status.st_uid in (0, os.geteuid()):
        return  # a pipe is in no folder, or in one into which its owner has put it
    path, real = paths
    for each in dict.fromkeys((os.path.abspath(os.path.expanduser(path)), real)):
        if (fault := why_not_trusted(handle, each)) is not None:
            raise PassphraseError(f"{one_line(path)} ({said}) is not used: {fault.words}.", hint=fault.hint())


def stretch(phrase: str, salt: bytes, *, work: int) -> bytes:
    """The key that scrypt makes of a passphrase.

    Args:
        phrase: Secret.
        salt: 16 random bytes.
        work: Base-2 logarithm of N; with r = 8, memory is 2**(work + 10) bytes.

    Raises:
        PassphraseError: The key cannot be made, as where there is not enough memory.

    Source: RFC 7914; OWASP Password Storage Cheat Sheet (N = 2**17, r = 8, p = 1).
    """
    from hashlib import scrypt

    try:
        # Python reads bytes of the environment that are no UTF-8 as half characters; this turns them into bytes again.
        secret = phrase.encode("utf-8", "surrogateescape")
        return scrypt(secret, salt=salt, n=1 << work, r=8, p=1, maxmem=memory_for(work), dklen=KEY_BYTES)
    except (ValueError, MemoryError, OverflowError) as error:
        raise PassphraseError(
            f"The passphrase could not be stretched: {_why_not(error)}.",
            hint=f"See to it that {1 << max(work - 10, 0)} MiB of memory are free, and try again.",
        ) from None


def _why_not(error: Exception) -> str:
    if isinstance(error, UnicodeError):
        return "it is not text"
    return "there is not enough memory" if isinstance(error, MemoryError) else one_line(error)


def memory_for(work: int) -> int:
    """Bytes that scrypt may use, which are more than it needs."""
    return min(1 << (work + 11), MOST_MEMORY)
