"""Other processes and another machine use an account at the very moment in which it is moved."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.client.move.scene import Scene, scene
from tests.parts.shared_store import SharedStore
from tests.programs.kill_move import usable_places


def started(environ: dict[str, str], *words: str) -> subprocess.Popen[str]:
    """A real process of the command."""
    command = [sys.executable, "-m", "gumauth", *words]
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=environ, text=True, **streams)  # type: ignore[call-overload, no-any-return]


def played(s: Scene, to: str) -> None:
    """Move it while it is refreshed, here and elsewhere; each is refused in words or right."""
    moves = [started(s.at_database, "move", "acme", "--to", to)]
    others = [started(environ, "refresh", "acme") for environ in (s.b, s.at_database, s.own)]
    for process in moves + others:
        out, err = process.communicate(timeout=100)
        assert "Traceback" not in err
        assert process.returncode in ((0,) if process in moves else (0, 3, 5)), (out, err)
    assert usable_places(s) == (["shared"] if to == "postgresql" else ["own"])


@pytest.mark.requirement("T1", "T2")
def test_an_account_that_is_refreshed_while_it_is_moved_is_refreshed_by_one_at_a_time(
    shared_store: SharedStore,
) -> None:
    with scene(shared_store) as s:
        played(s, "postgresql")
        assert s.refreshes(s.b)
        played(s, "file")
        assert s.refreshes(s.own)
        assert s.server.count("reuse") == 0
