"""The lock between processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gumauth.errors import Busy
from gumauth.platform.lock import Lock

WAIT = (
    "import sys; from gumauth.platform.lock import Lock\n"
    "print('waiting', flush=True)\n"
    "try:\n    Lock(sys.argv[1], timeout=60, what='a test').acquire()\n"
    "except KeyboardInterrupt:\n    print('interrupted')\n"
)
HOLD = (
    "import sys, time; from gumauth.platform.lock import Lock\n"
    "with Lock(sys.argv[1], timeout=5, what='a test'):\n    print('held', flush=True); time.sleep(60)\n"
)


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


@pytest.mark.requirement("R3")
def test_a_second_process_waits_and_then_says_busy(tmp_path: Path) -> None:
    process = holder(tmp_path / "a.lock")
    try:
        began = time.monotonic()
        with pytest.raises(Busy, match="linear"), Lock(str(tmp_path / "a.lock"), timeout=0.2, what="linear"):
            pytest.fail("went on without the lock")
        assert 0.2 <= time.monotonic() - began < 2
    finally:
        process.kill()
        process.communicate()


@pytest.mark.requirement("R3", "K1", "M46")
def test_the_kernel_lets_go_when_the_holder_is_killed(tmp_path: Path) -> None:
    process = holder(tmp_path / "a.lock")
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    with Lock(str(tmp_path / "a.lock"), timeout=0.2, what="linear"):
        pass


@pytest.mark.requirement("R3")
def test_the_file_is_never_deleted(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "a.lock"
    with Lock(str(path), timeout=1, what="linear"):
        inode = path.stat().st_ino
    with Lock(str(path), timeout=1, what="linear"):
        assert path.stat().st_ino == inode
    assert path.exists()


def test_it_is_let_go_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Lock(str(tmp_path / "a.lock"), timeout=1, what="linear"):
        raise ZeroDivisionError
    with Lock(str(tmp_path / "a.lock"), timeout=0.1, what="linear"):
        pass


@pytest.mark.requirement("C10")
def test_a_child_does_not_inherit_it(tmp_path: Path) -> None:
    with Lock(str(tmp_path / "a.lock"), timeout=1, what="linear"):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], close_fds=False)
    try:
        with Lock(str(tmp_path / "a.lock"), timeout=0.2, what="linear"):
            pass
    finally:
        child.kill()
        child.wait()


@pytest.mark.requirement("R3")
def test_who_has_given_up_waiting_does_not_keep_what_comes_later(tmp_path: Path) -> None:
    """The place in the kernel's queue cannot be left: it is reached, and let go at once."""
    path = str(tmp_path / "a.lock")
    process = holder(tmp_path / "a.lock")
    before = set(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(Busy), Lock(path, timeout=0.05, what="linear"):
            pytest.fail("went on without the lock")
    process.kill()
    process.communicate()
    with Lock(path, timeout=1, what="linear"):
        pass
    end = time.monotonic() + 10
    while not set(os.listdir("/proc/self/fd")) <= before and time.monotonic() < end:
        time.sleep(0.01)
    assert set(os.listdir("/proc/self/fd")) <= before
    with Lock(path, timeout=0.05, what="linear"):
        pass


@pytest.mark.requirement("C10")
def test_an_interrupt_ends_the_waiting_at_once(tmp_path: Path) -> None:
    path = str(tmp_path / "a.lock")
    process = holder(tmp_path / "a.lock")
    waiting = subprocess.Popen(
        [sys.executable, "-c", WAIT, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "waiting\n"
        time.sleep(0.1)
        began = time.monotonic()
        waiting.send_signal(signal.SIGINT)
        assert waiting.communicate(timeout=10)[0] == "interrupted\n"
        assert time.monotonic() - began < 2
    finally:
        for each in (process, waiting):
            each.kill()
            each.communicate()


@pytest.mark.requirement("R3")
def test_those_who_wait_get_it_one_after_the_other(tmp_path: Path) -> None:
    path, inside, most = str(tmp_path / "a.lock"), [], []

    def work() -> None:
        with Lock(path, timeout=20, what="linear"):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.002)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 40


FORK = """
import os, sys
from gumauth.errors import Busy
from gumauth.platform.lock import Lock
lock = Lock(sys.argv[1], timeout=1, what="a test")
lock.acquire()
reading, writing = os.pipe()
if (child := os.fork()) == 0:
    os.close(writing)
    os.read(reading, 1)  # until the other process closes it
    os._exit(0)
lock.release()
try:
    with Lock(sys.argv[1], timeout=0.2, what="a test"):
        print("free")
except Busy:
    print("held")
os.close(writing)
os.waitpid(child, 0)
"""


@pytest.mark.requirement("R3")
def test_a_fork_that_was_made_meanwhile_does_not_keep_it(tmp_path: Path) -> None:
    """A program that forks while one of its threads refreshes: the fork has the open file too."""
    said = subprocess.run(
        [sys.executable, "-c", FORK, str(tmp_path / "a.lock")], capture_output=True, text=True, check=True, timeout=30
    )
    assert said.stdout == "free\n"


KILLED = """
import os, signal, sys, threading
from gumauth.platform.lock import Lock
held, go = threading.Event(), threading.Event()
def hold():
    with Lock(sys.argv[1], timeout=1, what="a test"):
        held.set()
        go.wait()
threading.Thread(target=hold, daemon=True).start()
held.wait()
reading, writing = os.pipe()
if os.fork() == 0:
    os.write(writing, str(os.getpid()).encode())
    signal.pause()
print(os.read(reading, 20).decode(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.requirement("R3")
def test_a_fork_does_not_keep_it_when_the_holder_is_killed(tmp_path: Path) -> None:
    """A program that forks its workers while one of its threads refreshes, and is killed; the workers live on."""
    path = str(tmp_path / "a.lock")
    with subprocess.Popen([sys.executable, "-c", KILLED, path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        fork = int(process.stdout.readline())
        try:
            assert process.wait(30) == -signal.SIGKILL
            with Lock(path, timeout=1, what="linear"):
                os.kill(fork, 0)
        finally:
            os.kill(fork, signal.SIGKILL)


RELEASED = """
import os, sys
from gumauth.errors import Busy
from gumauth.platform.lock import Lock
lock = Lock(sys.argv[1], timeout=0.2, what="a test")
lock.acquire()
handle = lock._handle
if (child := os.fork()) == 0:
    other = os.open(sys.argv[2], os.O_RDONLY)
    assert other == handle, (other, handle)  # the lowest that is free
    lock.release()
    os.fstat(other)
    try:
        lock.acquire()
        print("took what is held", flush=True)
    except Busy:
        print("held", flush=True)
    os._exit(0)
os.waitpid(child, 0)
lock.release()
lock.release()
"""


@pytest.mark.requirement("R3")
def test_releasing_in_a_fork_neither_lets_it_go_nor_closes_another_file(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    command = [sys.executable, "-c", RELEASED, str(tmp_path / "a.lock"), str(tmp_path / "other")]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert (said.stdout, said.stderr) == ("held\n", "")


CROWD = """
import os, sys, threading, time
from gumauth.platform.lock import Lock
end = time.monotonic() + 0.5
path = sys.argv[1]
Lock(path, timeout=1, what="a test").acquire()
inode = os.stat(path).st_ino
def churn():
    while time.monotonic() < end:
        try:
            Lock(path, timeout=0, what="a test").acquire()
        except Exception:
            pass  # busy, which takes opening and closing
def is_open(handle):
    try:
        return os.fstat(handle).st_ino == inode
    except OSError:
        return False
threads = [threading.Thread(target=churn) for _ in range(3)]
for thread in threads:
    thread.start()
forks, mistakes = 0, 0
while time.monotonic() < end:
    if (child := os.fork()) == 0:
        os._exit(any(map(is_open, range(64))))
    mistakes += os.waitpid(child, 0)[1] != 0
    forks += 1
for thread in threads:
    thread.join()
print(forks > 10, mistakes)
"""


def test_no_fork_has_the_file_at_whatever_moment_it_is_made(tmp_path: Path) -> None:
    """One that was made between opening and noting it would keep the lock from then on."""
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CROWD, str(tmp_path / "a.lock")],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert said.stdout == "True 0\n"
