"""What a daemon of KWallet may say, or what is none: played here on a real socket."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jeepney
import pytest

from gumauth.client.context import Context
from gumauth.errors import AccessDenied, KeyringTimeout, NoKeyring, PromptDismissed, RecordCorrupt, StoreError
from gumauth.platform.lock import Lock
from gumauth.store.keyring_lock import lock_path
from gumauth.store.kwallet import WalletAccess, WalletStore
from tests.store.dbus.bus import Bus, Reply
from tests.store.dbus.test_conversation import ENDLESS, WRONG

KEY = "linear/0123456789abcdef/a"
ADDRESS = "DBUS_SESSION_BUS_ADDRESS"
SECONDS, LATER = 5.0, 5.0
KNOWS_PASSWORDS = '<node><method name="openAsync"/><method name="pamOpen"/></node>'
PASSES_ON = '<node><method name="openAsync"/></node>'


class Daemon(Bus):
    """A bus with a daemon of KWallet on it.

    Attributes:
        names: Those that somebody has.
        startable: Those that the bus would start.
        is_open: Whether the wallet is open before we open it.
        handle: What it is opened as; less than 0 is a refusal.
        description: What the daemon says of itself.
    """

    def __init__(self, path: str) -> None:
        self.names, self.startable = ["org.kde.kwalletd5"], [""]
        self.is_open, self.handle, self.description = True, 7, KNOWS_PASSWORDS
        self.entries: dict[str, str] = {}
        self.users = ["gumauth"]
        super().__init__(path)

    def right(self, method: str, asked: Any) -> Reply:
        body = asked.body
        answers: dict[str, Reply] = {
            "Hello": ("s", (":1.1",)),
            "NameHasOwner": ("b", (bool(body) and body[0] in self.names,)),
            "ListActivatableNames": ("as", (self.startable,)),
            "Introspect": ("s", (self.description,)),
            "networkWallet": ("s", ("kdewallet",)),
            "wallets": ("as", (["kdewallet"],)),
            "isOpen": ("b", (self.is_open or body == (7,),)),
            "users": ("as", (self.users,)),
            "AddMatch": ("", ()),
            "openAsync": ("i", (3,)),
            "open": ("i", (self.handle,)),
            "hasFolder": ("b", (False,)),
            "createFolder": ("b", (True,)),
            "hasEntry": ("b", (len(body) > 2 and body[2] in self.entries,)),
            "readPassword": ("s", (self.entries.get(body[2], "") if len(body) > 2 else "",)),
            "writePassword": ("i", (0,)),
            "removeEntry": ("i", (0,)),
            "sync": ("", ()),
            "close": ("i", (0,)),
        }
        if method == "writePassword":
            self.entries[body[2]] = body[3]
        if method == "removeEntry":
            self.entries.pop(body[2], None)
        return answers[method]

    def _answer(self, connection: socket.socket, asked: Any) -> None:
        super()._answer(connection, asked)
        if asked.header.fields[jeepney.HeaderFields.member] == "openAsync" and "openAsync" not in self.instead:
            place = jeepney.DBusAddress(self.paths["openAsync"], interface="org.kde.KWallet")
            for number, handle in ((2, 99), (3, self.handle)):  # the first is somebody else's
                signal = jeepney.new_signal(place, "walletAsyncOpened", "ii", (number, handle))
                connection.sendall(signal.serialise(1))


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    with Daemon.running() as daemon:
        yield daemon


def store(daemon: Daemon, tmp_path: Path, seconds: float | None = None, said: list[str] | None = None) -> WalletStore:
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], ADDRESS: daemon.address}
    ask = None if said is None else lambda _words: ""
    notify = (lambda _sentence: None) if said is None else said.append
    run = Context(environ, ask=ask, notify=notify)
    return WalletStore(WalletAccess(run, seconds=seconds or 5.0, person=seconds or 120.0), "gumauth")


def _reads(store: WalletStore) -> None:
    store.get(KEY)


def _writes(store: WalletStore) -> None:
    store.set(KEY, "{}")


def _deletes(store: WalletStore) -> None:
    store.delete(KEY)


OPENS = ["Hello", "NameHasOwner", "networkWallet", "isOpen", "AddMatch", "openAsync"]
CLOSED = ["Introspect", "wallets"]
"""Asked only where the wallet is closed."""

READS = [*OPENS, "hasEntry", "readPassword", "users"]
WRITES = [*OPENS, "hasFolder", "createFolder", "writePassword", "sync", "users"]
DELETES = [*OPENS, "hasEntry", "users", "removeEntry", "sync"]


def test_the_calls_of_each_way_are_those_of_the_next_tests(daemon: Daemon, tmp_path: Path) -> None:
    for use, methods in ((_writes, WRITES), (_reads, READS), (_deletes, DELETES)):
        daemon.asked.clear()
        use(store(daemon, tmp_path))
        asked = [method for method in daemon.asked if method != "close"]  # whose answer is not waited for
        assert list(dict.fromkeys(asked)) == methods
    assert daemon.entries == {}


UNHEARD = ("Hello", "AddMatch", "sync")
"""Nobody waits for the answers to these."""


@pytest.mark.requirement("Y8", "K7")
@pytest.mark.parametrize(
    ("use", "method"),
    [
        (use, method)
        for use, methods in ((_reads, [*READS, *CLOSED]), (_writes, WRITES), (_deletes, DELETES))
        for method in methods
        if method not in UNHEARD
    ],
)
def test_an_answer_of_other_types_is_one_error_of_the_store(
    daemon: Daemon, tmp_path: Path, use: Any, method: str
) -> None:
    daemon.entries[KEY] = "{}"
    daemon.is_open = method not in CLOSED
    right = {
        "NameHasOwner": "b",
        "networkWallet": "s",
        "wallets": "as",
        "isOpen": "b",
        "users": "as",
        "Introspect": "s",
    }
    right |= {"hasFolder": "b", "createFolder": "b", "hasEntry": "b", "readPassword": "s"}
    for wrong in WRONG:
        if wrong[0] == right.get(method, "i"):
            continue
        daemon.instead = {method: wrong}
        begun = time.monotonic()
        with pytest.raises(StoreError, match="KWallet gave an answer that is not what its specification says"):
            use(store(daemon, tmp_path))
        assert time.monotonic() - begun < SECONDS + LATER


@pytest.mark.requirement("Y8", "K6")
@pytest.mark.parametrize("endless", ENDLESS)
@pytest.mark.parametrize("method", ["networkWallet", "hasEntry"])
def test_what_has_no_end_ends_at_the_deadline(daemon: Daemon, tmp_path: Path, method: str, endless: str) -> None:
    daemon.instead = {method: ENDLESS[endless]}
    begun = time.monotonic()
    with pytest.raises(KeyringTimeout):
        _reads(store(daemon, tmp_path, 0.3))
    assert time.monotonic() - begun < 0.3 + LATER


@pytest.mark.parametrize(
    ("names", "startable", "expected"),
    [
        (["org.kde.kwalletd5"], [], "/modules/kwalletd5"),
        (["org.kde.kwalletd6"], [], "/modules/kwalletd6"),
        (["org.kde.kwalletd5", "org.kde.kwalletd6"], [], "/modules/kwalletd6"),
        (["org.kde.kwalletd5"], ["org.kde.kwalletd6"], "/modules/kwalletd5"),
        ([], ["org.kde.kwalletd5", "org.kde.kwalletd6"], "/modules/kwalletd6"),
        ([], ["org.kde.kwalletd5"], "/modules/kwalletd5"),
    ],
)
def test_the_daemon_that_runs_is_asked_or_the_one_that_would_be_started(
    daemon: Daemon, tmp_path: Path, names: list[str], startable: list[str], expected: str
) -> None:
    daemon.names, daemon.startable = names, startable
    _reads(store(daemon, tmp_path))
    assert daemon.paths["networkWallet"] == expected


@pytest.mark.requirement("K7")
def test_with_neither_there_is_none(daemon: Daemon, tmp_path: Path) -> None:
    daemon.names, daemon.startable = [], ["org.freedesktop.secrets"]
    with pytest.raises(NoKeyring, match="KWallet does not answer on this machine"):
        _reads(store(daemon, tmp_path))


class TestOneThatPassesOn:
    """kwalletd6 since 6.14: it does not know of a wallet that is open at the Secret Service before it has opened it."""

    @pytest.fixture
    def daemon(self, daemon: Daemon) -> Daemon:
        daemon.names, daemon.is_open, daemon.description = ["org.kde.kwalletd6"], False, PASSES_ON
        return daemon

    def test_it_is_asked_with_nobody_there_too(self, daemon: Daemon, tmp_path: Path) -> None:
        daemon.entries[KEY] = "{}"
        assert store(daemon, tmp_path).get(KEY) == "{}"

    @pytest.mark.requirement("K7")
    def test_a_refusal_is_told(self, daemon: Daemon, tmp_path: Path) -> None:
        daemon.handle = -1
        with pytest.raises(PromptDismissed):
            _reads(store(daemon, tmp_path, said=[]))

    @pytest.mark.requirement("K6", "K7")
    def test_a_dialog_that_nobody_can_answer_is_told_at_the_deadline(self, daemon: Daemon, tmp_path: Path) -> None:
        daemon.instead = {"open": lambda _connection, _asked: None}
        with pytest.raises(AccessDenied, match="asks in a dialog"):
            _reads(store(daemon, tmp_path, 0.3))


@pytest.mark.requirement("K7")
def test_a_wallet_that_is_not_ours_any_more_is_not_taken_for_empty(daemon: Daemon, tmp_path: Path) -> None:
    daemon.users = ["somebody else"]
    for use in (_reads, _writes, _deletes):
        with pytest.raises(StoreError, match="KWallet is locked"):
            use(store(daemon, tmp_path))


@pytest.mark.requirement("K7")
@pytest.mark.parametrize(("code", "message"), [(-1, "is locked"), (-3, r"failed: error -3"), (1, "failed: error 1")])
def test_what_the_daemon_refuses_is_told(daemon: Daemon, tmp_path: Path, code: int, message: str) -> None:
    daemon.entries[KEY] = "{}"
    for use, method in ((_writes, "writePassword"), (_deletes, "removeEntry")):
        daemon.instead = {method: ("i", (code,))}
        with pytest.raises(StoreError, match=message):
            use(store(daemon, tmp_path))


@pytest.mark.requirement("K7")
def test_one_that_is_switched_off_is_told_at_once(daemon: Daemon, tmp_path: Path) -> None:
    daemon.instead = {"openAsync": ("i", (-1,))}
    begun = time.monotonic()
    with pytest.raises(AccessDenied, match="KWallet does not let gumauth in"):
        _reads(store(daemon, tmp_path))
    assert time.monotonic() - begun < 4


@pytest.mark.requirement("K7")
def test_an_entry_without_a_password_is_told(daemon: Daemon, tmp_path: Path) -> None:
    daemon.entries[KEY] = ""
    with pytest.raises(RecordCorrupt):
        _reads(store(daemon, tmp_path))


@pytest.mark.requirement("K7")
def test_an_error_of_the_bus_is_told_by_its_kind(daemon: Daemon, tmp_path: Path) -> None:
    def fails(connection: Any, asked: Any) -> None:
        name = "org.freedesktop.DBus.Error.NoReply"
        connection.sendall(jeepney.new_error(asked, name, "s", ("the secret",)).serialise(1))

    daemon.instead = {"hasEntry": fails}
    with pytest.raises(NoKeyring, match="KWallet ended before it answered"):
        _reads(store(daemon, tmp_path))


@pytest.mark.requirement("K14")
@pytest.mark.parametrize("said", [None, []], ids=["nobody there", "somebody there"])
def test_nobody_is_kept_from_the_keyring_while_the_person_is_asked(
    daemon: Daemon, tmp_path: Path, said: list[str] | None
) -> None:
    import jeepney

    def asks(connection: Any, asked: Any) -> None:
        connection.sendall(jeepney.new_method_return(asked, "i", (3,)).serialise(1))

    daemon.instead = {"openAsync": asks}
    asking = store(daemon, tmp_path, 4.0, said)
    ended: list[type[Exception]] = []

    def use() -> None:
        try:
            asking.get(KEY)
        except StoreError as error:
            ended.append(type(error))

    thread = threading.Thread(target=use)
    thread.start()
    begun = time.monotonic()
    while "openAsync" not in daemon.asked:
        time.sleep(0.01)
    path = lock_path(daemon.address, Context({"HOME": str(tmp_path)}).home)
    with Lock(path, timeout=30, what="the keyring"):
        assert time.monotonic() - begun < 0.5 + LATER
    thread.join()
    assert ended == [AccessDenied if said is None else KeyringTimeout]
