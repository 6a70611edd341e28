"""Processes with one data folder refresh once, whatever their other variables say and whoever deletes their locks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.errors import Busy
from gumauth.platform.lock import Lock
from gumauth.testing import AuthorizationServer, Fault
from tests.programs.stage import Stage, file_store


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A connected account whose token is due, in the usual folder of a home directory."""
    with AuthorizationServer() as server:
        environ = {**file_store(tmp_path), "HOME": str(tmp_path), "GUMAUTH_HOME": ""}
        stage = Stage(server, tmp_path, environ)
        stage.world.environ["GUMAUTH_HOME"] = stage.environ["GUMAUTH_HOME"] = ""
        stage.connect()
        stage.expire()
        yield stage


def tokens(stage: Stage, first: dict[str, str], second: dict[str, str]) -> list[str]:
    """What two processes print, of which the second starts while the first waits for the provider."""
    stage.server.misbehave("refresh", Fault.slow(1.5), times=None)
    running = [begin(stage, first)]
    until_asked(stage)
    running.append(begin(stage, second))
    return [ended(process) for process in running]


def begin(stage: Stage, variables: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "gumauth", "token", "acme"]
    environ = {**stage.environ, **variables}
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until_asked(stage: Stage) -> None:
    end = time.monotonic() + 20
    while not stage.server.count("refresh"):
        assert time.monotonic() < end, "nobody has asked for a new token"
        time.sleep(0.01)


def ended(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    return out.strip()


def is_one_refresh(stage: Stage, printed: list[str]) -> None:
    assert printed[0] == printed[1]
    assert stage.server.is_active(printed[0])
    assert stage.server.count("refresh") == 1
    assert stage.server.families[-1].ended is None


@pytest.mark.requirement("Y1", "R2")
@pytest.mark.parametrize("name", ["XDG_STATE_HOME", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "TMPDIR"])
def test_a_terminal_and_a_timer_with_other_variables_have_one_lock(stage: Stage, tmp_path: Path, name: str) -> None:
    """cron and services have other folders for their state than a terminal."""
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    is_one_refresh(stage, tokens(stage, {}, {name: str(other)}))


@pytest.mark.requirement("Y1", "Y5", "R2")
def test_a_data_folder_that_is_written_in_two_ways_has_one_lock(stage: Stage, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / ".local" / "share" / "gumauth")
    is_one_refresh(stage, tokens(stage, {}, {"GUMAUTH_HOME": str(link)}))


@pytest.mark.requirement("Y1", "R2")
@pytest.mark.parametrize("what", ["folder", "files"])
def test_locks_that_are_deleted_during_a_refresh_do_not_lead_to_a_second(
    stage: Stage, tmp_path: Path, what: str
) -> None:
    """Somebody takes them for leftovers."""
    stage.server.misbehave("refresh", Fault.slow(1.5), times=None)
    first = begin(stage, {})
    until_asked(stage)
    locks = [path for path in tmp_path.rglob("*.lock") if path.name.startswith("acme.")]
    assert locks
    for path in {path.parent for path in locks} if what == "folder" else locks:
        path.rename(tmp_path / "away")
    is_one_refresh(stage, [ended(process) for process in (first, begin(stage, {}))])


@pytest.mark.requirement("Y1", "R2")
def test_a_data_folder_that_is_away_for_a_moment_takes_no_answer_with_it(stage: Stage, tmp_path: Path) -> None:
    """As a backup moves it; nothing is made in its place."""
    stage.server.misbehave("refresh", Fault.slow(1.5), times=1)
    asking = begin(stage, {})
    until_asked(stage)
    data = tmp_path / ".local" / "share" / "gumauth"
    data.rename(tmp_path / "away")
    _, err = asking.communicate(timeout=60)
    assert (asking.returncode, "kept, encrypted" in err) == (6, True), err
    assert not data.exists()
    (tmp_path / "away").rename(data)
    assert stage.server.is_active(ended(begin(stage, {})))
    assert stage.server.count("refresh") == 1
    assert stage.server.families[-1].ended is None


@pytest.mark.requirement("Y1", "R2")
def test_an_older_gumauth_that_begins_later_finds_its_lock_held(stage: Stage) -> None:
    """Its folder is there, and of this account it has no file yet."""
    account = stage.context.accounts.look_up("acme")
    os.makedirs(stage.context.home.older_locks)
    stage.server.misbehave("refresh", Fault.slow(1.5), times=None)
    first = begin(stage, {})
    until_asked(stage)
    path = f"{stage.context.home.older_locks}/{account.key.replace('/', '.')}.lock"
    with pytest.raises(Busy), Lock(path, timeout=0, what="the older one"):
        pytest.fail("two have the lock")
    ended(first)


@pytest.mark.requirement("Y1", "R2")
def test_an_older_gumauth_that_still_runs_has_its_lock_respected(stage: Stage) -> None:
    """A server that was started before an update keeps the lock files of its version."""
    account = stage.context.accounts.look_up("acme")
    path = f"{stage.context.home.older_locks}/{account.key.replace('/', '.')}.lock"
    with Lock(path, timeout=1, what="the older one"):
        waiting = begin(stage, {})
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.communicate(timeout=1.5)
        assert stage.server.count("refresh") == 0
    out, _ = waiting.communicate(timeout=30)
    assert stage.server.is_active(out.strip())
