"""A bus at which another user listens: a store and its worker tell it nothing."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from gumauth.client.context import Context
from gumauth.errors import NoBus, StoreError
from gumauth.store.dbus.addresses import paths, trusted
from gumauth.store.keyring.child import Child
from gumauth.store.keyring.store import KeyringStore
from tests.cli.program import environment, listed, process
from tests.parts.people import NOBODY, Nobody
from tests.store.dbus.bus import ADDRESS, KEY, Bus


@pytest.fixture
def bus() -> Iterator[Bus]:
    with Bus.running() as bus:
        yield bus


def test_an_address_of_sockets_at_which_this_user_listens_is_what_a_library_is_given(bus: Bus) -> None:
    """Nothing is sent to them, and other transports are left out."""
    with socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(b"\0" + os.urandom(8).hex().encode())
        abstract.listen()
        name = f"unix:abstract={abstract.getsockname()[1:].decode()}"
        for address, expected in (
            (bus.address, bus.address),
            (f"{bus.address},guid=0", bus.address),
            (f"tcp:host=127.0.0.1,port=1;{bus.address};unixexec:path=/bin/true", bus.address),
            (f"unix:path=/nonexistent;{bus.address}", bus.address),
            (f"{bus.address};{name},guid=0", f"{bus.address};{name}"),
            (f"{name},{bus.address.removeprefix('unix:')}", f"{bus.address};{name}"),
            ("unix:path=/nonexistent", ""),
            ("unix:path=/a%00b", ""),
            (f"unix:path=/{'x' * 200}", ""),
            ("junk", ""),
            ("", ""),
        ):
            assert trusted(address, 5) == expected, address
    assert bus.asked == []


LISTEN = """
import socket, sys
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1].replace("@", chr(0)))
listening.listen()
print("listening", flush=True)
while True:
    peer, _ = listening.accept()
    peer.settimeout(5)
    print(len(peer.recv(1000)), flush=True)
"""

DBUS = """
import os, socket

class DBusException(Exception):
    "As dbus-python has it."

def SessionBus(mainloop):
    for part in os.environ["DBUS_SESSION_BUS_ADDRESS"].split(";"):
        name = part.partition(":")[2].partition("=")[2].partition(",")[0]
        connection = socket.socket(socket.AF_UNIX)
        connection.connect("\\0" + name if "abstract=" in part else name)
        connection.sendall(b"\\0AUTH EXTERNAL 30\\r\\n")
        connection.recv(1000)
    raise DBusException("enough")
"""


class Theirs:
    """A socket at which another user listens.

    Args:
        address: Where, as in DBUS_SESSION_BUS_ADDRESS.
        told: Gives the number of bytes that the next one to connect has sent.
    """

    def __init__(self, address: str, told: Callable[[], str]) -> None:
        self.address, self.told = address, told


@pytest.fixture(params=["path", "abstract"])
def theirs(nobody: Nobody, request: pytest.FixtureRequest) -> Iterator[Theirs]:
    name = f"{nobody.home}/bus"
    place = name if request.param == "path" else f"@{name}"
    command = [nobody.python, "-c", LISTEN, place]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, user=NOBODY, group=NOBODY, cwd="/") as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "listening\n"
            yield Theirs(f"unix:{request.param}={name}", process.stdout.readline)
        finally:
            process.kill()


@pytest.fixture
def stub_of_dbus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's `dbus`, as far as it connects to a bus."""
    (tmp_path / "modules" / "dbus" / "mainloop").mkdir(parents=True)
    (tmp_path / "modules" / "dbus" / "__init__.py").write_text(DBUS)
    (tmp_path / "modules" / "dbus" / "mainloop" / "__init__.py").touch()
    (tmp_path / "modules" / "dbus" / "mainloop" / "glib.py").write_text("DBusGMainLoop = object\n")
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Callable[..., KeyringStore]]:
    """Makes stores that use the `keyring` library, and ends their workers."""
    made: list[KeyringStore] = []

    def make(name: str, address: str, **environ: str) -> KeyringStore:
        environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], ADDRESS: address, **environ}
        made.append(KeyringStore(name, Context(environ)))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.requirement("Y3")
@pytest.mark.usefixtures("stub_of_dbus")
def test_kwallet_is_asked_at_a_bus_of_this_user_only(
    bus: Bus, theirs: Theirs, library: Callable[..., KeyringStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The `keyring` library connects by itself, and asks nobody whose the bus is."""
    with pytest.raises(StoreError, match="KWallet failed: DBusException"):  # the stub ends after it has connected
        library("KWallet", bus.address).get(KEY)
    monkeypatch.setattr(Child, "__init__", _start_none)
    for address in (theirs.address, f"{bus.address};{theirs.address}", f"{theirs.address};{bus.address}"):
        with pytest.raises(NoBus) as caught:
            library("KWallet", address).set(KEY, "{}")
        assert caught.value.exit_code == 6
        assert theirs.told() == "0\n"


def _start_none(*_arguments: object) -> None:
    pytest.fail("a worker was started")


@pytest.mark.requirement("Y3", "K7")
@pytest.mark.parametrize("name", ["KWallet", "Secret Service", "keyring.backends.kwallet.DBusKeyringKWallet4"])
@pytest.mark.parametrize("address", ["", "tcp:host=127.0.0.1,port=1", "autolaunch:", "unix:path=/nonexistent"])
def test_without_a_socket_to_look_at_there_is_no_bus(
    library: Callable[..., KeyringStore], monkeypatch: pytest.MonkeyPatch, name: str, address: str
) -> None:
    """Whose the other end of a network is, cannot be seen, and what a library finds on its own neither."""
    monkeypatch.setattr(Child, "__init__", _start_none)
    store = library(name, address)
    store.warm()  # says nothing: it is only a beginning
    with pytest.raises(NoBus):
        store.get(KEY)


@pytest.mark.requirement("Y3")
@pytest.mark.usefixtures("stub_of_dbus")
def test_another_users_bus_is_told_nothing_by_a_worker(theirs: Theirs, library: Callable[..., KeyringStore]) -> None:
    with pytest.raises(StoreError):
        library("KWallet", theirs.address).set(KEY, "{}")
    assert theirs.told() == "0\n"


@pytest.mark.requirement("Y3")
@pytest.mark.parametrize("theirs", ["abstract"], indirect=True)
def test_nor_where_libraries_take_another_part_of_the_address_than_we(
    bus: Bus, theirs: Theirs, library: Callable[..., KeyringStore]
) -> None:
    """Of an address with both, jeepney takes the abstract one; which one it is, is for nobody to guess."""
    both = f"{theirs.address},{bus.address.removeprefix('unix:')}"
    with pytest.raises(NoBus):
        library("Secret Service", both, KEYRING_PROPERTY_SCHEME="default").get(KEY)
    assert theirs.told() == "0\n"
    assert bus.asked == []


@pytest.mark.requirement("Y3")
def test_a_backend_that_may_need_no_bus_is_given_none_that_is_another_users(
    bus: Bus, theirs: Theirs, library: Callable[..., KeyringStore]
) -> None:
    spy = "tests.store.fakes.SpyKeyring"
    for address, expected in (
        (theirs.address, "disabled:"),
        (f"{bus.address};{theirs.address}", "disabled:"),
        (f"{bus.address},guid=0", bus.address),
        ("unix:path=/nonexistent", "disabled:"),
        ("", "disabled:"),
    ):
        assert json.loads(library(spy, address).get(KEY) or "")["environ"][ADDRESS] == expected


@pytest.mark.parametrize(("platform", "address"), [("darwin", "launchd:env=X"), ("freebsd14", "unix:path=/a,guid=0")])
def test_on_other_systems_a_backend_finds_the_bus_on_its_own(
    library: Callable[..., KeyringStore], monkeypatch: pytest.MonkeyPatch, platform: str, address: str
) -> None:
    monkeypatch.setattr("gumauth.store.keyring.store.sys", SimpleNamespace(platform=platform))
    store = library("tests.store.fakes.SpyKeyring", address)
    assert json.loads(store.get(KEY) or "")["environ"][ADDRESS] == address
    del store._run.environ[ADDRESS]  # type: ignore[attr-defined]
    store.close()
    assert ADDRESS not in json.loads(store.get(KEY) or "")["environ"]


@pytest.mark.requirement("Y3")
def test_a_bus_that_becomes_another_users_is_found_at_the_next_request(
    bus: Bus, nobody: Nobody, library: Callable[..., KeyringStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker serves many requests, and connects anew for each."""
    monkeypatch.setattr("gumauth.store.keyring.store.SPEAKS_TO_BUS", ("tests.",))
    store = library("tests.store.fakes.FileKeyring", bus.address, KEYRING_FAKE_FILE=str(nobody.home / "entries"))
    store.set(KEY, "{}")
    path = next(paths(bus.address))
    os.rename(path, f"{path}.ours")
    with subprocess.Popen(
        [nobody.python, "-c", LISTEN, f"{nobody.home}/bus"], stdout=subprocess.PIPE, text=True, user=NOBODY, cwd="/"
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "listening\n"
            os.symlink(f"{nobody.home}/bus", path)
            with pytest.raises(NoBus):
                store.get(KEY)
            assert process.stdout.readline() == "0\n"
        finally:
            process.kill()
            os.unlink(path)
            os.rename(f"{path}.ours", path)


@pytest.mark.requirement("Y3")
@pytest.mark.usefixtures("stub_of_dbus")
def test_the_program_tells_another_users_bus_nothing(theirs: Theirs, tmp_path: Path) -> None:
    environ = {
        **environment(tmp_path),
        "GUMAUTH_STORE": "keyring",
        "GUMAUTH_KEYRING": "keyring.backends.kwallet.DBusKeyring",
        "PYTHONPATH": os.pathsep.join([str(tmp_path / "modules"), *filter(None, sys.path)]),
        ADDRESS: theirs.address,
    }
    listed(environ, "acme", "ada@example.com", grant="g", store="KWallet")
    ended = process(environ, "token", "acme")
    assert (ended.status, ended.out) == (6, ""), ended
    assert "There is no D-Bus session here" in ended.err
    assert theirs.told() == "0\n"
