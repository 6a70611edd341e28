"""`mcp.gumstack` can be imported, and the real one goes first."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth import gumstack
from gumauth.errors import NotConnected
from gumauth.provider import AuthProvider, TokenResponse
from tests.cli.program import environment, inside, keep


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


def test_a_server_has_the_host_too_and_a_provider_file_has_not() -> None:
    gumstack.install(host=False)
    assert not hasattr(imported("mcp.gumstack"), "GumstackHost")
    gumstack.install()
    space: dict[str, object] = {}
    exec("from mcp.gumstack import GumstackHost", space)
    assert space["GumstackHost"] is gumstack.GumstackHost
    assert not hasattr(imported("mcp.gumstack"), "GumstackContext")


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


def alone(program: str, home: Path) -> str:
    """What a script prints that runs by itself, with nobody's accounts and none of this process's modules."""
    environ = {**os.environ, "GUMAUTH_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


ASK = """
import asyncio
try:
    asyncio.run(get_credentials("linear"))
except NotConnected as error:
    print(error)
"""


@pytest.mark.parametrize(
    "imports",
    [
        "from gumauth.gumstack import AuthProvider, TokenResponse, get_credentials",
        "import gumauth.gumstack; gumauth.gumstack.install(); from mcp.gumstack import get_credentials",
    ],
)
def test_a_script_of_ones_own_asks_for_credentials(tmp_path: Path, imports: str) -> None:
    said = alone(f"from gumauth.errors import NotConnected\n{imports}\n{ASK}", tmp_path)
    assert said == "linear is not connected. Run `gumauth connect linear`.\n"


def test_importing_gumauth_shows_nobody_an_mcp_that_is_not_installed(tmp_path: Path) -> None:
    look = "from importlib.util import find_spec; import sys; print(find_spec('mcp'), 'mcp' in sys.modules)"
    assert alone(f"import gumauth, gumauth.gumstack\n{look}", tmp_path) == alone(look, tmp_path)


def test_the_helper_asks_for_a_connected_account_by_the_commands_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUMAUTH_HOME", str(tmp_path))
    with pytest.raises(NotConnected, match="linear/work is not connected"):
        asyncio.run(gumstack.get_credentials("linear/work"))


ASK_ALL = """
import asyncio
from gumauth.gumstack import get_credentials

async def ask():
    for name in ("gong", "openweather", "acme"):
        print(await get_credentials(name), await get_credentials(name))
    try:
        await get_credentials()
    except Exception as error:
        print(error)

asyncio.run(ask())
"""


def test_the_fields_of_a_key_are_its_credentials(tmp_path: Path) -> None:
    environ = environment(tmp_path)
    for words, values in (
        ("gong --key access_key --key access_key_secret", "AK\nSK"),
        ("openweather --key key", "a b"),
    ):
        assert inside(environ, "connect", *words.split(), stdin=values).status == 0
    keep(environ, "an-access-token")
    done = subprocess.run(
        [sys.executable, "-c", ASK_ALL], env=environ, capture_output=True, text=True, timeout=30, check=False
    )
    both, one, token = (
        {"access_key": "AK", "access_key_secret": "SK"},
        {"key": "a b"},
        {"access_token": "an-access-token"},
    )
    *given, several = done.stdout.splitlines()
    assert given == [f"{each} {each}" for each in (both, one, token)], done.stderr
    assert "these are keys: gong" in several
