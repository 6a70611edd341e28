"""KWallet, with a real kwalletd5 on a bus of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from gumauth.client.context import Context
from gumauth.errors import (
    AccessDenied,
    KeyringLocked,
    KeyringTimeout,
    NoBus,
    NoKeyring,
    OtherStore,
    RecordCorrupt,
)
from gumauth.platform.lock import Lock
from gumauth.store.dbus.conversation import BUS, Conversation, method_call
from gumauth.store.dbus.kwallet import Opening, Wallet
from gumauth.store.interface import Store
from gumauth.store.keyring_lock import lock_path
from gumauth.store.kwallet import WalletAccess, WalletStore
from gumauth.store.open import choose
from tests.parts.kwallet import KWallet
from tests.parts.secret_service import Session, wait_until
from tests.store.contract import KEY, StoreContract, deletes, random_value, reads, writes
from tests.store.somebody import run_of

pytestmark = pytest.mark.kwallet

SOON = 0.4
Make = Callable[..., WalletStore]


ALL = (reads, writes, deletes)


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes stores on a session, and lets go of their wallets."""
    made: list[WalletStore] = []

    def store(
        session: Session, said: list[str] | None = None, seconds: float | None = None, folder: str = "gumauth"
    ) -> WalletStore:
        run = run_of(session.environ, said)
        access = WalletAccess(run, seconds=seconds or 5.0, person=seconds or 120.0)
        made.append(WalletStore(access, folder))
        return made[-1]

    yield store
    for each in made:
        each.close()


class TestContract(StoreContract):
    """kwalletd5 keeps the contract."""

    @pytest.fixture
    def store(self, kwallet: KWallet, make: Make) -> Store:
        return make(kwallet.session)

    @pytest.fixture
    def again(self, kwallet: KWallet, make: Make) -> Callable[[], Store]:
        return lambda: make(kwallet.session)


def test_what_is_stored_is_found_from_outside_and_nothing_stays(kwallet: KWallet, make: Make) -> None:
    store, value = make(kwallet.session), random_value()
    store.set(KEY, value)
    assert kwallet.entries() == {KEY: value}
    store.set(KEY, "{}")
    assert kwallet.entries() == {KEY: "{}"}
    store.delete(KEY)
    assert kwallet.entries() == {}
    store.close()
    wait_until(lambda: kwallet.users() == [])


def test_what_the_keyring_library_has_written_is_read_replaced_and_deleted(kwallet: KWallet, make: Make) -> None:
    """An earlier gumauth wrote through it: a password under the same folder and key."""
    kwallet.put(KEY, '{"number": 1}')
    store = make(kwallet.session)
    assert store.get(KEY) == '{"number": 1}'
    store.set(KEY, '{"number": 2}')
    assert kwallet.entries() == {KEY: '{"number": 2}'}
    store.delete(KEY)
    assert kwallet.entries() == {}


@pytest.mark.requirement("K1", "K13")
def test_what_was_written_or_deleted_is_so_after_the_daemon_was_killed(kwallet: KWallet, make: Make) -> None:
    """It keeps what is new in memory for some seconds, unless it is told not to."""
    store, value = make(kwallet.session), random_value()
    store.set(KEY, "{}")
    store.set(f"{KEY}/other", value)
    store.delete(KEY)
    kwallet.kill()
    kwallet.start()
    assert kwallet.entries() == {f"{KEY}/other": value}


@pytest.mark.requirement("Y5")
def test_entries_stand_in_the_folder_that_is_given(kwallet: KWallet, make: Make) -> None:
    one, other = make(kwallet.session), make(kwallet.session, folder="gumauth /older")
    one.set(KEY, '{"number": 1}')
    other.set(KEY, '{"number": 2}')
    assert (one.get(KEY), other.get(KEY)) == ('{"number": 1}', '{"number": 2}')
    assert kwallet.entries("gumauth /older") == {KEY: '{"number": 2}'}


@pytest.mark.requirement("K7")
def test_an_entry_that_is_no_password_is_told(kwallet: KWallet, make: Make) -> None:
    kwallet.put_bytes(KEY, b"\xff\x00")
    with pytest.raises(RecordCorrupt, match="KWallet holds something under gumauth's name that is not text"):
        make(kwallet.session).get(KEY)


@pytest.mark.requirement("K6", "K7")
@pytest.mark.parametrize("use", ALL)
def test_a_closed_wallet_is_told_at_once_where_nobody_can_be_asked(
    kwallet: KWallet, make: Make, use: Callable[[Store], object]
) -> None:
    """And no dialog is left on the screen."""
    make(kwallet.session).set(KEY, "{}")
    kwallet.lock()
    begun = time.monotonic()
    with pytest.raises(KeyringLocked, match="KWallet is locked, and nobody can be asked to unlock it"):
        use(make(kwallet.session))
    assert time.monotonic() - begun < 4
    kwallet.kill()
    kwallet.start()
    assert kwallet.entries() == {KEY: "{}"}


@pytest.mark.requirement("K7")
def test_a_person_without_a_wallet_is_told(closed_kwallet: KWallet, make: Make) -> None:
    closed_kwallet.start(unlocked=False)
    for use in ALL:
        with pytest.raises(KeyringLocked, match="KWallet has no default keyring yet"):
            use(make(closed_kwallet.session))


@pytest.mark.requirement("K7")
@pytest.mark.parametrize("use", ALL)
def test_a_wallet_that_is_closed_in_the_middle_is_not_taken_for_empty(
    kwallet: KWallet, make: Make, monkeypatch: pytest.MonkeyPatch, use: Callable[[Store], object]
) -> None:
    """The daemon answers as if there were no entry; `disconnect` would forget a good refresh token."""
    make(kwallet.session).set(KEY, "{}")
    end = Opening.end

    def closed(opening: Opening) -> object:
        wallet = end(opening)
        kwallet.lock()
        return wallet

    monkeypatch.setattr(Opening, "end", closed)
    with pytest.raises(KeyringLocked):
        use(make(kwallet.session))


@pytest.mark.requirement("K7")
@pytest.mark.parametrize("use", ALL)
def test_nor_is_one_that_is_taken_away_from_us(
    kwallet: KWallet, make: Make, monkeypatch: pytest.MonkeyPatch, use: Callable[[Store], object]
) -> None:
    """By "disconnect" in the person's program for wallets."""
    make(kwallet.session).set(KEY, "{}")
    end = Opening.end

    def taken(opening: Opening) -> object:
        wallet = end(opening)
        kwallet.take_from("gumauth")
        return wallet

    monkeypatch.setattr(Opening, "end", taken)
    with pytest.raises(KeyringLocked):
        use(make(kwallet.session))
    monkeypatch.undo()
    assert make(kwallet.session).get(KEY) == "{}"


class TestPermission:
    """The person has set that they are asked before a program may have the wallet. Here no dialog can be seen."""

    @pytest.fixture
    def asking(self, closed_kwallet: KWallet) -> KWallet:
        closed_kwallet.configure(Prompt_on_Open="true")
        closed_kwallet.start()
        return closed_kwallet

    @pytest.mark.requirement("K6", "K7")
    @pytest.mark.parametrize("use", ALL)
    def test_without_somebody_to_answer_it_is_told_at_the_deadline(
        self, asking: KWallet, make: Make, use: Callable[[Store], object]
    ) -> None:
        with pytest.raises(AccessDenied, match="asks in a dialog whether gumauth may use it") as caught:
            use(make(asking.session, seconds=SOON))
        assert (
            caught.value.hint == "Run the command in a terminal of your desktop session, and allow it there for good."
        )

    @pytest.mark.requirement("K6", "K14")
    def test_somebody_is_told_that_they_are_asked_and_nobody_waits_at_the_lock_for_them(
        self, asking: KWallet, make: Make
    ) -> None:
        said: list[str] = []
        store = make(asking.session, said, SOON)
        path = lock_path(asking.session.address, Context(asking.session.environ).home)

        def look(sentence: str) -> None:
            said.append(sentence)
            with Lock(path, timeout=0, what="the keyring"):
                pass

        store._access.run.notify = look  # type: ignore[misc]
        with pytest.raises(KeyringTimeout, match=r"did not answer within 0\.4 s"):
            store.get(KEY)
        assert said == ["Waiting for KWallet. It may be asking for your permission…"]


@pytest.mark.requirement("K7")
def test_without_a_daemon_the_error_names_the_encrypted_file(session_without_keyring: Session, make: Make) -> None:
    for use in ALL:
        with pytest.raises(NoKeyring, match="KWallet does not answer on this machine") as caught:
            use(make(session_without_keyring))
        assert caught.value.hint == "Set GUMAUTH_STORE=file to keep secrets in an encrypted file."


@pytest.mark.requirement("K7")
def test_without_a_bus_too(session_without_bus: Session, make: Make) -> None:
    for use in ALL:
        with pytest.raises(NoBus):
            use(make(session_without_bus))


@pytest.mark.requirement("K6", "K13")
def test_a_daemon_that_hangs_is_given_up_after_the_deadline_and_a_late_write_does_not_land(
    kwallet: KWallet, make: Make
) -> None:
    store = make(kwallet.session)
    store.set(KEY, "{}")
    kwallet.stop()
    for use in ALL:
        with pytest.raises(KeyringTimeout, match=r"KWallet did not answer within 0\.4 s"):
            use(make(kwallet.session, seconds=SOON))
    kwallet.go_on()
    assert store.get(KEY) == "{}"


@pytest.mark.requirement("K13")
def test_a_daemon_that_hangs_in_the_middle_does_not_hold_the_wallet_for_us_afterwards(
    kwallet: KWallet, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Wallet.read

    def hanging(wallet: Wallet, folder: str, key: str) -> str | None:
        kwallet.stop()
        return read(wallet, folder, key)

    monkeypatch.setattr(Wallet, "read", hanging)
    with pytest.raises(KeyringTimeout):
        make(kwallet.session, seconds=SOON).get(KEY)
    kwallet.go_on()
    wait_until(lambda: kwallet.users() == [])


@pytest.mark.requirement("K13")
def test_a_daemon_that_was_killed_is_told_and_nothing_is_lost(kwallet: KWallet, make: Make) -> None:
    """First gone, then back and closed, then open: the value is there."""
    store, value = make(kwallet.session), random_value()
    store.set(KEY, value)
    kwallet.kill()
    for use in ALL:
        with pytest.raises(NoKeyring):
            use(store)
    kwallet.start(unlocked=False)
    for use in ALL:
        with pytest.raises(KeyringLocked):
            use(store)
    kwallet.kill()
    kwallet.start()
    assert store.get(KEY) == value


@pytest.mark.requirement("K13", "K7")
def test_a_daemon_that_is_killed_while_it_asks_is_told(closed_kwallet: KWallet, make: Make) -> None:
    closed_kwallet.start(unlocked=False)
    said: list[str] = []
    store = make(closed_kwallet.session, said)
    store._access.run.notify = lambda _sentence: closed_kwallet.kill()  # type: ignore[misc]
    with pytest.raises(NoKeyring):
        store.get(KEY)


@pytest.mark.requirement("K13")
def test_a_program_that_is_killed_does_not_hold_the_wallet(
    kwallet: KWallet, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be set to be closed with the last program that has it."""
    monkeypatch.setattr(Wallet, "close", lambda wallet: wallet.bus.close())
    make(kwallet.session).set(KEY, "{}")
    wait_until(lambda: kwallet.users() == [])


HAMMER = """
import os, sys
from gumauth.client.context import Context
from gumauth.store.open import choose
from gumauth.store.dbus.conversation import BUS, Conversation, method_call
store = choose(Context(os.environ), "KWallet")
for number in range(4):
    store.set(sys.argv[1], f'{{"number": {number}}}')
    assert store.get(sys.argv[1]) == f'{{"number": {number}}}', number
"""


@pytest.mark.requirement("K14")
def test_many_at_once_do_not_disturb_each_other(kwallet: KWallet) -> None:
    environ = {**kwallet.session.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", HAMMER, f"github/{number:016x}/b"], env=environ, stderr=subprocess.PIPE, text=True
        )
        for number in range(8)
    ]
    errors = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, errors
    assert set(kwallet.entries().values()) == {'{"number": 3}'}
    wait_until(lambda: kwallet.users() == [])


@pytest.mark.requirement("K8")
def test_the_store_of_an_account_of_an_earlier_gumauth_is_the_wallet(kwallet: KWallet) -> None:
    """Its accounts say "KWallet"; the names of its entries are the same."""
    kwallet.put(KEY, "{}")
    store = choose(Context(kwallet.session.environ), "KWallet")
    assert (store.name, store.get(KEY)) == ("KWallet", "{}")


@pytest.mark.requirement("K8")
def test_a_record_in_kwallet_is_told_where_another_keyring_answers(session_without_keyring: Session) -> None:
    session_without_keyring.environ["GUMAUTH_KEYRING"] = "tests.store.fakes.FileKeyring"
    store = choose(Context(session_without_keyring.environ), "KWallet")
    with pytest.raises(OtherStore) as caught:
        store.get(KEY)
    assert caught.value.message == "The record is in KWallet, but only tests.store.fakes.FileKeyring answers here."


@pytest.mark.requirement("K5", "K15")
@pytest.mark.parametrize("name", [None, "KWallet"])
def test_it_is_chosen_in_kde_without_pythons_module_for_d_bus(kwallet: KWallet, name: str | None) -> None:
    kwallet.session.environ["XDG_CURRENT_DESKTOP"] = "KDE"
    assert choose(Context(kwallet.session.environ), name).name == "KWallet"


@pytest.mark.requirement("K5", "K17")
def test_it_is_chosen_outside_kde_too_where_the_secret_service_is_its_own(kwallet: KWallet) -> None:
    """kwalletd5 offers that as well, and takes a wallet there for locked that is open."""
    with Conversation(kwallet.session.address, 5) as bus:
        owners = [
            bus.call(method_call(BUS, "GetNameOwner", "s", name, answer="s"))
            for name in ("org.freedesktop.secrets", "org.kde.kwalletd5")
        ]
    assert owners[0] == owners[1]
    context = Context(kwallet.session.environ)
    assert choose(context, None).name == "KWallet"
    with pytest.raises(KeyringLocked):
        choose(context, "Secret Service").get(KEY)
