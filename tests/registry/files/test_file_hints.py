"""A file without a provider of its own is answered with the file that has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from gumauth.errors import ProviderFileError
from gumauth.registry.files.runner import load
from tests.own_imports import own_imports as own_imports
from tests.registry.files.conftest import AUTH, CLASS, write

SERVER = "from mcp.gumstack import GumstackHost\nfrom auth import Acme\nGumstackHost(Acme)\n"


@pytest.mark.requirement("P1")
@pytest.mark.parametrize(
    ("server", "line"),
    [
        (SERVER, 1),
        ("import os\nfrom mcp.server.fastmcp import FastMCP\nfrom auth import Acme, OTHER\n", 2),
        ("from .auth import Acme\nfrom mcp.gumstack import GumstackHost\n", 2),
    ],
)
def test_a_servers_file_is_answered_with_the_file_of_its_provider(
    tmp_path: Path, server: str, line: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own = "from mcp.gumstack import AuthProvider, TokenResponse\nNAME = 'acme'\nOTHER = 1\n"
    write(tmp_path, {"server.py": server, "auth.py": own + CLASS})
    with pytest.raises(ProviderFileError) as caught:
        load(str(tmp_path / "server.py"), None)
    says = "it is a Gumstack server, which `gumauth run --gumstack` runs, and no provider's file."
    assert caught.value.message == f"{tmp_path}/server.py, line {line}: {says}"
    assert caught.value.hint == "Connect the file that defines its provider: `gumauth connect ./auth.py`."


@pytest.mark.requirement("K18")
def test_a_provider_that_needs_more_of_mcp_is_no_server(tmp_path: Path) -> None:
    write(tmp_path, {"auth.py": f"from mcp.shared.auth import OAuthToken\n{AUTH}"})
    with pytest.raises(ProviderFileError, match=r"line 1: it needs 'mcp\.shared', which is not installed") as caught:
        load(str(tmp_path / "auth.py"), None)
    assert (caught.value.hint or "").startswith("Install mcp where gumauth runs: ")


@pytest.mark.requirement("P1")
def test_a_server_with_its_provider_in_it_is_told_to_part_them(tmp_path: Path) -> None:
    write(tmp_path, {"server.py": f"from mcp.gumstack import AuthProvider, GumstackHost\n{CLASS}"})
    with pytest.raises(ProviderFileError) as caught:
        load(str(tmp_path / "server.py"), None)
    assert caught.value.hint == "Put the class of the provider into a file of its own, and connect that one."


@pytest.mark.requirement("P1")
def test_a_file_that_only_imports_its_provider_is_answered_with_the_one_that_defines_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"server.py": "from lib.auth import Acme", "lib/config.py": "NAME = 'acme'", "lib/auth.py": AUTH})
    with pytest.raises(ProviderFileError) as caught:
        load(str(tmp_path / "server.py"), None)
    assert caught.value.message == f"{tmp_path}/server.py imports a provider and defines none."
    assert caught.value.hint == "Name the file that does: `gumauth connect ./lib/auth.py:Acme`."
    monkeypatch.chdir("/")
    with pytest.raises(ProviderFileError) as caught:
        load(str(tmp_path / "server.py"), None)
    assert f"gumauth connect {tmp_path}/lib/auth.py:Acme" in (caught.value.hint or "")
