"""What a provider's method is lent in `os.environ`, it alone has: no other thread, no fork, no child."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gumauth.client.context import Context
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.client.provider_calls.environment import overlay
from gumauth.registry.resolved import ResolvedProvider

ID, SECRET = "ACME_CLIENT_ID", "ACME_CLIENT_SECRET"
CHILD = [sys.executable, "-c", f"import os; print({SECRET!r} in os.environ)"]


@pytest.fixture
def secret() -> str:
    return secrets.token_urlsafe(24)


@pytest.fixture
def run(secret: str, tmp_path: Path) -> Iterator[Callable[[Callable[..., Any]], Any]]:
    """Runs a function as the method of a provider whose credentials are lent."""
    begun: list[ProviderCalls] = []

    def run(method: Callable[..., Any]) -> Any:
        acme = type("Acme", (), {"name": "acme", "refresh": lambda _self, token: method(token)})
        found = ResolvedProvider(provider_class=acme, source="/acme.py:Acme", name="acme", origin="/acme.py")
        context = Context({"GUMAUTH_HOME": str(tmp_path), ID: "an-id", SECRET: secret})
        begun.append(ProviderCalls(context, found))
        return begun[-1].call("refresh", "a-token")

    yield run
    for calls in begun:
        calls.close()


def test_a_method_finds_what_it_is_lent_in_whatever_way_it_looks(
    run: Callable[..., Any], secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ID, "another-id")

    async def refresh(_token: str) -> list[object]:
        return [
            os.environ[SECRET],
            os.environ.get(SECRET),
            os.getenv(SECRET),
            dict(os.environ)[SECRET],
            {**os.environ}[SECRET],
            os.environ.copy()[SECRET],
            dict(os.environ.items())[SECRET],
            os.environb[SECRET.encode()].decode(),
        ]

    async def count(_token: str) -> tuple[object, ...]:
        environ = os.environ
        return (
            SECRET in environ,
            SECRET in list(environ),
            len(environ) - len(list(environ)),
            environ[ID],
            "NO" in environ,
        )

    before = len(os.environ)
    assert run(refresh) == [secret] * 8
    assert run(count) == (True, True, 0, "an-id", False)
    assert (os.environ.get(SECRET), os.environ[ID], len(os.environ)) == (None, "another-id", before)


@pytest.mark.requirement("Y4")
def test_tasks_callbacks_and_worker_threads_of_a_method_have_it_and_other_threads_have_not(
    run: Callable[..., Any], secret: str
) -> None:
    asked, answered, seen = threading.Event(), threading.Event(), []

    def look() -> str | None:
        return os.environ.get(SECRET)

    def other() -> None:
        asked.wait(10)
        seen.append(look())
        answered.set()

    async def refresh(_token: str) -> list[str | None]:
        loop = asyncio.get_running_loop()
        later = loop.create_future()
        loop.call_soon(lambda: later.set_result(look()))

        async def task() -> str | None:
            return look()

        asked.set()
        await asyncio.to_thread(answered.wait, 10)
        own = [look(), await asyncio.create_task(task()), await later]
        return [*own, await asyncio.to_thread(look), await loop.run_in_executor(None, look)]

    thread = threading.Thread(target=other)
    thread.start()
    assert run(refresh) == [secret] * 5
    thread.join()
    assert seen == [None]


def test_a_task_that_a_method_leaves_behind_has_it_no_longer(run: Callable[..., Any]) -> None:
    seen: list[str | None] = []
    ended, looked = threading.Event(), threading.Event()

    async def left() -> None:
        await asyncio.to_thread(ended.wait, 10)
        seen.append(os.environ.get(SECRET))
        looked.set()

    async def refresh(_token: str) -> asyncio.Task[None]:
        return asyncio.create_task(left())

    task = run(refresh)
    ended.set()
    assert looked.wait(10)
    assert (seen, task.cancelled()) == ([None], False)


def from_python() -> str:
    return subprocess.run(CHILD, capture_output=True, text=True, check=True).stdout


def by_posix_spawn() -> str:
    return subprocess.run(CHILD, stdout=subprocess.PIPE, text=True, check=True, close_fds=False).stdout


def by_a_shell() -> str:
    with os.popen(f"env | grep -c ^{SECRET}= || true") as shown:
        return f"{shown.read() != '0' + chr(10)}\n"


STARTS = [from_python, by_posix_spawn, by_a_shell]


@pytest.mark.requirement("Y4")
@pytest.mark.parametrize("start", STARTS)
def test_no_child_has_it_whoever_starts_it_while_the_method_runs(
    run: Callable[..., Any], start: Callable[[], str]
) -> None:
    asked, answered, shown = threading.Event(), threading.Event(), []

    def other() -> None:
        asked.wait(10)
        shown.append(start())
        answered.set()

    async def refresh(_token: str) -> str:
        asked.set()
        await asyncio.to_thread(answered.wait, 30)
        assert SECRET in os.environ
        return start()

    thread = threading.Thread(target=other)
    thread.start()
    assert run(refresh) == "False\n"
    thread.join()
    assert shown == ["False\n"]


def test_what_a_method_writes_goes_to_the_process_and_ends_the_lending_of_that_name(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_REGION", "north")
    monkeypatch.delenv(ID, raising=False)

    async def refresh(_token: str) -> tuple[object, ...]:
        os.environ[ID] = "my-own-id"
        os.environ["ACME_REGION"] = "south"
        del os.environ[SECRET]
        return os.environ[ID], SECRET in os.environ, os.environ.pop(SECRET, "gone")

    try:
        assert run(refresh) == ("my-own-id", False, "gone")
        shown = subprocess.run(["/usr/bin/env"], capture_output=True, text=True, check=True).stdout.splitlines()
        assert {f"{ID}=my-own-id", "ACME_REGION=south"} <= set(shown)
    finally:
        os.environ.pop(ID, None)


def test_a_name_that_a_method_takes_away_is_gone_wherever_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_REGION", "north")
    with overlay({"ACME_REGION": "lent", SECRET: "lent too"}):
        del os.environ["ACME_REGION"]
        assert "ACME_REGION" not in os.environ
        del os.environ[SECRET]
        with pytest.raises(KeyError, match=SECRET):
            del os.environ[SECRET]
    assert "ACME_REGION" not in os.environ


def test_what_one_provider_is_lent_another_does_not_see_that_it_asks(secret: str) -> None:
    """A method may itself ask gumauth for another account's token."""
    with overlay({SECRET: secret}):
        with overlay({"OTHER_CLIENT_ID": "other"}):
            assert (os.environ["OTHER_CLIENT_ID"], os.environ.get(SECRET)) == ("other", None)
        assert (os.environ.get("OTHER_CLIENT_ID"), os.environ[SECRET]) == (None, secret)


def test_who_has_taken_os_environ_before_has_the_same_object(secret: str) -> None:
    program = f"""
from os import environ
import os
from gumauth.client.provider_calls.environment import overlay
with overlay({{"ACME_CLIENT_SECRET": {secret!r}}}):
    print(environ is os.environ, environ["ACME_CLIENT_SECRET"] == {secret!r}, isinstance(environ, os._Environ))
print(environ.get("ACME_CLIENT_SECRET"))
"""
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout == "True True True\nNone\n"


@pytest.mark.parametrize("kind", [dict, type(os.environ)])
def test_an_environment_that_somebody_has_put_in_its_place_is_lent_too(
    monkeypatch: pytest.MonkeyPatch, secret: str, kind: type[Any]
) -> None:
    class Own(kind):  # type: ignore[misc]
        pass

    own: Any = Own({"A": "1"}) if kind is dict else Own({}, str, str, str, str)
    own["ACME_REGION"] = "north"
    monkeypatch.setattr(os, "environ", own)
    try:
        with overlay({SECRET: secret, ID: "an-id"}):
            assert (os.getenv(SECRET), os.environ["ACME_REGION"]) == (secret, "north")
            os.environ[ID] = "another-id"
            del os.environ["ACME_REGION"]
            del os.environ[SECRET]
            assert os.getenv(SECRET) is None
        assert (os.getenv(SECRET), own.get(SECRET), own[ID], "ACME_REGION" in own) == (None, None, "another-id", False)
    finally:
        os.unsetenv(ID)


def shown_by(*arguments: str) -> str:
    """What a Python program prints; it and its children are ended where they hang."""
    command = [sys.executable, "-W", "ignore", *arguments]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True, env=environ) as process:
        try:
            return process.communicate(timeout=60)[0]
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


FORKS = """
import os, sys, threading
from gumauth.client.provider_calls.environment import overlay

def lends():
    while True:
        with overlay({"ACME_CLIENT_ID": "an-id"}):
            pass

threading.Thread(target=lends, daemon=True).start()
for _ in range(300):
    child = os.fork()
    if child == 0:
        with overlay({"ACME_CLIENT_ID": "mine"}):
            os._exit(os.environ["ACME_CLIENT_ID"] != "mine")
    ended, status = os.waitpid(child, 0)
    assert status == 0, status
with overlay({"ACME_CLIENT_ID": "mine"}):
    child = os.fork()
    if child == 0:
        os._exit("ACME_CLIENT_ID" in os.environ)
    assert os.waitpid(child, 0)[1] == 0
print("done")
os._exit(0)
"""


@pytest.mark.requirement("Y4")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_no_fork_hangs_or_has_what_is_lent_while_it_is_made() -> None:
    assert shown_by("-c", FORKS) == "done\n"


STORM = """
import multiprocessing, os, secrets, subprocess, sys, threading, time
from pathlib import Path
from gumauth import get_token
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.testing import AuthorizationServer
from tests.client.world import World

CHILDREN = 200
running, enough = threading.Event(), threading.Event()
ended, found = [], []

def looks(environ):
    return "ACME_CLIENT_SECRET" in environ

def forks():
    child = os.fork()
    if child == 0:
        os._exit(looks(os.environ))
    return os.waitpid(child, 0)[1] != 0

def spawns(**options):
    shown = subprocess.run(["/usr/bin/env"], stdout=subprocess.PIPE, text=True, check=True, **options).stdout
    return "ACME_CLIENT_SECRET" in shown

def process(method):
    child = multiprocessing.get_context(method).Process(target=child_of_multiprocessing)
    child.start()
    child.join()
    return child.exitcode != 0

def child_of_multiprocessing():
    sys.exit(looks(os.environ))

def storm(*ways):
    running.wait()
    while not enough.is_set():
        for way in ways:
            found.append(way())
            ended.append(way)
        if len(ended) >= CHILDREN:
            enough.set()

def main(folder):
    with AuthorizationServer() as server:
        os.environ.update(GUMAUTH_STORE="file", GUMAUTH_KEY_FILE=str(folder / "key"), GUMAUTH_HOME=str(folder / "home"))
        (folder / "key").touch(mode=0o600)
        (folder / "key").write_bytes(secrets.token_bytes(32))
        world = World(server=server, folder=folder, clock=lambda: time.time() - 7200, store=Context(os.environ).store())
        world.connect()
        credentials.save(world.context, "acme", world.environ["ACME_CLIENT_ID"], world.environ["ACME_CLIENT_SECRET"])
        with open(world.file, "a") as file:
            file.write(WAITS)
        ways = [(forks, spawns), (lambda: spawns(close_fds=False), forks), (lambda: process("fork"), forks)]
        threads = [threading.Thread(target=storm, args=each) for each in ways]
        threads.append(threading.Thread(target=storm, args=(lambda: process("spawn"),)))
        for thread in threads:
            thread.start()
        try:
            token = get_token("acme")
        finally:
            running.set(), enough.set()
        for thread in threads:
            thread.join()
        print(server.is_active(token), len(ended) >= CHILDREN, sum(found), looks(os.environ))

WAITS = '''
    async def refresh(self, token):
        import asyncio, os, __main__
        __main__.running.set()
        assert os.environ["ACME_CLIENT_SECRET"]
        await asyncio.to_thread(__main__.enough.wait)
        return await super().refresh(token)
'''

if __name__ == "__main__":
    main(Path(sys.argv[1]))
"""


@pytest.mark.requirement("Y4")
@pytest.mark.skipif(sys.platform != "linux", reason="forks beside threads are safe enough only on Linux")
def test_a_program_that_forks_and_spawns_all_the_time_hands_no_child_the_secret(tmp_path: Path) -> None:
    """Two hundred children of three kinds, by four threads, while another asks for a token that has to be refreshed."""
    program = tmp_path / "storm.py"
    program.write_text(STORM)
    assert shown_by(str(program), str(tmp_path)) == "True True 0 False\n"


def test_a_value_that_is_asked_for_is_asked_for_when_it_is_read_and_once() -> None:
    asked: list[str] = []

    def ask() -> str | None:
        asked.append(os.environ.get("LAZY_ID", "nobody"))  # whoever gives it may look into the environment himself
        return "an-id"

    with overlay({"LAZY_ID": ask, "LAZY_NONE": lambda: None}) as lent:
        assert asked == []
        assert (os.environ["LAZY_ID"], os.environ.get("LAZY_ID"), asked) == ("an-id", "an-id", ["nobody"])
        assert ("LAZY_ID" in os.environ, "LAZY_NONE" in os.environ) == (True, False)
        assert "LAZY_NONE" not in dict(os.environ)
        assert os.environ.get("LAZY_NONE", "unset") == "unset"
        assert (lent.read["LAZY_ID"], lent.read["LAZY_NONE"]) == ("an-id", None)
    assert "LAZY_ID" not in os.environ


def test_what_is_set_nowhere_may_be_made_up_while_the_lending_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAS_ID", "its-own")
    with overlay({}, otherwise=lambda name: "made-up" if name.endswith("_ID") else None):
        assert [os.environ.get(name) for name in ("HAS_ID", "NO_ID", "NO_OTHER")] == ["its-own", "made-up", None]
        assert "NO_ID" not in list(os.environ)
        with pytest.raises(KeyError):
            os.environ["NO_OTHER"]
    assert os.environ.get("NO_ID") is None
