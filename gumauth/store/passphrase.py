"""Where the encrypted file's key comes from: 32 bytes in a file, or a passphrase stretched by scrypt."""

from __future__ import annotations

import os
import stat

from gumauth.errors import HomeError, PassphraseError
from gumauth.home import read_file
from gumauth.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEY_BYTES = 32
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
    """What a file holds that nobody else may read.

    A mounted secret is often a link (Kubernetes), so links are followed here: the person names the file.
    """
    real = os.path.realpath(os.path.expanduser(path))
    try:
        mode = os.stat(real).st_mode
        content = read_file(real, 1 << 16)
    except (OSError, ValueError, HomeError) as error:
        reason = getattr(error, "strerror", None) or "not a readable file"
        raise PassphraseError(
            f"{one_line(path)} ({variable}) cannot be read: {reason}.", hint=f"Mend {variable}, or unset it."
        ) from error
    if os.name != "nt" and (not stat.S_ISREG(mode) or mode & (stat.S_IRWXG | stat.S_IRWXO)):
        raise PassphraseError(
            f"{one_line(path)} ({variable}) can be read by others.",
            hint=f"Run `chmod 600 {one_line(path)}`; for a mounted secret, set its mode to 0400.",
        )
    return content or b""


def stretch(phrase: str, salt: bytes, *, work: int) -> bytes:
    """The key that scrypt makes of a passphrase.

    Args:
        phrase: Secret.
        salt: 16 random bytes.
        work: Base-2 logarithm of N; with r = 8, memory is 2**(work + 10) bytes.

    Source: RFC 7914; OWASP Password Storage Cheat Sheet (N = 2**17, r = 8, p = 1).
    """
    from hashlib import scrypt

    memory = 1 << (work + 11)
    return scrypt(phrase.encode(), salt=salt, n=1 << work, r=8, p=1, maxmem=memory, dklen=KEY_BYTES)
