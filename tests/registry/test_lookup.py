"""A name or a path becomes a provider's class."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gumauth.errors import ProviderFileError, UnknownProvider
from gumauth.providers.linear import Linear
from gumauth.registry.lookup import Listed, built_in_names, file_of, find, fingerprint, instead_of, load, names

FILE = """
class Acme:
    name = "acme"
    def get_url(self, redirect_uri, state): return "https://acme.example/"
    async def exchange(self, code, redirect_uri): ...
    async def refresh(self, refresh_token): raise NotImplementedError
    async def get_nickname(self, access_token): return "ada"
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Makes a distribution with one plugin importable."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))

    def install(distribution: str, entry: str, module: str, content: str) -> None:
        info = folder / f"{distribution}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[gumauth.providers]\n{entry} = {module}:Acme\n")
        (folder / f"{module}.py").write_text(content)
        monkeypatch.delitem(sys.modules, module, raising=False)

    return install


def test_a_built_in_provider_is_found_by_its_name() -> None:
    found = find("linear", cwd="/")
    assert (found.provider_class, found.source, found.name) == (Linear, "built-in", "linear")
    assert found.origin.endswith("gumauth/providers/linear.py")
    assert load("built-in", "linear") == found


def test_the_built_in_names_are_those_of_the_files() -> None:
    assert {"github", "google", "linear"} <= set(built_in_names())


def test_the_file_of_an_installed_provider_is_told_and_not_imported(install: Install) -> None:
    install("acme-auth", "acme", "acme_auth_told", FILE)
    told = file_of("acme")
    assert told is not None
    assert told.endswith("/site/acme_auth_told.py:Acme")
    assert "acme_auth_told" not in sys.modules
    assert [file_of(name) for name in ("linear", "nobody")] == [None, None]


@pytest.mark.requirement("P1")
def test_listing_the_providers_imports_none() -> None:
    program = (
        "import sys; from gumauth.registry.lookup import names; names();"
        " print([m for m in sys.modules if m.startswith('gumauth.providers.') or m in"
        " ('httpx', 'gumauth.oauth2.provider')])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("linaer", "linear"),
        ("Linear", "linear"),
        ("git-hub", "github"),
        ("zzz", "gumauth providers"),
        ("", "gumauth prov"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(UnknownProvider) as caught:
        find(name, cwd="/")
    assert hint in (caught.value.hint or "")


@pytest.mark.requirement("P2")
@pytest.mark.parametrize("name", ["__init__", "..", ".", "linear.py:", "a\x00b", "\x1b[31m", "oauth2", "LINEAR"])
def test_a_name_never_becomes_a_path_or_a_module(name: str) -> None:
    with pytest.raises(UnknownProvider) as caught:
        find(name, cwd="/")
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("reference", ["./auth.py", "auth.py", "auth.py:Acme", "sub/../auth.py"])
def test_a_file_is_found_from_where_the_person_stands(tmp_path: Path, reference: str) -> None:
    (tmp_path / "auth.py").write_text(FILE)
    (tmp_path / "sub").mkdir()
    found = find(reference, cwd=str(tmp_path))
    assert (found.name, found.source) == ("acme", f"{tmp_path}/auth.py:Acme")
    assert found.origin == f"{tmp_path}/auth.py"
    assert found.provider_class().get_url("", "") == "https://acme.example/"


def test_a_remembered_file_is_found_again_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "auth.py").write_text(FILE)
    source = find("auth.py", cwd=str(tmp_path)).source
    monkeypatch.chdir("/")
    assert load(source, "acme").name == "acme"


def test_a_remembered_file_that_is_gone_or_another_provider_now_is_said(tmp_path: Path) -> None:
    file = tmp_path / "auth.py"
    file.write_text(FILE.replace('"acme"', '"other"'))
    with pytest.raises(ProviderFileError, match="provides other now, not acme"):
        load(f"{file}:Acme", "acme")
    file.unlink()
    with pytest.raises(ProviderFileError, match="cannot be read") as caught:
        load(f"{file}:Acme", "acme")
    assert "disconnect --keep-grant" in (caught.value.hint or "")


@pytest.mark.requirement("P2")
def test_a_file_does_not_take_a_built_in_name_silently(tmp_path: Path) -> None:
    (tmp_path / "auth.py").write_text(FILE.replace('"acme"', '"linear"'))
    found = find("./auth.py", cwd=str(tmp_path))
    assert instead_of(found) == f"{tmp_path}/auth.py is used, not the linear that gumauth brings."
    assert find("linear", cwd=str(tmp_path)).provider_class is Linear
    (tmp_path / "auth.py").write_text(FILE)
    assert instead_of(find("./auth.py", cwd=str(tmp_path))) is None


@pytest.mark.requirement("P3")
def test_a_changed_file_has_another_fingerprint(tmp_path: Path) -> None:
    file = tmp_path / "auth.py"
    file.write_text(FILE)
    found = find("./auth.py", cwd=str(tmp_path))
    assert found.fingerprint == fingerprint(str(file))
    file.write_text(FILE + "\n")
    assert fingerprint(str(file)) != found.fingerprint
    file.write_bytes(b"")
    assert fingerprint(str(file)) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_plugin_is_found_and_listed_by_its_name(install: Install) -> None:
    install("acme_oauth", "acme", "acme_plugin", FILE)
    assert Listed(name="acme", source="acme_oauth") in names()
    found = find("acme", cwd="/")
    assert (found.name, found.source) == ("acme", "acme_oauth")
    assert found.origin.endswith("acme_plugin.py")
    assert load("acme_oauth", "acme") == found


@pytest.mark.requirement("P2")
def test_a_plugin_cannot_take_a_built_in_name_or_an_impossible_one(install: Install) -> None:
    install("evil", "linear", "evil_plugin", FILE.replace('"acme"', '"linear"'))
    install("odd", "../x", "odd_plugin", FILE)
    assert find("linear", cwd="/").provider_class is Linear
    assert [listed.name for listed in names()] == built_in_names()
    assert {listed.source for listed in names()} == {"built-in"}


@pytest.mark.requirement("P2")
def test_a_plugin_has_one_name(install: Install) -> None:
    install("acme_oauth", "acme", "acme_plugin", FILE.replace('"acme"', '"other"'))
    with pytest.raises(ProviderFileError, match="the plugin acme of acme_oauth names itself 'other'"):
        find("acme", cwd="/")


@pytest.mark.requirement("P1")
@pytest.mark.parametrize("content", ["import nothing_like_it", "raise ValueError", "raise SystemExit", "def (", ""])
def test_a_broken_plugin_is_one_clear_error_and_stays_listed(install: Install, content: str) -> None:
    install("acme_oauth", "acme", "acme_plugin", content)
    assert "acme" in [listed.name for listed in names()]
    with pytest.raises(ProviderFileError, match="acme"):
        find("acme", cwd="/")
    assert find("linear", cwd="/").name == "linear"


def test_a_plugin_that_is_no_provider_is_said(install: Install) -> None:
    install("acme_oauth", "acme", "acme_plugin", "class Acme: name = 'acme'")
    with pytest.raises(ProviderFileError, match="it has no get_url"):
        find("acme", cwd="/")


def test_a_plugin_that_was_uninstalled_is_said() -> None:
    with pytest.raises(UnknownProvider, match="acme_oauth, which provides acme, is not installed"):
        load("acme_oauth", "acme")
    with pytest.raises(UnknownProvider):
        load("built-in", "acme")
