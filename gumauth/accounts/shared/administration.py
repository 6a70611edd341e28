"""What administers a shared store: it is made ready, its log is read, key files are written, and its key is changed."""

from __future__ import annotations

import os
from contextlib import contextmanager

from gumauth.accounts.shared import rekey
from gumauth.accounts.shared.engine import Claim
from gumauth.accounts.shared.held_claim import HeldClaim, waited_for
from gumauth.accounts.shared.key_files import full_path, is_there, make_key_file
from gumauth.accounts.shared.keys import DataKeys, MachineKey, machine_key, new_keys
from gumauth.accounts.shared.session import holder, machine_name
from gumauth.errors import PassphraseError, StoreError
from gumauth.platform.frozen import frozen
from gumauth.platform.lock import Lock
from gumauth.platform.settings import source
from gumauth.platform.text import one_line
from gumauth.store.encrypted_file.header import KEY_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gumauth.accounts.shared.administered import AdministeredEngine, Entry, Prepared
    from gumauth.accounts.shared.engine import Welcome
    from gumauth.platform.folders import Home

    MakeEngine = Callable[[Mapping[str, str], str, str], AdministeredEngine]


@frozen
class Begun:
    """What `init` did.

    Args:
        prepared: The engine.
        store: The id of the store.
        key_file: The path of this machine's key file.
        made_file: Whether the file was made.
        made_keys: Whether the first data keys were made.
        can_refresh: Whether the key file is that of a machine that may refresh.
    """

    prepared: Prepared
    store: str
    key_file: str
    made_file: bool
    made_keys: bool
    can_refresh: bool


class Administration:
    """One run of `gumauth store`.

    Args:
        environ: Has GUMAUTH_STORE and GUMAUTH_KEY_FILE.
        home: The folders of the copy.
        make_engine: Makes the engine of this environment.
    """

    days = 30
    """Of the log, in which a machine counts as one that uses the store."""

    def __init__(self, environ: Mapping[str, str], home: Home, make_engine: MakeEngine) -> None:
        self._environ, self._home = environ, home
        self.engine = make_engine(environ, machine_name(environ), holder(home.data))

    @property
    def where(self) -> str:
        """Host and port, for a sentence."""
        return self.engine.where

    @property
    def key_file(self) -> str:
        """The path of this machine's key file."""
        return full_path(self._path())

    def init(self) -> Begun:
        """Make the store ready: schema, key file and first data keys, each where it is missing.

        Raises:
            PassphraseError: The store has keys, and the key file does not open them, or is not there; nothing was
                changed.
            StoreError: The role may not, or a newer gumauth made the schema.
            StoreAway: The store does not answer.
        """
        path = self._path()
        key = machine_key(self._environ) if is_there(path) else None
        is_ready = self.engine.present_version() == self.engine.version
        administers = True
        if is_ready:
            welcome = self.engine.welcome(() if key is None else key.all_ids)
            administers = welcome.administers
            self._check(welcome, key)
        prepared = self.engine.prepare() if administers else self.engine.look()
        welcome = self.engine.welcome(() if key is None else key.all_ids)
        made_file = made_keys = False
        if not welcome.data_keys:
            made_file, key = (False, key) if key is not None else self._make_file(path)
            made_keys, welcome = self._first_keys(key, welcome, path if made_file else None)
        keys = self._check(welcome, key)
        return Begun(
            prepared=prepared,
            store=welcome.store,
            key_file=full_path(path),
            made_file=made_file,
            made_keys=made_keys,
            can_refresh=keys is not None and keys.can_refresh,
        )

    def log(self, most: int, only_of: str | None) -> list[Entry]:
        """The latest entries of the log, the newest first; no key is needed. As `AdministeredEngine.log`."""
        return self.engine.log(most, only_of)

    def write_reader_key(self, path: str) -> str:
        """Write the key file of a machine that may only read tokens; gives the path.

        Raises:
            StoreError: There is a file already, or this machine's own key only reads.
            PassphraseError: This machine's key is not the store's.
        """
        key = machine_key(self._environ)
        if not DataKeys(key, self.engine.welcome(key.all_ids), self._environ).can_refresh:
            raise PassphraseError(
                f"The key of {source(self._environ, 'GUMAUTH_KEY_FILE')} is itself that of a machine that may only read"
                " tokens.",
                hint="Copy that file; or run this on a machine that refreshes.",
            )
        if not make_key_file(path, key.for_readers):
            raise StoreError(f"{one_line(path)} is there already; nothing was written.", hint="Name a new file.")
        return full_path(path)

    def begin_rekey(self, path: str) -> tuple[str, bool]:
        """Have a new key open the store beside the present one; gives its file's path, and whether the file was made.

        Raises:
            PassphraseError: The present key is not the store's, does not open every data key, or there is another key
                in the file than can be new.
            Busy: A change of the key is being finished.
            StoreError: The role may not, or the file cannot be written.
        """
        own = machine_key(self._environ)
        with self._changing_key(own) as keys:
            keys.open_all()  # before a file is made
            made = not is_there(path) and make_key_file(path, os.urandom(KEY_BYTES))
            try:
                new = machine_key({"GUMAUTH_KEY_FILE": full_path(path)})
            except PassphraseError as error:
                error.reword(lambda text: text.replace(" (GUMAUTH_KEY_FILE)", ""))
                error.hint = "Name a file in a folder of your own that is not there yet."
                raise
            rekey.begin(self.engine, keys, own, new)
            return full_path(path), made

    def machines(self) -> list[str]:
        """What the machines call themselves that the log has of the last days, the latest first; empty without a log.

        Which key each of them uses is not known: the keys are not told apart by what is written.
        """
        try:
            return self.engine.machines(self.days)
        except StoreError:
            return []

    def finish_rekey(self) -> int | None:
        """Have this machine's key alone open the store; gives how many values were sealed anew, None for nothing to do.

        Raises:
            PassphraseError: It is not the key that was made last.
            Busy: Another process is at it.
            StoreError: The role may not, or something in the store does not open.
        """
        key = machine_key(self._environ)
        with self._changing_key(key):
            return rekey.finish(self.engine, key, self._environ)

    @contextmanager
    def _changing_key(self, key: MachineKey) -> Iterator[DataKeys]:
        """A block in which only this process, of all machines, changes the key; gives what the present one opens.

        Begun while another change is being finished, a key would not open the data key that is made for the end.
        """
        self._check_role(key)
        lock = Lock(os.path.join(self._home.data, "locks", "rekey.lock"), timeout=0, what="the change of the key")
        with lock:
            claim = waited_for(self.engine, "store/rekey", patience=0, what="the change of the key")
            assert isinstance(claim, Claim)  # noqa: S101
            held = HeldClaim(self.engine, claim, is_renewed=True)
            try:
                yield DataKeys(key, self.engine.welcome(key.all_ids), self._environ)
            finally:
                held.release()

    def _check_role(self, key: MachineKey) -> None:
        welcome = self.engine.welcome(key.all_ids)
        DataKeys(key, welcome, self._environ)
        if not welcome.administers:
            raise StoreError(
                f"The role {welcome.role} may not change the key of the database at {self.where}.",
                hint=f"Its administrator grants it: `GRANT gumauth_admin TO {welcome.role};`.",
            )

    def _path(self) -> str:
        path = self._environ.get("GUMAUTH_KEY_FILE")
        if path:
            return path
        raise PassphraseError(
            "Accounts in a database need a key that the database does not have, and GUMAUTH_KEY_FILE is not set.",
            hint="Set GUMAUTH_KEY_FILE to the key file of the other machines, or to a path at which the first key file"
            " is to be made, such as ~/.config/gumauth/store.key.",
        )

    def _check(self, welcome: Welcome, key: MachineKey | None) -> DataKeys | None:
        """The data keys that the key opens; None where there are none at all."""
        if not welcome.data_keys:
            return None
        if key is not None:
            return DataKeys(key, welcome, self._environ)
        said = source(self._environ, "GUMAUTH_KEY_FILE")
        raise PassphraseError(
            f"The database has a key already, and the file that {said} names is not there; nothing was changed.",
            hint=f"Copy the key file of a machine that has the accounts to {one_line(full_path(self._path()))}.",
        )

    def _make_file(self, path: str) -> tuple[bool, MachineKey]:
        made = make_key_file(path, os.urandom(KEY_BYTES))
        try:
            return made, machine_key(self._environ)
        except PassphraseError:
            if made:
                os.unlink(full_path(path))  # in a folder that others can write: no key may stand there
            raise

    def _first_keys(self, key: MachineKey, welcome: Welcome, made: str | None) -> tuple[bool, Welcome]:
        """Whether the first data keys are this key's, and what the engine says by now."""
        is_first = self.engine.first_keys(new_keys(key, welcome.store))
        welcome = self.engine.welcome(key.all_ids)
        if made is not None and not welcome.sealed_keys:
            os.unlink(full_path(made))  # another machine was faster, and this key opens nothing
        return is_first, welcome
