"""A real KeePassXC on a bus of its own, with one open database, ended by its process's id."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gumauth.store.dbus.conversation import BUS, BusError, Conversation, method_call, property_call
from gumauth.store.dbus.message import BusObject
from gumauth.store.dbus.secret_items import COLLECTION, DEFAULT, NOTHING, SECRETS
from tests.parts.need import need
from tests.parts.secret_service import PASSWORD, Session, wait_until

PROGRAMS = ("dbus-daemon", "keepassxc")
SETTINGS = """[General]
ConfigVersion=2
UpdateCheckMessageShown=true

[GUI]
CheckForUpdates=false
ShowTrayIcon=false

[Security]
LockDatabaseScreenLock=false

[FdoSecrets]
Enabled=true
ShowNotification=false
ConfirmAccessItem={access}
ConfirmDeleteItem={deletion}
"""


class KeePassXC:
    """The program in a person's session.

    Args:
        session: With a bus.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.database = session.folder / "home" / "passwords.kdbx"
        # It keeps a lock and a socket there, so that there is one for each user.
        self.environ = {**session.environ, "TMPDIR": str(session.folder / "run"), "QT_QPA_PLATFORM": "offscreen"}
        self._program: subprocess.Popen[bytes] | None = None

    def show_on(self, display: str) -> None:
        """Have it show its dialogs, from the next start on; else they are shown nowhere, and wait."""
        self.environ.update(DISPLAY=display, QT_QPA_PLATFORM="xcb")

    def start(self, *, access: bool = False, deletion: bool = True, unlocked: bool = True) -> None:
        """Start it.

        Args:
            access: Whether it is set to ask before a program may have an entry; so it is, when it is new.
            deletion: Whether it is set to ask before a program may delete one; so it is, when it is new.
            unlocked: Whether the person has typed the database's password.
        """
        if not self.database.exists():
            make_database(self.database)
        settings = self.session.folder / "config" / "keepassxc.ini"
        settings.write_text(SETTINGS.format(access=str(access).lower(), deletion=str(deletion).lower()))
        local = self.session.folder / "cache" / "keepassxc.ini"
        words = ["--config", str(settings), "--localconfig", str(local), *(["--pw-stdin"] if unlocked else [])]
        self._program = subprocess.Popen(
            ["keepassxc", *words, str(self.database)],
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert self._program.stdin is not None
        if unlocked:
            self._program.stdin.write(PASSWORD.encode() + b"\n")
        self._program.stdin.close()
        wait_until(lambda: self._answers(unlocked=unlocked), seconds=60)

    def _answers(self, *, unlocked: bool) -> bool:
        try:
            with Conversation(self.session.address, 5) as bus:
                if not bus.call(method_call(BUS, "NameHasOwner", "s", SECRETS, answer="b"))[0][0]:
                    return False
                return not unlocked or self.is_open()
        except BusError:
            return False

    def is_open(self) -> bool:
        """Whether the database is open; asked without a search, which would have it ask the person."""
        with Conversation(self.session.address, 5) as bus:
            ((path,),) = bus.call(DEFAULT)
            if path == NOTHING:
                return False
            there = BusObject(path=path, destination=SECRETS, interface=COLLECTION)
            return not bus.call(property_call(there, "Locked", "b"))[0][0][1]

    @property
    def pid(self) -> int:
        assert self._program is not None
        return self._program.pid

    def passwords(self) -> list[tuple[str, str]]:
        """Title and password of every entry in the database as it is on disk, without what entries held before."""
        from pykeepass import PyKeePass

        database = PyKeePass(str(self.database), password=PASSWORD)
        return [(entry.title or "", entry.password or "") for entry in database.entries]

    def stop(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def end(self) -> None:
        """End the process, by its id."""
        program, self._program = self._program, None
        if program is not None:
            program.kill()
            program.wait()


def make_database(path: Path) -> None:
    """Make a database with a group for other programs in it, and a key that is quick to derive."""
    from pykeepass import create_database

    database = create_database(str(path), password=PASSWORD)
    header = database.kdbx.header
    cost = header.value.dynamic_header.kdf_parameters.data.dict
    cost.I.value, cost.M.value = 1, 1 << 20
    header.pop("data", None)  # what was read; it is written anew from the values
    _expose(database)
    database.save()


def _expose(database: object) -> None:
    """What "Database settings, Secret Service integration" writes."""
    from lxml import etree

    tree = database.tree  # type: ignore[attr-defined]
    meta, group = tree.find("Meta"), database.root_group  # type: ignore[attr-defined]
    data = meta.find("CustomData")
    if data is None:
        data = etree.SubElement(meta, "CustomData")
    item = etree.SubElement(data, "Item")
    etree.SubElement(item, "Key").text = "FDO_SECRETS_EXPOSED_GROUP"
    etree.SubElement(item, "Value").text = "{" + str(group.uuid) + "}"


@contextmanager
def session() -> Iterator[KeePassXC]:
    """The program, not started yet, on a bus of its own."""
    need(programs=PROGRAMS, modules=("pykeepass",))
    with tempfile.TemporaryDirectory(prefix="gumauth-", ignore_cleanup_errors=True) as folder:
        bus = Session(Path(folder))
        keepassxc = KeePassXC(bus)
        try:
            bus.start_bus()
            yield keepassxc
        finally:
            keepassxc.end()
            bus.end()


@pytest.fixture
def keepassxc() -> Iterator[KeePassXC]:
    """The program, not started yet."""
    with session() as keepassxc:
        yield keepassxc


@pytest.fixture(scope="module")
def unasking_keepassxc() -> Iterator[KeePassXC]:
    """One for all tests of a module, with an open database: programs may have entries without asking."""
    with session() as keepassxc:
        keepassxc.start()
        yield keepassxc


__all__ = ["KeePassXC", "keepassxc", "unasking_keepassxc"]
