"""A provider file's code finds the modules beside the file, and no other code finds them."""

from __future__ import annotations

import pickle
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from gumauth.errors import ProviderFileError
from gumauth.registry.files.runner import load
from tests.own_imports import own_imports as own_imports
from tests.registry.files.conftest import FILE, module_of


def test_a_file_finds_the_one_beside_it_and_hides_no_other(file: Path) -> None:
    (file.parent / "acme_urls.py").write_text("URL = 'https://acme.example/'")
    (file.parent / "json.py").write_text("raise ValueError")
    file.write_text(
        f"import json, dataclasses\nfrom acme_urls import URL\n@dataclasses.dataclass\nclass X:\n    a: int\n{FILE}"
    )
    assert load(str(file), None).name == "acme"


@pytest.mark.requirement("P3")
def test_nothing_is_imported_from_a_folder_into_which_others_can_put_files(tmp_path: Path) -> None:
    """As /tmp: the file itself is safe there, but a package's try for what is not installed would find theirs."""
    folder = tmp_path / "everybodys"
    folder.mkdir()
    folder.chmod(0o1777)
    (folder / "auth.py").write_text(f"try:\n    import acme_zstandard\nexcept ImportError:\n    pass\n{FILE}")
    (folder / "acme_zstandard.py").write_text("raise AssertionError('it was run')")
    assert load(str(folder / "auth.py"), None).name == "acme"
    (folder / "auth.py").write_text(f"import acme_zstandard\n{FILE}")
    with pytest.raises(ProviderFileError, match="it needs 'acme_zstandard', which lies beside it and is not used"):
        load(str(folder / "auth.py"), None)


OPTIONAL = ("brotli", "brotlicffi", "zstandard", "h2", "socksio", "trio", "chardet")


@pytest.mark.requirement("Y3")
def test_what_installed_packages_only_try_to_import_is_not_found_beside_the_file(file: Path) -> None:
    """In a process of its own, where httpx has not been imported."""
    for name in OPTIONAL:
        (file.parent / f"{name}.py").write_text(f"print('{name} was run')")
    (file.parent / "acme_urls.py").write_text("import acme_deeper\nURL = acme_deeper.URL")
    (file.parent / "acme_deeper.py").write_text("URL = 'https://acme.example/'")
    file.write_text(f"from acme_urls import URL\nimport httpx\nhttpx.AsyncClient(http2=False)\n{FILE}")
    program = f"""
import sys
from gumauth.registry.files.runner import load
print(load(sys.argv[1], None).name)
import anyio, httpcore
for name in {OPTIONAL!r}:
    try:
        __import__(name)
    except ImportError:
        pass
files = [getattr(sys.modules.get(name), "__file__", None) or "" for name in (*{OPTIONAL!r}, "acme_urls")]
print([file for file in files if file.startswith({str(file.parent)!r})])
print({str(file.parent)!r} in sys.path)
"""
    shown = subprocess.run([sys.executable, "-c", program, file], capture_output=True, text=True, check=True)
    assert (shown.stdout, shown.stderr) == ("acme\n[]\nFalse\n", "")


BESIDE = {
    "acme_helper.py": "import dataclasses, acme_kit.deep\n@dataclasses.dataclass\nclass Kept:\n    a: 'int'\n",
    "acme_kit/__init__.py": "",
    "acme_kit/deep.py": "from . import leaf\nimport acme_helper\nNAME = leaf.NAME\n",
    "acme_kit/leaf.py": "NAME = 'leaf'\n",
    "acme_open/inner.py": "NAME = 'inner'\n",
}


FORMS = """
import importlib
import acme_kit.deep
import acme_kit.deep as deep
from acme_kit import leaf
from acme_kit.leaf import NAME
import acme_open.inner
from acme_helper import *
import acme_helper
assert (acme_kit.deep.NAME, deep.NAME, leaf.NAME, NAME, acme_open.inner.NAME) == ("leaf",) * 4 + ("inner",)
assert importlib.import_module("acme_helper") is acme_helper
assert importlib.import_module("acme_helper").__spec__.origin == acme_helper.__file__
assert deep.acme_helper is acme_helper and Kept is acme_helper.Kept


def later():
    import acme_late
    return importlib.import_module("acme_late"), acme_late
"""


def test_every_form_of_import_finds_what_lies_beside_the_file(file: Path) -> None:
    before = set(sys.modules)
    for name, content in {**BESIDE, "acme_late.py": ""}.items():
        (file.parent / name).parent.mkdir(exist_ok=True)
        (file.parent / name).write_text(content)
    file.write_text(FORMS + FILE)
    module = module_of(load(str(file), None))
    one, other = module.later()
    assert one is other
    assert (one.__name__.endswith(".acme_late"), one.__file__) == (True, f"{file.parent}/acme_late.py")
    kept = module.acme_helper.Kept(a=1)
    assert pickle.loads(pickle.dumps(kept)) == kept
    assert not [name for name in set(sys.modules) - before if name.startswith("acme_")]
    with pytest.raises(ImportError):
        __import__("acme_helper")


def test_what_is_missing_beside_the_file_is_named_as_it_was_written(file: Path) -> None:
    before = set(sys.modules)
    (file.parent / "acme_kit").mkdir()
    (file.parent / "acme_kit" / "__init__.py").touch()
    file.write_text(f"import acme_kit.missing\n{FILE}")
    with pytest.raises(ProviderFileError, match=r"auth\.py, line 1: it needs 'acme_kit\.missing'"):
        load(str(file), None)
    (file.parent / "acme_kit" / "__init__.py").write_text("import not_there_at_all")
    with pytest.raises(ProviderFileError, match=r"auth\.py, line 1: it needs 'not_there_at_all'"):
        load(str(file), None)
    assert set(sys.modules) == before


def test_two_files_with_a_helper_of_the_same_name_have_each_their_own(tmp_path: Path) -> None:
    modules = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "acme_helper.py").write_text(f"NAME = {name!r}")
        (tmp_path / name / "acme_late.py").write_text(f"NAME = {name!r}")
        (tmp_path / name / "auth.py").write_text(
            f"import acme_helper\ndef later():\n    from acme_late import NAME\n    return NAME\n{FILE}"
        )
        modules.append(module_of(load(str(tmp_path / name / "auth.py"), None)))
    assert [module.acme_helper.NAME for module in modules] == ["one", "two"]
    assert [module.later() for module in modules] == ["one", "two"]


@pytest.mark.requirement("Y3")
def test_a_file_beside_it_that_others_can_write_is_not_run_either(file: Path) -> None:
    helper = file.parent / "acme_helper.py"
    helper.write_text("raise AssertionError('it was run')")
    helper.chmod(0o646)
    file.write_text(f"import acme_helper\n{FILE}")
    with pytest.raises(ProviderFileError, match=f"^{helper} is not used: other users can write it") as caught:
        load(str(file), None)
    assert caught.value.hint == f"Take that right away: chmod o-w {helper}"


@pytest.mark.requirement("P3", "Y3")
def test_what_is_compiled_beside_a_file_is_not_run(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whose it is cannot be seen in it, and it would go before the source."""
    package = file.parent / "acme_compiled"
    package.mkdir()
    (package / "a.py").write_text("print('compiled code was run')")
    py_compile.compile(str(package / "a.py"), cfile=str(package / "b.pyc"))
    py_compile.compile(str(package / "a.py"), cfile=str(file.parent / "acme_alone.pyc"))
    for name in ("acme_compiled.b", "acme_alone"):
        file.write_text(f"import {name}\n{FILE}")
        with pytest.raises(ProviderFileError, match=f"it needs '{name}', which "):
            load(str(file), None)
    said = capsys.readouterr()
    assert "was run" not in said.out + said.err


@pytest.mark.requirement("P1", "Y3")
def test_a_helper_that_is_not_used_for_its_folder_is_not_looked_for_elsewhere(file: Path) -> None:
    """Whoever is told to install what is named like it may get somebody else's code."""
    (file.parent / "acme_helper.py").touch()
    file.write_text(f"import acme_helper\n{FILE}")
    file.parent.chmod(0o1777)
    try:
        with pytest.raises(ProviderFileError, match="others can write") as caught:
            load(str(file), None)
        assert caught.value.hint == f"Take that right away: chmod go-w {file.parent}"
    finally:
        file.parent.chmod(0o755)
