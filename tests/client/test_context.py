from __future__ import annotations

from pathlib import Path

from gumauth.client.context import Context
from gumauth.store.open import ENCRYPTED_FILE


def test_the_selected_store_is_the_same_by_its_name(tmp_path: Path) -> None:
    """Connecting proves the selected one and writes into the named one: the passphrase is asked for once."""
    context = Context({"GUMAUTH_HOME": str(tmp_path), "GUMAUTH_STORE": "file"})
    assert context.store() is context.store(ENCRYPTED_FILE)
    other = Context(context.environ)
    assert other.store(ENCRYPTED_FILE) is other.store()
