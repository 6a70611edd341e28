"""Installing, upgrading and removing as the pages say it, with pipx, uv and pip, from a folder of packages.

`.ci/run` fills the folder that GUMAUTH_PACKAGES names; the network is not used.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import environment
from tests.parts.need import REQUIRE, need
from tests.reading import COMMANDS, PAGES, ROOT, Reader

PACKAGES = "GUMAUTH_PACKAGES"
ON_PATH = {"pipx": "pipx ensurepath", "uv": "uv tool update-shell"}
"""For each tool the command that puts its commands on the PATH of new shells."""

WITH_IT = {"pipx": "pipx inject gumauth PyYAML", "uv": "uv tool install gumauth --with PyYAML"}
"""For each tool the command that adds a package to gumauth's environment."""

WITH_PROVIDER = [command for command in COMMANDS if re.search(r"--package|/gumauth-acme|providers acme", command)]
"""The commands that write a package with a provider, add it, and show the provider."""

INSTALLS = [command for command in COMMANDS if re.search(r"^pipx |^uv |~/gumauth-venv|providers acme", command)]
LIVES = [command for command in INSTALLS if command not in (*ON_PATH.values(), *WITH_IT.values(), *WITH_PROVIDER)]
BY_TOOL = {
    "pipx": [command for command in LIVES if command.startswith("pipx ")],
    "uv": [command for command in LIVES if command.startswith("uv ")],
    "pip": [command for command in LIVES if "~/gumauth-venv" in command],
}
"""For each tool the commands that install, upgrade and remove, in this order."""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of this repository as it stands, and what it was cloned from beside it, in `origin`."""
    origin = tmp_path / "origin"
    origin.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, origin)
    for name in ("gumauth", "completions"):
        shutil.copytree(ROOT / name, origin / name, ignore=shutil.ignore_patterns("__pycache__"))
    git(origin, "init", "-q", "-b", "main")
    commit(origin)
    git(tmp_path, "clone", "-q", str(origin), "clone")
    return tmp_path / "clone"


def git(folder: Path, *words: str) -> None:
    need(programs=("git",))
    person = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    subprocess.run(["git", *person, *words], cwd=folder, check=True, timeout=60)


def commit(origin: Path) -> None:
    git(origin, "add", "-A")
    git(origin, "commit", "-q", "-m", "As it stands")


@pytest.fixture
def reader(clone: Path, tmp_path: Path) -> Reader:
    """Somebody in the clone, whose tools find packages in the folder only."""
    folder = os.environ.get(PACKAGES)
    if not folder:
        if os.environ.get(REQUIRE) == "1":
            pytest.fail(f"{PACKAGES} names no folder of packages, and {REQUIRE}=1")
        pytest.skip(f"{PACKAGES} names no folder of packages")
    python = str(Path(sys.executable).resolve())
    environ = environment(
        tmp_path,
        PIP_NO_INDEX="1",
        PIP_FIND_LINKS=folder,
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        PIP_COMPILE="0",  # of what is run once or twice: half of the time that an installation takes
        PIPX_DEFAULT_PYTHON=python,
        UV_OFFLINE="1",
        UV_NO_INDEX="1",
        UV_FIND_LINKS=folder,
        UV_PYTHON=python,
        UV_PYTHON_DOWNLOADS="never",
    )
    found = Reader(tmp_path, environ)
    found.folder = clone
    found.environ["PATH"] = f"{tmp_path}/.local/bin:{os.environ['PATH']}"
    return found


def found_by_a_new_shell(reader: Reader, tool: str) -> str:
    """Which `gumauth` a new terminal runs, after the tool's command for that."""
    path = shlex.quote(os.environ["PATH"])
    assert reader.run(f"PATH={path} SHELL=/bin/bash {ON_PATH[tool]}").returncode == 0
    return reader.run("PATH=/usr/bin:/bin bash -lic 'command -v gumauth'").stdout.strip()


@pytest.mark.parametrize("tool", BY_TOOL)
def test_it_is_installed_upgraded_and_removed_as_the_page_says(reader: Reader, clone: Path, tool: str) -> None:
    need(programs=("python3" if tool == "pip" else tool,))
    install, upgrade, remove = BY_TOOL[tool]
    gumauth = Path(reader.environ["HOME"], "gumauth-venv/bin/gumauth" if tool == "pip" else ".local/bin/gumauth")
    done = reader.run(install)
    assert done.returncode == 0, done.stderr
    assert reader.run(f"cd / && {gumauth} help storage").stdout == PAGES["storage.md"]

    if tool in ON_PATH:
        assert found_by_a_new_shell(reader, tool) == str(gumauth)
        done = reader.run(f"cd / && {WITH_IT[tool]}")
        assert done.returncode == 0, done.stderr
        assert reader.run(f"{gumauth.resolve().parent / 'python'} -c 'import yaml'").returncode == 0

    if tool == "pipx":
        for command in WITH_PROVIDER:  # without the network, as all else
            done = reader.run(f"cd ~ && {command}")
            assert done.returncode == 0, done.stderr
        assert re.search(r"^Provider: +GitLab \(acme\), gumauth-acme$", done.stdout, re.MULTILINE)

    topic = clone.parent / "origin" / "gumauth" / "cli" / "topics" / "storage.md"
    topic.write_text("# Another storage\n")  # and the version is the same
    commit(clone.parent / "origin")
    done = reader.run(f"git pull -q && {upgrade}")
    assert done.returncode == 0, done.stderr
    assert reader.run(f"cd / && {gumauth} help storage").stdout == "# Another storage\n"

    assert reader.run(remove).returncode == 0
    assert not gumauth.exists()


def test_what_the_readme_says_of_installing_is_what_is_tried() -> None:
    assert [len(commands) for commands in BY_TOOL.values()] == [3, 3, 3]
    assert [command.split()[1] for command in WITH_PROVIDER] == ["new", "inject", "providers"]
    spoken = {words for page in PAGES.values() for words in re.findall(r"`((?:pipx|uv tool) \w+ [^`]+)`", page)}
    assert spoken <= set(INSTALLS)
    assert {*ON_PATH.values(), *WITH_IT.values()} <= set(INSTALLS)
