"""Which store is made, and what a probe finds out."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

import pytest

from gumauth.client.context import Context
from gumauth.errors import OtherStore, StoreError
from gumauth.platform.folders import BELOW
from gumauth.store.encrypted_file.store import EncryptedStore
from gumauth.store.interface import Store
from gumauth.store.keyring.store import KeyringStore
from gumauth.store.named import NamedStore
from gumauth.store.open import BY_SETTING, choose, probe
from gumauth.store.secret_service.store import SecretServiceStore
from gumauth.store.split import SplitStore
from tests.store.memory import MemoryStore


@pytest.mark.requirement("K8")
def test_a_record_in_another_store_is_told_with_both_names(tmp_path: Path) -> None:
    environ = {"GUMAUTH_HOME": str(tmp_path), "GUMAUTH_KEYRING": "keyring.backends.SecretService.Keyring"}
    with pytest.raises(OtherStore) as caught:
        choose(Context(environ), "KWallet").get("linear/0123456789abcdef/a")
    assert caught.value.message == "The record is in KWallet, but only Secret Service answers here."
    assert caught.value.hint == "Start KWallet, or connect the account again to keep it in Secret Service."


@pytest.mark.requirement("K5", "K15")
@pytest.mark.parametrize(
    ("platform", "kind", "name"),
    [("darwin", KeyringStore, "macOS Keychain"), ("win32", SplitStore, "Windows Credential Locker")],
)
def test_the_other_systems_keyrings_are_chosen_by_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, kind: type, name: str
) -> None:
    context = Context({"GUMAUTH_HOME": str(tmp_path), "HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)})
    monkeypatch.setattr(sys, "platform", platform)
    for remembered in (None, name):
        store = choose(context, remembered)
        assert type(_under(store)) is kind
        assert store.name == name
    with pytest.raises(OtherStore, match=f"The record is in KWallet, but only {name} answers here"):
        choose(context, "KWallet")


@pytest.mark.requirement("K8")
def test_a_remembered_store_is_used_whatever_is_selected_for_new_accounts(tmp_path: Path) -> None:
    environ = {"GUMAUTH_HOME": str(tmp_path), "GUMAUTH_STORE": "file"}
    assert isinstance(choose(Context(environ), None), EncryptedStore)
    assert isinstance(_under(choose(Context(environ), "Secret Service")), SecretServiceStore)
    assert isinstance(choose(Context({"GUMAUTH_HOME": str(tmp_path)}), "encrypted file"), EncryptedStore)


@pytest.mark.requirement("K8")
def test_an_account_without_a_store_is_not_in_the_store_that_is_selected_for_new_accounts(tmp_path: Path) -> None:
    keyring = "keyring.backends.SecretService.Keyring"
    with pytest.raises(OtherStore, match="but only Secret Service answers here"):
        choose(Context({"GUMAUTH_HOME": str(tmp_path), "GUMAUTH_STORE": "file", "GUMAUTH_KEYRING": keyring}), "")


@pytest.mark.requirement("K8")
@pytest.mark.parametrize("setting", BY_SETTING)
def test_a_store_that_a_setting_selects_is_found_again_without_the_setting(tmp_path: Path, setting: str) -> None:
    selected = choose(Context({"GUMAUTH_HOME": str(tmp_path), "GUMAUTH_STORE": setting}), None)
    again = choose(Context({"GUMAUTH_HOME": str(tmp_path)}), selected.name)
    assert (type(again), again.name) == (type(selected), selected.name)


@pytest.mark.parametrize("setting", BY_SETTING)
def test_the_folders_of_a_store_are_among_those_that_nobody_else_may_write(tmp_path: Path, setting: str) -> None:
    key = tmp_path / "key"
    key.write_bytes(secrets.token_bytes(32))
    key.chmod(0o600)
    home = tmp_path / "home"
    environ = {"GUMAUTH_HOME": str(home), "GUMAUTH_STORE": setting, "GUMAUTH_KEY_FILE": str(key)}
    choose(Context(environ), None).set("linear/0123456789abcdef/a", secrets.token_urlsafe())
    assert {folder.name for folder in home.iterdir()} <= set(BELOW)


def _under(store: Store) -> Store:
    """The keyring that a store has under the name of its data folder."""
    assert isinstance(store, NamedStore)
    (inner,) = store._stores.values()
    return inner


def test_a_store_that_there_is_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="GUMAUTH_STORE is 'fiel', and there is no such store") as caught:
        choose(Context({"GUMAUTH_HOME": str(tmp_path), "GUMAUTH_STORE": "fiel"}), None)
    assert caught.value.hint == "Set GUMAUTH_STORE=file, or unset it for the keyring."


class Forgetful(MemoryStore):
    """Says that it keeps, as the null backend does."""

    def set(self, key: str, value: str) -> None:
        """Loses it."""


class Sticky(MemoryStore):
    """Says that it deletes."""

    def delete(self, key: str) -> None:
        """Keeps it."""


class Refusing(MemoryStore):
    """Cannot be written."""

    def set(self, key: str, value: str) -> None:
        raise StoreError("full")


@pytest.mark.requirement("K4", "K5")
@pytest.mark.parametrize(
    ("store", "message"),
    [
        (Forgetful(), "did not give back what was written"),
        (Sticky(), "still holds what was deleted"),
        (Refusing(), "full"),
    ],
)
def test_a_store_that_does_not_keep_or_delete_is_found_out(store: MemoryStore, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        probe(store)


@pytest.mark.requirement("K4")
def test_a_store_that_proves_itself_is_left_as_it_was() -> None:
    store = MemoryStore()
    probe(store)
    assert store.keys() == []


@pytest.mark.requirement("S1")
@pytest.mark.parametrize("value", ["postgresql", "Postgres://ada:hunter2@db/gumauth", "postgresql:ada:hunter2@db"])
def test_what_is_no_address_of_a_database_is_told_without_what_may_be_a_password(tmp_path: Path, value: str) -> None:
    environ = {"GUMAUTH_HOME": str(tmp_path), "GUMAUTH_STORE": value}
    with pytest.raises(StoreError) as caught:
        choose(Context(environ), None)
    assert caught.value.message == f"GUMAUTH_STORE is {value.partition(':')[0]!r}, and there is no such store."
    assert caught.value.hint == "Set GUMAUTH_STORE=postgresql://HOST/DATABASE, or unset it for the keyring."
