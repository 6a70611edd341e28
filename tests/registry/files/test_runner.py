"""Every way in which a provider file can fail is one clear error; one that others can write is not run."""

from __future__ import annotations

import os
import pickle
import py_compile
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from gumauth.errors import ProviderFileError
from gumauth.platform.known_packages import command
from gumauth.registry.files.runner import load
from tests.own_imports import own_imports as own_imports
from tests.parts.need import need

FILE = """from mcp.gumstack import AuthProvider, TokenResponse


class Acme(AuthProvider):
    name = "acme"

    def get_url(self, redirect_uri, state):
        return "https://acme.example/"

    async def exchange(self, code, redirect_uri):
        return TokenResponse(access_token=code)

    async def refresh(self, refresh_token):
        raise NotImplementedError

    async def get_nickname(self, access_token):
        return "ada"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "auth.py"
    path.write_text(FILE)
    return path


def test_a_file_that_imports_the_contract_from_gumstack_is_loaded(file: Path) -> None:
    found = load(str(file), None)
    assert (found.name, found.source, found.origin) == ("acme", f"{file}:Acme", str(file))
    assert len(found.fingerprint or "") == 64


@pytest.mark.requirement("P1")
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x = 1\ndef broken(:\n", "auth.py, line 2: invalid syntax."),
        ("x = 1\n\nraise ValueError('no\\x1b[31m way\\n')", "auth.py, line 3: ValueError: no way."),
        ("x = 1\nimport sys\nsys.exit(3)", "auth.py, line 3: SystemExit: 3."),
        ("def f():\n    return {}['x']\nf()", "auth.py, line 2: KeyError: 'x'."),
        ("import json\njson.loads('{')", "auth.py, line 2: JSONDecodeError"),
        ("\nimport nothing_like_it.deeper", "auth.py, line 2: it needs 'nothing_like_it', which is not installed."),
        ("from gumauth import Nothing", "auth.py, line 1: ImportError"),
        ("raise BaseExceptionGroup('x', [KeyError()])", "auth.py, line 1: ExceptionGroup"),
        ("raise RuntimeError", "auth.py, line 1: RuntimeError: no reason given."),
        ("x = '\x00'", "auth.py"),
        ("\udcff", "auth.py"),
        ("", "holds no provider"),
    ],
)
def test_a_broken_file_is_one_error_with_file_and_line(file: Path, source: str, words: str) -> None:
    file.write_bytes(source.encode(errors="surrogateescape"))
    with pytest.raises(ProviderFileError) as caught:
        load(str(file), None)
    assert words in caught.value.message
    assert caught.value.message.isprintable()


@pytest.mark.requirement("P1")
def test_a_missing_import_is_answered_with_the_command_that_installs_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("import dotenv")
    monkeypatch.setitem(sys.modules, "dotenv", None)
    with pytest.raises(ProviderFileError) as caught:
        load(str(file), None)
    assert caught.value.hint == f"Install python-dotenv where gumauth runs: `{command('python-dotenv')}`."


@pytest.mark.requirement("K18")
def test_no_package_is_named_that_was_guessed_from_a_modules_name(file: Path) -> None:
    file.write_text("import nothing_like_it.deeper")
    with pytest.raises(ProviderFileError, match="it needs 'nothing_like_it', which is not installed") as caught:
        load(str(file), None)
    hint = f"Install the package that provides it where gumauth runs: `{command('PACKAGE')}`."
    assert caught.value.hint == hint


@pytest.mark.requirement("P1")
def test_ctrl_c_is_not_a_failure_of_the_file(file: Path) -> None:
    file.write_text("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load(str(file), None)


def test_what_a_file_prints_does_not_get_among_the_results(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(f"print('hello')\n{FILE}")
    load(str(file), None)
    assert capsys.readouterr() == ("", "hello\n")


def test_a_file_finds_the_one_beside_it_and_hides_no_other(file: Path) -> None:
    (file.parent / "acme_urls.py").write_text("URL = 'https://acme.example/'")
    (file.parent / "json.py").write_text("raise ValueError")
    file.write_text(
        f"import json, dataclasses\nfrom acme_urls import URL\n@dataclasses.dataclass\nclass X:\n    a: int\n{FILE}"
    )
    assert load(str(file), None).name == "acme"


@pytest.mark.parametrize("path", ["missing.py", ".", "auth.py/x.py", "a\x00.py", "\udcff/auth.py"])
def test_what_cannot_be_read_is_said(file: Path, path: str) -> None:
    with pytest.raises(ProviderFileError, match="cannot be read"):
        load(os.path.join(file.parent, path), None)


def test_what_is_no_file_or_too_large_is_not_run(file: Path) -> None:
    with pytest.raises(ProviderFileError, match="it is not a file"):
        load(os.devnull, None)
    file.write_bytes(b"#" * (1048576 + 1))
    with pytest.raises(ProviderFileError, match="larger than 1 MiB"):
        load(str(file), None)


@pytest.mark.requirement("P3")
def test_a_file_that_others_can_write_is_not_run(file: Path) -> None:
    file.write_text("raise AssertionError('it was run')")
    file.chmod(0o646)
    with pytest.raises(ProviderFileError, match="other users can write it") as caught:
        load(str(file), None)
    assert caught.value.hint == f"Take that right away: chmod o-w {file}"


@pytest.mark.requirement("P3")
def test_a_file_in_a_folder_that_others_can_write_is_not_run(tmp_path: Path) -> None:
    below = tmp_path / "open" / "below"
    below.mkdir(parents=True)
    (below / "auth.py").write_text(FILE)
    below.parent.chmod(0o777)
    with pytest.raises(ProviderFileError, match=f"other users can write its folder {below.parent}"):
        load(str(below / "auth.py"), None)
    below.parent.chmod(0o1777)  # as /tmp: others can add a file, but not replace one
    assert load(str(below / "auth.py"), None).name == "acme"


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


@pytest.mark.requirement("P3")
def test_a_link_does_not_hide_who_can_write(tmp_path: Path, file: Path) -> None:
    file.chmod(0o666)
    link = tmp_path / "link.py"
    link.symlink_to(file)
    with pytest.raises(ProviderFileError, match="other users can write it"):
        load(str(link), None)


@pytest.mark.requirement("P3")
def test_the_folder_that_counts_is_the_one_that_a_link_leads_to(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "auth.py").write_text(FILE)
    (tmp_path / "auth.py").symlink_to(shared / "auth.py")
    assert load(str(tmp_path / "auth.py"), None).source == f"{shared}/auth.py:Acme"
    shared.chmod(0o777)
    with pytest.raises(ProviderFileError, match="other users can write its folder"):
        load(str(tmp_path / "auth.py"), None)


@pytest.mark.requirement("P3")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_another_user_or_another_group_is_not_run(file: Path) -> None:
    os.chown(file, -1, 1)
    file.chmod(0o664)
    with pytest.raises(ProviderFileError, match="other users can write it") as caught:
        load(str(file), None)
    assert caught.value.hint == f"Take that right away: chmod g-w {file}"
    file.chmod(0o644)
    assert load(str(file), None).name == "acme"
    os.chown(file, 12345, 12345)
    with pytest.raises(ProviderFileError, match="belongs to another user") as caught:
        load(str(file), None)
    assert caught.value.hint == (f"Make it yours if you trust what is in it: sudo chown 0 {file}; or use a copy of it.")


@pytest.mark.requirement("P3")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root is known to have a group of its own name everywhere")
def test_a_group_that_is_the_users_own_may_write(file: Path) -> None:
    os.chown(file, 0, 0)
    file.chmod(0o664)
    assert load(str(file), None).name == "acme"
    os.chown(file, 0, 54321)  # a group that has no name
    with pytest.raises(ProviderFileError, match="other users can write it"):
        load(str(file), None)


@pytest.mark.requirement("Y3")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_folder_above_that_is_another_users_is_a_reason_not_to_run_it(tmp_path: Path) -> None:
    below = tmp_path / "theirs" / "below"
    below.mkdir(parents=True)
    (below / "auth.py").write_text(FILE)
    os.chown(below.parent, 12345, 12345)
    with pytest.raises(ProviderFileError, match=f"its folder {below.parent} belongs to another user") as caught:
        load(str(below / "auth.py"), None)
    copy = f"use a copy in a folder of your own: cp {below}/auth.py ~/"
    assert caught.value.hint == f"If you trust what is in it, {copy}"


@pytest.mark.requirement("Y3")
def test_an_access_control_list_that_lets_another_user_write_is_a_reason_not_to_run_it(file: Path) -> None:
    need(programs=("setfacl",))
    subprocess.run(["setfacl", "-m", "u:12345:rw", file], check=True)
    with pytest.raises(ProviderFileError, match="other users can write it") as caught:
        load(str(file), None)
    assert caught.value.hint == f"Take that right away: setfacl -b {file}"
    subprocess.run(["setfacl", "-b", file], check=True)
    assert load(str(file), None).name == "acme"


WAITS = """
import sys
from gumauth.errors import ProviderFileError
from gumauth.registry.files.runner import load
try:
    load(sys.argv[1], None)
except ProviderFileError as error:
    print(error)
"""


@pytest.mark.requirement("Y8")
@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_what_is_no_file_is_said_at_once_and_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "auth.py"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        if kind == "socket":
            listening.bind(str(path))
        shown = subprocess.run(
            [sys.executable, "-c", WAITS, path], capture_output=True, text=True, check=True, timeout=20
        )
    assert shown.stdout == f"{os.path.realpath(path)} is not used: it is not a file.\n"


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


def module_of(found: Any) -> Any:
    return sys.modules[found.provider_class.__module__]


def test_every_form_of_import_finds_what_lies_beside_the_file(file: Path) -> None:
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
    assert not [name for name in sys.modules if name.startswith("acme_")]
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


def test_a_file_is_run_once_and_again_when_it_has_changed(file: Path) -> None:
    first = load(str(file), None)
    assert load(str(file), None).provider_class is first.provider_class
    file.write_text(f"{FILE}\n# changed")
    second = load(str(file), None)
    assert second.provider_class is not first.provider_class
    assert pickle.loads(pickle.dumps(first.provider_class)) is first.provider_class


def test_what_other_threads_print_while_a_file_is_loaded_stays_where_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two files at once, the first to begin being the first to end."""
    gates = {name: threading.Event() for name in ("one begun", "one ends", "two begun", "two ends")}
    threading.gates = gates  # type: ignore[attr-defined]
    before = sys.stdout
    threads = []
    try:
        for name in ("one", "two"):
            path = tmp_path / f"{name}.py"
            path.write_text(
                f"import threading\nprint({name!r})\nthreading.gates['{name} begun'].set()\n"
                f"threading.gates['{name} ends'].wait(10)\n{FILE}"
            )
            threads.append(threading.Thread(target=load, args=(str(path), None)))
            threads[-1].start()
            assert gates[f"{name} begun"].wait(10)
        print("mine")
        for name, thread in zip(("one", "two"), threads, strict=True):
            gates[f"{name} ends"].set()
            thread.join(10)
            print(f"after {name}")
    finally:
        del threading.gates  # type: ignore[attr-defined]
    assert sys.stdout is before
    assert capsys.readouterr() == ("mine\nafter one\nafter two\n", "one\ntwo\n")


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
