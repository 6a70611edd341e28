"""The Secret Service, with a real gnome-keyring on a bus of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gumauth.client.context import Context
from gumauth.errors import (
    GumauthError,
    KeyringLocked,
    KeyringTimeout,
    NoBus,
    NoKeyring,
    OtherStore,
    PromptDismissed,
    RecordCorrupt,
    StoreError,
)
from gumauth.platform.lock import Lock
from gumauth.store.dbus.conversation import BUS as THE_BUS
from gumauth.store.dbus.conversation import Conversation, method_call, property_call
from gumauth.store.dbus.message import BusObject
from gumauth.store.dbus.secret_items import COLLECTION, DEFAULT, ITEM, OPEN_SESSION, SECRETS, SERVICE
from gumauth.store.interface import Store
from gumauth.store.keyring.store import KeyringStore
from gumauth.store.keyring_lock import lock_path
from gumauth.store.open import choose, probe
from gumauth.store.secret_service.store import SecretServiceStore, ServiceAccess
from tests.parts.secret_service import Session, wait_until
from tests.store.contract import KEY, StoreContract, deletes, random_value, reads, writes
from tests.store.somebody import run_of

pytestmark = pytest.mark.keyring

OTHER = "linear/0123456789abcdef/b"
SOON = 0.4
BUS = "DBUS_SESSION_BUS_ADDRESS"
Make = Callable[..., SecretServiceStore]

if TYPE_CHECKING:
    from gumauth.store.dbus.conversation import MethodCall


def reads_another(store: Store) -> object:
    return store.get(OTHER)


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes stores on a session, and ends their workers."""
    made: list[SecretServiceStore] = []

    def store(
        session: Session, said: list[str] | None = None, seconds: float = 5.0, service: str | None = None
    ) -> SecretServiceStore:
        run = run_of(session.environ, said)
        made.append(SecretServiceStore(run, service=service, access=ServiceAccess(run, seconds=seconds)))
        return made[-1]

    yield store
    for each in made:
        each.close()


class TestContract(StoreContract):
    """gnome-keyring keeps the contract."""

    @pytest.fixture
    def store(self, secret_service: Session, make: Make) -> Store:
        return make(secret_service)

    @pytest.fixture
    def again(self, secret_service: Session, make: Make) -> Callable[[], Store]:
        return lambda: make(secret_service)


class TestLibraryContract(StoreContract):
    """So it does by way of the keyring library."""

    @pytest.fixture
    def store(self, secret_service: Session, make: Make) -> Store:
        return make(secret_service).through_library()

    @pytest.fixture
    def again(self, secret_service: Session, make: Make) -> Callable[[], Store]:
        return lambda: make(secret_service).through_library()


def test_what_is_stored_is_found_from_outside_and_nothing_stays(secret_service: Session, make: Make) -> None:
    """`secret-tool` sees the value under the name of gumauth, and after deleting nothing."""
    store, value = make(secret_service), random_value()
    store.set(KEY, value)
    assert secret_service.lookup(KEY) == value
    store.set(KEY, "{}")
    assert secret_service.lookup(KEY) == "{}"
    store.delete(KEY)
    assert secret_service.secret_tool("search", "--all", "service", "gumauth") == ""


@pytest.mark.requirement("K4")
def test_the_proof_leaves_nothing(secret_service: Session, make: Make) -> None:
    probe(make(secret_service))
    assert secret_service.secret_tool("search", "--all", "service", "gumauth") == ""


def test_a_conversation_needs_no_worker(secret_service: Session, make: Make) -> None:
    store, value = make(secret_service), random_value()
    store.set(KEY, value)
    assert store.get(KEY) == value
    store.delete(KEY)
    assert store.get(KEY) is None
    assert store._library is None


def test_both_ways_write_the_same_item(secret_service: Session, make: Make) -> None:
    """Each replaces the other's."""
    store, seen = make(secret_service), []
    for way in (store, store.through_library(), store):
        value = random_value()
        way.set(KEY, value)
        assert store.get(KEY) == store.through_library().get(KEY) == value
        with secret_service.conversation() as bus:
            asked = method_call(SERVICE, "SearchItems", "a{ss}", {"username": KEY}, answer="aoao")
            (((path,), _locked),) = bus.call(asked)
            item = BusObject(path=path, destination=SERVICE.destination, interface="org.freedesktop.Secret.Item")
            properties = {"Attributes": "a{ss}", "Label": "s"}
            asking = [property_call(item, name, kind) for name, kind in properties.items()]
            ((attributes,), (label,)) = bus.call(*asking)
        attributes[1].pop("xdg:schema", None)  # gnome-keyring's own, which it adds some time later
        seen.append((attributes[1], label[1]))
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][0] == {"service": "gumauth", "username": KEY, "application": "Python keyring library"}


def test_an_item_that_the_service_will_not_delete_is_left_to_the_keyring_library(
    secret_service: Session, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make(secret_service)
    store.set(KEY, "{}")
    call = Conversation.call

    def deaf(self: Conversation, *calls: MethodCall) -> list[tuple[object, ...]]:
        return [("/a/prompt",)] if calls[0].method == "Delete" else call(self, *calls)

    monkeypatch.setattr(Conversation, "call", deaf)
    store.delete(KEY)
    assert store._library is not None
    assert secret_service.lookup(KEY) is None


def test_that_there_is_no_value_is_known_without_the_worker(secret_service: Session, make: Make) -> None:
    """Every refresh looks into an entry that is free; for a locked keyring, the library is not started in vain."""
    reader = make(secret_service)
    assert reader.get(KEY) is None
    assert reader._library is None
    secret_service.lock()
    with pytest.raises(KeyringLocked):
        reader.get(KEY)


def test_what_secret_tool_stores_is_read(secret_service: Session, make: Make) -> None:
    value = random_value()
    secret_service.secret_tool("store", "--label=x", "service", "gumauth", "username", KEY, text=value)
    assert make(secret_service).get(KEY) == value


def test_two_items_for_one_key_are_left_to_the_keyring_library(secret_service: Session, make: Make) -> None:
    """They differ in an attribute that gumauth does not look at; both go when the key is deleted."""
    for number in "12":
        secret_service.secret_tool(
            "store", "--label=x", "service", "gumauth", "username", KEY, "number", number, text="{}"
        )
    store = make(secret_service)
    assert store.get(KEY) == "{}"
    assert store._library is not None
    store.delete(KEY)
    assert store.get(KEY) is None
    assert secret_service.secret_tool("search", "--all", "service", "gumauth") == ""


class TestTwoKeyrings:
    """The person has a second keyring, and changes which one is the default; entries are found in both."""

    @pytest.fixture
    def moved(self, secret_service: Session, make: Make) -> Session:
        """A session where the item of a key is in an open keyring that is not the default one any more."""
        make(secret_service).set(KEY, '{"number": 1}')
        secret_service.make_default(secret_service.another())
        return secret_service

    @pytest.fixture
    def twice(self, moved: Session) -> Session:
        """One where another program has copied the item into the default keyring."""
        moved.secret_tool("store", "--label=x", "service", "gumauth", "username", KEY, text='{"number": 2}')
        assert len(moved.items(KEY)) == 2
        return moved

    def test_what_is_written_is_the_only_item_afterwards(self, moved: Session, make: Make) -> None:
        store = make(moved)
        assert store.get(KEY) == '{"number": 1}'
        store.set(KEY, '{"number": 2}')
        (item,) = moved.items(KEY)
        assert item.startswith(f"{moved.default()}/")
        assert store.get(KEY) == '{"number": 2}'
        assert store._library is None

    def test_a_process_that_ends_in_the_middle_of_writing_leaves_the_new_value(
        self, moved: Session, make: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The new item is made before the old one goes; of two, the one in the default keyring is read."""
        call = Conversation.call

        def killed(self: Conversation, *calls: MethodCall) -> list[tuple[object, ...]]:
            if calls[0].method == "Delete":
                raise KeyboardInterrupt
            return call(self, *calls)

        with monkeypatch.context() as machine:
            machine.setattr(Conversation, "call", killed)
            with pytest.raises(KeyboardInterrupt):
                make(moved).set(KEY, '{"number": 2}')
        assert len(moved.items(KEY)) == 2
        assert make(moved).get(KEY) == '{"number": 2}'

    @pytest.mark.requirement("L2")
    def test_deleting_takes_the_items_in_both(self, twice: Session, make: Make) -> None:
        """One that stayed would be read as the value."""
        store = make(twice)
        store.delete(KEY)
        assert twice.items(KEY) == []
        assert store.get(KEY) is None

    def test_writing_through_the_library_leaves_one_item_too(self, twice: Session, make: Make) -> None:
        """The default keyring is locked at first, and somebody unlocks it."""
        twice.lock()
        self.attended(twice, make).set(KEY, '{"number": 3}')
        assert len(twice.items(KEY)) == 1
        assert make(twice).get(KEY) == '{"number": 3}'

    def test_deleting_through_the_library_takes_both_too(self, twice: Session, make: Make) -> None:
        twice.lock()
        self.attended(twice, make).delete(KEY)
        assert twice.items(KEY) == []

    def attended(self, session: Session, make: Make) -> SecretServiceStore:
        """A store whose person unlocks the default keyring when told of it."""
        store = make(session, [])
        store._run.notify = lambda _sentence: session.unlock()  # type: ignore[misc]
        return store

    @pytest.mark.requirement("K7")
    @pytest.mark.parametrize("use", [reads, writes, deletes])
    def test_an_item_in_a_locked_keyring_is_not_taken_for_none(
        self, moved: Session, make: Make, use: Callable[[Store], object]
    ) -> None:
        """`disconnect` would forget it, with a refresh token in it that is good."""
        (item,) = moved.items(KEY)
        first = item.rpartition("/")[0]
        moved.lock(first)
        store = make(moved, [])
        with pytest.raises(KeyringLocked, match="in a keyring that is locked, and not the default one") as caught:
            use(store)
        assert store._library is None or store._library._child is None
        assert caught.value.hint == (
            "Unlock that keyring in your desktop's program for passwords, and run the command again."
        )
        assert moved.items(KEY) == [item]
        moved.unlock(first)
        assert make(moved).get(KEY) == '{"number": 1}'

    @pytest.mark.requirement("K7")
    @pytest.mark.parametrize("use", [reads, deletes])
    def test_nor_is_it_after_the_default_keyring_has_been_unlocked(
        self, moved: Session, make: Make, use: Callable[[Store], object]
    ) -> None:
        """The keyring library unlocks the default keyring, and finds nothing in it."""
        (item,) = moved.items(KEY)
        moved.lock(item.rpartition("/")[0])
        moved.lock()
        with pytest.raises(KeyringLocked, match="not the default one"):
            use(self.attended(moved, make))
        assert moved.items(KEY) == [item]

    def test_one_item_open_and_one_locked_may_be_the_older_and_the_newer(self, twice: Session, make: Make) -> None:
        """An older refresh token would end the grant."""
        twice.lock(next(item for item in twice.items(KEY) if not item.startswith(twice.default())).rpartition("/")[0])
        for use in (reads, writes):
            with pytest.raises(KeyringLocked):
                use(make(twice))

    def test_a_locked_keyring_with_nothing_of_gumauth_in_it_is_no_hindrance(
        self, secret_service: Session, make: Make
    ) -> None:
        """Every refresh looks into an entry that is free."""
        secret_service.lock(secret_service.another())
        store = make(secret_service)
        assert store.get(OTHER) is None
        store.set(KEY, "{}")
        assert store.get(KEY) == "{}"
        store.delete(KEY)
        store.delete(KEY)
        assert store._library is None

    @pytest.mark.requirement("K7")
    @pytest.mark.parametrize("use", [writes, deletes])
    def test_an_item_that_cannot_be_taken_away_is_an_error(
        self, twice: Session, make: Make, monkeypatch: pytest.MonkeyPatch, use: Callable[[Store], None]
    ) -> None:
        """Whatever the keyring library says, a conversation looks at the result."""
        monkeypatch.setattr(KeyringStore, "delete", lambda _self, _key: None)
        call = Conversation.call

        def deaf(self: Conversation, *calls: MethodCall) -> list[tuple[object, ...]]:
            return [("/",)] if calls[0].method == "Delete" else call(self, *calls)

        monkeypatch.setattr(Conversation, "call", deaf)
        with pytest.raises(StoreError, match="may have an older entry in another keyring"):
            use(make(twice))


def test_every_gumauth_home_has_entries_of_its_own(secret_service: Session, make: Make, tmp_path: Path) -> None:
    """A keyring cannot be moved with the folder."""
    make(secret_service).set(KEY, "{}")
    secret_service.environ["GUMAUTH_HOME"] = str(tmp_path)
    assert make(secret_service).get(KEY) is None


@pytest.mark.requirement("Y5")
def test_entries_stand_under_the_name_that_is_given(secret_service: Session, make: Make) -> None:
    """Both ways; without one, under that of the data folder."""
    store, value = make(secret_service, service="gumauth /older"), random_value()
    for way in (store, store.through_library()):
        way.set(KEY, value)
        assert secret_service.lookup(KEY, "gumauth /older") == value
        assert secret_service.lookup(KEY) is None
        assert way.get(KEY) == value
        way.delete(KEY)
        assert secret_service.items(KEY) == []


@pytest.mark.requirement("K7")
def test_a_folder_whose_name_is_no_text_is_an_error_of_the_store(
    secret_service: Session, make: Make, tmp_path: Path
) -> None:
    """The name of the entries is made of it, and D-Bus takes UTF-8 only."""
    secret_service.environ["GUMAUTH_HOME"] = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    for use in (reads, writes, deletes):
        with pytest.raises(StoreError, match="failed: UnicodeEncodeError"):
            use(make(secret_service))


@pytest.mark.requirement("K7")
def test_what_another_program_wrote_that_is_no_text_is_told(secret_service: Session, make: Make) -> None:
    with secret_service.conversation() as bus:
        ((_, session),), (default,) = bus.call(OPEN_SESSION), bus.call(DEFAULT)[0]
        collection = BusObject(path=default, destination=SECRETS, interface=COLLECTION)
        attributes = {f"{ITEM}.Attributes": ("a{ss}", {"service": "gumauth", "username": KEY})}
        secret = (session, b"", b"\xff", "text/plain")
        bus.call(method_call(collection, "CreateItem", "a{sv}(oayays)b", attributes, secret, True, answer="oo"))
    with pytest.raises(RecordCorrupt, match="something under gumauth's name that is not text"):
        make(secret_service).get(KEY)


def test_settings_of_the_keyring_library_are_heeded(secret_service: Session, make: Make) -> None:
    """With KeePassXC's scheme the entries have other attributes, so the fast way would not find them."""
    secret_service.environ["KEYRING_PROPERTY_SCHEME"] = "KeePassXC"
    store = make(secret_service)
    store.set(KEY, "{}")
    assert store.get(KEY) == "{}"
    assert secret_service.lookup(KEY) is None


@pytest.mark.requirement("K7")
def test_without_a_bus_the_error_names_the_encrypted_file(session_without_bus: Session, make: Make) -> None:
    environ = session_without_bus.environ
    for address in ("", "unix:path=/nonexistent", "tcp:host=localhost,port=1", "junk", environ.pop(BUS)):
        for use in (reads, writes, deletes) if BUS not in environ else (reads,):
            with pytest.raises(NoBus) as caught:
                use(make(session_without_bus))
            assert caught.value.hint == "Set GUMAUTH_STORE=file to keep secrets in an encrypted file."
        environ[BUS] = address
    with pytest.raises(NoBus):
        choose(Context(session_without_bus.environ), None)


@pytest.mark.requirement("K7")
def test_without_a_keyring_on_the_bus_the_error_names_the_encrypted_file(
    session_without_keyring: Session, make: Make
) -> None:
    for use in (reads, writes, deletes):
        with pytest.raises(NoKeyring, match="Secret Service does not answer") as caught:
            use(make(session_without_keyring))
        assert caught.value.hint == "Set GUMAUTH_STORE=file to keep secrets in an encrypted file."
    with pytest.raises(NoKeyring, match="No keyring answers on this machine: neither"):
        choose(Context(session_without_keyring.environ), None)


@pytest.mark.requirement("K7")
def test_a_keyring_that_cannot_be_started_does_not_answer(session_without_keyring: Session, make: Make) -> None:
    """The bus would start it, and its program ends at once."""
    service = session_without_keyring.folder / "services" / "org.freedesktop.secrets.service"
    service.write_text("[D-BUS Service]\nName=org.freedesktop.secrets\nExec=/bin/false\n")
    session_without_keyring.kill_bus()
    session_without_keyring.start_bus()
    assert choose(Context(session_without_keyring.environ), None).name == "Secret Service"
    for use in (reads, writes):
        with pytest.raises(NoKeyring):
            use(make(session_without_keyring))


@pytest.mark.requirement("K6", "K7")
def test_a_locked_keyring_is_told_at_once_where_nobody_can_be_asked(secret_service: Session, make: Make) -> None:
    store = make(secret_service)
    store.set(KEY, "{}")
    secret_service.lock()
    for use in (reads, reads_another, writes, deletes):
        begun = time.monotonic()
        with pytest.raises(KeyringLocked, match="locked, and nobody can be asked") as caught:
            use(make(secret_service))
        assert time.monotonic() - begun < 5
        assert (caught.value.hint or "").startswith(
            "Unlock it in your desktop session, or run the command in a terminal"
        )
        assert "`gnome-keyring-daemon --replace --unlock`" in (caught.value.hint or "")
    secret_service.unlock()
    assert store.get(KEY) == "{}"


@pytest.mark.requirement("K6", "K14")
def test_somebody_is_told_that_the_keyring_is_locked_and_its_unlocking_is_waited_for(
    locked_secret_service: Session, make: Make
) -> None:
    """While the person is asked, other processes have their turn at the lock."""
    said: list[str] = []
    store = make(locked_secret_service, said)

    def unlock(sentence: str) -> None:
        said.append(sentence)
        with Lock(lock_path(locked_secret_service.address, store._run.home), timeout=0, what="the keyring"):
            locked_secret_service.unlock()

    store._run.notify = unlock  # type: ignore[misc]
    value = random_value()
    store.set(KEY, value)
    assert said == ["Secret Service is locked. Waiting for you to unlock it…"]
    assert store.get(KEY) == value


@pytest.mark.requirement("K7")
def test_a_prompt_that_is_dismissed_has_its_own_error(locked_secret_service: Session, make: Make) -> None:
    """Here nothing can show the prompt, which gnome-keyring reports as dismissed."""
    said: list[str] = []
    with pytest.raises(PromptDismissed) as caught:
        make(locked_secret_service, said).set(KEY, "{}")
    assert said == ["Secret Service is locked. Waiting for you to unlock it…"]
    assert (caught.value.hint or "").startswith("Run the command again in your desktop session and answer the prompt.")


@pytest.mark.requirement("K7")
def test_a_session_without_a_default_keyring_is_told(session_without_keyring: Session, make: Make) -> None:
    """A daemon that nobody has unlocked yet has none; its own "session" keyring would lose everything at logout."""
    session_without_keyring.start_daemon(unlocked=False)
    for use in (reads, writes):
        with pytest.raises(KeyringLocked, match="no default keyring yet"):
            use(make(session_without_keyring))


@pytest.mark.requirement("K6", "K13")
def test_a_daemon_that_hangs_is_given_up_after_the_deadline(secret_service: Session, make: Make) -> None:
    store = make(secret_service)
    store.set(KEY, "{}")
    secret_service.stop_daemon()
    for use in (reads, writes, deletes):
        with pytest.raises(KeyringTimeout, match=r"did not answer within 0\.4 s"):
            use(make(secret_service, seconds=SOON))
    secret_service.continue_daemon()
    assert store.get(KEY) == "{}"


@pytest.mark.requirement("K6")
def test_a_write_to_a_daemon_that_hangs_does_not_land_when_it_goes_on(secret_service: Session, make: Make) -> None:
    """The bus keeps messages for the daemon: nothing is written before it has answered a question."""
    for started_before in (False, True):
        store = make(secret_service, seconds=SOON)
        if started_before:
            store.delete(OTHER)
        secret_service.stop_daemon()
        with pytest.raises(KeyringTimeout):
            store.set(KEY, "{}")
        secret_service.continue_daemon()
        assert secret_service.lookup(KEY) is None


@pytest.mark.requirement("K6", "K13")
def test_a_bus_that_hangs_is_given_up_after_the_deadline(secret_service: Session, make: Make) -> None:
    secret_service.stop_bus()
    try:
        for use in (reads, writes):
            with pytest.raises(KeyringTimeout):
                use(make(secret_service, seconds=SOON))
    finally:
        secret_service.continue_bus()


@pytest.mark.requirement("K13")
def test_a_daemon_that_was_killed_is_told_and_nothing_is_lost(secret_service: Session, make: Make) -> None:
    """First gone, then back and locked, then unlocked: the value is there."""
    store, value = make(secret_service), random_value()
    store.set(KEY, value)
    secret_service.kill_daemon()
    for use in (reads, writes):
        with pytest.raises(NoKeyring):
            use(store)
    secret_service.start_daemon(unlocked=False)
    for use in (reads, writes):
        with pytest.raises(KeyringLocked):
            use(store)
    secret_service.unlock()
    assert store.get(KEY) == value


@pytest.mark.requirement("K13")
def test_a_bus_that_was_killed_is_told(secret_service: Session, make: Make) -> None:
    store = make(secret_service)
    store.set(KEY, "{}")
    secret_service.kill_bus()
    for use in (reads, writes, deletes):
        with pytest.raises(NoBus):
            use(store)


HAMMER = """
import os, sys
from gumauth.client.context import Context
from gumauth.store.open import choose
store = choose(Context(os.environ), "Secret Service")
key, value = sys.argv[1:]
for number in range(int(value)):
    if sys.argv[1].endswith("/b"):
        store.set(key, f'{{"number": {number}}}')
    assert store.get(key) == (f'{{"number": {number}}}' if key.endswith("/b") else "{}"), number
"""


@pytest.mark.requirement("K14")
def test_many_at_once_do_not_break_the_daemon(secret_service: Session, make: Make) -> None:
    """Readers and writers, all in processes of their own; the daemon is the same one afterwards, and open."""
    make(secret_service).set(KEY, "{}")
    environ = {**secret_service.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    keys = [KEY] * 12 + [f"github/{number:016x}/b" for number in range(4)]
    processes = [
        subprocess.Popen([sys.executable, "-c", HAMMER, key, "4"], env=environ, stderr=subprocess.PIPE, text=True)
        for key in keys
    ]
    errors = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(keys), errors
    assert not secret_service.is_locked()


@pytest.mark.requirement("K14")
def test_the_lock_is_held_while_the_keyring_is_asked(secret_service: Session, make: Make) -> None:
    """By the fast way and by the worker: both wait for who has it."""
    path = lock_path(secret_service.address, Context(secret_service.environ).home)
    assert path == f"{secret_service.folder}/gumauth-keyring.lock"
    make(secret_service).set(KEY, "{}")
    environ = {**secret_service.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with Lock(path, timeout=5, what="the keyring"):
        waiting = [
            subprocess.Popen([sys.executable, "-c", HAMMER, key, "1"], env=environ) for key in (KEY, "github/0/b")
        ]
        wait_until(lambda: _waiters(path) >= 3)  # the reader, the writer's worker, and this process
        assert [process.poll() for process in waiting] == [None, None]
        assert secret_service.lookup("github/0/b") is None
    assert [process.wait(timeout=30) for process in waiting] == [0, 0]


def _waiters(path: str) -> int:
    """How many processes have the lock file open."""
    count = 0
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            count += any(os.readlink(link) == path for link in folder.iterdir())
        except OSError:
            continue
    return count


@pytest.mark.requirement("K8")
def test_a_record_in_the_secret_service_is_told_where_another_keyring_answers(
    session_without_keyring: Session,
) -> None:
    session_without_keyring.environ["GUMAUTH_KEYRING"] = "tests.store.fakes.FileKeyring"
    store = choose(Context(session_without_keyring.environ), "Secret Service")
    with pytest.raises(OtherStore) as caught:
        store.get(KEY)
    assert caught.value.message == (
        "The record is in Secret Service, but only tests.store.fakes.FileKeyring answers here."
    )


@pytest.mark.requirement("K8")
def test_a_record_in_kwallet_is_told_where_the_secret_service_answers(secret_service: Session) -> None:
    with pytest.raises(OtherStore, match="The record is in KWallet, but only Secret Service answers here"):
        choose(Context(secret_service.environ), "KWallet").get(KEY)


def test_names_on_the_bus_decide(secret_service: Session) -> None:
    """Where nothing is set, the Secret Service that answers is used."""
    assert choose(Context(secret_service.environ), None).name == "Secret Service"


CHOICE = """
import json, os, sys
seen = []
RUNS = ("subprocess.", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.fork", "ctypes.")
sys.addaudithook(lambda event, _: event.startswith(RUNS) and seen.append(event))
from gumauth.client.context import Context
from gumauth.store.open import choose
store = choose(Context(os.environ), sys.argv[1] or None)
value = store.get(sys.argv[2])
foreign = [m for m in sys.modules if m.split(".")[0] in ("keyring", "secretstorage", "cryptography", "ctypes")]
slow = [m for m in ("subprocess", "threading", "asyncio", "ssl", "dataclasses", "pathlib") if m in sys.modules]
print(json.dumps([store.name, value, seen, foreign, slow]))
"""


@pytest.mark.requirement("K15")
@pytest.mark.parametrize("name", ["", "Secret Service"])
def test_choosing_and_reading_runs_no_program_and_loads_no_backend(
    secret_service: Session, make: Make, name: str
) -> None:
    make(secret_service).set(KEY, "{}")
    environ = {**secret_service.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", CHOICE, name, KEY], env=environ, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == ["Secret Service", "{}", [], [], []]


@pytest.mark.requirement("K15")
def test_the_worker_runs_no_program_and_loads_no_other_systems_backend(
    secret_service: Session, make: Make, tmp_path: Path
) -> None:
    """A folder of programs that leave a trace stands first in PATH."""
    trace, programs = tmp_path / "trace", tmp_path / "bin"
    programs.mkdir()
    for name in ("ldconfig", "gcc", "cc", "ld", "objdump"):
        program = programs / name
        program.write_text(f"#!/bin/sh\necho {name} >> {trace}\n")
        program.chmod(0o755)
    secret_service.environ["PATH"] = f"{programs}:{secret_service.environ['PATH']}"
    store = make(secret_service)
    store.through_library().set(KEY, "{}")
    child = store.through_library()._child
    assert child is not None
    mapped = Path(f"/proc/{child._process.pid}/maps").read_text()
    assert "_ctypes" not in mapped
    assert not trace.exists()


@pytest.mark.requirement("S1", "S3")
def test_the_worker_of_a_bus_is_given_the_session_and_nothing_else(
    secret_service: Session, make: Make, tmp_path: Path
) -> None:
    """Whatever secrets are called: none of them has anything to do with it."""
    mine = dict(secret_service.environ)
    more = {"ACME_API_KEY": "1", "DATABASE_URL": "2", "LINEAR_CLIENT_ID": "3", "GUMAUTH_HOME": str(tmp_path)}
    secret_service.environ.update(more, KEYRING_PROPERTY_SCHEME="default", XDG_SESSION_TOKEN="4")
    store = make(secret_service)
    store.set(KEY, "{}")
    child = store.through_library()._child
    assert child is not None
    given = Path(f"/proc/{child._process.pid}/environ").read_text().rstrip("\0").split("\0")
    kept = {name: value for name, value in mine.items() if name != "PYTHONDONTWRITEBYTECODE"}
    assert dict(line.split("=", 1) for line in given) == {**kept, "KEYRING_PROPERTY_SCHEME": "default"}


def test_a_signal_on_the_bus_is_not_taken_for_an_answer(secret_service: Session) -> None:
    """NameAcquired comes right after Hello."""
    with Conversation(secret_service.address, 5) as bus:
        there, nobody = (
            method_call(THE_BUS, "NameHasOwner", "s", name, answer="b")
            for name in ("org.freedesktop.secrets", "org.example.Nobody")
        )
        assert bus.call(there) == [(1,)]
        assert bus.call(nobody, method_call(THE_BUS, "GetId", answer="s"))[0] == (0,)


def test_all_errors_are_ours(session_without_keyring: Session, make: Make) -> None:
    with pytest.raises(GumauthError) as caught:
        make(session_without_keyring).get(KEY)
    assert isinstance(caught.value, StoreError)
