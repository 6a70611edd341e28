"""The last line of `gumauth doctor` counts what stands above it."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from gumauth.callback import Redirect
from gumauth.cli.commands.doctor import verdict
from tests.cli.program import inside, listed


@pytest.mark.parametrize(
    ("failed", "odd", "said"),
    [
        (0, 0, "Everything that gumauth needs works."),
        (0, 1, "Everything that gumauth needs works; one thing to look at."),
        (0, 2, "Everything that gumauth needs works; two things to look at."),
        (1, 0, "One thing will not work."),
        (2, 1, "Two things will not work; one thing to look at."),
        (11, 12, "11 things will not work; 12 things to look at."),
    ],
)
def test_the_verdict_counts_what_fails_and_what_is_to_be_looked_at(failed: int, odd: int, said: str) -> None:
    assert verdict(failed, odd) == said


def checks(environ: dict[str, str]) -> tuple[int, list[tuple[str, str]]]:
    ended = inside(environ, "doctor", "--json")
    found = json.loads(ended.out)
    assert found["ok"] is (ended.status == 0)
    return ended.status, [(check["check"], check["status"]) for check in found["checks"]]


def test_the_doctor_finds_nothing_where_all_is_well(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "gumauth.cli.commands.doctor_checks.USUAL", Redirect(ports=())
    )  # another test may be holding the usual port
    status, found = checks(environ)
    assert status == 0
    assert {name for name, _ in found} == {
        "folder",
        "store",
        "callback",
        "network",
        "browser",
        "clock",
        "account",
        "programs",
    }
    assert "fail" not in {result for _, result in found}
    out = inside(environ, "doctor").out  # no browser, and the key file is named by a variable
    assert "Everything that gumauth needs works; two things to look at." in out


def test_the_doctor_names_a_store_that_cannot_keep(environ: dict[str, str]) -> None:
    status, found = checks({**environ, "GUMAUTH_KEY_FILE": "/nowhere"})
    assert (status, ("store", "fail") in found) == (1, True)


@pytest.mark.requirement("C3")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("store = file", "is not TOML (at line 1, column 9)."),
        ('home = "/h"', "holds home, which is refused: where the folder is has to be known before the file is read."),
    ],
)
@pytest.mark.requirement("P1")
def test_settings_that_cannot_be_used_stop_no_other_check(environ: dict[str, str], text: str, message: str) -> None:
    home = Path(environ["GUMAUTH_HOME"])
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text(text)
    ended = inside(environ, "doctor", "--json")
    found = {check["check"]: check for check in json.loads(ended.out)["checks"]}
    assert ended.status == 1
    assert found["settings"]["status"] == "fail"
    assert found["settings"]["message"] == f"{home}/settings.toml {message} The other checks are made without it."
    assert found["store"]["status"] == found["clock"]["status"] == "ok"
    assert "programs" not in found  # as they are given no token either, for the reason that is told
    assert inside(environ, "doctor", "linear").status == 6


def test_the_doctor_names_a_taken_port(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setattr("gumauth.cli.commands.doctor_checks.USUAL", Redirect(ports=(port,)))
        ended = inside(environ, "doctor")
    assert ended.status == 1
    assert str(port) in ended.out


@pytest.mark.requirement("P1")
def test_a_broken_provider_file_is_named_by_the_doctor_and_stops_nothing_else(
    environ: dict[str, str], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("import sys\nsys.exit(3)\n")
    broken.chmod(0o600)
    listed(environ, "broken", "ada", source=f"{broken}:Broken")
    ended = inside(environ, "doctor")
    assert ended.status == 1
    assert str(broken) in ended.out.replace("\n            ", "")
    for words in (["list"], ["--help"], ["providers"], ["default", "broken"]):
        assert inside(environ, *words).status == 0


def test_the_doctor_finds_a_clock_that_is_behind(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ada", connected_at=2_000_000_000.0)
    ended = inside(environ, "doctor", clock=lambda: 1_900_000_000.0)
    assert "The clock says 2030-03-17" in ended.out
    assert ended.status == 1


def test_the_doctor_names_the_process_that_holds_a_lock(environ: dict[str, str]) -> None:
    from gumauth.platform.lock import Lock

    path = os.path.join(environ["GUMAUTH_HOME"], "locks", "linear.lock")
    with Lock(path, timeout=1, what="it"):
        shown = inside(environ, "doctor").out
    assert f"linear.lock is held by process {os.getpid()}" in " ".join(shown.split())
