"""A real KWallet on a bus of its own: kwalletd5, opened as logging in opens it, and ended by its process's id."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.store.dbus.conversation import BUS, Conversation, method_call
from gumauth.store.dbus.message import BusObject
from tests.parts.need import need
from tests.parts.secret_service import PASSWORD, Session, wait_until

PROGRAMS = ("dbus-daemon", "kwalletd5")
NAME = "org.kde.kwalletd5"
DAEMON = BusObject(path="/modules/kwalletd5", destination=NAME, interface="org.kde.KWallet")
WALLET = "kdewallet"
SALT_BYTES, ROUNDS, KEY_BYTES = 56, 50_000, 56
"""Source: kwallet-pam, pam_kwallet.c."""


class KWallet:
    """The daemon in a person's session.

    Args:
        session: With a bus.
        is_service: Whether it offers the Secret Service too, as it does unless it is set not to.
    """

    def __init__(self, session: Session, *, is_service: bool = True) -> None:
        self.session, self.is_service = session, is_service
        self.environ = {**session.environ, "TMPDIR": str(session.folder), "QT_QPA_PLATFORM": "offscreen"}
        self.folder = Path(session.environ["XDG_DATA_HOME"], "kwalletd")
        self._daemon: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._daemon is not None
        return self._daemon.pid

    def show_on(self, display: str) -> None:
        """Have it show its dialogs, from the next start on; else they are shown nowhere, and wait."""
        self.environ.update(DISPLAY=display, QT_QPA_PLATFORM="xcb")

    def configure(self, **settings: str) -> None:
        """Set these before it is started, as the person's program for wallets does."""
        lines = "".join(f"{name.replace('_', ' ')}={value}\n" for name, value in settings.items())
        path = Path(self.session.environ["XDG_CONFIG_HOME"], "kwalletrc")
        path.write_text(f"[Wallet]\n{lines}\n[org.freedesktop.secrets]\napiEnabled={str(self.is_service).lower()}\n")

    def start(self, *, unlocked: bool = True) -> None:
        """Start the daemon; the first unlocked start makes the wallet, a later locked one finds it closed."""
        if unlocked:
            self._start_as_logging_in()
        else:
            self._popen()
        wait_until(lambda: self._answers(unlocked=unlocked), seconds=60)

    def _start_as_logging_in(self) -> None:
        """Hand the password's hash over by a pipe and the environment by a socket, as pam_kwallet does."""
        path = self.session.folder / "kwallet.socket"
        reader, writer = os.pipe()
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            numbers = (reader, listener.fileno())
            self._popen("--pam-login", *map(str, numbers), pass_fds=numbers, PAM_KWALLET5_LOGIN=str(path))
        os.close(reader)
        os.write(writer, self._key())
        os.close(writer)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            connection.sendall("".join(f"{name}={value}\n" for name, value in self.environ.items()).encode())
        path.unlink()

    def _key(self) -> bytes:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        salt = self.folder / f"{WALLET}.salt"
        if not salt.exists():
            salt.write_bytes(os.urandom(SALT_BYTES))
        return hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt.read_bytes(), ROUNDS, KEY_BYTES)

    def _popen(self, *words: str, pass_fds: tuple[int, ...] = (), **more: str) -> None:
        self._daemon = subprocess.Popen(
            ["kwalletd5", *words],
            env={**self.environ, **more},
            pass_fds=pass_fds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _answers(self, *, unlocked: bool) -> bool:
        return self.is_running() and (not unlocked or self.is_open())

    def is_running(self) -> bool:
        with Conversation(self.session.address, 5) as bus:
            return bool(bus.call(method_call(BUS, "NameHasOwner", "s", NAME, answer="b"))[0][0])

    def is_open(self) -> bool:
        with Conversation(self.session.address, 5) as bus:
            return bool(bus.call(method_call(DAEMON, "isOpen", "s", WALLET, answer="b"))[0][0])

    def lock(self) -> None:
        """Close the wallet, as the person may."""
        with Conversation(self.session.address, 5) as bus:
            bus.call(method_call(DAEMON, "close", "sb", WALLET, True, answer="i"))
        assert not self.is_open()

    def users(self) -> list[str]:
        """The applications that hold the wallet."""
        with Conversation(self.session.address, 5) as bus:
            return list(bus.call(method_call(DAEMON, "users", "s", WALLET, answer="as"))[0][0])

    def entries(self, folder: str = "gumauth") -> dict[str, str]:
        """The passwords in a folder, as another program sees them."""
        with self._opened() as (bus, handle):
            ((keys,),) = bus.call(method_call(DAEMON, "entryList", "iss", handle, folder, "test", answer="as"))
            calls = [
                method_call(DAEMON, "readPassword", "isss", handle, folder, key, "test", answer="s") for key in keys
            ]
            return dict(zip(keys, [str(text) for (text,) in bus.call(*calls)] if calls else [], strict=True))

    def put(self, key: str, text: str, folder: str = "gumauth") -> None:
        """What the `keyring` library does with an entry: the very same call."""
        with self._opened() as (bus, handle):
            asked = method_call(DAEMON, "writePassword", "issss", handle, folder, key, text, "test", answer="i")
            assert bus.call(asked) == [(0,)]

    def put_bytes(self, key: str, content: bytes, folder: str = "gumauth") -> None:
        """Write an entry that is no password."""
        with self._opened() as (bus, handle):
            asked = method_call(DAEMON, "writeEntry", "issays", handle, folder, key, content, "test", answer="i")
            assert bus.call(asked) == [(0,)]

    def take_from(self, application: str) -> None:
        """Disconnect an application from the wallet."""
        with self._opened() as (bus, _handle):
            bus.call(method_call(DAEMON, "disconnectApplication", "ss", WALLET, application, answer="b"))

    @contextlib.contextmanager
    def _opened(self) -> Iterator[tuple[Conversation, int]]:
        with Conversation(self.session.address, 5) as bus:
            ((handle,),) = bus.call(method_call(DAEMON, "open", "sxs", WALLET, 0, "test", answer="i"))
            yield bus, handle
            bus.call(method_call(DAEMON, "close", "ibs", handle, False, "test", answer="i"))

    def stop(self) -> None:
        """Let the daemon hang."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End the daemon; the bus has noticed when this returns."""
        self.end()
        wait_until(lambda: not self.is_running())

    def end(self) -> None:
        """End the process, by its id."""
        daemon, self._daemon = self._daemon, None
        if daemon is not None:
            daemon.kill()
            daemon.wait()


@pytest.fixture
def closed_kwallet(session_without_keyring: Session) -> Iterator[KWallet]:
    """A daemon that is not started yet; the session is KDE's."""
    need(programs=PROGRAMS)
    kwallet = KWallet(session_without_keyring)
    try:
        yield kwallet
    finally:
        kwallet.end()


@pytest.fixture
def kwallet(closed_kwallet: KWallet) -> KWallet:
    """An open wallet."""
    closed_kwallet.start()
    return closed_kwallet


__all__ = ["KWallet", "closed_kwallet", "kwallet"]
