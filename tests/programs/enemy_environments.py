"""What somebody has prepared: variables, folders that others can write, and odd things in the place of files.

Also two processes at once with every pair of variables, and locks that are deleted while a refresh is under way.
Needs root for what belongs to another user, and setfacl.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

from gumauth.client import credentials
from tests.parts.people import NOBODY
from tests.programs.enemy import COMMANDS, Command, Row, Scene
from tests.programs.playing import Played

SMALL = {"variables": 14, "folders": 9, "folders below": 7, "files": 20, "pairs": 4, "locks": 3}
"""Rows of each kind in the sample."""

ANY = frozenset({0, 1, 2, 3, 6})
NOT_CONNECTED = frozenset({3})
REFUSED = frozenset({6})

Prepare = Callable[[Scene], AbstractContextManager[dict[str, str]]]
"""Makes a scene hostile for the length of a `with` block; gives the environment of the command."""

# Variables. In a value stand {folder}, {data} (the data folder of the account), {link} (which leads there),
# {other} (an empty folder of this user), {theirs} (one of another user's).

SAME: dict[str, dict[str, str | None]] = {
    "as it is": {},
    "XDG_STATE_HOME elsewhere": {"XDG_STATE_HOME": "{other}"},
    "XDG_STATE_HOME relative": {"XDG_STATE_HOME": "state"},
    "XDG_STATE_HOME another user's": {"XDG_STATE_HOME": "{theirs}"},
    "XDG_RUNTIME_DIR elsewhere": {"XDG_RUNTIME_DIR": "{other}"},
    "XDG_RUNTIME_DIR another user's": {"XDG_RUNTIME_DIR": "{theirs}"},
    "XDG_CACHE_HOME elsewhere": {"XDG_CACHE_HOME": "{other}"},
    "XDG_CONFIG_HOME elsewhere": {"XDG_CONFIG_HOME": "{other}"},
    "TMPDIR elsewhere": {"TMPDIR": "{other}"},
    "XDG_DATA_HOME said": {"XDG_DATA_HOME": "{data}/.."},
    "XDG_DATA_HOME empty": {"XDG_DATA_HOME": ""},
    "XDG_DATA_HOME of blanks": {"XDG_DATA_HOME": "  "},
    "GUMAUTH_HOME said": {"GUMAUTH_HOME": "{data}"},
    "GUMAUTH_HOME by a link": {"GUMAUTH_HOME": "{link}"},
    "GUMAUTH_HOME by a link with a slash": {"GUMAUTH_HOME": "{link}/"},
    "GUMAUTH_HOME with ..": {"GUMAUTH_HOME": "{data}/../gumauth"},
    "GUMAUTH_HOME with slashes": {"GUMAUTH_HOME": "//{data}//"},
    "GUMAUTH_HOME with a tilde": {"GUMAUTH_HOME": "~/.local/share/gumauth"},
    "HOME by a link": {"HOME": "{folder}/home-link"},
    "HOME with a slash": {"HOME": "{folder}/"},
    "HOME unset": {"GUMAUTH_HOME": "{data}", "HOME": None},
    "HOME empty": {"GUMAUTH_HOME": "{data}", "HOME": ""},
    "HOME relative": {"GUMAUTH_HOME": "{data}", "HOME": "here"},
}
"""What leads to the data folder of the account."""

ELSEWHERE: dict[str, dict[str, str | None]] = {
    "another HOME": {"HOME": "{other}"},
    "another XDG_DATA_HOME": {"XDG_DATA_HOME": "{other}"},
    "another GUMAUTH_HOME": {"GUMAUTH_HOME": "{other}"},
    "GUMAUTH_HOME to come": {"GUMAUTH_HOME": "{other}/a/b"},
    "GUMAUTH_HOME with a newline": {"GUMAUTH_HOME": "{other}/a\nb"},
    "GUMAUTH_HOME with an escape": {"GUMAUTH_HOME": "{other}/\x1b[2Ja"},
    "GUMAUTH_HOME that is no text": {"GUMAUTH_HOME": "{other}/\udcff"},
}
"""What leads to a folder of this user's without accounts."""

ACTED_FOR: dict[str, dict[str, str | None]] = {
    "HOME of whom root acts for": {"HOME": "{theirs}", "GUMAUTH_HOME": "{theirs}/gumauth"},
}
"""What makes root act for another user, who has no accounts, and may not be able to read the interpreter."""

NOWHERE: dict[str, dict[str, str | None]] = {
    "GUMAUTH_HOME relative": {"GUMAUTH_HOME": "here"},
    "GUMAUTH_HOME relative with dots": {"GUMAUTH_HOME": "./../here"},
    "GUMAUTH_HOME of nobody such": {"GUMAUTH_HOME": "~nobody-such/gumauth"},
    "GUMAUTH_HOME is a newline": {"GUMAUTH_HOME": "\n"},
    "GUMAUTH_HOME another user's": {"GUMAUTH_HOME": "{theirs}"},
    "GUMAUTH_HOME below another user's": {"GUMAUTH_HOME": "{theirs}/gumauth"},
    "XDG_DATA_HOME relative": {"XDG_DATA_HOME": "here"},
    "XDG_DATA_HOME another user's": {"XDG_DATA_HOME": "{theirs}"},
    "no HOME but a relative one": {"HOME": "here"},
}
"""What leads to no folder that may be used."""

UNUSABLE: dict[str, dict[str, str | None]] = {
    "GUMAUTH_HOME is a file": {"GUMAUTH_HOME": "{folder}/key"},
    "GUMAUTH_HOME below a file": {"GUMAUTH_HOME": "{folder}/key/gumauth"},
    "GUMAUTH_HOME is a device": {"GUMAUTH_HOME": "/dev/null"},
    "GUMAUTH_HOME where nothing can be made": {"GUMAUTH_HOME": "/proc/gumauth"},
    "GUMAUTH_HOME too long": {"GUMAUTH_HOME": "{folder}/" + "a" * 300},
    "GUMAUTH_HOME much too long": {"GUMAUTH_HOME": "{folder}" + "/a" * 3000},
    "GUMAUTH_HOME leads in a circle": {"GUMAUTH_HOME": "{folder}/circle"},
    "GUMAUTH_HOME leads nowhere": {"GUMAUTH_HOME": "{folder}/nowhere"},
}
"""What leads to something that can be no folder of anybody's: reading may find nothing there, writing fails."""


def _values(scene: Scene, changes: Mapping[str, str | None]) -> dict[str, str]:
    data = scene.home
    places = {name: scene.folder / name for name in ("link", "other", "theirs")}
    if not places["other"].exists():
        places["other"].mkdir(mode=0o700)
        places["theirs"].mkdir(mode=0o700)
        os.chown(places["theirs"], NOBODY, NOBODY)
        places["link"].symlink_to(data)
        (scene.folder / "home-link").symlink_to(scene.folder)
        (scene.folder / "theirs-link").symlink_to(places["theirs"])
        (scene.folder / "circle").symlink_to(scene.folder / "circle")
        (scene.folder / "nowhere").symlink_to(scene.folder / "not" / "there")
    environ = dict(scene.environ)
    for name, value in changes.items():
        environ.pop(name, None)
        if value is not None:
            environ[name] = value.format(folder=scene.folder, data=data, **places)
    return environ


def _variables(changes: Mapping[str, str | None]) -> Prepare:
    @contextmanager
    def prepare(scene: Scene) -> Iterator[dict[str, str]]:
        yield _values(scene, changes)

    return prepare


@dataclass(frozen=True)
class Situation:
    """Something hostile, and what the commands may come to.

    Args:
        name: What it is.
        prepare: Makes it so.
        statuses: With which commands may end; None for their usual ones.
        by_name: With which the commands may end that need the account; None for `statuses`.
        is_refused: Whether no file may change.
        leads_elsewhere: Whether what is connected then is of another data folder.
        is_needed: Whether what is odd is needed by any command but `default`.
    """

    name: str
    prepare: Prepare
    statuses: frozenset[int] | None = None
    by_name: frozenset[int] | None = None
    is_refused: bool = False
    leads_elsewhere: bool = False
    is_needed: bool = True

    def allows(self, command: Command) -> frozenset[int]:
        if not self.is_needed:
            return command.usual | (self.statuses or frozenset()) if command.words[0] == "default" else command.usual
        if not command.touches:
            return command.usual | (self.statuses or frozenset()) & REFUSED
        needs_account = command.words[-1] == "acme"
        return (self.by_name if needs_account else None) or self.statuses or command.usual


def _nobody_reads_the_interpreter() -> bool:
    command = [sys.executable, "-c", "import os; os.listdir(os.path.dirname(os.__file__))"]
    try:
        return subprocess.run(command, user=NOBODY, group=NOBODY, capture_output=True, check=False).returncode == 0
    except PermissionError:
        return False


def _by_variables() -> Iterator[Situation]:
    for name, changes in SAME.items():
        yield Situation(name, _variables(changes))
    for name, changes in ELSEWHERE.items():
        yield Situation(name, _variables(changes), by_name=NOT_CONNECTED, leads_elsewhere=True)
    for name, changes in ACTED_FOR.items():
        if _nobody_reads_the_interpreter():
            yield Situation(name, _variables(changes), by_name=NOT_CONNECTED, leads_elsewhere=True)
        else:
            yield Situation(name, _variables(changes), REFUSED, is_refused=True)
    for name, changes in NOWHERE.items():
        yield Situation(name, _variables(changes), REFUSED, is_refused=True)
    for name, changes in UNUSABLE.items():
        yield Situation(name, _variables(changes), ANY, frozenset({3, 6}), is_refused=True)


# Folders that others made or can write.


@contextmanager
def _given_back(path: Path) -> Iterator[None]:
    """Owner and mode of a path are what they were at the end."""
    before = path.lstat()
    try:
        yield
    finally:
        if path.exists():
            _give_back(path, before)


def _give_back(path: Path, before: os.stat_result) -> None:
    subprocess.run(["setfacl", "-b", path], check=False, capture_output=True)
    os.chown(path, before.st_uid, before.st_gid, follow_symlinks=False)
    path.chmod(before.st_mode & 0o7777)


def _folder(change: Callable[[Path], object], below: str = "") -> Prepare:
    """Something is done to the data folder, or to what is below or above it."""

    @contextmanager
    def prepare(scene: Scene) -> Iterator[dict[str, str]]:
        path = (scene.home / below).resolve()
        with _given_back(path):
            change(path)
            yield scene.environ

    return prepare


def _readable(change: Callable[[Path], object], below: str) -> Prepare:
    """The same to something in the data folder, where others can look into that."""

    @contextmanager
    def prepare(scene: Scene) -> Iterator[dict[str, str]]:
        path = next(iter(sorted(scene.home.glob(below))))
        ways = [scene.folder, *[p for p in path.parents if p.is_relative_to(scene.home)]]
        modes = [(way, way.stat().st_mode & 0o7777) for way in ways]
        with _given_back(path):
            for way in ways:
                way.chmod(0o755)
            change(path)
            yield scene.environ
        for way, mode in modes:
            way.chmod(mode)

    return prepare


def _acl(who: str) -> Callable[[Path], object]:
    return lambda path: subprocess.run(["setfacl", "-m", f"{who}:rwx", path], check=True)


def _mode(bits: int) -> Callable[[Path], object]:
    return lambda path: path.chmod(bits)


def _theirs(path: Path) -> None:
    os.chown(path, NOBODY, NOBODY)


def _group(path: Path) -> None:
    os.chown(path, -1, NOBODY)
    path.chmod(0o770)


@contextmanager
def _link_of_theirs(scene: Scene) -> Iterator[dict[str, str]]:
    """Where everybody can make a link, as in /tmp, somebody has made one that leads to our folder."""
    shared = scene.folder / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    link = shared / "gumauth"
    link.symlink_to(scene.home)
    os.chown(link, NOBODY, NOBODY, follow_symlinks=False)
    yield {**scene.environ, "GUMAUTH_HOME": str(link)}


@contextmanager
def _in_shared(scene: Scene) -> Iterator[dict[str, str]]:
    """A folder of our own in one that everybody can write, as in /tmp."""
    with _given_back(scene.home.parent):
        scene.home.parent.chmod(0o1777)
        yield scene.environ


def _by_folders() -> Iterator[Situation]:
    for name, change in {
        "everybody can write": _mode(0o777),
        "a group can write": _group,
        "an access list lets another user write": _acl(f"u:{NOBODY}"),
        "an access list lets a group write": _acl(f"g:{NOBODY}"),
        "that belongs to another user": _theirs,
    }.items():
        yield Situation(f"a data folder {name}", _folder(change), REFUSED, is_refused=True)
        yield Situation(f"below a folder {name}", _folder(change, ".."), REFUSED, is_refused=True)
    yield Situation("a link of another user's", _link_of_theirs, REFUSED, is_refused=True)
    yield Situation("below a folder as /tmp", _in_shared)
    yield Situation("a data folder that others can read", _folder(_mode(0o755)))


def _by_folders_below() -> Iterator[Situation]:
    """Also what is in the data folder belongs to nobody else, where others can reach it."""
    for below in ("accounts", "accounts/acme", "accounts/acme/*.json", "secrets", "locks"):
        bits = 0o666 if below.endswith("json") else 0o777
        for name, change in {"everybody can write": _mode(bits), "belongs to another user": _theirs}.items():
            what = f"in a data folder that others can read, {below} {name}"
            if below.endswith("json"):
                yield Situation(what, _readable(change, below), ANY)  # the file alone is passed over
            else:
                yield Situation(what, _readable(change, below), REFUSED, is_refused=True)


# Odd things in the place of files.


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.open(path.parent, os.O_PATH)
        try:
            listening.bind(f"/proc/self/fd/{here}/{path.name}")  # a socket's path has at most 107 characters
        finally:
            os.close(here)


def _file(content: bytes = b"", mode: int = 0o600) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        path.touch(mode=0o600)
        path.write_bytes(content)
        path.chmod(mode)

    return make


def _full_folder(path: Path) -> None:
    (path / "a").mkdir(mode=0o700, parents=True)
    (path / "a" / "b").touch()


ODD: dict[str, Callable[[Path], object]] = {
    "a pipe": lambda path: os.mkfifo(path, 0o600),
    "a socket": _socket,
    "a folder": lambda path: path.mkdir(mode=0o700),
    "a full folder": _full_folder,
    "a circle": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("not there"),
    "an empty file": _file(),
    "10 MiB": _file(b"{" + b" " * (10 << 20)),
    "noise": _file(hashlib.sha512(b"noise").digest()),
    "an object without rights": _file(b"{}", 0o000),
}


def _entry(scene: Scene) -> Path:
    """The file of the account's record."""
    account = scene.account()
    digest = hashlib.sha256(f"{account.key}/{account.slot}".encode()).hexdigest()
    return scene.home / "secrets" / f"{digest[:32]}.secret"


PLACES: dict[str, Callable[[Scene], Path]] = {
    "an account": lambda scene: scene.home / "accounts" / f"{scene.account().key}.json",
    "the default": lambda scene: scene.home / "accounts" / "acme" / "default",
    "an alias": lambda scene: next((scene.home / "accounts" / "acme").glob("*.alias")),
    "the header": lambda scene: scene.home / "secrets" / "header",
    "a record": _entry,
    "the room for an answer": lambda scene: scene.home / "rescue" / scene.account().key.replace("/", "."),
    "the account's lock": lambda scene: scene.home / "locks" / f"{scene.account().key.replace('/', '.')}.lock",
    "the encrypted file's lock": lambda scene: scene.home / "locks" / "encrypted file.lock",
    "the key": lambda scene: Path(scene.environ["GUMAUTH_KEY_FILE"]),
    "the provider's file": lambda scene: scene.stage.world.file,
    "the names of the keyring": lambda scene: scene.home / "keyring.json",
    "the note on a client": lambda scene: scene.home / "clients" / "acme.json",
    "the accounts": lambda scene: scene.home / "accounts",
    "a provider's accounts": lambda scene: scene.home / "accounts" / "acme",
    "the locks": lambda scene: scene.home / "locks",
    "the rooms": lambda scene: scene.home / "rescue",
    "the secrets": lambda scene: scene.home / "secrets",
}

FOLDERS = ("the accounts", "a provider's accounts", "the locks", "the rooms", "the secrets")
"""In whose place another folder is nothing odd, and what was in them is lost."""

NOT_NEEDED = ("the default", "an alias", "the names of the keyring")
"""Without which everything goes on."""


def _place(place: str, odd: str) -> Prepare:
    """An odd thing in the place of a file, which is put back in the end unless the program has done away with it."""

    @contextmanager
    def prepare(scene: Scene) -> Iterator[dict[str, str]]:
        environ = dict(scene.environ)
        if place == "the note on a client":
            context = scene.stage.context
            credentials.save(context, "acme", environ.pop("ACME_CLIENT_ID"), environ.pop("ACME_CLIENT_SECRET"))
        path = PLACES[place](scene)
        away = scene.folder / "away"
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if path.exists():
            path.rename(away)
        ODD[odd](path)
        put = path.lstat().st_ino
        yield environ
        if os.path.lexists(path) and path.lstat().st_ino == put:
            _remove(path)
            if away.exists():
                away.rename(path)

    return prepare


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _by_files() -> Iterator[Situation]:
    for place, odd in product(PLACES, ODD):
        if place in FOLDERS and odd in ("a folder", "a full folder"):
            continue
        # What is not needed stops nothing, but for the command that is to write it.
        statuses = REFUSED if place in NOT_NEEDED else ANY
        yield Situation(f"{odd} in place of {place}", _place(place, odd), statuses, is_needed=place not in NOT_NEEDED)


def _env_file(odd: str) -> Prepare:
    @contextmanager
    def prepare(scene: Scene) -> Iterator[dict[str, str]]:
        ODD[odd](scene.folder / "variables")
        yield scene.environ

    return prepare


WITH_ENV_FILE = tuple(
    Command((command.words[0], "--env-file", "variables", *command.words[1:]), command.usual, command.due)
    for command in COMMANDS
    if command.words[0] in ("token", "refresh", "revoke", "disconnect", "providers", "doctor", "connect")
)

# Rows.


def _situation_row(situation: Situation, command: Command) -> Row:
    def act(scene: Scene) -> None:
        scene.begin(home="")
        if command.due:
            scene.expire()
        with situation.prepare(scene) as environ:
            before = _tree(scene.folder) if situation.is_refused else None
            scene.ends(scene.run(command, environ), situation.allows(command))
            changed = _changes(before, _tree(scene.folder)) if before is not None else []
            scene.check(not changed, f"changed although it was refused: {', '.join(changed)}")
            if situation.leads_elsewhere and command.words[0] == "connect":
                scene.ends(scene.run(("disconnect", "acme"), environ), {0})
        scene.truth()

    return Row(f"environments: {situation.name}: {command.name}", act)


def _tree(folder: Path) -> dict[str, str]:
    """Every file and folder with what it is and holds."""
    return {str(path): _print_of(path) for path in folder.rglob("*") if "__pycache__" not in path.parts}


def _print_of(path: Path) -> str:
    status = path.lstat()
    held = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else ""
    return f"{status.st_mode:o} {status.st_uid} {status.st_ino} {held}"


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return sorted(path for path in {*before, *after} if before.get(path) != after.get(path))


def _is_waiting(process: int) -> bool:
    """Whether a process waits for a lock, as the kernel's list tells. Source: proc(5), /proc/locks."""
    lines = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return any(line[1] == "->" and line[5] == str(process) for line in lines)


def _second(scene: Scene, begin: Callable[[Callable[[int], None]], Played]) -> Callable[[], Played]:
    """Start another process, and hold the server's answer until that waits, has ended or has asked too."""
    came: list[Played] = []
    known: list[int] = []
    asked = scene.server.requests["refresh"]
    thread = threading.Thread(target=lambda: came.append(begin(known.append)))
    thread.start()
    end = time.monotonic() + 10
    while thread.is_alive() and time.monotonic() < end and scene.server.requests["refresh"] == asked:
        if known and _is_waiting(known[-1]):
            break
        time.sleep(0.01)

    def wait() -> Played:
        thread.join()
        return came[0]

    return wait


def _both(scene: Scene, first: Mapping[str, str], second: Mapping[str, str], before: Callable[[], object]) -> None:
    """Two processes, of which the second begins while the first waits for the provider, give one token of one refresh.

    Args:
        scene: The scene.
        first: The environment of the first.
        second: That of the second.
        before: Done before the second begins.
    """
    begun: list[Callable[[], Played]] = []

    def meanwhile() -> None:
        before()
        begun.append(_second(scene, lambda watch: scene.run(("token", "acme"), second, watch)))

    scene.expire()
    scene.server.meanwhile["refresh"] = meanwhile
    played = [scene.run(("token", "acme"), first), *(wait() for wait in begun)]
    for each in played:
        scene.ends(each, {0})
    scene.check(len(played) == 2 and len({each.out for each in played}) == 1, "not one token for both")
    scene.check(scene.server.requests["refresh"] == 1, f"{scene.server.requests['refresh']} refreshes")


def _pair_row(first: str, second: str) -> Row:
    def act(scene: Scene) -> None:
        scene.begin(home="")
        _both(scene, _values(scene, SAME[first]), _values(scene, SAME[second]), lambda: None)
        scene.truth()

    return Row(f"environments: at once, {first} and {second}", act)


def _replace_lock(scene: Scene) -> None:
    path = PLACES["the account's lock"](scene)
    path.unlink()
    path.touch(mode=0o600)


DELETED: dict[str, Callable[[Scene], object]] = {
    "the folder of locks": lambda scene: shutil.rmtree(scene.home / "locks"),
    "the folder of locks, moved away": lambda scene: (scene.home / "locks").rename(scene.folder / "away"),
    "the account's lock": lambda scene: _remove(PLACES["the account's lock"](scene)),
    "the encrypted file's lock": lambda scene: _remove(PLACES["the encrypted file's lock"](scene)),
    "every lock": lambda scene: list(map(_remove, (scene.home / "locks").iterdir())),
    "the account's lock, another file in its place": _replace_lock,
}


def _lock_row(what: str, second: str) -> Row:
    def act(scene: Scene) -> None:
        scene.begin(home="")
        _both(scene, scene.environ, _values(scene, SAME[second]), lambda: DELETED[what](scene))
        scene.truth()

    return Row(f"environments: {what} deleted during a refresh, {second}", act)


def _everything() -> dict[str, list[Row]]:
    return {
        "variables": [_situation_row(*pair) for pair in product(_by_variables(), COMMANDS)],
        "folders": [_situation_row(*pair) for pair in product(_by_folders(), COMMANDS)],
        "folders below": [_situation_row(*pair) for pair in product(_by_folders_below(), COMMANDS)],
        "files": [_situation_row(*pair) for pair in product(_by_files(), COMMANDS)]
        + [
            _situation_row(Situation(f"{odd} in place of --env-file", _env_file(odd), ANY), command)
            for odd, command in product(ODD, WITH_ENV_FILE)
        ],
        "pairs": [_pair_row(first, second) for first, second in combinations(SAME, 2)],
        "locks": [_lock_row(what, second) for what, second in product(DELETED, ("as it is", "GUMAUTH_HOME by a link"))],
    }


@contextmanager
def rows(chance: random.Random | None) -> Iterator[list[Row]]:
    found = _everything()
    if chance is not None:
        found = {name: chance.sample(found[name], size) for name, size in SMALL.items()}
    yield [row for of_kind in found.values() for row in of_kind]


def why_not() -> str | None:
    """Why the table cannot be played here; None where it can."""
    return None if os.geteuid() == 0 else "only root can make what belongs to another user"
