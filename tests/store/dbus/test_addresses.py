"""Where the session bus is looked for, and how it is entered."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from gumauth.platform.folders import locate
from gumauth.store.dbus.addresses import session_bus
from gumauth.store.dbus.conversation import BUS, BusUnreachable, Conversation, method_call
from gumauth.store.keyring_lock import lock_path
from tests.parts.need import need
from tests.parts.people import NOBODY, Nobody
from tests.parts.secret_service import BUS_CONFIGURATION, Session

LET_IN = b"OK 0123456789abcdef\r\n"
Say = Callable[[bytes], bytes | None]


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gumauth-") as folder:  # a socket's path has at most 107 characters
        yield Path(folder)


@contextmanager
def listening(path: str | bytes, say: Say) -> Iterator[list[bytes]]:
    """A bus as far as its door, at a path or an abstract name; gives the lines that were said to it.

    Args:
        path: Where.
        say: Gives the answer to a line; None hangs up.
    """
    heard: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        thread = threading.Thread(target=_serve, args=(listener, say, heard))
        thread.start()
        try:
            yield heard
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(listener: socket.socket, say: Say, heard: list[bytes]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, connection.makefile("rwb", buffering=0) as lines:
            while line := lines.readline():
                heard.append(line)
                if (answer := say(line)) is None:
                    break
                lines.write(answer)


def lets_in(_line: bytes) -> bytes:
    return LET_IN


def refuses(_line: bytes) -> bytes:
    return b"REJECTED KERBEROS_V4\r\n"


def hangs_up(_line: bytes) -> None:
    return None


def enter(address: str | None) -> None:
    Conversation(address, 5).close()


@pytest.mark.parametrize("first", ["absent", "a file", "refuses", "hangs up", "too long"])
def test_each_address_of_a_list_is_tried_in_turn(folder: Path, first: str) -> None:
    (folder / "file").touch()
    with ExitStack() as stack:
        stack.enter_context(listening(f"{folder}/refuses", refuses))
        stack.enter_context(listening(f"{folder}/hangs", hangs_up))
        heard = stack.enter_context(listening(f"{folder}/bus", lets_in))
        there = {
            "absent": f"unix:path={folder}/absent",
            "a file": f"unix:path={folder}/file",
            "refuses": f"unix:path={folder}/refuses",
            "hangs up": f"unix:path={folder}/hangs",
            "too long": f"unix:path=/{'x' * 200}",
        }
        enter(f"{there[first]};unix:path={folder}/bus,guid=00")
        assert len(heard) == 1
        with pytest.raises(BusUnreachable):
            enter(f"{there[first]};unix:path={folder}/absent")


def test_an_abstract_socket_stands_in_the_list_too(folder: Path) -> None:
    name = os.urandom(8).hex()
    with listening(f"\0{name}".encode(), lets_in) as heard:
        enter(f"unix:path={folder}/absent;unix:abstract={name}")
    assert len(heard) == 1


@pytest.mark.parametrize(
    "other",
    [
        "autolaunch:",
        "autolaunch:scope=*user",
        "unixexec:path=/bin/false",
        "tcp:host=127.0.0.1,port=1",
        "unix:tmpdir=/tmp",
    ],
)
def test_what_names_no_socket_is_passed_over(folder: Path, other: str) -> None:
    """Nothing is started, and nobody's network asked; what is for servers only names a folder."""
    with listening(f"{folder}/bus", lets_in) as heard:
        enter(f"{other};unix:path={folder}/bus")
        assert len(heard) == 1
        with pytest.raises(BusUnreachable):
            enter(other)


@pytest.mark.requirement("K6")
def test_all_of_a_list_has_one_deadline(folder: Path) -> None:
    with ExitStack() as stack:
        for number in range(5):
            stack.enter_context(listening(f"{folder}/{number}", lambda _line: b""))
        address = ";".join(f"unix:path={folder}/{number}" for number in range(5))
        begun = time.monotonic()
        with pytest.raises(TimeoutError):
            Conversation(address, 0.3)
        assert time.monotonic() - begun < 2


@pytest.mark.requirement("Y3")
def test_another_users_socket_in_a_list_is_told_nothing_and_passed_over(folder: Path, nobody: Nobody) -> None:
    theirs = f"{nobody.home}/bus"
    listen = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); print(1, flush=True);"
        "c, _ = s.accept(); c.settimeout(5); print(len(c.recv(1000)), flush=True)"
    )
    command = [nobody.python, "-c", listen, theirs]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, user=NOBODY, cwd="/") as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "1\n"
            with listening(f"{folder}/bus", lets_in) as heard:
                enter(f"unix:path={theirs};unix:path={folder}/bus")
            assert len(heard) == 1
            assert process.stdout.readline() == "0\n"
        finally:
            process.kill()


class TestWithoutTheVariable:
    """What a desktop starts, or cron, may have next to nothing in its environment."""

    def test_the_runtime_folders_bus_is_taken(self, folder: Path) -> None:
        environ = {"XDG_RUNTIME_DIR": str(folder)}
        assert session_bus(environ, "/nonexistent") is None
        with listening(f"{folder}/bus", lets_in) as heard:
            assert session_bus(environ) == f"unix:path={folder}/bus"
            enter(session_bus({**environ, "DBUS_SESSION_BUS_ADDRESS": ""}))
        assert len(heard) == 1

    @pytest.mark.requirement("H6")
    def test_the_usual_folder_counts_where_the_variable_names_one_without_a_bus(self, folder: Path) -> None:
        usual, named = folder / "usual", folder / "named"
        for each in (usual, named):
            each.mkdir()
        (usual / "bus").touch()
        environ = {"XDG_RUNTIME_DIR": str(named)}
        assert session_bus(environ, str(usual)) == f"unix:path={usual}/bus"
        assert session_bus({}, str(usual)) == f"unix:path={usual}/bus"
        (named / "bus").touch()
        assert session_bus(environ, str(usual)) == f"unix:path={named}/bus"

    def test_a_folder_may_have_any_name(self, folder: Path) -> None:
        odd = folder / "a, b;c=ä%41"
        odd.mkdir()
        with listening(f"{odd}/bus", lets_in) as heard:
            enter(session_bus({"XDG_RUNTIME_DIR": str(odd)}))
        assert len(heard) == 1

    def test_the_variable_is_heeded_before(self, folder: Path) -> None:
        (folder / "bus").touch()
        environ = {"XDG_RUNTIME_DIR": str(folder), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/other"}
        assert session_bus(environ) == "unix:path=/other"
        environ["DBUS_SESSION_BUS_ADDRESS"] = "autolaunch:;unix:runtime=yes"
        assert session_bus(environ) == f"autolaunch:;unix:path={folder}/bus"

    @pytest.mark.keyring
    def test_a_token_is_found(self, secret_service: Session, folder: Path) -> None:
        from tests.cli.program import process
        from tests.cli.test_imports import with_record

        with_record(secret_service.environ)
        environ = {**secret_service.environ, "XDG_RUNTIME_DIR": str(folder)}
        os.symlink(f"{secret_service.folder}/bus", folder / "bus")
        del environ["DBUS_SESSION_BUS_ADDRESS"]
        path = os.pathsep.join(filter(None, sys.path))
        assert process({**environ, "PYTHONPATH": path}, "token", "acme").out == "an-access-token\n"


def test_a_bus_that_refuses_our_number_is_asked_who_we_are(folder: Path) -> None:
    """It sees another one than we do where we are in a user namespace. Source: D-Bus Specification, EXTERNAL."""

    def say(line: bytes) -> bytes:
        return {b"AUTH EXTERNAL\r\n": b"DATA\r\n", b"DATA\r\n": LET_IN}.get(line, b"REJECTED EXTERNAL ANONYMOUS\r\n")

    with listening(f"{folder}/bus", say) as heard:
        enter(f"unix:path={folder}/bus")
    number = str(os.geteuid()).encode().hex().encode()
    assert heard == [b"\0AUTH EXTERNAL " + number + b"\r\n", b"AUTH EXTERNAL\r\n", b"DATA\r\n"]


def test_nor_is_that_asked_for_ever(folder: Path) -> None:
    for answer in (b"REJECTED EXTERNAL\r\n", b"DATA\r\n", b"DATA 00\r\n", b"ERROR\r\n", b"\r\n"):
        path = f"{folder}/{answer.hex()}"
        with listening(path, lambda _line, answer=answer: answer) as heard, pytest.raises(BusUnreachable):  # type: ignore[misc]
            enter(f"unix:path={path}")
        assert len(heard) <= 3


IN_A_NAMESPACE = """
import os, sys
from gumauth.store.dbus.conversation import BUS, Conversation, method_call
assert os.geteuid() == 0
with Conversation(sys.argv[1], 5) as bus:
    print(bus.call(method_call(BUS, "GetId", answer="s"))[0][0])
"""


@pytest.mark.keyring
def test_a_real_bus_is_entered_from_a_user_namespace(nobody: Nobody) -> None:
    """As a container without root does: the bus runs as a user with another number than we have there."""
    need(programs=("dbus-daemon", "unshare"))
    made = subprocess.run(
        ["unshare", "-Ur", "true"], user=NOBODY, group=NOBODY, cwd="/", check=False, capture_output=True
    )
    if made.returncode:
        pytest.skip("no user namespaces here")
    configuration = nobody.home / "bus.conf"
    configuration.write_text(BUS_CONFIGURATION.format(folder=nobody.home))
    configuration.chmod(0o644)
    daemon = ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address=1"]
    with subprocess.Popen(daemon, stdout=subprocess.PIPE, text=True, user=NOBODY, group=NOBODY, cwd="/") as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            done = subprocess.run(
                ["unshare", "-Ur", nobody.python, "-c", IN_A_NAMESPACE, address],
                env=nobody.environ(),
                user=NOBODY,
                group=NOBODY,
                extra_groups=[],
                cwd="/",
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
        finally:
            process.kill()
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.strip()) == 32


@pytest.mark.requirement("Y1")
def test_the_lock_is_beside_the_socket_that_is_there(folder: Path) -> None:
    """However a process was told of the bus: by a list, or not at all."""
    home = locate({"GUMAUTH_HOME": str(folder / "home")})
    with listening(f"{folder}/bus", lets_in):
        expected = f"{folder}/gumauth-keyring.lock"
        listed = f"unix:path=/nonexistent/bus;autolaunch:;unix:path={folder}/bus"
        for address in (f"unix:path={folder}/bus", listed, session_bus({"XDG_RUNTIME_DIR": str(folder)})):
            assert lock_path(address, home) == expected


@pytest.mark.keyring
def test_a_real_bus_answers_through_a_list(secret_service: Session) -> None:
    with Conversation(f"unix:path=/nonexistent;{secret_service.address}", 5) as bus:
        asked = method_call(BUS, "NameHasOwner", "s", "org.freedesktop.secrets", answer="b")
        assert bus.call(asked) == [(1,)]
