"""The Secret Service of a real KeePassXC, which asks the person about much."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from gumauth.errors import AccessDenied, KeyringLocked, KeyringTimeout, NoKeyring
from gumauth.platform.lock import Lock
from gumauth.store.interface import Store
from gumauth.store.keyring_lock import lock_path
from gumauth.store.open import probe
from gumauth.store.secret_service.store import SecretServiceStore, ServiceAccess
from tests.parts.keepassxc import KeePassXC
from tests.parts.secret_service import wait_until
from tests.store.contract import KEY, StoreContract, deletes, random_value, reads
from tests.store.somebody import run_of

pytestmark = [pytest.mark.keepassxc, pytest.mark.requirement("K17")]

Make = Callable[..., SecretServiceStore]


def writes_late(store: Store) -> None:
    store.set(KEY, '{"late": 1}')


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes stores, each of which is another program for KeePassXC, and ends their conversations."""
    made: list[SecretServiceStore] = []

    def store(keepassxc: KeePassXC, said: list[str] | None = None, seconds: float = 5.0) -> SecretServiceStore:
        run = run_of(keepassxc.session.environ, said)
        made.append(SecretServiceStore(run, access=ServiceAccess(run, seconds=seconds)))
        return made[-1]

    yield store
    for each in made:
        each.close()


class TestContract(StoreContract):
    """It keeps the contract where programs may have entries unasked, whatever it asks before it deletes one."""

    @pytest.fixture
    def store(self, unasking_keepassxc: KeePassXC, make: Make) -> Iterator[Store]:
        store = make(unasking_keepassxc)
        yield store
        for provider, slot in (("linear", "a"), ("linear", "b"), ("github", "a")):
            store.delete(f"{provider}/0123456789abcdef/{slot}")

    @pytest.fixture
    def again(self, unasking_keepassxc: KeePassXC, make: Make) -> Callable[[], Store]:
        return lambda: make(unasking_keepassxc)


def test_every_program_anew_may_write_read_and_delete_what_another_one_has_written(
    unasking_keepassxc: KeePassXC, make: Make
) -> None:
    """A refresh writes an entry twice, by a process that KeePassXC does not know."""
    for number in range(3):
        value = f'{{"number": {number}}}'
        make(unasking_keepassxc).set(KEY, value)
        assert make(unasking_keepassxc).get(KEY) == value
    make(unasking_keepassxc).delete(KEY)
    assert make(unasking_keepassxc).get(KEY) is None
    make(unasking_keepassxc).delete(KEY)


@pytest.mark.requirement("K4")
def test_proving_it_again_and_again_leaves_one_empty_entry(unasking_keepassxc: KeePassXC, make: Make) -> None:
    for _ in range(3):
        probe(make(unasking_keepassxc))
    before = len(unasking_keepassxc.passwords())
    for _ in range(3):
        probe(make(unasking_keepassxc))
    wait_until(lambda: {password for _, password in unasking_keepassxc.passwords()} == {""})
    assert len(unasking_keepassxc.passwords()) <= max(before, 3)


@pytest.mark.requirement("K6", "K13")
def test_one_that_hangs_is_given_up_and_a_late_write_does_not_land(unasking_keepassxc: KeePassXC, make: Make) -> None:
    store = make(unasking_keepassxc)
    store.set(KEY, "{}")
    store.close()
    unasking_keepassxc.stop()
    try:
        for use in (reads, writes_late):
            with pytest.raises(KeyringTimeout, match=r"did not answer within 0\.4 s"):
                use(make(unasking_keepassxc, seconds=0.4))
    finally:
        unasking_keepassxc.go_on()
    assert make(unasking_keepassxc).get(KEY) == "{}"
    make(unasking_keepassxc).delete(KEY)


@pytest.mark.requirement("K6", "K7", "K13")
def test_a_locked_database_is_told_and_a_conversation_that_has_ended_is_begun_anew(
    keepassxc: KeePassXC, make: Make
) -> None:
    """A search unlocks first, and is not answered before: that is told from a program that hangs."""
    keepassxc.start()
    store, value = make(keepassxc, seconds=1.0), random_value()
    store.set(KEY, value)
    wait_until(lambda: value in [password for _, password in keepassxc.passwords()])
    keepassxc.end()
    with pytest.raises(NoKeyring):
        store.get(KEY)
    keepassxc.start(unlocked=False)
    begun = time.monotonic()
    with pytest.raises(KeyringLocked):
        make(keepassxc, seconds=1.0).get(KEY)
    said: list[str] = []
    locked = make(keepassxc, said, seconds=1.0)
    locked._access.person = 0.4
    with pytest.raises(KeyringTimeout):
        locked.get(KEY)
    assert time.monotonic() - begun < 12
    assert said == ["Secret Service is locked. Waiting for you to unlock it…"]
    keepassxc.end()
    keepassxc.start()
    assert store.get(KEY) == value


@pytest.mark.requirement("K6", "K7", "K14")
def test_an_entry_that_has_to_be_asked_for_is_told_at_once_where_nobody_can_be_asked(
    keepassxc: KeePassXC, make: Make
) -> None:
    """And it is asked for outside the lock where somebody can."""
    keepassxc.start(access=True)
    make(keepassxc).set(KEY, "{}")
    begun = time.monotonic()
    for use in (reads, writes_late, deletes):
        with pytest.raises(AccessDenied, match="asks in a dialog") as caught:
            use(make(keepassxc))
    assert time.monotonic() - begun < 5
    assert "KeePassXC can be set not to confirm when passwords are retrieved by clients" in (caught.value.hint or "")
    store, said = make(keepassxc, []), list[str]()
    store._access.person = 0.4

    def look(sentence: str) -> None:
        said.append(sentence)
        with Lock(lock_path(keepassxc.session.address, store._run.home), timeout=0, what="the keyring"):
            pass

    store._run.notify = look  # type: ignore[misc]
    with pytest.raises(KeyringTimeout, match=r"did not answer within 0\.4 s"):
        store.get(KEY)
    assert said == ["Secret Service asks whether gumauth may have its entries. Waiting for your answer…"]
