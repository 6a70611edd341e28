"""The Secret Service of a real KeePassXC, which asks the person about much."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gumauth.context import Context
from gumauth.store.interface import Store
from gumauth.store.secret_service import SecretServiceStore
from tests.parts.keepassxc import KeePassXC
from tests.store.contract import StoreContract

pytestmark = [pytest.mark.keepassxc, pytest.mark.requirement("K17")]

KEY = "linear/0123456789abcdef/a"
Make = Callable[..., SecretServiceStore]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes stores, each of which is another program for KeePassXC, and ends their conversations."""
    made: list[SecretServiceStore] = []

    def store(keepassxc: KeePassXC, said: list[str] | None = None, **options: object) -> SecretServiceStore:
        ask = None if said is None else lambda _words: ""
        notify = (lambda _sentence: None) if said is None else said.append
        context = Context(keepassxc.session.environ, notify=notify, ask=ask)
        made.append(SecretServiceStore(context, **options))  # type: ignore[arg-type]
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
