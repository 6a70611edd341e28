"""Makes the store that a run of gumauth uses, and probes a store. Promises K4 and K8."""

from __future__ import annotations

import sys

from gumauth.errors import OtherStore, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gumauth.store.interface import KeyringName, Run, Store

ENCRYPTED_FILE = "encrypted file"


def store_label(name: str) -> str:
    """A store's name in a sentence: "the encrypted file"; other stores have names without an article."""
    return f"the {name}" if name == ENCRYPTED_FILE else name


def choose(run: Run, name: str | None) -> Store:
    """The store of this name; without a name, the store that the environment and the machine select.

    Args:
        run: The run; its environment may hold GUMAUTH_STORE and GUMAUTH_KEYRING.
        name: The store's name, as an account remembers it; None where nothing is stored yet.

    Raises:
        StoreError: No store can be used, or another keyring than the named one answers here.
    """
    named = _selected(run.environ) if name is None else name
    for known, make in BY_SETTING.values():
        if named == known:
            return make(run)
    if sys.platform == "linux" and name in OVER_THE_BUS:
        return OVER_THE_BUS[name](run, remembered=True)
    return _keyring(run, name)


def _encrypted_file(run: Run) -> Store:
    from gumauth.store.encrypted_file.store import EncryptedStore

    return EncryptedStore(run.home, run.environ, run.ask)


BY_SETTING: dict[str, tuple[str, Callable[[Run], Store]]] = {"file": (ENCRYPTED_FILE, _encrypted_file)}
"""A value of GUMAUTH_STORE → the name that accounts remember for ever, and what makes the store."""


def _secret_service(run: Run, *, remembered: bool) -> Store:
    from gumauth.store.named import NamedStore
    from gumauth.store.secret_service.store import SecretServiceStore, ServiceAccess

    access = ServiceAccess(run, remembered=remembered)
    return NamedStore(run.home, lambda service: SecretServiceStore(run, service=service, access=access))


def _kwallet(run: Run, *, remembered: bool) -> Store:
    from gumauth.store.kwallet import WalletAccess, WalletStore
    from gumauth.store.named import NamedStore

    access = WalletAccess(run, remembered=remembered)
    return NamedStore(run.home, lambda folder: WalletStore(access, folder))


OVER_THE_BUS: dict[KeyringName, Callable[..., Store]] = {"Secret Service": _secret_service, "KWallet": _kwallet}


def _keyring(run: Run, name: str | None) -> Store:
    """The keyring that answers here; if a name is given, that keyring must be the one that answers."""
    from gumauth.store.selection import WINDOWS, select

    found = select(run)
    if name not in (None, found):
        raise OtherStore(
            f"The record is in {name}, but only {found} answers here.",
            hint=f"Use {name} again, or connect the account again to keep it in {found}.",
        )
    if sys.platform == "linux" and found in OVER_THE_BUS:
        return OVER_THE_BUS[found](run, remembered=False)
    from gumauth.store.keyring.store import KeyringStore
    from gumauth.store.named import NamedStore

    def make(service: str) -> Store:
        keyring = KeyringStore(found, run, remembered=name is not None, service=service)
        if found != WINDOWS:
            return keyring
        from gumauth.store.split import SplitStore

        return SplitStore(keyring)

    return NamedStore(run.home, make)


def _selected(environ: Mapping[str, str]) -> str | None:
    """The name of the store that GUMAUTH_STORE selects; None for the keyring."""
    value = environ.get("GUMAUTH_STORE", "")
    if value in ("", "keyring"):
        return None
    if value in BY_SETTING:
        return BY_SETTING[value][0]
    from gumauth.platform.settings import mending, source

    word = value.partition(":")[0][:40]  # behind it, there may be a password
    is_database = word.lower().startswith("postgres")
    choices = "postgresql://HOST/DATABASE" if is_database else " or ".join(BY_SETTING)
    raise StoreError(
        f"{source(environ, 'GUMAUTH_STORE')} is {word!r}, and there is no such store.",
        hint=mending(environ, "GUMAUTH_STORE", choices, purpose=" for the keyring"),
    )


def probe(store: Store) -> None:
    """Write, read and delete a random value, so that a store that keeps nothing is known before it is needed.

    Raises:
        StoreError: The store does not keep or does not delete the value.
    """
    import secrets

    key, value = f"probe/{secrets.token_hex(8)}", secrets.token_urlsafe(32)
    store.set(key, value)
    try:
        if store.get(key) != value:
            raise _unreliable(store, "did not give back what was written to it")
    finally:
        store.delete(key)
    if store.get(key) is not None:
        raise _unreliable(store, "still holds what was deleted from it")


def _unreliable(store: Store, what: str) -> StoreError:
    return StoreError(f"{store.name} {what}.", hint="Run `gumauth doctor`, or set GUMAUTH_STORE=file.")
