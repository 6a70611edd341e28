"""Which keyring backends are used, decided by name: none is looked for, and none is loaded to find out."""

from __future__ import annotations

from gumauth.errors import UnsafeKeyring
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.store.interface import KeyringName

BACKENDS: dict[KeyringName, str] = {
    "Secret Service": "keyring.backends.SecretService.Keyring",
    "KWallet": "keyring.backends.kwallet.DBusKeyring",
    "macOS Keychain": "keyring.backends.macOS.Keyring",
    "Windows Credential Locker": "keyring.backends.Windows.WinVaultKeyring",
}
"""What people call the place → the class of `keyring` that speaks to it."""

NAMES: dict[str, KeyringName] = {
    **{backend: name for name, backend in BACKENDS.items()},
    "keyring.backends.libsecret.Keyring": "Secret Service",
}

LOSING = frozenset({"null", "fail", "chainer"})
"""Modules that lose what they are given, refuse it, or pass it on to whatever else there is."""


def judge(backend: str, source: str, *, explicit: bool = False) -> str:
    """The name of the store that a dotted class name selects.

    Args:
        backend: Such as "keyring.backends.SecretService.Keyring".
        source: The variable or file that says so, for the error.
        explicit: Whether an unknown one is accepted, because it was chosen for gumauth.

    Returns:
        A name of `BACKENDS`, or the dotted name itself of one that is not known.

    Raises:
        UnsafeKeyring: It loses secrets, keeps them in plain text, or is not known.
    """
    backend = backend.strip()
    if backend in NAMES:
        return NAMES[backend]
    shown = one_line(backend)
    if is_unsafe(backend):
        raise UnsafeKeyring(
            f"{source} selects {shown}, which loses secrets or keeps them in plain text.",
            hint=f"Take it out of {source}, or set GUMAUTH_STORE=file to keep secrets in an encrypted file.",
        )
    if not explicit:
        raise UnsafeKeyring(
            f"{source} selects {shown}, which gumauth does not know to be safe.",
            hint=f"If you trust it, set GUMAUTH_KEYRING={shown}.",
        )
    if not all(part.isidentifier() for part in backend.split(".")) or "." not in backend:
        raise UnsafeKeyring(
            f"{source} is not the name of a keyring backend: {shown}.", hint="Write it as module.Class."
        )
    return backend


def is_unsafe(backend: str) -> bool:
    """Whether a backend's name is one of those that must never hold a secret."""
    module, _, name = backend.rpartition(".")
    losing = module.startswith("keyring.") and module.rpartition(".")[2] in LOSING
    return losing or "plaintext" in name.lower()
