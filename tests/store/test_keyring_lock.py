"""The lock that all processes share at the keyring."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from gumauth.platform.folders import Home
from gumauth.store import keyring_lock
from gumauth.store.keyring_lock import KeyringLock, KeyringLockTimeout, OneThread, lock_path
from tests.parts.people import Nobody


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(data=str(tmp_path / "data"), service="gumauth")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for the socket of a bus, which is this user's alone."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    return folder


@pytest.mark.requirement("K14", "Y1")
def test_the_lock_is_beside_the_socket_of_the_bus(home: Home, folder: Path) -> None:
    """There is one daemon, however many homes."""
    expected = f"{folder}/gumauth-keyring.lock"
    for address in (
        "unix:path={}/bus",
        "unix:path={}/bus,guid=0;tcp:host=localhost",
        "unix:runtime=yes;unix:path={}/b",
    ):
        assert lock_path(address.format(folder), home) == expected


@pytest.mark.requirement("Y1")
def test_a_link_to_the_socket_leads_to_the_same_lock(home: Home, folder: Path, tmp_path: Path) -> None:
    (folder / "bus").touch()
    (tmp_path / "bus").symlink_to(folder / "bus")
    (tmp_path / "folder").symlink_to(folder)
    for path in (tmp_path / "bus", tmp_path / "folder" / "bus"):
        assert lock_path(f"unix:path={path}", home) == f"{folder}/gumauth-keyring.lock"


@pytest.mark.requirement("Y1", "Y3")
@pytest.mark.parametrize("mode", [0o770, 0o720, 0o702, 0o1777])
def test_in_a_folder_that_others_can_write_in_there_is_no_lock(home: Home, folder: Path, mode: int) -> None:
    folder.chmod(mode)
    assert lock_path(f"unix:path={folder}/bus", home) == f"{home.data}/locks/keyring.lock"


@pytest.mark.requirement("Y1", "Y3")
def test_nor_is_there_one_in_another_users_folder(home: Home, nobody: Nobody) -> None:
    assert nobody.home.stat().st_mode & 0o777 == 0o700
    assert lock_path(f"unix:path={nobody.home}/bus", home) == f"{home.data}/locks/keyring.lock"


@pytest.mark.requirement("Y1")
@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "junk",
        "unix:abstract=/run/x",
        "tcp:host=localhost",
        "unix:path=/nonexistent/bus",
        "unix:path=/a%00b/c",
    ],
)
def test_where_the_socket_is_in_no_folder_of_ours_the_lock_is_in_the_data_folder(
    home: Home, address: str | None
) -> None:
    assert lock_path(address, home) == f"{home.data}/locks/keyring.lock"


@pytest.mark.requirement("K14")
def test_one_at_a_time(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring_lock, "PATIENCE", 0.02)
    path = lock_path(None, home)
    with KeyringLock(path), pytest.raises(KeyringLockTimeout), KeyringLock(path):
        pass
    with KeyringLock(path):
        pass


@pytest.mark.requirement("K11", "K14")
def test_where_there_can_be_no_lock_things_go_on(tmp_path: Path) -> None:
    """A file is in the folder's place, as good as a read-only home: the lock guards the daemon, not the data."""
    (tmp_path / "locks").write_text("")
    entered = False
    with KeyringLock(str(tmp_path / "locks" / "keyring.lock")):
        entered = True
    assert entered


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_conversation_is_held_by_one_thread_and_a_fork_begins_anew() -> None:
    one, inside = OneThread(), []

    def work(number: int) -> None:
        with one:
            inside.append(number)
            time.sleep(0.01)
            inside.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert inside[::2] == inside[1::2]
    with one:
        child = os.fork()
        if child == 0:
            with one:
                os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
