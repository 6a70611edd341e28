"""A disk with no room: a file system of a few pages and names, for every moment of an account's life.

Needs root and mount(8). A page is 4 KiB, and a name is an inode. While the account is connected there is room for all;
then so many pages and names more are free, and no others; in the end there is room again.
"""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from tests.programs.enemy import BY_NAME, Command, Row, Scene

LEAST_ROOM = 1 << 14
"""Bytes that are held on disk for the answer to a refresh before it is asked for."""

PAGES, NAMES = (0, 1, 2, 3, 4, 6, 8, 12), (0, 1, 2, 3, 5, 8)
SMALL = 24


class Disk:
    """A file system of its own at a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def mount(self) -> None:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"mode=700,{self._room(1000)}", "enemy", self._folder], check=True
        )
        # A size of nothing would be no bound at all.
        (self._folder / "something").write_bytes(b"x")

    @staticmethod
    def _room(pages: int, names: int = 1000) -> str:
        return f"size={pages * os.sysconf('SC_PAGESIZE')},nr_inodes={names}"

    def leave(self, pages: int, names: int) -> None:
        """Let so many pages and names more be free, and no others."""
        now = os.statvfs(self._folder)
        room = self._room(now.f_blocks - now.f_bfree + pages, now.f_files - now.f_ffree + names)
        subprocess.run(["mount", "-o", f"remount,{room}", self._folder], check=True)

    def grow(self) -> None:
        """Let there be room again."""
        subprocess.run(["mount", "-o", f"remount,{self._room(1000)}", self._folder], check=True)

    def unmount(self) -> None:
        if subprocess.run(["umount", self._folder], check=False, capture_output=True).returncode != 0:
            subprocess.run(["umount", "-l", self._folder], check=True)


@contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """A disk at a folder, which is made; unmounted at the end, however that comes."""
    folder.mkdir(mode=0o700)
    found = Disk(folder)
    found.mount()
    try:
        yield found
    finally:
        found.unmount()


def why_not() -> str | None:
    """Why no file system can be mounted here; None where one can."""
    if os.geteuid() != 0:
        return "only root can mount a file system"
    folder = Path(f"/tmp/enemy-{os.getpid()}-{random.randrange(10**6)}")
    try:
        with disk(folder) as found:
            found.leave(0, 0)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no file system can be mounted here: {error}"
    finally:
        folder.rmdir()
    return None


@dataclass(frozen=True)
class Moment:
    """When the disk becomes full.

    Args:
        command: What is run.
        answer: The answer of the server during which it does; None where it is full before the command begins.
        statuses: With which the command may end.
        connected: Whether there is an account before.
    """

    command: Command
    statuses: frozenset[int] = frozenset({0, 6})
    answer: str | None = None
    connected: bool = True

    @property
    def name(self) -> str:
        when = f"full at the answer to {self.answer}" if self.answer else "full"
        return f"{'' if self.connected else 'first '}{self.command.name}, {when}"


CONNECT, DEFAULT = BY_NAME["connect FILE --no-browser"], BY_NAME["default acme"]
WORKS = frozenset({0})
MOMENTS = (
    Moment(BY_NAME["token acme"]),
    Moment(BY_NAME["token acme"], answer="refresh"),
    Moment(BY_NAME["refresh acme"]),
    Moment(BY_NAME["token --json acme"], WORKS),
    Moment(CONNECT, connected=False),
    Moment(CONNECT, connected=False, answer="token"),
    Moment(CONNECT),
    Moment(CONNECT, answer="token"),
    Moment(BY_NAME["revoke acme"]),
    Moment(BY_NAME["revoke acme"], answer="revoke"),
    Moment(BY_NAME["disconnect acme"]),
    Moment(BY_NAME["disconnect acme"], answer="revoke"),
    Moment(BY_NAME["setup FILE -"]),
    Moment(DEFAULT),
    Moment(BY_NAME["list"], WORKS),
    Moment(BY_NAME["doctor"], frozenset({0, 1})),
    Moment(BY_NAME["__complete accounts "], WORKS),
)


@contextmanager
def rows(chance: random.Random | None) -> Iterator[list[Row]]:
    everything = [_row(moment, pages, names) for moment, pages, names in product(MOMENTS, PAGES, NAMES)]
    yield everything if chance is None else chance.sample(everything, SMALL)


def _row(moment: Moment, pages: int, names: int) -> Row:
    return Row(f"disks: {moment.name}, {pages} pages and {names} names free", _act(moment, pages, names))


def _act(moment: Moment, pages: int, names: int) -> Callable[[Scene], None]:
    def act(scene: Scene) -> None:
        with disk(scene.folder / "home") as home:
            scene.begin(connected=moment.connected)
            if moment.command.due:
                scene.expire()
            _play(scene, moment, lambda: home.leave(pages, names))
            home.grow()
            scene.truth()
            # Either the full disk stopped the first one before the server was asked, or its answer was kept.
            scene.check(scene.server.requests["refresh"] <= 1, "an answer to a refresh was lost on a full disk")

    return act


def _play(scene: Scene, moment: Moment, fill: Callable[[], None]) -> None:
    meanwhile = scene.server.meanwhile

    def check_and_fill() -> None:
        _check_room(scene)
        fill()

    meanwhile["refresh"] = lambda: _check_room(scene)
    if moment.answer is None:
        fill()
    else:
        meanwhile[moment.answer] = check_and_fill if moment.answer == "refresh" else fill
    scene.ends(scene.run(moment.command), moment.statuses)


def _check_room(scene: Scene) -> None:
    """The room for the answer is on the disk by the time at which the server is asked."""
    held = [path.stat() for path in (scene.home / "rescue").glob("acme.*")]
    is_held = any(found.st_size >= LEAST_ROOM and found.st_blocks * 512 >= LEAST_ROOM for found in held)
    scene.check(is_held, "the server was asked without room for its answer on the disk")
