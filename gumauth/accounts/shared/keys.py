"""The keys of a shared store: what a machine's key file opens. The engine never sees an open key. Promise T3.

    the key file of a machine that refreshes: K, 32 bytes
    the key that opens access tokens:         A = HMAC-SHA256(K, "gumauth access"), the key file of a machine that reads
    the key that opens refresh tokens:        R = HMAC-SHA256(K, "gumauth refresh")
    two data keys, random, by which the tokens are sealed; the engine has the one sealed under A, the other under R

From A nobody gets to K or R: who may only read tokens cannot refresh, whatever they read in the engine.
"""

from __future__ import annotations

import os

from gumauth.accounts.shared.engine import SealedKey
from gumauth.errors import PassphraseError, RecordCorrupt
from gumauth.platform.settings import source
from gumauth.store.encrypted_file.passphrase import key_from_file
from gumauth.store.sealing import seal, unseal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gumauth.accounts.shared.engine import Kind, Welcome

KINDS: tuple[Kind, Kind] = ("access", "refresh")


class MachineKey:
    """The key of a machine's key file, of either kind: whose it is shows when the engine knows its ids.

    Args:
        key: 32 bytes. Secret.
    """

    def __init__(self, key: bytes) -> None:
        self._opening: dict[str, bytes] = {}
        self.ids: dict[Kind, str] = {}
        for kind in KINDS:
            derived = of_kind(key, kind)
            self.ids[kind] = key_id(derived)
            self._opening[self.ids[kind]] = derived
        self._opening[key_id(key)] = key

    def __repr__(self) -> str:
        return "MachineKey(…)"

    @property
    def all_ids(self) -> list[str]:
        """The ids by which the engine may know the key."""
        return list(self._opening)

    def is_id(self, key_id: str) -> bool:
        """Whether the engine knows this key, of either kind, by this id."""
        return key_id in self._opening

    @property
    def for_readers(self) -> bytes:
        """The key file of a machine that may only read tokens. Secret."""
        return self._opening[self.ids["access"]]

    def open(self, sealed: SealedKey, store: str) -> bytes:
        """A data key. Secret.

        Raises:
            RecordCorrupt: It was edited, or belongs to another store.
        """
        opened = unseal(self._opening[sealed.key_id], sealed.sealed, _about(sealed.data_key, sealed.kind, store))
        if opened is None:
            raise RecordCorrupt("A key in the database was edited: it does not open.", hint="Restore a backup of it.")
        return opened

    def seal(self, kind: Kind, data_key: str, opened: bytes, store: str) -> SealedKey:
        """A data key, sealed under this key."""
        sealed = seal(self._opening[self.ids[kind]], opened, _about(data_key, kind, store))
        return SealedKey(data_key=data_key, kind=kind, key_id=self.ids[kind], sealed=sealed)


def of_kind(key: bytes, kind: Kind) -> bytes:
    """The key that opens data keys of one kind. Secret; that for "access" is the key file of a machine that reads."""
    import hmac

    return hmac.digest(key, f"gumauth {kind}".encode(), "sha256")


def key_id(key: bytes) -> str:
    """A name of a key, which does not help to guess it."""
    from gumauth.platform.digest import sha256

    return sha256(b"gumauth key " + key).hexdigest()[:32]


def machine_key(environ: Mapping[str, str]) -> MachineKey:
    """The key of GUMAUTH_KEY_FILE.

    Raises:
        PassphraseError: The variable is not set, or the file cannot be used.
    """
    key = key_from_file(environ)
    if key is None:
        raise PassphraseError(
            "Accounts in a database need a key that the database does not have, and GUMAUTH_KEY_FILE is not set.",
            hint="Set GUMAUTH_KEY_FILE to the key file of the other machines; `gumauth store init` makes the first.",
        )
    return MachineKey(key)


def new_keys(key: MachineKey, store: str) -> list[SealedKey]:
    """A new pair of data keys, sealed under a machine's key."""
    import uuid

    data_key = str(uuid.uuid4())
    return [key.seal(kind, data_key, os.urandom(32), store) for kind in KINDS]


class DataKeys:
    """The data keys that this machine's key opens, of one store.

    Args:
        key: Of this machine.
        welcome: What the engine said.
        environ: For the errors.
        again: Asks the engine for `welcome` again, where there is a data key that it did not have then.

    Raises:
        PassphraseError: The key opens none.
    """

    def __init__(
        self,
        key: MachineKey,
        welcome: Welcome,
        environ: Mapping[str, str],
        *,
        again: Callable[[Sequence[str]], Welcome] | None = None,
    ) -> None:
        self._key, self._again = key, again
        self._open: dict[tuple[str, Kind], bytes] = {}
        self._said = source(environ, "GUMAUTH_KEY_FILE")
        self._know(welcome)

    def _know(self, welcome: Welcome) -> None:
        self.store, self.all = welcome.store, welcome.data_keys
        self._sealed = {(each.data_key, each.kind): each for each in welcome.sealed_keys}
        self.can_refresh = any(kind == "refresh" for _, kind in self._sealed)
        opened = [each for each in self.all if (each, "access") in self._sealed]
        if not opened:
            raise PassphraseError(
                f"The key of {self._said} is not the key of this database; nothing was changed."
                if welcome.data_keys
                else "The database has no key yet.",
                hint="Take the key file of a machine that has the accounts."
                if welcome.data_keys
                else "Run `gumauth store init`.",
            )
        self.newest = opened[-1]

    def open_all(self) -> list[tuple[str, Kind, bytes]]:
        """Every data key, with its id and what it opens. Secret. Raises as `get`."""
        return [(each, kind, self.get(each, kind)) for each in self.all for kind in KINDS]

    def renew(self) -> None:
        """Ask the engine for its keys again: they were replaced since. Raises as making it does."""
        if self._again is not None:
            self._know(self._again(self._key.all_ids))

    def get(self, data_key: str, kind: Kind) -> bytes:
        """A data key. Secret.

        Raises:
            PassphraseError: This machine's key does not open it.
            RecordCorrupt: It was edited.
        """
        if (data_key, kind) not in self._open:
            if data_key not in self.all:
                self.renew()
            sealed = self._sealed.get((data_key, kind))
            if sealed is None:
                raise PassphraseError(
                    f"The key of {self._said} does not open this: {kind} tokens are sealed under another key.",
                    hint="Take the key file of a machine that refreshes."
                    if kind == "refresh"
                    else "Take the newest key file.",
                )
            self._open[data_key, kind] = self._key.open(sealed, self.store)
        return self._open[data_key, kind]


def _about(data_key: str, kind: Kind, store: str) -> bytes:
    return f"data key {data_key} {kind} {store}".encode()
