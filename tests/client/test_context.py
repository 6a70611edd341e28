from __future__ import annotations

from pathlib import Path

import pytest

from gumauth.client.context import Context
from gumauth.errors import GumauthError
from gumauth.store.encrypted_file.store import EncryptedStore
from gumauth.store.open import ENCRYPTED_FILE


def test_the_selected_store_is_the_same_by_its_name(tmp_path: Path) -> None:
    """Connecting proves the selected one and writes into the named one: the passphrase is asked for once."""
    context = Context({"GUMAUTH_HOME": str(tmp_path), "GUMAUTH_STORE": "file"})
    assert context.store() is context.store(ENCRYPTED_FILE)
    other = Context(context.environ)
    assert other.store(ENCRYPTED_FILE) is other.store()


KEY_FILE = "{folder}/nokey (key_file in {file}) cannot be read: No such file or directory."


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            'store = "fiel"',
            "store in {file} is 'fiel', and there is no such store.",
            'Write store = "file" into {file}, or take that line out for the keyring.',
        ),
        (
            'store = "file"\nkey_file = "{folder}/nokey"',
            KEY_FILE,
            "Mend key_file in {file}, or take that line out.",
        ),
        (
            'store = "file"\npassphrase_file = "{folder}/empty"',
            "{folder}/empty (passphrase_file in {file}) is empty.",
            "Set GUMAUTH_PASSPHRASE, GUMAUTH_PASSPHRASE_FILE or GUMAUTH_KEY_FILE.",
        ),
        (
            'keyring = "odd"',
            "keyring in {file} is not the name of a keyring backend: odd.",
            "Write it as module.Class.",
        ),
    ],
)
@pytest.mark.requirement("H6")
def test_what_the_settings_say_wrongly_is_said_of_the_settings(
    tmp_path: Path, text: str, message: str, hint: str
) -> None:
    place = {"folder": str(tmp_path), "file": str(tmp_path / "settings.toml")}
    (tmp_path / "empty").touch(mode=0o600)
    (tmp_path / "settings.toml").write_text(text.format(**place))
    with pytest.raises(GumauthError) as caught:
        opened(Context({"HOME": str(tmp_path), "GUMAUTH_HOME": str(tmp_path)}))
    assert (caught.value.message, caught.value.hint) == (message.format(**place), hint.format(**place))


def test_what_a_variable_says_wrongly_is_said_of_the_variable_also_beside_settings(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('store = "file"\nahead = "0"')
    given = {"HOME": str(tmp_path), "GUMAUTH_HOME": str(tmp_path), "GUMAUTH_KEY_FILE": f"{tmp_path}/nokey"}
    with pytest.raises(GumauthError) as caught:
        opened(Context(given))
    assert caught.value.message == f"{tmp_path}/nokey (GUMAUTH_KEY_FILE) cannot be read: No such file or directory."
    assert caught.value.hint == "Mend GUMAUTH_KEY_FILE, or unset it."


def opened(context: Context) -> None:
    store = context.store()
    assert isinstance(store, EncryptedStore)
    store.unlock()
