"""Which keyring is used where none is remembered: what the person set, else what answers on this machine."""

from __future__ import annotations

import os
import sys

from gumauth.errors import HomeError, StoreError
from gumauth.platform.files import read_file
from gumauth.platform.text import one_line
from gumauth.store.backends import judge
from gumauth.store.dbus.addresses import session_bus
from gumauth.store.dbus.kwallet import DAEMONS, NEWER
from gumauth.store.failures import failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gumauth.store.interface import KeyringName, Run


WINDOWS: KeyringName = "Windows Credential Locker"
ALONE: dict[str, KeyringName] = {"darwin": "macOS Keychain", "win32": WINDOWS}
"""The keyring of a platform that has only one."""

SECONDS = 5.0
SECRETS = "org.freedesktop.secrets"
LARGEST_SETTINGS = 1 << 16


def select(run: Run) -> str:
    """The name of the keyring to use.

    Raises:
        UnsafeKeyring: What was set loses secrets or is not known.
        NoKeyring: None answers.
    """
    return chosen(run.environ) or on_this_machine(run)


def answering(run: Run) -> str | None:
    """The keyring that would be used now; None where there is none."""
    try:
        return select(run)
    except StoreError:
        return None


def chosen(environ: Mapping[str, str]) -> str | None:
    """What the person set: for gumauth, for `keyring` in the environment, or in keyring's file."""
    if backend := environ.get("GUMAUTH_KEYRING"):
        return judge(backend, "GUMAUTH_KEYRING", explicit=True)
    if backend := environ.get("PYTHON_KEYRING_BACKEND"):
        return judge(backend, "PYTHON_KEYRING_BACKEND")
    path = settings_path(environ, sys.platform)
    backend = _setting(path) if os.path.exists(path) else None
    return judge(backend, path) if backend else None


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
        # Such files are often links to where somebody keeps them all.
        settings.read_string((read_file(os.path.realpath(path), LARGEST_SETTINGS, ours=False) or b"").decode())
        return settings.get("backend", "default-keyring", fallback=None)
    except (configparser.Error, UnicodeDecodeError, HomeError) as error:
        raise StoreError(f"{one_line(path)} cannot be read.", hint="Mend or remove it; it is keyring's.") from error


def on_this_machine(run: Run) -> KeyringName:
    """The keyring that answers here.

    Raises:
        NoBus: Linux, and there is no D-Bus session to ask.
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
    """The keyring to use of those whose names are on the bus.

    The daemon of KWallet that offers the Secret Service too takes a wallet there for locked that is open, so it is
    asked as KWallet. Beside another's Secret Service, kwalletd6 only passes on to that. In KDE its own is used, as
    `keyring` does it.
    """
    service, wallet = SECRETS in names, not names.isdisjoint(DAEMONS)
    if service and wallet:
        return "KWallet" if is_its_own or (is_kde and NEWER not in names) else "Secret Service"
    if service:
        return "Secret Service"
    return "KWallet" if wallet else None


def _is_its_own(address: str | None) -> bool:
    """Whether the daemon of KWallet has the name of the Secret Service as well."""
    from gumauth.store.dbus.conversation import BUS, BadAnswer, BusError, BusUnreachable, Conversation, question

    def owner(bus: Conversation, name: str) -> str:
        try:
            ((found,),) = bus.ask(question(BUS, "GetNameOwner", "s", name, answer="s"))
        except BusError:
            return ""  # nobody has it now
        return str(found)

    try:
        with Conversation(address, SECONDS) as bus:
            service = owner(bus, SECRETS)
            return bool(service) and service in [owner(bus, name) for name in DAEMONS]
    except (BusUnreachable, BadAnswer, TimeoutError):
        return False


def bus_names(address: str | None) -> frozenset[str]:
    """What is on the session bus, or would be started when asked for; nothing is started for this.

    Raises:
        NoBus: There is no session bus.
        KeyringTimeout: The bus does not answer.
        StoreError: It answers with something else than names.
    """
    from gumauth.store.dbus.conversation import BUS, BadAnswer, BusError, BusUnreachable, Conversation, question

    asked = [question(BUS, method, answer="as") for method in ("ListNames", "ListActivatableNames")]
    try:
        with Conversation(address, SECONDS) as bus:
            running, startable = bus.ask(*asked)
    except (BusUnreachable, BusError) as error:
        raise failure("no bus", "D-Bus") from error
    except BadAnswer as error:
        raise failure("odd answer", "D-Bus") from error
    except TimeoutError as error:
        raise failure("timeout", "D-Bus", f"{SECONDS:g} s") from error
    return frozenset((*running[0], *startable[0]))
