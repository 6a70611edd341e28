"""Where the encrypted file's key comes from: 32 bytes in a file, or a passphrase stretched by scrypt."""

from __future__ import annotations

import os
import stat

from gumauth.errors import PassphraseError
from gumauth.platform.files import read_named
from gumauth.platform.text import one_line
from gumauth.store.encrypted_file.header import KEY_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LARGEST = 1 << 16
"""Bytes of a file with a key or passphrase."""

MOST_MEMORY = (1 << 31) - 1
"""Bytes that OpenSSL's scrypt may be allowed by way of Python: as much as an int of C counts."""

SETTINGS = "Set GUMAUTH_PASSPHRASE, GUMAUTH_PASSPHRASE_FILE or GUMAUTH_KEY_FILE."


def key_from_file(environ: Mapping[str, str]) -> bytes | None:
    """The 32 bytes that GUMAUTH_KEY_FILE holds: raw, in hexadecimal, or in base64; None where it is not set.

    Raises:
        PassphraseError: The file is missing, readable by others, or holds something else.
    """
    path = environ.get("GUMAUTH_KEY_FILE")
    if not path:
        return None
    content = _own_file(path, "GUMAUTH_KEY_FILE")
    for read in (bytes, _hexadecimal, _base64):
        if len(key := read(content)) == KEY_BYTES:
            return key
    raise PassphraseError(
        f"{one_line(path)} (GUMAUTH_KEY_FILE) does not hold a key of 32 bytes.",
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
    """The passphrase from the environment, a file, or the person, who types a new one twice.

    Raises:
        PassphraseError: There is none, or the two differ.
    """
    if given := environ.get("GUMAUTH_PASSPHRASE"):
        return given
    if path := environ.get("GUMAUTH_PASSPHRASE_FILE"):
        return _from_passphrase_file(path)
    if ask is None:
        raise PassphraseError("The encrypted file needs a passphrase, and nobody can be asked.", hint=SETTINGS)
    given = ask("New passphrase for gumauth's encrypted file: " if new else "Passphrase for gumauth's encrypted file: ")
    if not given:
        raise PassphraseError("The passphrase is empty.", hint=SETTINGS)
    if new and ask("The same passphrase again: ") != given:
        raise PassphraseError("The two passphrases differ.", hint="Run the command again.")
    return given


def _from_passphrase_file(path: str) -> str:
    try:
        text = _own_file(path, "GUMAUTH_PASSPHRASE_FILE").decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise PassphraseError(
            f"{one_line(path)} (GUMAUTH_PASSPHRASE_FILE) is not text.", hint="Write the passphrase in UTF-8."
        ) from error
    if not text:
        raise PassphraseError(f"{one_line(path)} (GUMAUTH_PASSPHRASE_FILE) is empty.", hint=SETTINGS)
    return text


def _own_file(path: str, variable: str) -> bytes:
    """What a file holds that nobody else may read or replace; or a pipe, as a shell makes for `<(…)`.

    A mounted secret is often a link (Kubernetes), so links are followed here: the person names the file.
    """

    def look(handle: int, real: str) -> None:
        _check_rights(os.fstat(handle), path, variable)
        _check_place(handle, (path, real), variable)

    try:
        return read_named(path, LARGEST, look=look)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a readable file"
        raise PassphraseError(
            f"{one_line(path)} ({variable}) cannot be read: {reason}.", hint=f"Mend {variable}, or unset it."
        ) from error


def _check_rights(status: os.stat_result, path: str, variable: str) -> None:
    """Stop at a file that somebody else can read or write, as its mode says.

    Raises:
        PassphraseError: Somebody can.
    """
    if os.name == "nt":
        return  # rights are not in the mode there
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise PassphraseError(
            f"{one_line(path)} ({variable}) can be read by others.",
            hint=f"Run `chmod 600 {one_line(path)}`; for a mounted secret, set its mode to 0400.",
        )


def _check_place(handle: int, paths: tuple[str, str], variable: str) -> None:
    """Stop at a file that is somebody else's, or that they can put another in the place of.

    Raises:
        PassphraseError: It is such.
        OSError: What is above it cannot be looked at.
    """
    from gumauth.platform.permissions import why_not_trusted

    status = os.fstat(handle)
    if os.name != "nt" and stat.S_ISFIFO(status.st_mode) and status.st_uid in (0, os.geteuid()):
        return  # it is in no folder, or was put there by whom it belongs to
    path, real = paths
    for each in dict.fromkeys((os.path.abspath(os.path.expanduser(path)), real)):
        if (fault := why_not_trusted(handle, each)) is not None:
            raise PassphraseError(f"{one_line(path)} ({variable}) is not used: {fault.words}.", hint=fault.hint)


def stretch(phrase: str, salt: bytes, *, work: int) -> bytes:
    """The key that scrypt makes of a passphrase.

    Args:
        phrase: Secret.
        salt: 16 random bytes.
        work: Base-2 logarithm of N; with r = 8, memory is 2**(work + 10) bytes.

    Raises:
        PassphraseError: It cannot be made: there is not enough memory, for one.

    Source: RFC 7914; OWASP Password Storage Cheat Sheet (N = 2**17, r = 8, p = 1).
    """
    from hashlib import scrypt

    try:
        # What is no UTF-8 in the environment, Python has read as half characters: they are its bytes again here.
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
    """The bytes that scrypt is allowed, which are more than it takes."""
    return min(1 << (work + 11), MOST_MEMORY)
