"""`gumauth check --watch`: again at every save of the file or of a module that it imports."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gumauth.cli.check.process import Overtaken, played
from gumauth.cli.check.watch import again_at_each_save, stamps, wait
from gumauth.cli.terminal.terminal import Terminal
from gumauth.errors import ProviderFileError, UsageError
from tests.cli.connecting import piped
from tests.cli.program import Screen, environment, inside


class Enough(Exception):
    """The person presses Ctrl-C."""


def sleeping(*doings: Callable[[], object]) -> Callable[[float], None]:
    """A sleep during which something is done each time, and in the end Ctrl-C pressed."""
    left: Iterator[Callable[[], object]] = iter(doings)

    def sleep(seconds: float) -> None:
        assert seconds == 0.3
        doing = next(left, None)
        if doing is None:
            raise Enough
        doing()

    return sleep


def save(file: Path, text: str, seconds: float) -> None:
    """Save a file in place of the old one, as editors do, at a time of its own."""
    new = file.with_suffix(".new")
    new.write_text(text)
    os.utime(new, (seconds, seconds))
    new.replace(file)


def watching(file: Path, doings: tuple[Callable[[], object], ...], screen: Screen, *, as_json: bool = False) -> int:
    """How often a file is checked, while things are done to it and to helper.py beside it."""
    checks: list[str] = []

    def check(read: set[str], is_overtaken: Callable[[], bool]) -> None:
        assert not is_overtaken()
        checks.append(file.read_text())
        read.add(str(file.parent / "helper.py"))
        if "broken" in checks[-1]:
            raise ProviderFileError("It is broken.", hint="Mend it.")

    terminal = Terminal({"TERM": "xterm"}, Screen(), screen, Screen(), clock=lambda: 0.0)
    terminal.json = as_json
    with pytest.raises(Enough):
        again_at_each_save(f"{file}:Acme", terminal, check, sleeping(*doings))
    return len(checks)


def test_it_is_checked_again_at_each_save_of_it_and_of_what_it_imports_and_at_nothing_else(tmp_path: Path) -> None:
    file, helper, other = (tmp_path / name for name in ("acme.py", "helper.py", "other.py"))
    for each in (file, helper, other):
        save(each, "one", 1.0)

    def nothing() -> None: ...

    saves = (
        nothing,
        lambda: save(file, "two", 2.0),
        lambda: save(other, "two", 2.0),
        lambda: save(helper, "two", 2.0),
        file.unlink,
        lambda: save(file, "broken", 3.0),
        lambda: save(file, "mended", 4.0),
    )
    assert watching(file, saves, Screen()) == 5


def test_a_check_that_is_overtaken_by_a_save_begins_anew_at_once(tmp_path: Path) -> None:
    file, checks = tmp_path / "acme.py", list[str]()
    save(file, "one", 1.0)

    def check(read: set[str], is_overtaken: Callable[[], bool]) -> None:
        read.clear()
        checks.append(file.read_text())
        if checks == ["one"]:
            save(file, "two", 2.0)
        if is_overtaken():
            raise Overtaken

    with pytest.raises(Enough):
        again_at_each_save(str(file), Terminal({}, Screen(), Screen(), Screen()), check, sleeping())
    assert checks == ["one", "two"]


def test_a_play_that_nobody_wants_to_know_of_ends_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, temporary = tmp_path / "acme.py", tmp_path / "temporary"
    file.write_text("import time\ntime.sleep(60)\n")
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with pytest.raises(Overtaken):
        list(played(str(file), environment(tmp_path), lambda: True))
    assert list(temporary.iterdir()) == []


def test_a_terminal_is_cleared_and_shows_the_time(tmp_path: Path) -> None:
    file, screen = tmp_path / "acme.py", Screen()
    save(file, "one", 1.0)
    assert watching(file, (), screen) == 1
    assert screen.getvalue().startswith("\x1b[H\x1b[2J\x1b[3J\x1b[1m")
    assert screen.getvalue().endswith(":00 acme.py:Acme\x1b[0m\n")


def test_with_json_each_check_has_its_line_also_of_a_file_that_cannot_be_played(tmp_path: Path) -> None:
    file, screen = tmp_path / "acme.py", Screen()
    save(file, "broken", 1.0)
    assert watching(file, (), screen, as_json=True) == 1
    assert json.loads(screen.getvalue()) == {
        "schema_version": 1,
        "ok": False,
        "provider": "",
        "file": f"{file}:Acme",
        "findings": [],
        "error": {"code": "provider_file", "message": "It is broken.", "hint": "Mend it."},
    }


def test_a_save_during_the_check_is_not_missed(tmp_path: Path) -> None:
    file = tmp_path / "acme.py"
    save(file, "one", 1.0)
    before = stamps([str(file)])
    save(file, "two", 1.0)
    wait(before, sleeping())


def test_a_save_of_a_module_that_was_not_known_before_the_check_is_not_missed(tmp_path: Path) -> None:
    file, helper = tmp_path / "acme.py", tmp_path / "helper.py"
    save(file, "one", 1.0)
    save(helper, "one", 1.0)
    checks: list[str] = []

    def check(read: set[str], _is_overtaken: Callable[[], bool]) -> None:
        checks.append(helper.read_text())
        read.add(str(helper))
        if len(checks) == 1:
            save(helper, "two", time.time() + 1)

    terminal = Terminal({}, Screen(), Screen(), Screen())
    with pytest.raises(Enough):
        again_at_each_save(str(file), terminal, check, sleeping())
    assert checks == ["one", "two"]


@pytest.mark.parametrize("given", ["github", "./nowhere.py"])
def test_it_needs_a_file_that_is_there(tmp_path: Path, given: str) -> None:
    with pytest.raises(UsageError):
        again_at_each_save(given, Terminal({}, Screen(), Screen(), Screen()), lambda *_: None)
    assert inside(environment(tmp_path), "check", given, "--watch").status == 2


def test_the_command_checks_again_once_a_module_beside_the_file_is_saved_and_ends_by_ctrl_c(tmp_path: Path) -> None:
    file = tmp_path / "acme.py"
    save(tmp_path / "words.py", "NAME = 'first'\n", 1.0)
    file.write_text("from words import NAME\n\nraise ValueError(NAME)\n")
    with piped(environment(tmp_path), "check", str(file), "--watch", "--json") as run:
        assert run.process.stdout is not None
        assert json.loads(run.process.stdout.readline())["error"]["message"].endswith("ValueError: first.")
        save(tmp_path / "words.py", "NAME = 'second'\n", time.time())
        assert json.loads(run.process.stdout.readline())["error"]["message"].endswith("ValueError: second.")
        run.interrupt()
        assert run.end()[0] == 130
