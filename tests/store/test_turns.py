"""The lock that all processes share at the keyring."""

from __future__ import annotations

from pathlib import Path

import pytest

from gumauth.home import Home
from gumauth.store import turns
from gumauth.store.turns import Turn, TurnTimeout, lock_path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(data=str(tmp_path), state=str(tmp_path / "state"), service="gumauth")


@pytest.mark.requirement("K14")
def test_every_home_shares_the_lock_in_the_runtime_folder(home: Home, tmp_path: Path) -> None:
    """There is one daemon, however many homes."""
    assert lock_path({"XDG_RUNTIME_DIR": str(tmp_path)}, home) == f"{tmp_path}/gumauth-keyring.lock"


@pytest.mark.parametrize("folder", ["", "relative", "/nonexistent", __file__])
def test_without_a_runtime_folder_the_lock_is_at_home(home: Home, folder: str) -> None:
    assert lock_path({"XDG_RUNTIME_DIR": folder}, home) == f"{home.state}/locks/keyring.lock"


@pytest.mark.requirement("K14")
def test_one_at_a_time(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.02)
    path = lock_path({}, home)
    with Turn(path), pytest.raises(TurnTimeout), Turn(path):
        pass
    with Turn(path):
        pass


@pytest.mark.requirement("K11", "K14")
def test_where_there_can_be_no_lock_things_go_on(tmp_path: Path) -> None:
    """A file is in the folder's place, as good as a read-only home: the lock guards the daemon, not the data."""
    (tmp_path / "locks").write_text("")
    entered = False
    with Turn(str(tmp_path / "locks" / "keyring.lock")):
        entered = True
    assert entered
