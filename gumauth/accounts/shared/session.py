"""A shared store as one run of gumauth uses it: its engine, what it said of itself, and the keys; each when needed."""

from __future__ import annotations

import os
import time

from gumauth.errors import Busy, HomeError
from gumauth.platform.files import read_file, write_file
from gumauth.platform.lock import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gumauth.accounts.shared.engine import Engine, Welcome
    from gumauth.accounts.shared.keys import DataKeys
    from gumauth.accounts.shared.known_keys import KnownKeys
    from gumauth.platform.folders import Home

    MakeEngine = Callable[[Mapping[str, str], str, str], Engine]

MACHINE = "GUMAUTH_MACHINE"

CLOCK_STEP = 1.0
"""Seconds by which the clock may drift in one process before its difference to the engine's is measured again."""


class Session:
    """The engine, and the keys that the machine's key file opens.

    Args:
        environ: Has GUMAUTH_STORE and GUMAUTH_KEY_FILE, and perhaps GUMAUTH_MACHINE.
        home: The folders of the copy.
        make_engine: Makes the engine of this environment, for a machine of this name, with the folder of this name.
    """

    def __init__(self, environ: Mapping[str, str], home: Home, make_engine: MakeEngine) -> None:
        self._environ, self._home, self._make_engine = environ, home, make_engine
        self._engine: Engine | None = None
        self._keys: DataKeys | None = None
        self._welcome: Welcome | None = None
        self._known_keys: KnownKeys | None = None

    @property
    def engine(self) -> Engine:
        """The engine; nothing is asked of it yet. Raises `StoreError` where its driver is not installed."""
        if self._engine is None:
            self._engine = self._make_engine(self._environ, machine_name(self._environ), holder(self._home.data))
        return self._engine

    @property
    def welcome(self) -> Welcome:
        """What the engine said of itself; asked anew once this machine's clock was set, or after a sleep."""
        if self._keys is not None and abs(_clocks() - self._clocks) > CLOCK_STEP:
            self._keys = None
        self._meet()
        assert self._welcome is not None  # noqa: S101
        return self._welcome

    @property
    def keys(self) -> DataKeys:
        """The data keys that this machine's key file opens.

        Raises:
            PassphraseError: There is no key file, or it is another store's.
            RecordCorrupt: The store has one again that was replaced.
        """
        self._meet()
        assert self._keys is not None  # noqa: S101
        return self._keys

    def _meet(self) -> None:
        if self._keys is None:
            from gumauth.accounts.shared.keys import DataKeys, machine_key

            key = machine_key(self._environ)  # before the database is asked: without it nothing can be done there
            self._clocks = _clocks()
            self._welcome = self._ask(key.all_ids)
            self._keys = DataKeys(key, self._welcome, self._environ, again=self._ask)

    def _ask(self, key_ids: Sequence[str]) -> Welcome:
        """What the engine says of itself, unless it has a data key again that was replaced."""
        from gumauth.accounts.shared.known_keys import check

        seen = self._known().read()
        welcome = self.engine.welcome(key_ids)
        check(seen, welcome.data_keys)
        return welcome

    def learn_keys(self) -> None:
        """Remember which data keys there are, and which were replaced; to be called by one process at a time."""
        seen = self._known().read()
        if seen.present and seen.present != self.keys.all:
            self.keys.renew()  # another process may have asked later than this one, and learned before
        self._known().learn(seen, self.keys.all)

    def _known(self) -> KnownKeys:
        if self._known_keys is None:
            from gumauth.accounts.shared.known_keys import KnownKeys

            self._known_keys = KnownKeys(os.path.join(self._home.data, "keys.json"))
        return self._known_keys


def _clocks() -> float:
    """The time of the clock that can be set, less that of the one that cannot."""
    return time.time() - time.monotonic()


def machine_name(environ: Mapping[str, str]) -> str:
    """What this machine calls itself in the log and towards people who wait for it: a claim, not a proof."""
    from gumauth.platform.text import one_line

    return one_line(environ.get(MACHINE) or _node(environ), 100) or "a machine"


def holder(folder: str) -> str:
    """The name of this machine's folder of locks: whoever has it and the lock in it is the only one here.

    A copy of the folder is another one, also where the whole disk was copied: a boot, a host and a disk have names that
    copies do not share. Those of a copy of the memory are the same: see `marked_claims`.
    """
    from gumauth.platform.digest import sha256

    path = os.path.join(folder, "machine")
    try:
        own = read_file(path) or _new_holder(path)
        status = os.stat(path)
    except (HomeError, Busy, OSError):
        return os.urandom(16).hex()  # of a folder that only this process could use: no lock can be had in it
    parts = [
        own,
        _boot(),
        str((status.st_dev, status.st_ino)).encode(),
        _node(os.environ).encode(errors="surrogateescape"),
    ]
    return sha256(b"\0".join(parts)).hexdigest()[:32]


def _new_holder(path: str) -> bytes:
    with Lock(os.path.join(os.path.dirname(path), "locks", "machine.lock"), timeout=5.0, what="the folder"):
        if (own := read_file(path)) is None:
            write_file(path, own := os.urandom(16).hex().encode())
        return own


def _node(environ: Mapping[str, str]) -> str:
    """The host's name, without the import of `socket`."""
    return os.uname().nodename if hasattr(os, "uname") else environ.get("COMPUTERNAME", "")


def _boot() -> bytes:
    try:
        with open("/proc/sys/kernel/random/boot_id", "rb") as file:
            return file.read().strip()
    except OSError:
        return b""
