"""What keeps the files fresh, with a clock that a test moves."""

from __future__ import annotations

import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.client.context import Context
from gumauth.client.refresh.refresh import refresh
from gumauth.handout.run import files, keeper
from gumauth.handout.run.keeper import Keeper
from gumauth.testing import AuthorizationServer, Fault
from tests.client.ending import disconnect
from tests.client.world import Clock
from tests.programs.stage import Stage, stage

pytestmark = pytest.mark.requirement("H10")


class Kept:
    """A keeper of one file.

    Args:
        scene: With the account acme.
        folder: The run's folder.
        which: "#id_token" for the account's id_token.
        clock: The keeper's.
    """

    def __init__(self, scene: Stage, folder: str, which: str = "", clock: Clock | None = None) -> None:
        self.scene, self.file = scene, Path(folder, "T")
        self.clock = clock or Clock(time.time())
        account = scene.context.accounts.look_up("acme")
        files.put(str(self.file), scene.context.accounts.read(account).access_token)
        self.keeper = Keeper(folder, {"T": account.key + which}, self.context, min_valid=None, clock=self.clock)

    def context(self) -> Context:
        return Context(self.scene.environ, clock=self.clock, notify=keeper.say)

    def look(self, after: float = 0.0) -> str:
        """The file's content once its keeper has looked at the accounts at a later time."""
        self.clock.move(after)
        self.keeper.look()
        return self.file.read_text()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with stage(tmp_path) as scene:
        folder, lock = files.make(str(tmp_path / "run"))
        keeper._said.clear()
        yield Kept(scene, folder)
        lock.release()


def test_a_token_is_renewed_before_it_is_due(kept: Kept) -> None:
    first = kept.look()
    assert kept.look(2990) == first
    second = kept.look(20)
    assert second != first
    assert kept.scene.server.is_active(second)
    assert kept.scene.server.count("refresh") == 1


def test_an_id_token_is_renewed_before_it_is_due(tmp_path: Path) -> None:
    clock = Clock(time.time())
    with AuthorizationServer(clock=clock) as server:
        server.send_id_token = True
        scene = Stage(server, tmp_path)
        scene.connect()
        folder, lock = files.make(str(tmp_path / "run"))
        kept = Kept(scene, folder, "#id_token", clock)
        first = kept.look()
        assert first.count(".") == 2
        assert kept.look(2990) == first
        second = kept.look(20)
        assert second not in (first, "")
        assert second.count(".") == 2
        assert (kept.look(1), kept.look(2000), server.count("refresh")) == (second, second, 1)
        lock.release()


def test_what_another_process_has_refreshed_is_written(kept: Kept) -> None:
    first = kept.look()
    refresh(kept.context(), ["acme"])
    assert kept.look() not in (first, "")
    assert kept.scene.server.count("refresh") == 1


def test_a_clock_that_went_back_makes_the_token_doubtful(kept: Kept) -> None:
    first = kept.look()
    assert kept.look(-1) == first
    assert kept.look(-500) != first
    assert kept.scene.server.count("refresh") == 1


@pytest.mark.parametrize(
    "command",
    [
        "rm T",
        "chmod 666 T",
        "rm T; mkfifo T",
        "mv T U; ln -s U T",
        "rm T; ln -s /dev/full T",
        ": >T",
    ],
    ids=["nothing", "written by all", "pipe", "link", "device", "empty"],
)
def test_what_the_command_puts_in_the_files_place_is_replaced(kept: Kept, command: str) -> None:
    first = kept.look()
    subprocess.run(["/bin/sh", "-c", command], cwd=kept.file.parent, check=True)
    kept.clock.move(3010)
    kept.keeper.look()
    status = kept.file.lstat()
    assert (stat.S_ISREG(status.st_mode), stat.S_IMODE(status.st_mode)) == (True, 0o600)
    assert kept.file.read_text() not in (first, "")


def test_a_failure_leaves_the_file_is_said_once_and_is_tried_again(
    kept: Kept, capfd: pytest.CaptureFixture[str]
) -> None:
    first = kept.look()
    kept.scene.server.misbehave("refresh", Fault.status(503), times=None)
    assert kept.look(3010) == first
    assert kept.look(2) == first
    assert kept.look(700) == first
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == len(set(lines))
    assert any("The file of T is not renewed: " in line for line in lines)
    kept.scene.server.behave()
    assert kept.look(3700) != first


def test_an_account_that_goes_leaves_the_keeper_alive(kept: Kept, capfd: pytest.CaptureFixture[str]) -> None:
    first = kept.look()
    context = kept.context()
    disconnect(context, "acme")
    assert kept.look() == first
    assert "gumauth run: The file of T is not renewed: " in capfd.readouterr().err


def test_after_the_end_nothing_is_written_any_more(kept: Kept) -> None:
    kept.look()
    kept.keeper.stop()
    assert not kept.file.parent.exists()
    kept.keeper.look()
    kept.clock.move(3100)
    kept.keeper.look()
    assert not kept.file.parent.exists()
