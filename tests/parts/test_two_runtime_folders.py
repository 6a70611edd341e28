"""One keyring daemon, asked by processes whose folders are not the same: a desktop's, cron's, a service's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.accounts.record import Record
from gumauth.client.context import Context
from gumauth.platform.lock import Lock
from gumauth.store.keyring_lock import lock_path
from tests.accounts.directly import records_of
from tests.cli.program import listed
from tests.parts.secret_service import Session, wait_until

pytestmark = pytest.mark.keyring

TOKEN = [sys.executable, "-m", "gumauth", "token", "acme"]
SETTING = "KEYRING_PROPERTY_SCHEME"


@pytest.fixture
def token(secret_service: Session) -> str:
    """The access token of an account whose record is in the keyring."""
    token = os.urandom(16).hex()
    context = Context(secret_service.environ)
    account = listed(secret_service.environ, "acme", "ada@example.com", grant="g", store="Secret Service")
    records = records_of(context)
    account, _ = records.put(account, Record(access_token=token, grant="g", account={}))
    records.mark(account)
    return token


@pytest.fixture
def places(secret_service: Session, tmp_path: Path) -> list[dict[str, str]]:
    """The session's environment, and others of the same person on the same bus."""
    usual = {**secret_service.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    for name in ("run", "state"):
        (tmp_path / name).mkdir(mode=0o700)
    other = {"XDG_RUNTIME_DIR": str(tmp_path / "run"), "XDG_STATE_HOME": str(tmp_path / "state")}
    bare = {name: value for name, value in usual.items() if name not in other}
    return [usual, {**usual, **other}, bare, {**bare, "TMPDIR": str(tmp_path)}]


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes, which are ended when the test is."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def start(environ: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(TOKEN, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def waits_for(process: subprocess.Popen[str], path: str) -> bool:
    """Whether a process waits for the lock on a file, as the kernel's list of locks tells."""
    found = os.stat(path)
    name = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    lines = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return any(line[1] == "->" and line[5:7] == [str(process.pid), name] for line in lines)


@pytest.mark.requirement("Y1", "K14")
def test_a_process_with_other_folders_waits_for_the_same_lock(
    secret_service: Session, token: str, places: list[dict[str, str]], started: list[subprocess.Popen[str]]
) -> None:
    path = lock_path(secret_service.address, Context(secret_service.environ).home)
    assert path == f"{secret_service.folder}/gumauth-keyring.lock"
    with Lock(path, timeout=5, what="the keyring"):
        started += map(start, places)
        wait_until(lambda: all(waits_for(process, path) for process in started))
        assert [process.poll() for process in started] == [None] * len(places)
    for process in started:
        assert process.communicate(timeout=30) == (f"{token}\n", "")
        assert process.returncode == 0


@pytest.mark.requirement("Y1", "K14")
def test_so_it_does_where_others_can_write_beside_the_socket(
    secret_service: Session, token: str, places: list[dict[str, str]], started: list[subprocess.Popen[str]]
) -> None:
    """The data folder is the common one then."""
    secret_service.folder.chmod(0o1777)
    path = lock_path(secret_service.address, Context(secret_service.environ).home)
    assert path == f"{secret_service.environ['XDG_DATA_HOME']}/gumauth/locks/keyring.lock"
    with Lock(path, timeout=5, what="the keyring"):
        started += map(start, places)
        wait_until(lambda: all(waits_for(process, path) for process in started))
    for process in started:
        assert process.communicate(timeout=30) == (f"{token}\n", "")


@pytest.mark.requirement("Y1", "K14")
def test_a_worker_waits_for_the_same_lock_as_everybody(
    secret_service: Session, token: str, places: list[dict[str, str]], started: list[subprocess.Popen[str]]
) -> None:
    """With a setting of the `keyring` library, its process asks, and holds the lock meanwhile."""
    path = lock_path(secret_service.address, Context(secret_service.environ).home)
    with Lock(path, timeout=5, what="the keyring"):
        started.append(start({**places[1], SETTING: "default"}))
        wait_until(lambda: any(waits_for_child(started[0], path)))
        assert started[0].poll() is None
    assert started[0].communicate(timeout=30) == (f"{token}\n", "")


def waits_for_child(process: subprocess.Popen[str], path: str) -> Iterator[bool]:
    """For each process that this one has started, whether it waits for the lock on a file."""
    found = os.stat(path)
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()
        if words[1] == "->" and words[6].endswith(f":{found.st_ino}"):
            yield _parent(words[5]) == process.pid


def _parent(pid: str) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.requirement("Y1", "K14")
def test_many_with_other_folders_each_get_the_token_and_the_daemon_lives(
    secret_service: Session, token: str, places: list[dict[str, str]], started: list[subprocess.Popen[str]]
) -> None:
    """gnome-keyring 42 ends, and comes back locked, when connections come and go quickly."""
    daemon = secret_service.daemon_pid
    for _ in range(6):
        batch = [start(places[number % len(places)]) for number in range(12)]
        started += batch
        assert [process.communicate(timeout=60) for process in batch] == [(f"{token}\n", "")] * len(batch)
    assert secret_service.daemon_pid == daemon
    os.kill(daemon, 0)
    assert not secret_service.is_locked()
