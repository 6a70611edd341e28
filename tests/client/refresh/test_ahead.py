"""Refreshing ahead: what is started, what the process does, and what those who wait for nothing see."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gumauth.accounts.account import Account
from gumauth.accounts.lock import AccountLock
from gumauth.accounts.record import Record
from gumauth.client.context import Context
from gumauth.client.refresh import ahead
from gumauth.client.token import token
from gumauth.errors import Busy, GumauthError, NoLocks, ReconnectNeeded
from gumauth.platform import interpreter
from gumauth.platform.detached import NAMES
from gumauth.platform.frozen import replace
from gumauth.platform.lock import Lock
from gumauth.testing import Fault
from gumauth.testing.messages import Response
from tests.client.ending import revoke
from tests.client.world import World
from tests.programs.left_behind import DEADLINE, Held, processes, until
from tests.programs.stage import Stage, file_store, make_due, stage

NEARLY = 300.0
"""Seconds that a token of an hour has left which is nearly due."""


class Play(Stage):
    """A connected account in a home of its own."""

    def nearly_due(self) -> str:
        """Leave the stored token five minutes; gives it."""
        make_due(self.environ, "acme", left=NEARLY)
        return self.record().access_token

    def account(self) -> Account:
        return self.context.accounts.look_up("acme")

    def record(self) -> Record:
        return self.context.accounts.read(self.account())

    def processes(self) -> list[int]:
        return processes(self.environ)

    @property
    def noted(self) -> Path:
        """The lock file that says for which token a process was started."""
        return Path(self.environ["GUMAUTH_HOME"], "locks", f"{self.account().key.replace('/', '.')}.ahead.lock")


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    monkeypatch.setenv("GUMAUTH_AHEAD", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
    with stage(tmp_path, file_store(tmp_path), Play) as scene:
        assert isinstance(scene, Play)
        yield scene
        until(lambda: not scene.processes())


@pytest.mark.requirement("H8", "S1")
def test_a_token_that_is_nearly_due_is_handed_out_while_a_process_with_nothing_of_the_run_refreshes_it(
    play: Play,
) -> None:
    held = Held(play.server)
    old = play.nearly_due()
    reader, writer = os.pipe()
    # The shell waits for the end of its own pipe; somebody waits for a file that the run has inherited.
    line = f'x=$({sys.executable} -m gumauth token acme); printf %s "$x"'
    run = subprocess.run(
        ["/bin/sh", "-c", line], env=play.environ, pass_fds=[writer], capture_output=True, text=True, check=True
    )
    os.close(writer)
    assert (run.stdout, run.stderr) == (old, "")
    assert held.reached.wait(DEADLINE)
    assert os.read(reader, 1) == b""
    os.close(reader)
    (pid,) = play.processes()
    words, variables = (Path(f"/proc/{pid}/{name}").read_text().split("\0") for name in ("cmdline", "environ"))
    assert words[-2] == play.account().key
    assert {each.partition("=")[0] for each in variables if each} <= {*NAMES, "LC_CTYPE", "PWD", "SHLVL", "_"}
    assert not [each for each in words + variables if play.environ["ACME_CLIENT_SECRET"] in each]
    assert os.getsid(pid) not in (os.getsid(0), pid)
    held.answered.set()
    until(lambda: not play.processes())
    assert play.server.is_active(play.record().access_token)
    assert play.record().access_token != old
    assert play.server.count("refresh") == 1


@pytest.mark.requirement("H8", "R1")
def test_of_many_runs_that_meet_the_token_one_starts_a_process_and_none_waits(play: Play) -> None:
    held = Held(play.server)
    old = play.nearly_due()
    runs = [play.start("token", "acme") for _ in range(8)]
    assert [run.communicate()[0] for run in runs] == [f"{old}\n"] * 8
    assert held.reached.wait(DEADLINE)
    assert token(play.context, "acme")[1].access_token == old
    assert len(play.processes()) == 1
    held.answered.set()
    until(lambda: not play.processes())
    assert token(play.context, "acme")[1].access_token != old
    assert play.server.count("refresh") == 1


@pytest.mark.requirement("H8", "R1")
def test_a_run_that_was_kept_waiting_sees_what_another_has_noted_meanwhile(
    connected: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(ahead, "_is_possible", lambda _: True)
    monkeypatch.setattr(ahead, "leave_behind", lambda *words: started.append(words))
    record, take, late = connected.token(), ahead._lock, connected.new_context()

    def kept_waiting(*words: Any, **options: Any) -> Lock:
        monkeypatch.setattr(ahead, "_lock", take)
        connected.clock.move(0.5)
        ahead.start(connected.new_context(), connected.account(), record)
        return take(*words, **options)

    monkeypatch.setattr(ahead, "_lock", kept_waiting)
    ahead.start(late, connected.account(), record)
    assert len(started) == 1


@pytest.mark.requirement("H8", "K1")
def test_a_process_that_is_killed_leaves_no_lock_and_is_not_started_again_at_once(play: Play) -> None:
    held = Held(play.server)
    old = play.nearly_due()
    token(play.context, "acme")
    until(lambda: bool(play.processes()))
    for pid in play.processes():
        os.kill(pid, signal.SIGKILL)
    until(lambda: not play.processes())
    note = play.noted.read_text()
    assert token(play.context, "acme")[1].access_token == old
    assert play.noted.read_text() == note
    held.answered.set()
    with Lock(str(play.noted), timeout=0, what="the test"), AccountLock(play.context.home, play.account().key, 0):
        pass


@pytest.mark.requirement("H8")
def test_the_system_ends_the_process_in_time_also_where_its_starter_ignores_the_alarm(play: Play) -> None:
    held = Held(play.server)
    play.nearly_due()
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    try:
        token(play.context, "acme")
    finally:
        signal.signal(signal.SIGALRM, before)
    assert held.reached.wait(DEADLINE)
    (pid,) = play.processes()
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    held.answered.set()
    assert not int(status["SigIgn"], 16) & 1 << (signal.SIGALRM - 1)


@pytest.mark.requirement("H8")
@pytest.mark.parametrize("off", ["0", "no", "Off", " false "])
def test_it_can_be_turned_off(play: Play, off: str) -> None:
    play.nearly_due()
    token(Context({**play.environ, "GUMAUTH_AHEAD": off}), "acme")
    assert not play.noted.exists()


@pytest.mark.requirement("H8")
def test_nothing_is_started_where_it_could_not_work(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    play.nearly_due()
    token(Context(play.environ, store=play.store()), "acme")  # a store that only this process has
    monkeypatch.setattr(interpreter, "is_known", lambda: False)
    token(play.context, "acme")
    assert not play.noted.exists()


@pytest.mark.requirement("H8")
def test_a_token_that_is_not_nearly_due_starts_nothing(play: Play) -> None:
    make_due(play.environ, "acme", left=601)
    token(play.context, "acme")
    token(play.context, "acme", min_valid=600)
    assert not play.noted.exists()
    assert "gumauth.client.refresh.ahead" not in imported_by_a_good_token(play)


def imported_by_a_good_token(play: Play) -> str:
    words = [sys.executable, "-X", "importtime", "-m", "gumauth", "token", "acme"]
    return subprocess.run(words, env=play.environ, capture_output=True, text=True, check=True).stderr


@pytest.mark.requirement("H8", "R1")
def test_starting_it_imports_nothing_that_is_heavy(play: Play) -> None:
    held = Held(play.server)
    held.answered.set()
    play.nearly_due()
    modules = imported_by_a_good_token(play)
    assert "gumauth.platform.detached" in modules
    assert not [heavy for heavy in ("subprocess", "signal", "threading", "| re\n") if f" {heavy}" in modules]
    until(lambda: play.server.count("refresh") == 1)


@pytest.mark.requirement("H8")
@pytest.mark.parametrize("error", [OSError("no process"), NoLocks("no locks")])
def test_what_keeps_the_process_from_being_started_is_told_to_nobody(
    play: Play, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(ahead, "leave_behind", fails)
    assert token(play.context, "acme")[1].access_token == play.record().access_token
    old = play.nearly_due()
    assert token(play.context, "acme")[1].access_token == old


@pytest.mark.requirement("H8", "R7")
@pytest.mark.parametrize(
    ("fields", "worth"),
    [
        ({}, True),
        ({"state": "reconnect"}, False),
        ({"state": "revoked"}, False),
        ({"refreshable": False}, False),
        ({"refresh_expires_at": 1000.0}, False),
        ({"refresh_expires_at": 1000.5}, True),
        ({"failed_at": 990.0, "retry_at": 1010.0}, False),
        ({"failed_at": 960.0, "retry_at": 970.0}, True),
        ({"failed_at": 900.0, "retry_at": 1400.0, "told_to_wait": True}, False),
        ({"refused_at": 1000.0 - 3599, "refused_as": "whatever"}, False),
        ({"refused_at": 1000.0 - 3601, "refused_as": "whatever"}, True),
    ],
)
def test_an_account_that_cannot_be_refreshed_or_has_just_failed_is_left_alone(
    fields: dict[str, object], worth: bool
) -> None:
    account = Account(**{"provider": "acme", "id": "0" * 16, "refreshable": True, **fields})  # type: ignore[arg-type]
    record = Record(access_token="t", refresh_token="r", account={})
    assert ahead.is_worth_it(account, record, 1000.0) is worth
    assert not ahead.is_worth_it(account, replace(record, refresh_token=None), 1000.0)


@pytest.mark.requirement("H8")
@pytest.mark.parametrize(
    ("note", "may"),
    [
        (b"", True),
        (b"500.0 990.0\n", False),
        (b"500.0 880.5\n", False),
        (b"500.0 880.0\n", True),  # two minutes ago
        (b"500.0 1001.0\n", True),  # the clock has gone back
        (b"400.0 990.0\n", True),  # another token
        (b"500.0", True),
        (b"\xff\x00 x y", True),
    ],
)
def test_a_process_is_started_once_for_a_token_and_again_after_two_minutes(note: bytes, may: bool) -> None:
    assert ahead._may_start(note, 500.0, 1000.0) is may


def key(world: World) -> str:
    return world.account().key


@pytest.mark.requirement("H8", "R2")
def test_the_process_refreshes_a_token_that_is_nearly_due_by_then_and_no_other(connected: World) -> None:
    old = connected.token()
    ahead.refresh_ahead(connected.new_context(), key(connected))
    assert connected.token() == old
    connected.clock.move(3600 - 300)
    ahead.refresh_ahead(connected.new_context(), key(connected))
    new = connected.token()
    assert new.expires_at == connected.clock.now + 3600
    ahead.refresh_ahead(connected.new_context(), key(connected))
    assert connected.token() == new
    assert connected.server.count("refresh") == 1


@pytest.mark.requirement("H8", "R2")
def test_two_processes_do_not_refresh_one_account(connected: World) -> None:
    connected.clock.move(3600 - 300)
    context = connected.new_context()
    with ahead._lock(context, key(connected)), pytest.raises(Busy):
        ahead.refresh_ahead(context, key(connected))
    assert connected.server.count("refresh") == 0


@pytest.mark.requirement("H8", "R7")
def test_a_passing_failure_is_noted_and_nobody_is_told_while_the_token_is_good(connected: World) -> None:
    old = connected.token()
    connected.clock.move(3600 - 300)
    asked: list[Response] = []
    fault = Fault.status(503)

    def change(answer: Response) -> Response:
        asked.append(answer)
        return fault.change(answer)

    connected.server.misbehave("refresh", Fault("503", change, done=fault.done), times=None)
    ahead.refresh_ahead(connected.new_context(), key(connected))
    connected.notices.clear()
    assert connected.token() == old
    assert connected.notices == []
    assert not ahead.is_worth_it(connected.account(), old, connected.clock.now)
    ahead.refresh_ahead(connected.new_context(), key(connected))  # it asks no more than `token` would
    assert len(asked) == 1
    assert connected.account().failed_at == connected.clock.now
    connected.clock.move(31)
    connected.server.behave()
    ahead.refresh_ahead(connected.new_context(), key(connected))
    assert connected.token() != old


@pytest.mark.requirement("H8", "R8")
def test_a_grant_that_the_process_finds_dead_is_marked_as_by_any_refresh(connected: World) -> None:
    connected.clock.move(3600 - 300)
    connected.server.misbehave("refresh", Fault.error("invalid_grant"), times=None)
    with pytest.raises(ReconnectNeeded):
        ahead.refresh_ahead(connected.new_context(), key(connected))
    assert connected.account().state == "reconnect"


@pytest.mark.requirement("H8")
def test_an_account_that_is_gone_or_ended_by_then_is_left_alone(connected: World) -> None:
    connected.clock.move(3600 - 300)
    ahead.refresh_ahead(connected.new_context(), "acme/0000000000000000")
    revoke(connected.new_context(), "acme")
    with pytest.raises(GumauthError):
        ahead.refresh_ahead(connected.new_context(), key(connected))
    assert connected.server.count("refresh") == 0
