"""A real Secret Service on a bus of its own: gnome-keyring in temporary folders, ended by its process's id."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gumauth.store.dbus import secret_items
from gumauth.store.dbus.conversation import BUS, BusError, Conversation, method_call
from gumauth.store.dbus.message import BusObject
from gumauth.store.dbus.secret_items import SECRETS, SERVICE

PROGRAMS = ("dbus-daemon", "gnome-keyring-daemon", "secret-tool")
PASSWORD = "the person's password"
GNOME = BusObject(
    path=SERVICE.path, destination=SECRETS, interface="org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
)
MAKE = "a{sv}(oayays)"
BUS_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{folder}/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class Session:
    """A person's session: folders, a bus without services to start, and the keyring's daemon.

    Args:
        folder: Empty, with a short path: a socket's has at most 107 characters.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"unix:path={folder}/bus"
        self.environ = self._environ()
        self._bus: subprocess.Popen[bytes] | None = None
        self._daemon: subprocess.Popen[bytes] | None = None
        for name in ("home", "run", "config", "cache", "state", "services"):
            (folder / name).mkdir(mode=0o700)
        self.keyrings = folder / "home" / ".local" / "share" / "keyrings"
        self.keyrings.mkdir(parents=True, mode=0o700)

    def _environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONDONTWRITEBYTECODE") if name in os.environ}
        top = str(self.folder)
        return {
            **kept,
            "HOME": f"{top}/home",
            "XDG_RUNTIME_DIR": f"{top}/run",
            "XDG_CONFIG_HOME": f"{top}/config",
            "XDG_DATA_HOME": f"{top}/home/.local/share",
            "XDG_CACHE_HOME": f"{top}/cache",
            "XDG_STATE_HOME": f"{top}/state",
            "DBUS_SESSION_BUS_ADDRESS": self.address,
            "LANG": "C.UTF-8",
        }

    @property
    def daemon_pid(self) -> int:
        assert self._daemon is not None
        return self._daemon.pid

    def start_bus(self) -> None:
        configuration = self.folder / "bus.conf"
        configuration.write_text(BUS_CONFIGURATION.format(folder=self.folder))
        self._bus = subprocess.Popen(
            ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address=1"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.environ,
        )
        assert self._bus.stdout is not None
        assert self._bus.stdout.readline().startswith(b"unix:path="), "dbus-daemon did not start"
        self._bus.stdout.close()

    def start_daemon(self, *, unlocked: bool = True) -> None:
        """Start gnome-keyring; the first unlocked start makes the login keyring, a later locked one finds it."""
        self._daemon = subprocess.Popen(
            [
                "gnome-keyring-daemon",
                "--foreground",
                "--components=secrets",
                f"--control-directory={self.folder}/run/keyring",
                *(["--unlock"] if unlocked else []),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environ,
        )
        assert self._daemon.stdin is not None
        if unlocked:
            self._daemon.stdin.write(PASSWORD.encode())
        self._daemon.stdin.close()
        wait_until(lambda: self._daemon_answers(unlocked=unlocked))

    def _daemon_answers(self, *, unlocked: bool) -> bool:
        """Whether the name is on the bus, and the default collection open if it is to be."""
        try:
            with Conversation(self.address, 5) as bus:
                if not bus.call(method_call(BUS, "NameHasOwner", "s", SECRETS, answer="b"))[0][0]:
                    return False
                return not unlocked or not self.is_locked()
        except BusError:
            return False

    def is_locked(self) -> bool:
        """Whether the default collection is locked."""
        with Conversation(self.address, 5) as bus:
            return secret_items.is_locked(bus) is not False

    @contextmanager
    def conversation(self) -> Iterator[Conversation]:
        """Questions for the daemon, which is open to them: the first one is asked as `items` has to ask it."""
        with Conversation(self.address, 5) as bus:
            secret_items.is_locked(bus)
            yield bus

    def default(self) -> str:
        """The path of the default collection."""
        with self.conversation() as bus:
            return str(bus.call(secret_items.DEFAULT)[0][0])

    def make_default(self, collection: str) -> None:
        """What "Set as default" does in the person's program for keyrings."""
        with self.conversation() as bus:
            bus.call(method_call(SERVICE, "SetAlias", "so", "default", collection, answer=""))

    def another(self) -> str:
        """The path of a second collection, which is made, open and with the same password."""
        properties = {"org.freedesktop.Secret.Collection.Label": ("s", "another")}
        with self.conversation() as bus:
            asked = method_call(GNOME, "CreateWithMasterPassword", MAKE, properties, _master(bus), answer="o")
            return str(bus.call(asked)[0][0])

    def lock(self, collection: str = "") -> None:
        """Lock the default collection, as a screen saver may, or another one."""
        path = collection or self.default()
        with self.conversation() as bus:
            bus.call(method_call(SERVICE, "Lock", "ao", [path], answer="aoo"))
        assert collection or self.is_locked()

    def unlock(self, collection: str = "") -> None:
        """Unlock it with the password, as logging in does."""
        path = collection or self.default()
        with self.conversation() as bus:
            bus.call(method_call(GNOME, "UnlockWithMasterPassword", "o(oayays)", path, _master(bus), answer=""))

    def items(self, key: str) -> list[str]:
        """The paths of all items of a key, in all collections, open or locked."""
        with self.conversation() as bus:
            asked = method_call(SERVICE, "SearchItems", "a{ss}", {"username": key}, answer="aoao")
            ((unlocked, locked),) = bus.call(asked)
            return [*unlocked, *locked]

    def stop_daemon(self) -> None:
        """Let the daemon hang: it is there, and does not answer."""
        os.kill(self.daemon_pid, signal.SIGSTOP)

    def continue_daemon(self) -> None:
        os.kill(self.daemon_pid, signal.SIGCONT)

    def kill_daemon(self) -> None:
        """End the daemon; the bus has noticed when this returns."""
        assert self._daemon is not None
        self._daemon.kill()
        self._daemon.wait()
        self._daemon = None
        wait_until(self._name_is_free)

    def _name_is_free(self) -> bool:
        with Conversation(self.address, 5) as bus:
            return not bus.call(method_call(BUS, "NameHasOwner", "s", SECRETS, answer="b"))[0][0]

    def stop_bus(self) -> None:
        """Let the bus hang."""
        assert self._bus is not None
        os.kill(self._bus.pid, signal.SIGSTOP)

    def continue_bus(self) -> None:
        assert self._bus is not None
        os.kill(self._bus.pid, signal.SIGCONT)

    def kill_bus(self) -> None:
        assert self._bus is not None
        self._bus.kill()
        self._bus.wait()
        self._bus = None

    def secret_tool(self, *arguments: str, text: str | None = None) -> str:
        """What `secret-tool` prints: the keyring seen from outside."""
        done = subprocess.run(
            ["secret-tool", *arguments],
            input=text or "",
            capture_output=True,
            text=True,
            env=self.environ,
            timeout=20,
            check=False,
        )
        return done.stdout

    def lookup(self, key: str, service: str = "gumauth") -> str | None:
        """The secret of one entry, as `secret-tool` finds it."""
        return self.secret_tool("lookup", "service", service, "username", key) or None

    def end(self) -> None:
        """End both processes, by their ids."""
        for process in (self._daemon, self._bus):
            if process is not None:
                process.kill()
                process.wait()
        self._daemon = self._bus = None


def _master(bus: Conversation) -> tuple[str, bytes, bytes, str]:
    """The person's password, as a collection is made or unlocked with it."""
    ((_, session),) = bus.call(secret_items.OPEN_SESSION)
    return session, b"", PASSWORD.encode(), "text/plain"


def wait_until(reached: Callable[[], bool], seconds: float = 20) -> None:
    """Look again and again until something is so."""
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.005)


def require_programs() -> None:
    """Skip where the programs are not installed, or fail where they have to be."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing and os.environ.get("GUMAUTH_REQUIRE_PARTS") == "1":
        pytest.fail(f"not installed: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


@pytest.fixture
def session_without_bus() -> Iterator[Session]:
    """Folders, and nothing that runs; the address names a socket that is not there."""
    require_programs()
    with tempfile.TemporaryDirectory(prefix="gumauth-", ignore_cleanup_errors=True) as folder:
        session = Session(Path(folder))
        try:
            yield session
        finally:
            session.end()


@pytest.fixture
def session_without_keyring(session_without_bus: Session) -> Session:
    """A bus with no Secret Service on it."""
    session_without_bus.start_bus()
    return session_without_bus


@pytest.fixture
def secret_service(session_without_keyring: Session) -> Session:
    """An unlocked Secret Service."""
    session_without_keyring.start_daemon()
    return session_without_keyring


@pytest.fixture
def locked_secret_service(secret_service: Session) -> Session:
    """A Secret Service whose default keyring is locked."""
    secret_service.lock()
    return secret_service


__all__ = [
    "Session",
    "locked_secret_service",
    "secret_service",
    "session_without_bus",
    "session_without_keyring",
    "wait_until",
]
