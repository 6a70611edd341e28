"""Whoever listens in the place of the session bus: nobody, this user's real keyring, another user, a program that lies.

The account's record is in a real gnome-keyring. Whatever the variable names and whoever listens there, nothing is said
to another user's program, and every command ends. Needs root for the other user, gnome-keyring and dbus-daemon.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from tests.parts.people import NOBODY, PYTHONS
from tests.parts.secret_service import PROGRAMS, Session
from tests.programs.enemy import BY_NAME, Row, Scene
from tests.programs.stage import session
from tests.store.dbus.bus import Bus

SMALL = 22
BUS = "DBUS_SESSION_BUS_ADDRESS"
LET_IN = b"OK 0123456789abcdef0123456789abcdef\r\n"
AS_NOBODY = {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": "/"}

RECORD = """
import socket, sys, threading
def hear(peer):
    while data := peer.recv(1 << 16):
        print(data.hex(), flush=True)
        try:
            peer.sendall(b"OK 0123456789abcdef0123456789abcdef\\r\\n")
        except OSError:
            pass
def serve(listening):
    while True:
        threading.Thread(target=hear, args=(listening.accept()[0],), daemon=True).start()
listeners = [socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX), socket.socket()]
for listening, place in zip(listeners, (sys.argv[1], "\\0" + sys.argv[1], ("127.0.0.1", 0))):
    listening.bind(place)
    listening.listen()
    threading.Thread(target=serve, args=(listening,), daemon=True).start()
print(listeners[2].getsockname()[1], flush=True)
sys.stdin.read()
"""
"""Takes everything that it is sent, prints it, and lets in whoever speaks; it ends with its standard input."""

OF_ANOTHER_USER = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <listen>unix:abstract={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
"""


@dataclass(frozen=True)
class Peer:
    """Somebody who may listen.

    Args:
        path: Of a socket; the abstract one has the same name.
        port: Of TCP on 127.0.0.1; 0 where nobody listens there.
        heard: What another user's program has heard so far.
    """

    path: str
    port: int = 0
    heard: Callable[[], list[str]] = list


Listen = Callable[[Path], AbstractContextManager[Peer]]
"""Begins to listen in a folder that everybody may enter."""


def _python() -> str:
    """An interpreter that another user may run."""
    for python in PYTHONS:
        with contextlib.suppress(OSError):
            if subprocess.run([python, "-c", ""], check=False, capture_output=True, **AS_NOBODY).returncode == 0:  # type: ignore[call-overload]
                return python
    raise FileNotFoundError("there is no Python that another user may run")


class Heard:
    """The lines that a process prints, from the one on that says that it is ready."""

    def __init__(self, process: subprocess.Popen[str], ready: Callable[[str], bool]) -> None:
        assert process.stdout is not None
        self.first = next(line.strip() for line in process.stdout if ready(line))
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self.lines.extend, args=(process.stdout,))
        self._reader.start()

    def end(self) -> None:
        self._reader.join()


def _another(*command: str) -> subprocess.Popen[str]:
    """A process of the other user's."""
    return subprocess.Popen(  # type: ignore[no-any-return,call-overload]
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **AS_NOBODY
    )


@contextmanager
def _ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    with process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def recorder(folder: Path) -> Iterator[Peer]:
    """A program of another user's that takes whatever it is sent."""
    os.chown(folder, NOBODY, NOBODY)
    path = f"{folder}/bus"
    with ExitStack() as stack:
        process = stack.enter_context(_ended(_another(_python(), "-c", RECORD, path)))
        said = Heard(process, lambda line: True)
        stack.callback(said.end)
        stack.callback(process.kill)
        yield Peer(path, int(said.first), lambda: said.lines)


@contextmanager
def daemon_of_another(folder: Path) -> Iterator[Peer]:
    """A real bus of another user's, on which they see every message."""
    os.chown(folder, NOBODY, NOBODY)
    path, configuration = f"{folder}/bus", folder / "bus.conf"
    configuration.write_text(OF_ANOTHER_USER.format(path=path))
    configuration.chmod(0o644)
    with ExitStack() as stack:
        start = ("dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address=1")
        bus = stack.enter_context(_ended(_another(*start)))
        assert bus.stdout is not None
        bus.stdout.readline()
        monitor = stack.enter_context(_ended(_another("dbus-monitor", "--address", f"unix:path={path}")))
        said = Heard(monitor, lambda line: "NameLost" in line)
        stack.callback(said.end)
        stack.callback(monitor.kill)
        yield Peer(path, 0, lambda: [line for line in said.lines if line.startswith("method call")])


@contextmanager
def nobody(folder: Path) -> Iterator[Peer]:
    yield Peer(f"{folder}/bus", _free_port())


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def stale(folder: Path) -> Iterator[Peer]:
    """A socket's file whose program has ended."""
    with socket.socket(socket.AF_UNIX) as ended:
        ended.bind(f"{folder}/bus")
    yield Peer(f"{folder}/bus", _free_port())


def _says(greet: Callable[[socket.socket], None]) -> Listen:
    """A program of this user's that does this with every connection, until it is closed."""

    @contextmanager
    def listen(folder: Path) -> Iterator[Peer]:
        listeners = [socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX), socket.socket()]
        listeners[0].bind(f"{folder}/bus")
        listeners[1].bind(f"\0{folder}/bus")
        listeners[2].bind(("127.0.0.1", 0))
        for listening in listeners:
            listening.listen()
        crowd = Crowd(greet)
        threads = [threading.Thread(target=crowd.serve, args=(listening,)) for listening in listeners]
        for thread in threads:
            thread.start()
        try:
            yield Peer(f"{folder}/bus", int(listeners[2].getsockname()[1]))
        finally:
            for listening in listeners:
                listening.shutdown(socket.SHUT_RDWR)
            crowd.end()
            for thread, listening in zip(threads, listeners, strict=True):
                thread.join()
                listening.close()

    return listen


class Crowd:
    """The connections of a program that listens, each on a thread of its own.

    Args:
        greet: What is done with each.
    """

    def __init__(self, greet: Callable[[socket.socket], None]) -> None:
        self._greet = greet
        self._is_over = False
        self._lock = threading.Lock()
        self._open: list[tuple[threading.Thread, socket.socket]] = []

    def serve(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with self._lock:
                    if self._is_over:
                        connection.close()
                        return
                    thread = threading.Thread(target=self._hold, args=(connection,))
                    self._open.append((thread, connection))
                    thread.start()

    def _hold(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            self._greet(connection)

    def end(self) -> None:
        with self._lock:
            self._is_over = True
        for thread, connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()


def _silent(connection: socket.socket) -> None:
    while connection.recv(1 << 16):
        pass


def _hangs_up(connection: socket.socket) -> None:
    connection.recv(100)


def _hangs_up_later(connection: socket.socket) -> None:
    connection.recv(100)
    connection.sendall(LET_IN)
    connection.recv(1 << 16)


def _drips(connection: socket.socket) -> None:
    connection.sendall(LET_IN)
    while True:
        connection.sendall(b"l")
        time.sleep(0.02)


def _floods(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"x" * (1 << 16))


def _floods_later(connection: socket.socket) -> None:
    connection.sendall(LET_IN)
    while True:
        connection.sendall(b"l\2\0\1\0\0\0\0\1\0\0\0\0\0\0\0" * 4096)


@contextmanager
def liar(folder: Path) -> Iterator[Peer]:
    """A bus of this user's that answers with other types than the specification says."""
    bus = Bus(f"{folder}/bus")
    names = ("ListNames", "ListActivatableNames", "OpenSession", "ReadAlias", "Get", "SearchItems", "CreateItem")
    bus.instead = dict.fromkeys(names, ("a{us}", ({7: "x"},)))
    try:
        yield Peer(f"{folder}/bus")
    finally:
        bus.end()


def _real(desk: Session) -> Listen:
    @contextmanager
    def listen(folder: Path) -> Iterator[Peer]:
        yield Peer(f"{desk.folder}/bus")

    return listen


LISTENERS: dict[str, Listen] = {
    "nobody": nobody,
    "a stale socket": stale,
    "another user's bus": daemon_of_another,
    "another user's program": recorder,
    "a program that says nothing": _says(_silent),
    "a program that hangs up": _says(_hangs_up),
    "a program that lets in and hangs up": _says(_hangs_up_later),
    "a program that drips": _says(_drips),
    "a program that floods": _says(_floods),
    "a program that lets in and floods": _says(_floods_later),
    "a program that lies": liar,
}
REAL = "this user's keyring"

FORMS: dict[str, str | None] = {
    "unix:path": "unix:path={path}",
    "unix:path with guid": "unix:path={path},guid=0123456789abcdef0123456789abcdef",
    "unix:path escaped": "unix:path={escaped}",
    "unix:abstract": "unix:abstract={path}",
    "nobody, then unix:path": "unix:path={path}-not-there;unix:path={path}",
    "unix:path, then the keyring": "unix:path={path};{real}",
    "unix:abstract, then the keyring": "unix:abstract={path};{real}",
    "abstract and the keyring's path in one": "unix:abstract={path},path={desk}/bus",
    "tcp, then unix:path": "tcp:host=127.0.0.1,port={port};unix:path={path}",
    "tcp": "tcp:host=127.0.0.1,port={port}",
    "nonce-tcp": "nonce-tcp:host=127.0.0.1,port={port},noncefile={folder}/nonce",
    "unix:tmpdir": "unix:tmpdir={folder}",
    "unix:dir": "unix:dir={folder}",
    "unix:runtime": "unix:runtime=yes",
    "unixexec": "unixexec:path={program}",
    "autolaunch": "autolaunch:",
    "a relative path": "unix:path=bus",
    "a path that is too long": "unix:path={path}" + "x" * 200,
    "a path with a NUL": "unix:path={path}%00",
    "nonsense": "%zz:=;,,;unix:;unix:path=;\n\x1b[2J",
    "empty": "",
    "unset": None,
}
"""The variable. In it stand {path}, {port}, {real} (the keyring's address), {desk} (its folder), {program}."""

ARE_THEIRS = ("another user's bus", "another user's program")
REACHES_KEYRING = ("unix:path", "unix:path with guid", "unix:path escaped")
MAY_REACH = (
    "nobody, then unix:path",
    "a path with a NUL",
    "tcp, then unix:path",
    "unix:runtime",
    "autolaunch",
    "empty",
    "unset",
)
"""Forms in which the keyring may be found behind something else: that is right, and so is not to look."""

STORES: dict[str, dict[str, str]] = {
    "the usual store": {},
    "PYTHON_KEYRING_BACKEND": {"PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring"},
    "KEYRING_PROPERTY": {"KEYRING_PROPERTY_SCHEME": "default"},
}
NAMES = ("token --json acme", "connect FILE --no-browser", "list", "doctor", "disconnect acme")


@contextmanager
def rows(chance: random.Random | None) -> Iterator[list[Row]]:
    with session() as desk:
        listeners = {**LISTENERS, REAL: _real(desk)}
        everything = [
            _row(desk, form, listener, listeners[listener], name, store)
            for form, listener, name, store in product(FORMS, listeners, NAMES, STORES)
        ]
        yield everything if chance is None else chance.sample(everything, SMALL)


def _row(desk: Session, form: str, listener: str, listen: Listen, name: str, store: str) -> Row:
    def act(scene: Scene) -> None:
        kept = {name: value for name, value in desk.environ.items() if name != "HOME"}
        scene.begin({**kept, "HOME": str(scene.folder)})
        with tempfile.TemporaryDirectory(prefix="enemy-") as folder, listen(_entered(folder)) as peer:
            environ = _environ(scene, desk, peer, form)
            played = scene.run(BY_NAME[name], {**environ, **STORES[store]})
            scene.ends(played, _allowed(form, listener, name))
            scene.check(not peer.heard(), f"another user has heard {peer.heard()[:3]}")
            scene.check(not (scene.folder / "was started").exists(), "a program that an address names was started")
        scene.truth()

    return Row(f"peers: {form}: {listener}, {name}, {store}", act)


def _entered(folder: str) -> Path:
    os.chmod(folder, 0o755)
    return Path(folder)


def _environ(scene: Scene, desk: Session, peer: Peer, form: str) -> dict[str, str]:
    """The variables of a form; without an address, libraries look for `bus` in the folder for the run."""
    run, program = scene.folder / "run", scene.folder / "program"
    run.mkdir(mode=0o700)
    (run / "bus").symlink_to(peer.path)
    program.write_text(f"#!/bin/sh\ntouch '{scene.folder}/was started'\n")
    program.chmod(0o700)
    environ = {**scene.environ, "XDG_RUNTIME_DIR": str(run)}
    address = FORMS[form]
    if address is None:
        del environ[BUS]
        return environ
    escaped = "".join(f"%{byte:02x}" for byte in peer.path.encode())
    here = {"path": peer.path, "folder": os.path.dirname(peer.path), "escaped": escaped, "program": program}
    environ[BUS] = address.format(**here, port=peer.port or _free_port(), real=desk.address, desk=desk.folder)
    return environ


def _allowed(form: str, listener: str, name: str) -> frozenset[int]:
    if name in ("list", "doctor"):
        return BY_NAME[name].usual
    if listener == REAL and form in REACHES_KEYRING:
        return frozenset({0})
    may_reach = (listener == REAL and form in MAY_REACH) or "the keyring" in form
    return frozenset({0, 6}) if may_reach else frozenset({6})


def why_not() -> str | None:
    """Why the table cannot be played here; None where it can."""
    missing = [name for name in (*PROGRAMS, "dbus-monitor") if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    return None if os.geteuid() == 0 else "only root can run a program as another user"
