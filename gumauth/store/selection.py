"""Which keyring is used where no account remembers one: the person's choice, else the keyring that answers here.

A backend of the `keyring` library is accepted or refused by its name: no backend is imported to find one out. A choice
is read from GUMAUTH_KEYRING, from PYTHON_KEYRING_BACKEND, or from the settings file of `keyring`, in this order.
Promises K5, K8 and K15.
"""

from __future__ import annotations

import os
import sys

from gumauth.errors import HomeError, OtherStore, StoreError, UnsafeKeyring
from gumauth.platform.files import read_file
from gumauth.platform.settings import source
from gumauth.platform.text import one_line
from gumauth.store.dbus.addresses import session_bus
from gumauth.store.dbus.kwallet import DAEMONS, NEWER
from gumauth.store.failures import failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gumauth.store.failures import Kind
    from gumauth.store.interface import KeyringName, Run

BACKENDS: dict[KeyringName, str] = {
    "Secret Service": "keyring.backends.SecretService.Keyring",
    "KWallet": "keyring.backends.kwallet.DBusKeyring",
    "macOS Keychain": "keyring.backends.macOS.Keyring",
    "Windows Credential Locker": "keyring.backends.Windows.WinVaultKeyring",
}
"""The name of a keyring → the class of the `keyring` library for it."""

NAMES: dict[str, KeyringName] = {
    **{backend: name for name, backend in BACKENDS.items()},
    "keyring.backends.libsecret.Keyring": "Secret Service",
}

LOSING = frozenset({"null", "fail", "chainer"})
"""Modules of `keyring` whose backends lose a secret, refuse it, or pass it on to any other backend."""

WINDOWS: KeyringName = "Windows Credential Locker"
ALONE: dict[str, KeyringName] = {"darwin": "macOS Keychain", "win32": WINDOWS}
"""A platform that has only one keyring → that keyring."""

UNREACHABLE: tuple[Kind, ...] = ("no bus", "no keyring")
SECONDS = 5.0
SECRETS = "org.freedesktop.secrets"
LARGEST_SETTINGS = 1 << 16
"""Bytes of the settings file of `keyring`."""


def select(run: Run) -> str:
    """The name of the keyring to use.

    Raises:
        UnsafeKeyring: The chosen backend loses secrets or is not known.
        NoKeyring: None answers.
    """
    return chosen(run.environ) or on_this_machine(run)


def unavailable(run: Run, name: str, kind: Kind, detail: str = "", *, remembered: bool) -> StoreError:
    """The error for a keyring that fails; for one that should hold a record, it may name another that answers instead.

    Args:
        run: The run.
        name: The keyring's name.
        kind: The kind of failure.
        detail: As `failures.failure` takes it.
        remembered: Whether an account says that its record is in this keyring.
    """
    if remembered and kind in UNREACHABLE:
        try:
            other = select(run)
        except StoreError:
            other = name
        if other != name:
            return OtherStore(
                f"The record is in {name}, but only {other} answers here.",
                hint=f"Start {name}, or connect the account again to keep it in {other}.",
            )
    return failure(kind, name, detail)


def chosen(environ: Mapping[str, str]) -> str | None:
    """The name of the keyring that the person chose; None where there is no choice.

    Raises:
        UnsafeKeyring: The chosen backend loses secrets or is not known.
        StoreError: The settings file of `keyring` cannot be read.
    """
    if backend := environ.get("GUMAUTH_KEYRING"):
        return judge(backend, source(environ, "GUMAUTH_KEYRING"), explicit=True)
    if backend := environ.get("PYTHON_KEYRING_BACKEND"):
        return judge(backend, "PYTHON_KEYRING_BACKEND")
    path = settings_path(environ, sys.platform)
    backend = _setting(path) if os.path.exists(path) else None
    return judge(backend, path) if backend else None


def judge(backend: str, source: str, *, explicit: bool = False) -> str:
    """The name of the keyring that a dotted class name selects.

    Args:
        backend: Such as "keyring.backends.SecretService.Keyring".
        source: The variable or file that holds the class name, for the error.
        explicit: Whether an unknown backend is accepted, because the person chose it for gumauth.

    Returns:
        A name of `BACKENDS`; for an unknown backend, its dotted class name.

    Raises:
        UnsafeKeyring: The backend loses secrets, keeps them in plain text, or is not known.
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
    """Whether a backend of this name loses secrets or keeps them in plain text."""
    module, _, name = backend.rpartition(".")
    losing = module.startswith("keyring.") and module.rpartition(".")[2] in LOSING
    return losing or "plaintext" in name.lower()


def settings_path(environ: Mapping[str, str], platform: str) -> str:
    """Where `keyring` looks for its settings. Source: keyring.util.platform_."""
    if platform == "win32":
        top = environ.get("LOCALAPPDATA") or environ.get("ProgramData") or "."
        return os.path.join(top, "Python Keyring", "keyringrc.cfg")
    home = environ.get("HOME") or os.path.expanduser("~")
    top = environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    return os.path.join(top, "python_keyring", "keyringrc.cfg")


def _setting(path: str) -> str | None:
    import configparser

    settings = configparser.RawConfigParser()
    try:
        # People often keep all such files in one folder, with links to them.
        settings.read_string((read_file(os.path.realpath(path), LARGEST_SETTINGS, ours=False) or b"").decode())
        return settings.get("backend", "default-keyring", fallback=None)
    except (configparser.Error, UnicodeDecodeError, HomeError) as error:
        raise StoreError(f"{one_line(path)} cannot be read.", hint="Mend or remove it; it is keyring's.") from error


def on_this_machine(run: Run) -> KeyringName:
    """The keyring that answers here.

    Raises:
        NoBus: On Linux, there is no D-Bus session.
        NoKeyring: None answers.
    """
    if sys.platform in ALONE:
        return ALONE[sys.platform]
    address = session_bus(run.environ)
    names = bus_names(address)
    desktop = run.environ.get("XDG_CURRENT_DESKTOP", "").split(":")
    both = SECRETS in names and not names.isdisjoint(DAEMONS)
    name = prefer(names, is_kde="KDE" in desktop, is_its_own=both and _is_its_own(address))
    if name is None:
        raise failure("none", "")
    return name


def prefer(names: frozenset[str], *, is_kde: bool, is_its_own: bool) -> KeyringName | None:
    """The keyring to use, by the names on the bus.

    A daemon of KWallet may offer the Secret Service too. It then says there that an open wallet is locked, so gumauth
    speaks to that daemon as KWallet. Beside the Secret Service of another program, kwalletd6 only passes calls on to
    that program. In KDE an older KWallet is preferred, as `keyring` prefers it.

    Args:
        names: The names on the bus.
        is_kde: Whether the desktop is KDE.
        is_its_own: Whether the daemon of KWallet offers the Secret Service.
    """
    service, wallet = SECRETS in names, not names.isdisjoint(DAEMONS)
    if service and wallet:
        return "KWallet" if is_its_own or (is_kde and NEWER not in names) else "Secret Service"
    if service:
        return "Secret Service"
    return "KWallet" if wallet else None


def _is_its_own(address: str | None) -> bool:
    """Whether the daemon of KWallet owns the name of the Secret Service as well."""
    from gumauth.store.dbus.conversation import BUS, BadAnswer, BusError, BusUnreachable, Conversation, method_call

    def owner(bus: Conversation, name: str) -> str:
        try:
            ((found,),) = bus.call(method_call(BUS, "GetNameOwner", "s", name, answer="s"))
        except BusError:
            return ""  # no program owns the name now
        return str(found)

    try:
        with Conversation(address, SECONDS) as bus:
            service = owner(bus, SECRETS)
            return bool(service) and service in [owner(bus, name) for name in DAEMONS]
    except (BusUnreachable, BadAnswer, TimeoutError):
        return False


def bus_names(address: str | None) -> frozenset[str]:
    """The names that programs own on the session bus, or that the bus could start a program for; it starts none here.

    Raises:
        NoBus: There is no session bus.
        KeyringTimeout: The bus does not answer.
        StoreError: The bus answers with something else than names.
    """
    from gumauth.store.dbus.conversation import BUS, BadAnswer, BusError, BusUnreachable, Conversation, method_call

    asked = [method_call(BUS, method, answer="as") for method in ("ListNames", "ListActivatableNames")]
    try:
        with Conversation(address, SECONDS) as bus:
            running, startable = bus.call(*asked)
    except (BusUnreachable, BusError) as error:
        raise failure("no bus", "D-Bus") from error
    except BadAnswer as error:
        raise failure("odd answer", "D-Bus") from error
    except TimeoutError as error:
        raise failure("timeout", "D-Bus", f"{SECONDS:g} s") from error
    return frozenset((*running[0], *startable[0]))
