"""A provider file that is a module of a package loads as one; a server's file is answered with the one to give."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gumauth.errors import ProviderFileError
from gumauth.registry.files.runner import load
from tests.own_imports import own_imports as own_imports

CLASS = """
class Acme(AuthProvider):
    name = NAME

    def get_url(self, redirect_uri, state):
        return "https://acme.example/"

    async def exchange(self, code, redirect_uri):
        return TokenResponse(access_token=code)

    async def refresh(self, refresh_token):
        raise NotImplementedError

    async def get_nickname(self, access_token):
        return "ada"
"""
AUTH = f"from mcp.gumstack import AuthProvider, TokenResponse\nfrom .config import NAME\n{CLASS}"


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def module_of(found: Any) -> Any:
    return sys.modules[found.provider_class.__module__]


@pytest.mark.requirement("P5")
def test_a_file_of_a_package_loads_as_one(tmp_path: Path) -> None:
    write(tmp_path, {"acme/__init__.py": "", "acme/config.py": "NAME = 'acme'", "acme/auth.py": AUTH})
    found = load(str(tmp_path / "acme" / "auth.py"), None)
    assert (found.name, found.source) == ("acme", f"{tmp_path}/acme/auth.py:Acme")
    assert module_of(found).__name__.endswith(".acme.auth")


@pytest.mark.requirement("P5")
def test_a_file_of_nested_packages_finds_all_of_them_by_dots_and_by_name(tmp_path: Path) -> None:
    imports = "from ..config import NAME\nfrom json.urls import URL\nimport json.deep.leaf\nfrom . import leaf\n"
    head = "from mcp.gumstack import AuthProvider, TokenResponse\n"
    write(
        tmp_path,
        {
            "json/__init__.py": "from .deep.auth import Acme",
            "json/config.py": "NAME = 'acme'",
            "json/urls.py": "from .config import NAME\nURL = NAME",
            "json/deep/__init__.py": "",
            "json/deep/leaf.py": "LEAF = 1",
            "json/deep/auth.py": f"{head}{imports}assert json.deep.leaf is leaf\n{CLASS}",
        },
    )
    found = load(str(tmp_path / "json" / "deep" / "auth.py"), None)
    assert module_of(found).__name__.endswith(".json.deep.auth")
    import json

    assert json.loads("1") == 1
    assert not hasattr(json, "config")


@pytest.mark.requirement("P5")
def test_a_package_of_an_installed_ones_name_hides_none_of_what_it_has_not(tmp_path: Path) -> None:
    """Such as a server's folder that is called `mcp`."""
    write(tmp_path / "mcp", {"__init__.py": "", "config.py": "NAME = 'acme'", "auth.py": f"import mcp.config\n{AUTH}"})
    assert load(str(tmp_path / "mcp" / "auth.py"), None).name == "acme"
    write(tmp_path / "mcp", {"auth.py": f"import mcp.confg\n{AUTH}"})
    with pytest.raises(
        ProviderFileError, match=r"auth\.py, line 1: it needs 'mcp\.confg', which is not in its package"
    ):
        load(str(tmp_path / "mcp" / "auth.py"), None)


@pytest.mark.requirement("P5")
def test_two_packages_of_one_name_do_not_mix(tmp_path: Path) -> None:
    names = []
    for name in ("one", "two"):
        files = {"__init__.py": "", "config.py": f"NAME = {name!r}", "auth.py": AUTH}
        write(tmp_path / name / "server", files)
        names.append(load(str(tmp_path / name / "server" / "auth.py"), None).name)
    assert names == ["one", "two"]
    assert "server" not in sys.modules


@pytest.mark.requirement("P5")
def test_a_relative_import_without_an_init_file_finds_what_is_beside(tmp_path: Path) -> None:
    write(tmp_path, {"config.py": "NAME = 'acme'", "auth.py": AUTH})
    assert load(str(tmp_path / "auth.py"), None).name == "acme"


@pytest.mark.requirement("P5")
def test_a_file_that_does_without_its_package_runs_none_of_it(tmp_path: Path) -> None:
    """The package may need what is only installed where the server runs."""
    source = AUTH.replace("from .config import NAME", "from config import NAME")
    files = {"__init__.py": "import not_there_at_all", "config.py": "NAME = 'acme'", "auth.py": source}
    write(tmp_path / "acme", files)
    assert load(str(tmp_path / "acme" / "auth.py"), None).name == "acme"


@pytest.mark.requirement("P5", "P1")
@pytest.mark.parametrize(
    ("change", "words", "hint"),
    [
        ({"config.py": "1/0"}, "acme/auth.py, line 2: ZeroDivisionError: division by zero.", "Mend the file"),
        ({"__init__.py": "\nimport not_there"}, "acme/__init__.py, line 2: it needs 'not_there'", "the package that"),
        (
            {"auth.py": "from .confg import X"},
            "acme/auth.py, line 1: it needs '.confg', which is not in",
            "Mend the im",
        ),
        ({"auth.py": "from ...x import X"}, "it imports from a package that gumauth does not see", "__init__.py"),
    ],
)
def test_what_fails_in_a_package_is_told_with_its_own_file(
    tmp_path: Path, change: dict[str, str], words: str, hint: str
) -> None:
    before = set(sys.modules)
    write(tmp_path / "acme", {"__init__.py": "", "config.py": "NAME = 'acme'", "auth.py": AUTH, **change})
    with pytest.raises(ProviderFileError) as caught:
        load(str(tmp_path / "acme" / "auth.py"), None)
    assert words in caught.value.message
    assert hint in (caught.value.hint or "")
    assert not [name for name in set(sys.modules) - before if name.startswith("gumauth_")]


@pytest.mark.requirement("P3", "P5")
@pytest.mark.parametrize("file", ["__init__.py", "config.py"])
def test_a_module_of_the_package_that_others_can_write_is_not_run(tmp_path: Path, file: str) -> None:
    write(tmp_path / "acme", {"__init__.py": "", "config.py": "NAME = 'acme'", "auth.py": AUTH})
    (tmp_path / "acme" / file).chmod(0o646)
    with pytest.raises(ProviderFileError, match=f"acme/{file} is not used: other users can write it"):
        load(str(tmp_path / "acme" / "auth.py"), None)


@pytest.mark.requirement("P3", "P5")
def test_nothing_of_a_package_is_run_where_others_can_put_files_into_a_folder_of_it(tmp_path: Path) -> None:
    write(tmp_path, {"acme/__init__.py": "raise AssertionError('it was run')", "acme/a/__init__.py": ""})
    write(tmp_path / "acme" / "a", {"config.py": "NAME = 'acme'", "auth.py": AUTH})
    (tmp_path / "acme").chmod(0o1777)
    words = rf"auth\.py, line 2: it imports from its package, .* not used: others can write {tmp_path}/acme\.$"
    with pytest.raises(ProviderFileError) as caught:
        load(str(tmp_path / "acme" / "a" / "auth.py"), None)
    assert re.search(words, caught.value.message)
    assert caught.value.hint == f"Take that right away: chmod go-w {tmp_path}/acme"


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
    assert caught.value.message.startswith(f"{tmp_path}/server.py, line {line}: it is a Gumstack server, which ")
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
