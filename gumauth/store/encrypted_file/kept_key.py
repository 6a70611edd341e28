"""The encrypted file's key, kept while a session lasts: one process stretches the passphrase, and the others need not.

As with ssh-agent, a person who has opened the file once has opened it for all their programs, for eight hours at most.
Those programs need no passphrase, and ask for none. A passphrase protects the files on the disk. It cannot protect them
from programs of the same user, which can read the passphrase wherever they can read the key.

So gumauth ignores a passphrase that is given while the key is kept, and notices a wrong one later. To check each
passphrase would take the half second and the memory that keeping saves; or a quick check beside the key, with which a
thief of the key could guess the passphrase, which its owner may use elsewhere. With GUMAUTH_KEEP_KEY=0, gumauth keeps
no key and uses no kept key: every run needs the right passphrase.

A kept key is checked against the header before it is used. It opens no other file.
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
        environ: May hold GUMAUTH_KEEP_KEY.
    """

    def __init__(self, header: Header, environ: Mapping[str, str]) -> None:
        self._header = header
        self._is_wanted = is_wanted(environ)

    @property
    def name(self) -> str:
        """The key's name there, which does not help to guess the passphrase."""
        from gumauth.platform.digest import sha256

        return f"gumauth:{sha256(self._header.salt + self._header.check).hexdigest()[:32]}"

    def find(self) -> bytes | None:
        """The key; None where it is not kept. A key that does not open the file is removed."""
        key = kernel_keyring.find(self.name) if self._is_wanted else None
        if key is None or opens(self._header, key):
            return key
        kernel_keyring.forget(self.name)
        return None

    def keep(self, key: bytes) -> bytes:
        """Keep the key if possible, and give it back."""
        if self._is_wanted:
            kernel_keyring.keep(self.name, key, seconds=SECONDS)
        return key

    def made_once(self, make: Callable[[], bytes], lock: Lock) -> bytes:
        """The key: the first of several processes makes it, and the others wait and find it.

        Where the others do not find it, each of them makes the key, all at once.

        Args:
            make: Makes the key.
            lock: The lock of all processes that need the same key.

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
            pass  # the other process takes too long, or there can be no lock file in a read-only folder
        return self.keep(make())


def is_wanted(environ: Mapping[str, str]) -> bool:
    """Whether the person allows to keep the key."""
    return environ.get(SETTING, "").strip().lower() not in OFF


def place(environ: Mapping[str, str]) -> str | None:
    """Where the key is kept, in words; None where it is not kept."""
    if not is_wanted(environ) or not kernel_keyring.is_there():
        return None
    return f"this user's keyring in the Linux kernel, for {SECONDS // 3600} hours"
