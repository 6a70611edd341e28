"""The tables of `enemy` at the size that the suite has time for, and whether they would find what they look for."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gumauth.platform.files import write_file
from tests.parts.need import REQUIRE, need
from tests.parts.secret_service import wait_until
from tests.programs import enemy_disks, enemy_environments, enemy_peers
from tests.programs.enemy import BY_NAME, COMMANDS, Row, Scene, faults, play_row
from tests.programs.playing import Played
from tests.programs.test_programs import play

PROGRAMS = ("mount", "umount", "env")
SAMPLE = ("--small", "--seed", "1", "--only")
"""The same rows every time; other ones, and all of them, are played by hand."""


def possible(reason: str | None) -> None:
    """Skip where a table cannot be played; fail where it has to be, but for what this machine does not let root do."""
    if reason is not None:
        (pytest.fail if os.environ.get(REQUIRE) == "1" and os.geteuid() != 0 else pytest.skip)(reason)


@pytest.mark.requirement("Y2", "K11")
def test_a_full_disk_stops_a_refresh_before_it_is_asked_for_or_loses_nothing() -> None:
    need(programs=PROGRAMS)
    possible(enemy_disks.why_not())
    assert " rows right (" in play("enemy", *SAMPLE, "disks")


@pytest.mark.requirement("Y1", "Y3", "Y5", "Y6")
def test_no_variable_folder_or_odd_file_makes_a_second_refresh_or_loses_a_grant() -> None:
    need(programs=("setfacl", "env"))
    possible(enemy_environments.why_not())
    assert " rows right (" in play("enemy", *SAMPLE, "environments")


@pytest.mark.requirement("Y3")
@pytest.mark.keyring
def test_whoever_listens_in_place_of_the_bus_is_told_nothing_and_stops_nothing() -> None:
    need(programs=("gnome-keyring-daemon", "dbus-daemon", "dbus-monitor", "secret-tool", "env"))
    possible(enemy_peers.why_not())
    assert " rows right (" in play("enemy", *SAMPLE, "peers")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    scene.begin()
    yield scene
    scene.end()


def test_a_scene_without_an_enemy_is_right_for_every_command() -> None:
    def act(command_number: int) -> Row:
        def play_it(scene: Scene) -> None:
            scene.begin()
            scene.ends(scene.run(COMMANDS[command_number]), COMMANDS[command_number].usual)
            scene.truth()

        return Row(COMMANDS[command_number].name, play_it)

    assert {act(number).name: play_row(act(number)).wrong for number in range(len(COMMANDS))} == {
        command.name: [] for command in COMMANDS
    }


def test_a_refresh_token_that_is_used_twice_is_found(scene: Scene) -> None:
    """A copy of the folder, from before a refresh, asks again."""
    before = {path: path.read_bytes() for path in scene.home.rglob("*") if path.is_file()}
    scene.run(BY_NAME["refresh acme"])
    for path in scene.home.rglob("*.secret"):
        path.unlink()
    for path, content in before.items():
        write_file(str(path), content)
    scene.run(BY_NAME["refresh acme"])
    scene.truth()
    assert "a refresh token was used twice" in scene.wrong


def test_a_living_grant_that_is_forgotten_is_found(scene: Scene) -> None:
    (scene.home / "accounts").rename(scene.folder / "away")
    scene.truth()
    assert "a living grant is lost without a word" in scene.wrong


def test_a_grant_that_has_ended_behind_the_programs_back_is_found(scene: Scene) -> None:
    scene.server.end_grant(1)
    scene.truth()
    assert "the token that is printed is not good" in scene.wrong


def test_a_secret_in_what_is_printed_is_found(scene: Scene) -> None:
    token = scene.run(BY_NAME["token --json acme"])
    assert scene.wrong == []
    shown = Played(("list",), 0, token.out, "", 0.1)
    assert scene._printed(shown) == ["an access token"]
    assert scene._printed(Played(("token",), 0, "", scene.environ["ACME_CLIENT_SECRET"], 0.1)) == ["client secret"]


@pytest.mark.parametrize(
    ("played", "expected"),
    [
        (Played(("list",), 0, "", "", 0.1), []),
        (Played(("token",), 6, "", "error: It is full.\nhint:  Free space.\n", 0.1), []),
        (Played(("token", "--json"), 6, "", '{"error": {"message": "It is full.", "hint": "Free space."}}\n', 1), []),
        (Played(("doctor",), 1, "✗ store  It is full.\n      → Free space.\n", "", 0.1), []),
        (Played(("doctor",), 1, "✗ store  It is full.\n✓ clock  It is right.\n", "", 0.1), ["no message and hint"]),
        (Played(("token",), 6, "", "error: It is full.\n", 0.1), ["no message and hint"]),
        (Played(("token", "--json"), 6, "", "error: It is full.\nhint:  Free space.\n", 1), ["no message and hint"]),
        (Played(("token",), 1, "", "error: gumauth has a bug: KeyError.\nhint:  Report it.\n", 0.1), ["a bug"]),
        (Played(("list",), 0, "", "Traceback (most recent call last):\n", 0.1), ["a bug"]),
        (Played(("list",), -9, "", "error: x\nhint:  y\n", 31.0), ["ended by a signal", "late", "an odd status"]),
    ],
)
def test_what_no_command_may_do_is_told_apart(played: Played, expected: list[str]) -> None:
    assert faults(played) == expected


def test_a_disk_has_exactly_the_room_that_is_left_and_is_unmounted(tmp_path: Path) -> None:
    need(programs=PROGRAMS)
    possible(enemy_disks.why_not())
    folder, page = tmp_path / "disk", os.sysconf("SC_PAGESIZE")
    with suppress(KeyboardInterrupt), enemy_disks.disk(folder) as disk:
        disk.leave(2, 1)
        (folder / "first").write_bytes(bytes(2 * page))
        with pytest.raises(OSError, match="No space left"):
            (folder / "first").write_bytes(bytes(3 * page))
        with pytest.raises(OSError, match="No space left"):
            (folder / "second").touch()
        disk.grow()
        (folder / "second").write_bytes(bytes(10 * page))
        raise KeyboardInterrupt
    assert not os.path.ismount(folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("listener", enemy_peers.ARE_THEIRS)
def test_what_another_user_is_told_is_heard(listener: str) -> None:
    need(programs=("dbus-daemon", "dbus-monitor"))
    possible(enemy_peers.why_not())
    hello = ["dbus-send", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.ListNames"]
    with tempfile.TemporaryDirectory(prefix="enemy-") as folder:
        os.chmod(folder, 0o755)
        with enemy_peers.LISTENERS[listener](Path(folder)) as peer:
            assert peer.heard() == []
            if listener == "another user's bus":
                subprocess.run([hello[0], f"--bus=unix:path={peer.path}", *hello[1:]], check=True, timeout=20)
            else:
                with socket.socket(socket.AF_UNIX) as told:
                    told.connect(f"\0{peer.path}")
                    told.sendall(b"a word")
            wait_until(lambda: bool(peer.heard()))


def test_the_same_seed_draws_the_same_rows() -> None:
    def names(seed: int) -> list[str]:
        with enemy_environments.rows(random.Random(seed)) as rows:
            return [row.name for row in rows]

    assert names(1) == names(1) != names(2)


def test_no_row_at_all_is_not_right() -> None:
    command = [sys.executable, "-m", "tests.programs.enemy", "--only", "environments", "--match", "no such row"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.splitlines()[-1][:18]) == (1, "0 of 0 rows right ")
