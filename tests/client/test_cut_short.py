"""What was cut short is taken up again: a connect between its writes, a refresh at Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from pathlib import Path
from threading import Timer

import pytest

from gumauth.accounts.account import Account
from gumauth.accounts.list import AccountList
from gumauth.client import signals
from gumauth.client.lookup import find
from gumauth.errors import ReconnectNeeded
from gumauth.platform.frozen import replace
from gumauth.testing import AuthorizationServer, Fault
from tests.accounts.directly import save
from tests.client.world import World
from tests.programs.stage import Stage
from tests.store.memory import MemoryStore


def cut_short(world: World) -> Account:
    """The account as it stands when the process is killed before it is pointed at its record."""
    world.connect()
    account = replace(world.account(), state="connecting", slot="a")
    save(world.context, account)
    return account


@pytest.mark.requirement("K1")
def test_a_connect_killed_after_its_record_was_written_is_usable(world: World) -> None:
    cut_short(world)
    assert world.server.is_active(world.token().access_token)
    assert world.account().state == "ok"


@pytest.mark.requirement("K1")
def test_a_connect_killed_before_its_record_was_written_asks_for_a_new_one(world: World) -> None:
    account = cut_short(world)
    assert isinstance(world.store, MemoryStore)
    for key in world.store.keys():  # noqa: SIM118 - not a mapping
        world.store.delete(key)
    with pytest.raises(ReconnectNeeded, match="interrupted"):
        world.token()
    assert find(world.new_context(), "acme").state == "reconnect"
    world.context = world.new_context()
    world.connect()
    assert world.account().id == account.id
    assert world.server.is_active(world.token().access_token)


def test_a_record_that_is_newer_than_the_list_is_found(world: World) -> None:
    """Killed between the store's write and the list's: the grant is the same, the generation higher."""
    world.connect()
    before = world.account()
    world.clock.move(3601)
    new = world.token()
    save(world.context, before)
    world.context.store().delete(f"{before.key}/{before.slot}")
    assert world.token().access_token == new.access_token


def test_a_file_that_only_the_resuming_of_a_connect_passes_over_is_not_told(world: World) -> None:
    cut_short(world)
    file = world.folder / "home" / "accounts" / "acme" / f"{'0' * 16}.json"
    file.write_text('{"version": 99}')
    assert find(world.new_context(), "acme/ada@example.com").state == "ok"
    assert world.notices == []


@pytest.mark.requirement("C10")
def test_an_answer_under_way_is_waited_for_and_stored_before_an_interrupt_ends_the_program(tmp_path: Path) -> None:
    with AuthorizationServer() as server:
        stage = Stage(server, tmp_path)
        stage.connect()
        stage.expire()
        server.misbehave("refresh", Fault.slow(1.0))
        process = stage.start("token", "acme")
        _until(lambda: server.count("refresh", "fault") == 1)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert "Interrupted: waiting a moment" in process.stderr.readline()
        assert time.monotonic() - began < 0.9, "the answer to Ctrl-C came with the provider's, not at once"
        out, _ = process.communicate(timeout=20)
        assert process.returncode == 130
        assert out == ""
        assert server.is_active(stage.run("token", "acme").stdout.strip())
        assert server.count("refresh") == 1


@pytest.mark.requirement("C10")
def test_a_second_interrupt_ends_the_wait() -> None:
    heard: list[str] = []
    pending: Future[None] = Future()
    timers = [Timer(delay, signal.raise_signal, [signal.SIGINT]) for delay in (0.05, 0.15)]
    with pytest.raises(KeyboardInterrupt), signals.delayed(heard.append) as hold:
        for timer in timers:
            timer.start()
        hold.wait_for(pending)
    for timer in timers:
        timer.join()
    assert len(heard) == 1


@pytest.mark.requirement("C10")
def test_an_answer_that_does_not_come_is_waited_for_only_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "GRACE", 0.2)
    timer = Timer(0.05, signal.raise_signal, [signal.SIGTERM])
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), signals.delayed(lambda _: None) as hold:
        timer.start()
        hold.wait_for(Future())
    timer.join()
    assert time.monotonic() - began < 5


def test_outside_the_main_thread_nothing_is_held_back() -> None:
    code = (
        "import threading, signal\nfrom gumauth.client import signals\n"
        "def run():\n    with signals.delayed(print):\n        print(signal.getsignal(signal.SIGINT).__name__)\n"
        "t = threading.Thread(target=run); t.start(); t.join()\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "default_int_handler"


def _until(holds: object) -> None:
    assert callable(holds)
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.requirement("K1")
def test_killed_while_the_nickname_is_asked_for_the_tokens_are_found_as_an_unnamed_account(tmp_path: Path) -> None:
    with AuthorizationServer() as server:
        stage = Stage(server, tmp_path)
        file = stage.world.file
        server.misbehave("userinfo", Fault.hang())
        process = stage.start("connect", str(file), "--no-browser")
        assert process.stderr is not None
        url = next(line.strip() for line in process.stderr if line.startswith("http://127.0.0.1"))
        walk = Timer(0, lambda: _deliver(server.follow(url)))
        walk.start()
        _until(lambda: list((tmp_path / "home" / "secrets").glob("*.secret")) and server.count("userinfo", "fault"))
        _until(lambda: stage.run("list", "--json").stdout.count('"acme"') == 1)
        process.kill()
        process.communicate()
        walk.join()
        server.behave()
        assert server.is_active(stage.run("token", "acme").stdout.strip())


@pytest.mark.requirement("K1")
def test_a_grant_that_was_held_and_then_named_is_one_account_also_after_a_kill_in_between(world: World) -> None:
    world.connect()
    named, held = world.account(), world.hold()
    assert find(world.new_context(), f"acme/{held.id}") == named
    assert [account.id for account in world.context.accounts.all()] == [named.id]
    assert isinstance(world.store, MemoryStore)
    assert len(world.store.keys()) == 1


def _deliver(url: str) -> None:
    from gumauth.testing import deliver

    try:
        deliver(url)
    except OSError:
        pass  # the callback went with its process


@pytest.mark.requirement("K1", "Y7")
def test_nothing_but_the_store_stands_between_the_answer_to_the_code_and_its_safety(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has to be written for an account to be found is written before the code is sent."""
    done: list[str] = []

    def noted(owner: type, method: str) -> None:
        original = getattr(owner, method)

        def write(*arguments: object) -> object:
            done.append(method)
            return original(*arguments)

        monkeypatch.setattr(owner, method, write)

    noted(MemoryStore, "set")
    noted(AccountList, "save")
    with world.file.open("a") as file:
        file.write("\n    async def exchange(self, code, redirect_uri):\n")
        file.write("        answer = await super().exchange(code, redirect_uri)\n")
        file.write("        self.done.append('answer')\n")
        file.write("        return answer\n")
    monkeypatch.setattr("gumauth.oauth2.OAuth2Provider.done", done, raising=False)
    world.connect()
    at = done.index("answer")
    assert done[at - 1] == "save"
    assert done[at + 1] == "set"
