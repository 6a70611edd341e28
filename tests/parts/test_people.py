"""root in another user's folders: `sudo gumauth` with their HOME."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gumauth
from gumauth.store.dbus.conversation import BusUnreachable, Conversation
from gumauth.testing import AuthorizationServer, Client, deliver, write_provider
from tests.cli.connecting import piped
from tests.parts.people import NOBODY, Nobody

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def file(authorization_server: AuthorizationServer, nobody: Nobody) -> Path:
    """A provider file that root and the other user believe: it is root's."""
    uris = ("http://127.0.0.1/callback",)
    authorization_server.register(Client("acme-id", redirect_uris=uris, any_port=True))
    facts = {"public_client": True, "redirect_host": "127.0.0.1", "redirect_ports": ()}
    folder = nobody.home.with_name(f"{nobody.home.name}-files")
    folder.mkdir(mode=0o755)
    path = write_provider(authorization_server, folder, name="acme", **facts)
    path.chmod(0o644)
    return path


@pytest.fixture
def environ(nobody: Nobody, file: Path) -> Iterator[dict[str, str]]:
    key = nobody.home / "key"
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(32))
    os.chown(key, NOBODY, NOBODY)
    yield nobody.environ(ACME_CLIENT_ID="acme-id", GUMAUTH_STORE="file", GUMAUTH_KEY_FILE=str(key))
    file.unlink()
    for left in file.parent.rglob("*.pyc"):
        left.unlink()
    for folder in (file.parent / "__pycache__", file.parent):
        if folder.exists():
            folder.rmdir()


def as_root(
    environ: dict[str, str], nobody: Nobody, *words: str, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """What root's run of a command came to; `folder`, where it is given, is the one that gumauth is imported from."""
    command = [nobody.python, "-m", "gumauth", *words]
    return subprocess.run(command, env=environ, cwd=folder, text=True, capture_output=True, check=False, timeout=60)


def connect_as_root(environ: dict[str, str], nobody: Nobody, server: AuthorizationServer, file: Path) -> None:
    with piped(environ, "connect", str(file), "--no-browser", python=nobody.python) as run:
        deliver(server.follow(run.address))
        assert run.end()[0] == 0, run.shown


@pytest.mark.requirement("I9", "S6")
def test_what_root_makes_in_another_users_home_is_theirs(
    authorization_server: AuthorizationServer, nobody: Nobody, environ: dict[str, str], file: Path
) -> None:
    connect_as_root(environ, nobody, authorization_server, file)
    assert nobody.owners() == {NOBODY}
    for path in nobody.home.rglob("*"):
        assert stat.S_IMODE(path.lstat().st_mode) & 0o077 == 0, path
    first = nobody.run(environ, "token", "acme")
    assert first.status == 0, first
    for _ in range(2):
        refreshed = as_root(environ, nobody, "refresh")
        assert refreshed.returncode == 0, refreshed
        assert nobody.owners() == {NOBODY}
        token = nobody.run(environ, "token", "acme")
        assert authorization_server.is_active(token.out.strip()), token
    assert nobody.run(environ, "refresh", "acme").status == 0
    ended = nobody.run(environ, "disconnect", "acme")
    assert (ended.status, "Revoked acme" in ended.out) == (0, True), ended


@pytest.mark.requirement("H1", "I9")
@pytest.mark.parametrize("by_sudo", [True, False], ids=["SUDO_UID", "HOME"])
def test_root_runs_no_command_with_less_than_roots_rights(
    nobody: Nobody, environ: dict[str, str], by_sudo: bool
) -> None:
    """It would be half done, or done to the wrong files: root has asked for a command of root's."""
    (nobody.home / "data").mkdir(mode=0o700)
    os.chown(nobody.home / "data", NOBODY, NOBODY)
    environ |= {"GUMAUTH_HOME": str(nobody.home / "data")}
    if by_sudo:
        environ |= {"HOME": "/", "SUDO_UID": str(NOBODY)}
    ended = as_root(environ, nobody, "run", "--", "touch", str(nobody.home / "touched"))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "the command would run as that user, not as root" in ended.stderr
    assert not (nobody.home / "touched").exists()
    assert nobody.run(environ, "run", "--", "touch", str(nobody.home / "touched")).status == 0


LISTEN = """
import socket, sys
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1].replace("@", chr(0)))
listening.listen()
print("listening", flush=True)
peer, _ = listening.accept()
peer.settimeout(5)
print(len(peer.recv(1000)), flush=True)
"""


@pytest.mark.parametrize("address", ["abstract=", "path="])
def test_a_bus_that_is_another_users_is_told_nothing(nobody: Nobody, address: str) -> None:
    """A stale address may be taken over by whoever comes first."""
    name = f"{nobody.home}/bus"
    place = f"@{name}" if address == "abstract=" else name
    command = [nobody.python, "-c", LISTEN, place]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, user=NOBODY, group=NOBODY, cwd="/") as theirs:
        assert theirs.stdout is not None
        try:
            assert theirs.stdout.readline() == "listening\n"
            with pytest.raises(BusUnreachable, match="another user's"):
                Conversation(f"unix:{address}{name}", 5)
            assert theirs.stdout.readline() == "0\n"
        finally:
            theirs.kill()


@pytest.mark.requirement("I9")
def test_what_root_has_left_in_another_users_home_is_named_with_the_command_that_gives_it_back(
    authorization_server: AuthorizationServer, nobody: Nobody, environ: dict[str, str], file: Path
) -> None:
    connect_as_root(environ, nobody, authorization_server, file)
    folder = nobody.home / ".local" / "share" / "gumauth" / "accounts" / "acme"
    [account] = folder.glob("*.json")
    os.chown(account, 0, 0)
    ended = nobody.run(environ, "refresh", "acme")
    assert ended.status == 6, ended
    assert f"It belongs to root. Give it back with `sudo chown -R {NOBODY} {folder}`." in ended.err
    assert "Free space" not in ended.err
    subprocess.run(["chown", "-R", str(NOBODY), str(folder)], check=True)
    assert nobody.run(environ, "refresh", "acme").status == 0


@pytest.mark.requirement("I9", "S4")
@pytest.mark.parametrize("words", [("list", "--json"), ("token", "acme", "--json"), ("__complete", "accounts", "")])
def test_root_refuses_in_the_words_of_the_command_where_the_user_cannot_read_gumauth(
    nobody: Nobody, tmp_path: Path, words: tuple[str, ...]
) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    shutil.copytree(Path(gumauth.__file__).parent, private / "gumauth", ignore=shutil.ignore_patterns("*.pyc"))
    environ = nobody.environ(GUMAUTH_HOME=f"{nobody.home}/gumauth")
    ended = as_root(environ, nobody, *words, folder=private)
    assert (ended.returncode, ended.stdout) == (6, "")
    assert "who cannot read gumauth's own files" in json.loads(ended.stderr)["error"]["message"]
