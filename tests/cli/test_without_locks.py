"""Commands in a data folder on a disk that knows no locks, as NFS with `nolock`."""

from __future__ import annotations

import errno
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gumauth.accounts.record import Record
from gumauth.client.context import Context
from gumauth.platform.frozen import replace
from tests.accounts.directly import records_of
from tests.cli.program import Ended, listed
from tests.lockless import FLOCK

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux" or platform.machine() not in FLOCK, reason="a filter of Linux's"),
    pytest.mark.requirement("K16"),
]
ROOT = Path(__file__).parents[2]
CODES = [errno.ENOLCK, errno.EBADF, errno.EOPNOTSUPP, errno.ENOSYS]


def run(environ: dict[str, str], *words: str, code: int = errno.ENOLCK) -> Ended:
    """Run the command where `flock` fails with that number."""
    command = [sys.executable, "-m", "tests.lockless", str(code), *words]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("code", CODES, ids=errno.errorcode.get)
def test_the_folder_that_has_to_be_local_is_named(environ: dict[str, str], code: int) -> None:
    ended = run(environ, "connect", "linear", "--no-browser", "--timeout", "5", code=code)
    assert ended.status == 6
    assert f"the disk that it is on knows no locks ({os.strerror(code)})" in ended.err
    assert f"Move {environ['GUMAUTH_HOME']} to a disk of this machine, and set GUMAUTH_HOME" in ended.err
    assert "Free space" not in ended.err
    assert "https://linear.app" not in ended.err  # it is found out before anybody consents


def test_the_usual_folder_is_named_where_no_variable_says_another(environ: dict[str, str], tmp_path: Path) -> None:
    del environ["GUMAUTH_HOME"]
    words = ("connect", "linear", "--no-browser", "--timeout", "5")
    assert f"Move {tmp_path}/.local/share/gumauth to a disk" in run(environ, *words).err
    moved = {**environ, "XDG_DATA_HOME": str(tmp_path / "data")}
    assert f"Move {tmp_path}/data/gumauth to a disk" in run(moved, *words).err


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC], ids=errno.errorcode.get)
def test_another_fault_is_not_taken_for_it(environ: dict[str, str], code: int) -> None:
    ended = run(environ, "connect", "linear", "--no-browser", "--timeout", "5", code=code)
    assert (ended.status, "knows no locks" in ended.err) == (6, False)


def test_doctor_says_it_of_the_folder_and_of_no_lock_in_it(environ: dict[str, str]) -> None:
    put(environ, left=3000)
    ended = run(environ, "doctor")
    failed = [line.split()[1] for line in ended.out.splitlines() if line.startswith("✗")]
    assert (ended.status, failed) == (1, ["folder", "store", "provider"])  # whose file is not there


def put(environ: dict[str, str], *, left: float) -> None:
    """Connect an account whose token of an hour ends in that many seconds."""
    context = Context(environ)
    account = listed(environ, "acme", "ada@example.com", grant="g", refreshable=True, store=context.store().name)
    now = time.time()
    record = Record(access_token="an-access-token", refresh_token="r", grant="g", account={})
    record = replace(record, obtained_at=now - 3600 + left, expires_at=now + left)
    account, _ = records_of(context).put(account, record)
    records_of(context).mark(account)


def test_a_good_token_needs_no_lock(environ: dict[str, str]) -> None:
    put(environ, left=3000)
    assert run(environ, "token", "acme") == Ended(0, "an-access-token\n", "")


def test_a_token_that_is_due_and_has_life_is_handed_out_with_a_warning(environ: dict[str, str]) -> None:
    put(environ, left=30)
    ended = run(environ, "token", "acme")
    assert (ended.status, ended.out) == (0, "an-access-token\n")
    assert "knows no locks" in ended.err
    assert run(environ, "refresh", "acme").status == 6
