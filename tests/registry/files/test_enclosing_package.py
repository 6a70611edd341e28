"""A provider file that is a module of a package loads as one."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from gumauth.errors import ProviderFileError
from gumauth.registry.files.runner import load
from tests.own_imports import own_imports as own_imports
from tests.registry.files.conftest import AUTH, CLASS, module_of, write


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
