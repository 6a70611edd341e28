"""A provider file is run once, and its provider is loaded."""

from __future__ import annotations

import pickle
from pathlib import Path

from gumauth.registry.files.runner import load
from tests.own_imports import own_imports as own_imports
from tests.registry.files.conftest import FILE


def test_a_file_that_imports_the_contract_from_gumstack_is_loaded(file: Path) -> None:
    found = load(str(file), None)
    assert (found.name, found.source, found.origin) == ("acme", f"{file}:Acme", str(file))
    assert len(found.fingerprint or "") == 64


def test_a_file_is_run_once_and_again_when_it_has_changed(file: Path) -> None:
    first = load(str(file), None)
    assert load(str(file), None).provider_class is first.provider_class
    file.write_text(f"{FILE}\n# changed")
    second = load(str(file), None)
    assert second.provider_class is not first.provider_class
    assert pickle.loads(pickle.dumps(first.provider_class)) is first.provider_class
