"""The encrypted file's key in the kernel's keyring: one passphrase stretched once, and never more than before lost."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.errors import PassphraseError
from gumauth.platform.folders import Home
from gumauth.platform.lock import Lock
from gumauth.store.encrypted_file import kept_key, kernel_keyring
from gumauth.store.encrypted_file import store as encrypted
from gumauth.store.encrypted_file.header import Header, decode
from gumauth.store.encrypted_file.kept_key import KeptKey
from gumauth.store.encrypted_file.store import EncryptedStore
from tests.parts.need import need

pytestmark = pytest.mark.skipif(not kernel_keyring.is_there(), reason="no kernel keyring here")

KEY = "linear/0123456789abcdef/a"
WORK = 14
RIGHT = {"GUMAUTH_PASSPHRASE": "correct horse"}


@pytest.fixture
def name() -> Iterator[str]:
    """A name in the keyring that nothing else has, and nothing has after the test."""
    name = f"gumauth:test {secrets.token_hex(8)}"
    yield name
    kernel_keyring.forget(name)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A folder with an encrypted file that was just made, and whose key does not stay in the keyring."""
    home = Home(data=str(tmp_path / "data"), service="gumauth")
    store(home, **RIGHT).set(KEY, "{}")
    yield home
    kernel_keyring.forget(kept(home).name)


def store(home: Home, **environ: str) -> EncryptedStore:
    return EncryptedStore(home, environ, None, work=WORK)


def header(home: Home) -> Header:
    path = Path(home.data, "secrets", "header")
    return decode(path.read_bytes(), str(path))


def kept(home: Home) -> KeptKey:
    return KeptKey(header(home), {})


def listed(name: str) -> list[str]:
    """The kernel's own words about a key: flags, time left, permissions, owner."""
    return [line for line in Path("/proc/keys").read_text().splitlines() if f" {name}: " in line]


def test_what_is_kept_is_found_until_it_is_forgotten(name: str) -> None:
    value = secrets.token_bytes(32)
    assert kernel_keyring.find(name) is None
    assert kernel_keyring.keep(name, value, seconds=60)
    assert kernel_keyring.find(name) == value
    kernel_keyring.forget(name)
    assert kernel_keyring.find(name) is None
    kernel_keyring.forget(name)


def test_what_is_kept_takes_the_place_of_what_was(name: str) -> None:
    kernel_keyring.keep(name, b"first", seconds=60)
    kernel_keyring.keep(name, b"second", seconds=60)
    assert kernel_keyring.find(name) == b"second"


@pytest.mark.requirement("S1")
def test_it_is_for_its_user_to_find_and_read_for_a_while_and_for_nothing_else(name: str) -> None:
    """Nobody may change it or lengthen its time, and other users may not even see it: 0b is view, read, search."""
    kernel_keyring.keep(name, b"value", seconds=8 * 3600)
    (line,) = listed(name)
    _serial, _flags, _usage, left, permissions, user, *_ = line.split()
    assert permissions == "0b0b0000"
    assert left in ("7h", "8h")
    assert int(user) == os.geteuid()


def test_a_program_in_a_session_of_its_own_finds_it(name: str) -> None:
    """A service has a session keyring that the user's is not part of."""
    need(programs=("keyctl",))
    code = (
        "from gumauth.store.encrypted_file import kernel_keyring as k\n"
        f"print(k.find({name!r}), k.keep({name!r}, b'2', seconds=60))"
    )
    kernel_keyring.keep(name, b"1", seconds=60)
    done = subprocess.run(
        ["keyctl", "session", "-", sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout == "b'1' True\n"
    assert kernel_keyring.find(name) == b"2"


def test_what_the_machine_says_of_its_keyring_is_true() -> None:
    need(programs=("keyctl",))
    shown = subprocess.run(["keyctl", "show", "@u"], capture_output=True, check=False)
    assert kernel_keyring.is_there() is (shown.returncode == 0)


FORBIDDEN = """
import ctypes, struct, sys
from gumauth.store.encrypted_file import kernel_keyring
code = [(0x20, 0, 0, 0)]
for number in set(kernel_keyring.CALLS[__import__("os").uname().machine]):
    code += [(0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | int(sys.argv[1]))]
code += [(0x06, 0, 0, 0x7FFF0000)]
packed = b"".join(struct.pack("HBBI", *each) for each in code)
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]
prctl = ctypes.CDLL(None, use_errno=True).prctl
assert prctl(38, 1, 0, 0, 0) == 0
assert prctl(22, 2, ctypes.byref(Program(len(code), packed)), 0, 0) == 0
from gumauth.platform.folders import Home
from gumauth.store.encrypted_file.store import EncryptedStore
print(kernel_keyring.is_there(), kernel_keyring.keep("gumauth:never", bytes(32), seconds=60))
print(EncryptedStore(Home(data=sys.argv[2], service=""), {"GUMAUTH_PASSPHRASE": sys.argv[3]}, None).get(sys.argv[4]))
"""
"""A container's filter of system calls answers for those of the keyring. Source: seccomp(2)."""


@pytest.mark.requirement("Y8")
@pytest.mark.parametrize("answer", [1, 38])
def test_where_the_calls_are_forbidden_all_is_as_without_a_keyring(home: Home, answer: int) -> None:
    """1 is EPERM, as Docker answers; 38 is ENOSYS."""
    done = subprocess.run(
        [sys.executable, "-c", FORBIDDEN, str(answer), home.data, "correct horse", KEY],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("False False\n{}\n", "")


class Nobody:
    """Somebody who is not to be asked."""

    def __call__(self, prompt: str) -> str:
        raise AssertionError(prompt)


@pytest.mark.requirement("Y8")
def test_who_has_opened_the_file_once_has_it_open(home: Home) -> None:
    """No passphrase is needed then, and nobody is asked."""
    assert store(home).get(KEY) == "{}"
    EncryptedStore(home, {}, Nobody(), work=WORK).set(KEY, "[]")
    assert store(home, **RIGHT, GUMAUTH_KEEP_KEY="0").get(KEY) == "[]"


@pytest.mark.requirement("Y8")
def test_the_first_that_opens_an_older_file_opens_it_for_all(home: Home) -> None:
    kernel_keyring.forget(kept(home).name)
    with pytest.raises(PassphraseError, match="nobody can be asked"):
        store(home).get(KEY)
    store(home, **RIGHT).unlock()
    assert store(home).get(KEY) == "{}"


@pytest.mark.parametrize("off", ["0", "no", "Off"])
def test_who_does_not_want_it_neither_uses_nor_leaves_a_key(home: Home, off: str) -> None:
    with pytest.raises(PassphraseError, match="nobody can be asked"):
        store(home, GUMAUTH_KEEP_KEY=off).get(KEY)
    with pytest.raises(PassphraseError, match="is not the one"):
        store(home, GUMAUTH_KEEP_KEY=off, GUMAUTH_PASSPHRASE="wrong horse").get(KEY)
    kernel_keyring.forget(kept(home).name)
    store(home, GUMAUTH_KEEP_KEY=off, **RIGHT).set(KEY, "[]")
    assert kept(home).find() is None


@pytest.mark.requirement("K10")
def test_a_wrong_passphrase_is_told_and_its_key_is_not_kept(home: Home) -> None:
    kernel_keyring.forget(kept(home).name)
    with pytest.raises(PassphraseError, match="is not the one"):
        store(home, GUMAUTH_PASSPHRASE="wrong horse").get(KEY)
    assert kernel_keyring.find(kept(home).name) is None


@pytest.mark.requirement("K10")
@pytest.mark.parametrize("length", [7, 16, 32, 200])
def test_what_is_not_the_files_key_is_neither_used_nor_left(home: Home, length: int) -> None:
    kernel_keyring.keep(kept(home).name, secrets.token_bytes(length), seconds=60)
    with pytest.raises(PassphraseError, match="nobody can be asked"):
        store(home).get(KEY)
    assert kernel_keyring.find(kept(home).name) is None
    assert store(home, **RIGHT).get(KEY) == "{}"


@pytest.mark.requirement("K10")
def test_a_key_opens_no_other_file_of_the_same_passphrase(home: Home, tmp_path: Path) -> None:
    other = Home(data=str(tmp_path / "other"), service="gumauth")
    store(other, **RIGHT, GUMAUTH_KEEP_KEY="0").set(KEY, "{}")
    assert kept(other).name != kept(home).name
    with pytest.raises(PassphraseError, match="nobody can be asked"):
        store(other).get(KEY)


@pytest.mark.requirement("S1")
def test_its_name_says_nothing_of_the_key_or_the_folder(home: Home) -> None:
    key = kernel_keyring.find(kept(home).name)
    assert key is not None
    (line,) = listed(kept(home).name)
    assert kept(home).name.startswith("gumauth:")
    for told in (home.data, key.hex(), header(home).salt.hex()):
        assert told not in line


OPENING = """
import hashlib, sys
plain = hashlib.scrypt
def counted(*given, **named):
    print("stretched")
    return plain(*given, **named)
hashlib.scrypt = counted
from gumauth.platform.folders import Home
from gumauth.store.encrypted_file.store import EncryptedStore
store = EncryptedStore(Home(data=sys.argv[1], service=""), {"GUMAUTH_PASSPHRASE": sys.argv[2]}, None)
print("ready", flush=True)
sys.stdin.readline()
try:
    print(store.get(sys.argv[3]))
except Exception as error:
    print(type(error).__name__)
"""


def opened_at_once(home: Home, passphrase: str, count: int) -> list[str]:
    """What processes print that all open the file in one moment."""
    command = [sys.executable, "-c", OPENING, home.data, passphrase, KEY]
    pipe = subprocess.PIPE
    runs = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(count)]
    try:
        for run in runs:
            assert run.stdout is not None
            assert run.stdout.readline() == "ready\n"
        for run in runs:
            assert run.stdin is not None
            run.stdin.write("\n")
            run.stdin.flush()
        return sorted(line for run in runs for line in run.communicate(timeout=60)[0].splitlines())
    finally:
        for run in runs:
            run.kill()
            run.communicate()


@pytest.mark.requirement("Y8")
def test_of_several_processes_at_once_one_stretches_the_passphrase(home: Home) -> None:
    kernel_keyring.forget(kept(home).name)
    assert opened_at_once(home, "correct horse", 6) == ["stretched", *["{}"] * 6]


@pytest.mark.requirement("K10")
def test_of_several_processes_at_once_each_notices_its_wrong_passphrase(home: Home) -> None:
    kernel_keyring.forget(kept(home).name)
    assert opened_at_once(home, "wrong horse", 3) == sorted(["stretched", "PassphraseError"] * 3)


def test_those_that_have_waited_in_vain_do_not_wait_for_one_another(home: Home) -> None:
    """A lock that is held while the key is made would make the last of ten with a wrong passphrase wait for nine."""
    kernel_keyring.forget(kept(home).name)
    path, tries = str(Path(home.data, "secrets", "unlock.lock")), []
    waiting = Lock(path, timeout=30, what="a test")

    def make() -> bytes:
        tries.append("made")
        with Lock(path, timeout=0, what="a test"):
            return bytes(32)

    thread = threading.Thread(target=lambda: kept(home).made_once(make, waiting))
    with Lock(path, timeout=1, what="a test"):
        thread.start()
        while thread.is_alive() and not waiting.has_waited:
            time.sleep(0.001)
    thread.join()
    assert (tries, waiting.has_waited) == (["made"], True)


@pytest.mark.requirement("Y8")
@pytest.mark.parametrize("trouble", ["held", "no file"])
def test_who_cannot_wait_for_the_others_stretches_it_as_before(
    home: Home, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    kernel_keyring.forget(kept(home).name)
    path = Path(home.data, "secrets", "unlock.lock")
    if trouble == "no file":
        path.mkdir()
        assert store(home, **RIGHT).get(KEY) == "{}"
        return
    monkeypatch.setattr(encrypted, "PATIENCE", 0.05)
    with Lock(str(path), timeout=1, what="a test"):
        assert store(home, **RIGHT).get(KEY) == "{}"


def test_the_place_is_told_in_words() -> None:
    assert kept_key.place({}) == "this user's keyring in the Linux kernel, for 8 hours"
    assert kept_key.place({"GUMAUTH_KEEP_KEY": "0"}) is None


def test_a_key_that_was_made_of_no_passphrase_is_not_kept(tmp_path: Path) -> None:
    key, file = secrets.token_bytes(32), tmp_path / "key"
    file.touch(mode=0o600)
    file.write_bytes(key)
    home = Home(data=str(tmp_path / "data"), service="gumauth")
    store(home, GUMAUTH_KEY_FILE=str(file)).set(KEY, "{}")
    assert store(home, GUMAUTH_KEY_FILE=str(file)).get(KEY) == "{}"
    assert kernel_keyring.find(kept(home).name) is None
