"""The Secret Service, with a real gnome-keyring."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gumauth.context import Context
from gumauth.store.secret_service import SecretServiceStore
from tests.parts.secret_service import Session
from tests.store.contract import StoreContract

pytestmark = pytest.mark.keyring
KEY = "linear/0123456789abcdef/a"


class TestContract(StoreContract):
    """gnome-keyring keeps the contract."""

    @pytest.fixture
    def store(self, secret_service: Session) -> SecretServiceStore:
        return SecretServiceStore(Context(secret_service.environ))

    @pytest.fixture
    def again(self, secret_service: Session) -> Callable[[], SecretServiceStore]:
        return lambda: SecretServiceStore(Context(secret_service.environ))
