"""What `gumauth new` can write, together: its types, its style, and its own tests."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.cli.authoring.draft import Draft
from gumauth.cli.authoring.facts_file import facts_file
from gumauth.cli.authoring.files import texts, write
from gumauth.cli.authoring.gumstack_file import CANNOT, gumstack_file, revokes
from gumauth.errors import UsageError
from gumauth.oauth2.facts import Facts
from gumauth.registry import lookup
from tests.cli.authoring.drafts import HABITS, answered, built_in, mcp_server
from tests.parts.need import need
from tests.reading import ROOT

PLAYED = ("slack", "notes", "gum_notion", "gum_silent")
"""The modules whose written tests are run."""

STUB = "from gumauth.provider import AuthProvider as AuthProvider, TokenResponse as TokenResponse\n"
"""Gumstack's package, as far as a provider file imports it: its types are those of the contract."""


def drafts(prefix: str = "") -> Iterator[Draft]:
    yield from (built_in(service, prefix + service) for service in HABITS)
    yield from (mcp_server(f"{prefix}notes"), mcp_server(f"{prefix}silent", tells_names=False))
    yield answered(f"{prefix}my-tool")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a provider file and its tests for each draft and each kind of file."""
    folder = tmp_path_factory.mktemp("written")
    for draft in drafts():
        write(str(folder), texts(draft, gumstack=False, tests=True, whole_package=False))
    for draft in drafts("gum-"):
        write(str(folder), texts(draft, gumstack=True, tests=True, whole_package=False))
    return folder


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The folders of two packages, one for each kind of file."""
    folder = tmp_path_factory.mktemp("packages")
    write(str(folder), texts(mcp_server("notes"), gumstack=False, tests=True, whole_package=True))
    write(str(folder), texts(answered("my-tool"), gumstack=True, tests=True, whole_package=True))
    return [folder / "gumauth-notes", folder / "gumauth-my-tool"]


def run(folder: Path, *words: str, **environ: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_written_files_are_as_ruff_wants_them_by_its_own_rules_and_by_ours(written: Path, packages: list[Path]) -> None:
    """A file on its own is in no package (INP001); what our tests may do, written tests may do too (D103, S101)."""
    need(modules=("ruff",))
    ours = ("--no-cache", "--config", str(ROOT / "pyproject.toml"), "--ignore", "INP001")
    for folder in (written, *packages):
        run(folder, "ruff", "format", "--isolated", "--no-cache", "--check", ".")
        run(folder, "ruff", "check", "--isolated", "--no-cache", ".")
        run(folder, "ruff", "check", *ours, "--extend-exclude", "test_*", ".")
        run(folder, "ruff", "check", *ours, "--ignore", "D103,S101", ".")


def test_written_files_have_types_that_mypy_finds_right(written: Path, packages: list[Path], tmp_path: Path) -> None:
    """From the clone, by its settings, so that what mypy remembers of gumauth is used, here and afterwards."""
    need(modules=("mypy",))
    (tmp_path / "mcp").mkdir()
    (tmp_path / "mcp" / "__init__.pyi").touch()
    (tmp_path / "mcp" / "gumstack.pyi").write_text(STUB)
    files = sorted(str(file) for folder in (written, *packages) for file in folder.rglob("*.py"))
    files = [
        file for file in files if "/gumauth-" not in file or "/src/" in file
    ]  # tests of the names that others have
    stubs = ":".join(map(str, [tmp_path, *(folder / "src" for folder in packages)]))
    run(ROOT, "mypy", "--strict", *files, MYPYPATH=stubs)


def test_written_tests_pass(written: Path) -> None:
    played = [f"test_{module}.py" for module in PLAYED]
    quiet = ("-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", ".")
    run(written, "pytest", *quiet, *played, PYTEST_ADDOPTS="")


def test_the_written_packages_are_tested_as_their_own_ci_does_it(packages: list[Path]) -> None:
    of_facts = packages[0]
    run(of_facts, "pytest", "-q", "-p", "no:cacheprovider", PYTHONPATH=str(of_facts / "src"), PYTEST_ADDOPTS="")
    for folder in packages:
        described = tomllib.loads((folder / "pyproject.toml").read_text())
        (entry,) = described["project"]["entry-points"]["gumauth.providers"].items()
        assert entry in [("notes", "gumauth_notes:Notes"), ("my-tool", "gumauth_my_tool:MyTool")]
        assert folder.name == described["project"]["name"]
        assert {"README.md", ".gitignore", ".github", "src", "tests"} <= {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("service", lookup.built_in_names())
def test_the_facts_of_every_built_in_service_are_written_as_they_are(service: str, tmp_path: Path) -> None:
    draft = built_in(service, "acme")
    (file,) = write(str(tmp_path), {"acme.py": facts_file(draft)})
    provider = lookup.find(file, cwd="/").provider_class
    assert provider.name == "acme"
    own = {name: value for name, value in vars(provider).items() if name in Facts.__annotations__}
    assert own == draft.facts


@pytest.mark.parametrize("service", lookup.built_in_names())
def test_a_file_for_gumstack_is_written_for_every_built_in_service_that_the_contract_has_room_for(
    service: str, tmp_path: Path
) -> None:
    draft = built_in(service, "acme")
    if any(draft[fact] for fact in CANNOT):
        with pytest.raises(UsageError, match="no room"):
            gumstack_file(draft)
        return
    text = gumstack_file(draft)
    (file,) = write(str(tmp_path), {"acme.py": text})
    resolved = lookup.find(file, cwd="/")
    assert (resolved.name, "revoke" in vars(resolved.provider_class)) == ("acme", revokes(draft))
    assert "gumauth import" not in text
    assert "import gumauth" not in text


def test_a_service_that_a_gumstack_file_has_no_room_for_is_told() -> None:
    draft = mcp_server()
    wanting = Draft(name="notes", facts={**draft.facts, "par_url": "https://login.notes.example/par"}, about="Notes")
    with pytest.raises(UsageError) as caught:
        gumstack_file(wanting)
    assert caught.value.message == (
        "Notes wants the authorization request to be pushed to it first, for which a Gumstack file has no room."
    )
