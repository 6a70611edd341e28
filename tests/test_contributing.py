"""What CONTRIBUTING.md says of adding a provider, done as it says."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest

from gumauth.cli.parsing.table import COMMANDS
from gumauth.oauth2.facts import Facts
from gumauth.registry.lookup import find

ROOT = Path(__file__).parents[1]
FOLDERS = sorted(init.parent for init in (ROOT / "gumauth").rglob("*/__init__.py") if init.parent.name != "providers")
ENTRY = 'if __name__ == "__main__":'
PAGE = (ROOT / "CONTRIBUTING.md").read_text()


def example() -> str:
    block = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert block is not None
    return textwrap.dedent(block[1].replace("\n   ", "\n").removeprefix("   "))


def test_the_provider_of_the_page_holds_to_the_rules_of_the_built_in_ones(tmp_path: Path) -> None:
    file = tmp_path / "tracker.py"
    file.write_text(example())
    file.chmod(0o600)
    provider = find(str(file), cwd="/").provider_class
    assert provider.name == "tracker"
    assert "Source: https://" in (provider.__doc__ or "")
    own = {name for name in vars(provider) if not name.startswith("_")}
    assert own <= {"name", *Facts.__annotations__}


def test_the_files_and_commands_that_the_page_names_are_there() -> None:
    assert "ROWS = [" in (ROOT / "tests" / "providers" / "rows" / "work.py").read_text()
    assert "`ROWS` in the file of its kind in `tests/providers/rows/`" in PAGE
    command = [sys.executable, "-c", "import gumauth.cli.parsing.completion_scripts, tests.promises"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def test_the_page_names_each_entry_of_the_package_once_and_in_the_order_of_the_layers() -> None:
    named = re.findall(r"^\| `([\w.]+)/?` \|", PAGE, re.MULTILINE)
    entries = {path.name for path in (ROOT / "gumauth").iterdir() if path.name not in ("py.typed", "__pycache__")}
    assert sorted(named) == sorted(entries)
    assert len(entries) <= 16
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    below = [set(layer.replace("gumauth.", "").split(" | ")) for layer in layers]
    ranks = [rank for name in named for rank, layer in enumerate(below) if name.removesuffix(".py") in layer]
    assert ranks == sorted(ranks)
    assert len(ranks) == sum(map(len, below))


def test_the_files_that_the_page_names_are_there() -> None:
    paths = set(re.findall(r"`((?:gumauth|tests)/[\w/.]+)`", PAGE))
    assert len(paths) > 12
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_the_page_names_each_program_that_is_run_by_hand() -> None:
    programs = [file.stem for file in (ROOT / "tests/programs").glob("*.py") if ENTRY in file.read_text()]
    assert [name for name in sorted(programs) if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_each_folder_says_what_it_is_for_and_names_its_files(folder: Path) -> None:
    said = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    assert 2 < len(said.splitlines()) <= 14
    files = {path.stem for path in folder.glob("[!_]*.py")} | {
        init.parent.name for init in folder.glob("*/__init__.py")
    }
    files -= set(COMMANDS) if folder.name == "commands" else set()  # these are said by the table
    assert [name for name in sorted(files) if not re.search(rf"(?<!\w){name}(?!\w)", said)] == []
