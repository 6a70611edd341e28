"""What runs as a Python process of a server starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gumauth.gumstack.startup.sitecustomize import Finder
from gumauth.gumstack.variables import STARTUP, for_server

SHOW = "import json, sys; import mcp.gumstack as g; print(json.dumps([g.__file__, sorted(g.__all__), said()]))"
NAMES = ["AuthProvider", "GumstackError", "GumstackHost", "TokenResponse", "get_credentials"]


@pytest.fixture
def mcp(tmp_path: Path) -> Path:
    """A folder with Gumstack's own package, as an environment would have it."""
    package = tmp_path / "mcp" / "gumstack"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").write_text("")
    (package / "__init__.py").write_text("raise RuntimeError('the real one')")
    return tmp_path


def run(program: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program with the variables that a server gets, and nothing of this environment's packages."""
    environ = for_server({"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), **variables}, (), None)
    return subprocess.run(
        [sys.executable, "-s", "-c", program], env=environ, capture_output=True, text=True, timeout=60, check=False
    )


def test_gumauths_goes_before_gumstacks_own_and_the_sitecustomize_of_the_environment_runs(mcp: Path) -> None:
    (mcp / "sitecustomize.py").write_text("import builtins; builtins.said = lambda: __file__")
    done = run(SHOW, mcp)
    assert done.returncode == 0, done.stderr
    file, names, theirs = json.loads(done.stdout)
    assert (file, names) == (str(Path(STARTUP).parent / "in_server" / "__init__.py"), NAMES)
    assert theirs == str(mcp / "sitecustomize.py")


def test_both_spellings_are_one_contract_that_needs_no_gumauth(mcp: Path) -> None:
    program = (
        "import sys; from mcp.gumstack import AuthProvider as A\n"
        "from mcp.gumstack.auth import AuthProvider, TokenResponse\n"
        "assert A is AuthProvider and 'gumauth' not in sys.modules\n"
        "print(TokenResponse('a', expires_in=1), issubclass(type('P', (A,), {}), A))"
    )
    done = run(program, mcp)
    assert done.stdout == "TokenResponse(expires_in=1, token_type='Bearer', scope=None) True\n", done.stderr


def test_an_error_of_the_environments_sitecustomize_is_told_as_without_gumauth(mcp: Path) -> None:
    (mcp / "sitecustomize.py").write_text("raise ValueError('theirs')")
    with_gumauth = run("print(1)", mcp)
    alone = subprocess.run(
        [sys.executable, "-s", "-c", "print(1)"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(mcp)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (with_gumauth.stdout, with_gumauth.stderr) == (alone.stdout, alone.stderr)
    assert "theirs" in alone.stderr


def test_a_process_that_gumauth_does_not_serve_is_told_so(mcp: Path) -> None:
    program = (
        "import asyncio, os; del os.environ['GUMAUTH_GUMSTACK']\n"
        "import mcp.gumstack as g; asyncio.run(g.get_credentials('a'))"
    )
    assert "start it by `gumauth run --gumstack`" in run(program, mcp).stderr


def test_nothing_but_the_one_name_is_found() -> None:
    assert Finder.find_spec("mcp") is None
    assert Finder.find_spec("mcp.gumstack.auth") is None
    found = Finder.find_spec("mcp.gumstack")
    assert found is not None
    assert found.origin == str(Path(STARTUP).parent / "in_server" / "__init__.py")


def test_a_run_in_a_run_has_the_folder_once() -> None:
    once = for_server({}, ("notes/1",), None)
    assert once["PYTHONPATH"] == STARTUP
    assert for_server({**once, "PYTHONPATH": f"{STARTUP}:/theirs"}, (), None)["PYTHONPATH"] == f"{STARTUP}:/theirs"
    assert json.loads(once["GUMAUTH_GUMSTACK"])["accounts"] == ["notes/1"]
