"""Every way in which a provider file's code can fail is one clear error."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from gumauth.errors import ProviderFileError
from gumauth.platform.known_packages import command
from gumauth.registry.files.runner import load
from tests.own_imports import own_imports as own_imports
from tests.registry.files.conftest import AUTH, FILE, write


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
