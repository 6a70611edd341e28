"""The keyring in its own process, with backends that misbehave as real ones do."""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gumauth.client.context import Context
from gumauth.errors import (
    KeyringTimeout,
    NoKeyring,
    RecordTooLarge,
    StoreError,
    UnsafeKeyring,
)
from gumauth.store.interface import Store
from gumauth.store.keyring.store import Deadlines, KeyringStore
from gumauth.store.named import NamedStore
from gumauth.store.open import choose
from gumauth.store.split import SplitStore
from tests.parts.secret_service import wait_until
from tests.store.contract import StoreContract, random_value

KEY = "linear/0123456789abcdef/a"
SOON = Deadlines(answer=0.3, person=0.6)


class Desk:
    """A folder, an environment, and what was said; makes stores on them and ends their workers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.stores: list[KeyringStore] = []
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "KEYRING_FAKE_FILE": str(folder / "entries"),
            "KEYRING_FAKE_GO": str(folder / "go"),
        }

    def store(self, fake: str, *, attended: bool = False, deadlines: Deadlines | None = None) -> KeyringStore:
        ask: Callable[[str], str] | None = (lambda _words: "") if attended else None
        context = Context(self.environ, notify=self.said.append, ask=ask)
        store = KeyringStore(f"tests.store.fakes.{fake}", context, deadlines=deadlines)
        self.stores.append(store)
        return store

    def same_store(self, fake: str) -> KeyringStore:
        """The store that was made for this fake before, with nothing in it."""
        (self.folder / "entries").unlink(missing_ok=True)
        made = [store for store in self.stores if store.name.endswith(f".{fake}")]
        return made[0] if made else self.store(fake)

    def clear(self) -> None:
        for store in self.stores:
            store.close()

    @property
    def kept(self) -> dict[str, str]:
        path = self.folder / "entries"
        return dict(json.loads(path.read_text())) if path.exists() else {}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.clear()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk whose workers serve many tests; each test finds its entries gone."""
    desk = Desk(tmp_path_factory.mktemp("shared"))
    yield desk
    desk.clear()


class TestContract(StoreContract):
    """A backend of `keyring` keeps the contract; this one keeps one line only."""

    pytestmark = pytest.mark.requirement("K12")

    @pytest.fixture
    def store(self, shared: Desk) -> Store:
        return shared.same_store("FirstLineKeyring")


class TestCappedContract(StoreContract):
    """So does one with short entries, behind the store that cuts values up."""

    pytestmark = pytest.mark.requirement("K9")

    @pytest.fixture
    def store(self, shared: Desk) -> Store:
        return SplitStore(shared.same_store("CappedKeyring"))

    def test_nothing_stays_behind(self, store: Store, shared: Desk) -> None:
        store.set(KEY, random_value(9000))
        assert len(shared.kept) == 9
        store.set(KEY, random_value(2000))
        assert len(shared.kept) == 3
        store.delete(KEY)
        assert shared.kept == {}


@pytest.mark.requirement("K7", "K9")
def test_a_value_that_is_too_large_has_its_own_error(desk: Desk) -> None:
    with pytest.raises(RecordTooLarge, match="does not take a record of this size"):
        desk.store("CappedKeyring").set(KEY, random_value(2000))


@pytest.mark.requirement("K6")
def test_a_backend_that_hangs_is_given_up_after_the_deadline(desk: Desk) -> None:
    with pytest.raises(KeyringTimeout, match=r"did not answer within 0\.3 s") as caught:
        desk.store("WaitingKeyring", deadlines=SOON).get(KEY)
    assert caught.value.hint == "Unlock or restart it, or run `gumauth doctor`."
    assert desk.said == []


@pytest.mark.requirement("K6")
def test_a_backend_that_hangs_while_it_starts_is_given_up(desk: Desk) -> None:
    with pytest.raises(KeyringTimeout, match=r"within 0\.2 s"):
        desk.store("StuckKeyring", deadlines=Deadlines(start=0.2)).get(KEY)


@pytest.mark.requirement("K6")
def test_a_write_that_timed_out_cannot_land_afterwards(desk: Desk) -> None:
    """The backend had begun; when it could go on, its process is gone."""
    store = desk.store("WaitingKeyring", deadlines=SOON)
    with pytest.raises(KeyringTimeout):
        store.set(KEY, random_value())
    assert (desk.folder / "go.waiting").exists()
    (desk.folder / "go").touch()
    assert store.get(KEY) is None  # a new worker, which would see what the old one wrote
    assert not (desk.folder / "go.written").exists()
    assert desk.kept == {}


@pytest.mark.requirement("K6")
def test_somebody_who_can_answer_is_told_and_gets_more_time(desk: Desk) -> None:
    with pytest.raises(KeyringTimeout, match=r"within 0\.6 s"):
        desk.store("WaitingKeyring", attended=True, deadlines=SOON).get(KEY)
    name = "tests.store.fakes.WaitingKeyring"
    assert desk.said == [f"Waiting for {name}. It may be asking for your permission…"]


@pytest.mark.requirement("K6")
def test_an_answer_that_comes_late_because_somebody_was_asked_is_taken(desk: Desk) -> None:
    store = desk.store("WaitingKeyring", attended=True, deadlines=Deadlines(answer=0.2, person=20))
    value = random_value()
    (desk.folder / "entries").write_text(json.dumps({f"gumauth\n{KEY}": value}))
    context = store._run
    context.notify = lambda _sentence: (desk.folder / "go").touch()  # type: ignore[misc]
    assert store.get(KEY) == value


@pytest.mark.requirement("K6")
def test_the_deadlines_are_those_that_are_promised() -> None:
    assert Deadlines() == Deadlines(start=20.0, answer=5.0, person=120.0)


@pytest.mark.requirement("S1", "K7")
def test_no_secret_gets_out_through_a_backends_error(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    value = random_value()
    secret = json.loads(value)["access_token"]
    with pytest.raises(StoreError, match="failed: PasswordSetError") as caught:
        desk.store("LeakyKeyring").set(KEY, value)
    shown = [*traceback.format_exception(caught.value), repr(caught.value), caught.value.hint, *capfd.readouterr()]
    assert secret not in "\n".join(map(str, shown))


@pytest.mark.requirement("S1", "S3")
def test_the_worker_is_given_no_secret_in_its_environment_or_arguments(desk: Desk) -> None:
    """Nor do values travel there."""
    canary = random_value()
    desk.environ.update(
        LINEAR_CLIENT_SECRET=canary, GUMAUTH_PASSPHRASE=canary, GITHUB_TOKEN=canary, LINEAR_CLIENT_ID="kept"
    )
    store = desk.store("SpyKeyring")
    store.set(KEY, canary)
    spied = json.loads(store.get(KEY) or "")
    assert spied["environ"]["LINEAR_CLIENT_ID"] == "kept"
    assert json.loads(canary)["access_token"] not in json.dumps([spied["environ"], spied["argv"]])


@pytest.mark.requirement("C10")
def test_the_worker_does_not_get_the_terminals_interrupt(shared: Desk) -> None:
    """Its process group is its own, so that Ctrl-C does not cut a write."""
    spied = json.loads(shared.same_store("SpyKeyring").get(KEY) or "")
    assert spied["group"] == spied["pid"] != os.getpgrp()


@pytest.mark.requirement("K15")
def test_the_worker_loads_the_one_backend_only(shared: Desk) -> None:
    spied = json.loads(shared.same_store("SpyKeyring").get(KEY) or "")
    loaded = [name for name in spied["modules"] if name.startswith(("keyring.backends.", "keyrings."))]
    assert loaded == ["keyring.backends.fail"]  # which `import keyring` itself loads


def test_what_a_backend_prints_is_not_taken_for_an_answer(desk: Desk) -> None:
    store = desk.store("TalkativeKeyring")
    value = random_value()
    store.set(KEY, value)
    assert store.get(KEY) == value


@pytest.mark.requirement("K7")
def test_a_backend_that_ends_its_process_is_an_error_and_the_next_call_works(desk: Desk) -> None:
    store = desk.store("DyingKeyring")
    with pytest.raises(StoreError, match="its process ended"):
        store.set(KEY, random_value())
    assert store.get(KEY) is None


@pytest.mark.requirement("K7", "Y8")
@pytest.mark.parametrize("text", [r"'no JSON\n'", r"'[' * 100_000 + '\n'", "'x' * 200_000"])
def test_an_answer_that_is_none_is_an_error_and_the_next_call_works(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Foreign code runs in that process, and may write where the answers go; a line is not read without end."""
    store = desk.store("FileKeyring", deadlines=Deadlines(start=10))
    script = f"print({text}, end='', flush=True); input(); input(); input()"
    with monkeypatch.context() as machine:
        machine.setattr("gumauth.store.keyring.child.LONGEST_LINE", 150_000)
        machine.setattr("gumauth.store.keyring.child.command", lambda *_: [sys.executable, "-I", "-c", script])
        with pytest.raises(StoreError, match="its process ended"):
            store.get(KEY)
    assert store.get(KEY) is None


@pytest.mark.requirement("K7")
def test_a_process_that_cannot_be_started_is_an_error_of_the_store(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    store = desk.store("FileKeyring")
    with monkeypatch.context() as machine:
        machine.setattr("sys.executable", str(desk.folder / "gone"))
        with pytest.raises(StoreError, match="its process could not be started"):
            store.set(KEY, "value")
    store.set(KEY, "value")
    assert store.get(KEY) == "value"


@pytest.mark.requirement("K7")
def test_a_backend_whose_library_is_missing_says_which(desk: Desk) -> None:
    with pytest.raises(NoKeyring, match=r"no module for it \(a_module_that_nobody_has\)"):
        desk.store("BrokenKeyring").get(KEY)


@pytest.mark.requirement("K7")
def test_an_entry_that_cannot_be_deleted_is_not_taken_for_deleted(desk: Desk) -> None:
    """`keyring` has one error for "not there" and "not allowed"."""
    store = desk.store("StubbornKeyring")
    store.delete(KEY)
    store.set(KEY, random_value())
    with pytest.raises(StoreError, match="PasswordDeleteError"):
        store.delete(KEY)


@pytest.mark.requirement("K5")
def test_an_unsafe_backend_is_refused_by_what_it_is_and_not_only_by_its_name(desk: Desk) -> None:
    with pytest.raises(UnsafeKeyring):
        desk.store("Renamed").get(KEY)
    assert desk.kept == {}


def test_calls_from_several_threads_take_turns(desk: Desk) -> None:
    store = desk.store("FileKeyring")
    values = {f"linear/{number:016x}/a": random_value() for number in range(8)}
    threads = [threading.Thread(target=store.set, args=item) for item in values.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key: store.get(key) for key in values} == values


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_fork_has_a_worker_of_its_own(desk: Desk) -> None:
    """Two processes at one pair of pipes would get each other's answers."""
    store = desk.store("SpyKeyring")
    mine = json.loads(store.get(KEY) or "")["pid"]
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, str(json.loads(store.get(KEY) or "")["pid"]).encode())
            store.close()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert int(os.read(reader, 100)) != mine
    os.close(reader)
    os.close(writer)
    assert json.loads(store.get(KEY) or "")["pid"] == mine


@pytest.mark.requirement("Y5")
def test_entries_stand_under_the_name_that_is_given(desk: Desk) -> None:
    """Without one, under that of the data folder."""
    context = Context(desk.environ)
    older, value = KeyringStore("tests.store.fakes.FileKeyring", context, service="gumauth /older"), random_value()
    desk.stores.append(older)
    older.set(KEY, value)
    assert desk.kept == {f"gumauth /older\n{KEY}": value}
    assert desk.store("FileKeyring").get(KEY) is None


def test_the_worker_ends_with_the_store(desk: Desk) -> None:
    store = desk.store("SpyKeyring")
    pid = json.loads(store.get(KEY) or "")["pid"]
    store.close()
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_the_worker_ends_when_the_process_that_started_it_is_killed(desk: Desk) -> None:
    """It reads the end of its standard input."""
    reader, writer = os.pipe()
    store = desk.store("SpyKeyring")
    child = os.fork()
    if child == 0:
        os.write(writer, str(json.loads(store.get(KEY) or "")["pid"]).encode())
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    pid = int(os.read(reader, 100))
    os.close(reader)
    os.close(writer)
    wait_until(lambda: not _is_running(pid))


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_warm_store_answers_from_the_worker_that_was_started(desk: Desk) -> None:
    store = desk.store("SpyKeyring")
    store.warm()
    child = store._child
    assert child is not None
    assert json.loads(store.get(KEY) or "")["pid"] == child._process.pid
    store.warm()
    assert store._child is child


@pytest.mark.requirement("K5", "K8")
def test_a_backend_that_was_chosen_for_gumauth_is_used_and_remembered_by_its_name(desk: Desk) -> None:
    desk.environ["GUMAUTH_KEYRING"] = "tests.store.fakes.FileKeyring"
    store = _chosen(desk, None)
    assert store.name == "tests.store.fakes.FileKeyring"
    value = random_value()
    store.set(KEY, value)
    assert _chosen(desk, "tests.store.fakes.FileKeyring").get(KEY) == value


def _chosen(desk: Desk, name: str | None) -> NamedStore:
    store = choose(Context(desk.environ), name)
    assert isinstance(store, NamedStore)
    (inner,) = store._stores.values()
    assert isinstance(inner, KeyringStore)
    desk.stores.append(inner)
    return store
