"""A missing module is answered with a package that is known, and with the command of how gumauth was installed."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from gumauth.platform.known_packages import command, hint_for, package_of

PYTHON = shlex.quote(sys.executable)


@pytest.mark.requirement("K18")
@pytest.mark.parametrize(
    ("module", "package"),
    [
        ("dotenv", "python-dotenv"),
        ("yaml", "PyYAML"),
        ("jwt", "PyJWT"),
        ("bs4", "beautifulsoup4"),
        ("google.auth.transport.requests", "google-auth"),
        ("google", None),
        ("requests", "requests"),
        ("acme_dotenv", None),
        ("", None),
    ],
)
def test_a_package_is_named_only_where_it_is_known(module: str, package: str | None) -> None:
    assert package_of(module) == package
    hint = hint_for(module)
    assert hint.startswith(f"Install {package or 'the package that provides it'} where gumauth runs: `")
    assert hint.endswith(f" {package or 'PACKAGE'}`.")


@pytest.mark.requirement("K18")
def test_the_command_fits_how_gumauth_was_installed(tmp_path: Path) -> None:
    assert command("PyYAML", str(tmp_path), has_pip=True) == f"{PYTHON} -m pip install PyYAML"
    assert command("PyYAML", str(tmp_path), has_pip=False) == f"uv pip install --python {PYTHON} PyYAML"
    by_pipx = tmp_path / "gumauth"
    by_pipx.mkdir()
    (by_pipx / "pipx_metadata.json").touch()
    assert command("PyYAML", str(by_pipx)) == "pipx inject gumauth PyYAML"


@pytest.mark.requirement("K18")
def test_what_was_installed_with_a_tool_of_uv_stays_with_it(tmp_path: Path) -> None:
    receipt = tmp_path / "uv-receipt.toml"
    receipt.write_text('[tool]\nrequirements = [{ name = "gumauth" }, { name = "pyjwt", specifier = ">=2" }]\n')
    assert command("PyYAML", str(tmp_path)) == "uv tool install gumauth --with pyjwt --with PyYAML"
    receipt.write_text(
        '[tool]\nrequirements = [{ name = "gumauth", directory = "/a b" }, { name = "x", git = "https://y" }]'
    )
    assert command("PyYAML", str(tmp_path)) == "uv tool install '/a b' --with git+https://y --with PyYAML"
    receipt.write_text("not TOML")
    assert command("PyYAML", str(tmp_path)) == "uv tool install gumauth --with PyYAML"


def test_no_word_of_a_package_is_obeyed_by_the_shell(tmp_path: Path) -> None:
    assert command("a; b", str(tmp_path), has_pip=True).endswith("pip install 'a; b'")
