"""`mcp.gumstack` can be imported, and the real one goes first."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth import gumstack
from gumauth.errors import NotConnected
from gumauth.provider import AuthProvider, TokenResponse


def of_mcp() -> dict[str, object]:
    return {name: module for name, module in sys.modules.items() if name == "mcp" or name.startswith("mcp.")}


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """No `mcp` before the test, and the former one after it."""
    before = of_mcp()
    for name in before:
        del sys.modules[name]
    importlib.invalidate_caches()
    yield
    for name in of_mcp():
        del sys.modules[name]
    sys.modules.update(before)  # type: ignore[arg-type]


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A real `mcp`, which says when it is imported."""
    package = tmp_path / "mcp"
    package.mkdir()
    (package / "__init__.py").write_text("imported = True")
    monkeypatch.syspath_prepend(str(tmp_path))
    return package


def imported(name: str) -> object:
    return importlib.import_module(name)


def test_both_spellings_give_the_contract() -> None:
    gumstack.install()
    space: dict[str, object] = {}
    exec("from mcp.gumstack import AuthProvider, TokenResponse, get_credentials", space)
    assert (space["AuthProvider"], space["TokenResponse"]) == (AuthProvider, TokenResponse)
    exec("from mcp.gumstack.auth import AuthProvider as A, TokenResponse as T\nimport mcp.gumstack.auth", space)
    assert (space["A"], space["T"]) == (AuthProvider, TokenResponse)
    exec("import mcp.gumstack as g; from mcp import gumstack", space)
    assert space["g"] is space["gumstack"] is sys.modules["mcp.gumstack"]


def test_the_helper_of_a_server_is_there() -> None:
    assert inspect.iscoroutinefunction(gumstack.get_credentials)


def test_installing_twice_changes_nothing() -> None:
    gumstack.install()
    first = of_mcp()
    gumstack.install()
    assert of_mcp() == first


def test_the_rest_of_mcp_is_missed_by_its_own_name() -> None:
    gumstack.install()
    with pytest.raises(ModuleNotFoundError) as caught:
        imported("mcp.server")
    assert caught.value.name == "mcp.server"


def test_the_real_mcp_is_not_imported_and_not_replaced(real: Path) -> None:
    gumstack.install()
    assert "mcp" not in sys.modules
    assert vars(imported("mcp.gumstack"))["AuthProvider"] is AuthProvider
    assert "mcp" not in sys.modules
    assert vars(imported("mcp"))["imported"] is True


@pytest.mark.parametrize("place", ["gumstack.py", "gumstack/__init__.py"])
def test_the_real_gumstack_goes_first(real: Path, place: str) -> None:
    (real / place).parent.mkdir(exist_ok=True)
    (real / place).write_text("AuthProvider = 'real'")
    gumstack.install()
    assert of_mcp() == {}
    assert vars(imported("mcp.gumstack"))["AuthProvider"] == "real"


def test_a_stand_in_that_somebody_else_made_is_kept() -> None:
    stand_in = type(sys)("mcp")
    stand_in.__spec__ = None
    sys.modules["mcp"] = stand_in
    gumstack.install()
    assert sys.modules["mcp"] is stand_in
    assert vars(imported("mcp.gumstack"))["TokenResponse"] is TokenResponse


def test_the_helper_asks_for_a_connected_account_by_the_commands_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUMAUTH_HOME", str(tmp_path))
    with pytest.raises(NotConnected, match="linear/work is not connected"):
        asyncio.run(gumstack.get_credentials("linear/work"))
