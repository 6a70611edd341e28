"""The encrypted file's key, kept while a session lasts: a passphrase is stretched once, and not by every process.

As with ssh-agent, who has opened the file once has it open for this user's programs, for eight hours at most. They need
no passphrase then, and nobody is asked for one. A passphrase protects what lies on the disk; it cannot protect from
programs of the same user, which could read the passphrase where the key is read.

So a passphrase that is given while the file is open is not looked at, and a wrong one is noticed later. To check each
would take the half second and the memory that this saves, or a quick check kept beside the key, with which whoever got
hold of the key could guess the passphrase itself, which its owner may use elsewhere too. GUMAUTH_KEEP_KEY=0 keeps
nothing and uses nothing that is kept: every run needs the right passphrase.

What is kept opens nothing but the file whose header it was made for, which it is checked against before it is used; and
nothing at all without that file.
"""

from __future__ import annotations

from gumauth.errors import Busy, HomeError
from gumauth.store.encrypted_file import kernel_keyring
from gumauth.store.encrypted_file.header import Header, opens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gumauth.platform.lock import Lock

SETTING = "GUMAUTH_KEEP_KEY"
OFF = ("0", "no", "off", "false")
SECONDS = 8 * 3600


class KeptKey:
    """The key of one header, in the kernel's keyring of this user.

    Args:
        header: Of the encrypted file; its key is made of a passphrase.
        environ: Where GUMAUTH_KEEP_KEY is looked up.
    """

    def __init__(self, header: Header, environ: Mapping[str, str]) -> None:
        self._header = header
        self._is_wanted = is_wanted(environ)

    @property
    def name(self) -> str:
        """What it is called there, which helps nobody to guess the passphrase."""
        from hashlib import sha256

        return f"gumauth:{sha256(self._header.salt + self._header.check).hexdigest()[:32]}"

    def find(self) -> bytes | None:
        """The key, which opens the file; None where it is not kept. A wrong one in its place is removed."""
        key = kernel_keyring.find(self.name) if self._is_wanted else None
        if key is None or opens(self._header, key):
            return key
        kernel_keyring.forget(self.name)
        return None

    def keep(self, key: bytes) -> bytes:
        """Keep the key, where that can be done, and give it back."""
        if self._is_wanted:
            kernel_keyring.keep(self.name, key, seconds=SECONDS)
        return key

    def made_once(self, make: Callable[[], bytes], lock: Lock) -> bytes:
        """The key, which only the first of several processes makes; the others wait for it.

        Where it did not come of that, each makes it for itself, and all at once.

        Args:
            make: Makes the key.
            lock: For all who want the same key.

        Raises:
            StoreError: As `make`.
        """
        if not self._is_wanted or not kernel_keyring.is_there():
            return make()
        try:
            with lock:
                if (key := self.find()) is not None:
                    return key
                if not lock.has_waited:
                    return self.keep(make())
        except (Busy, HomeError):
            pass  # it takes too long, or there can be no lock file in a folder that cannot be written
        return self.keep(make())


def is_wanted(environ: Mapping[str, str]) -> bool:
    """Whether the person lets the key be kept."""
    return environ.get(SETTING, "").strip().lower() not in OFF


def place(environ: Mapping[str, str]) -> str | None:
    """Where the key is kept while a session lasts, in words; None where it is not."""
    if not is_wanted(environ) or not kernel_keyring.is_there():
        return None
    return f"this user's keyring in the Linux kernel, for {SECONDS // 3600} hours"
