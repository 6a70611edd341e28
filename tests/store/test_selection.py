"""Which keyring is used."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gumauth.errors import KeyringTimeout, NoBus, StoreError, UnsafeKeyring
from gumauth.store import selection
from gumauth.store.selection import LARGEST_SETTINGS, bus_names, chosen, judge, prefer, settings_path

NOT_SAFE = [
    "keyring.backends.null.Keyring",
    "keyring.backends.fail.Keyring",
    "keyring.backends.chainer.ChainerBackend",
    "keyrings.alt.file.PlaintextKeyring",
]


@pytest.mark.requirement("K5")
@pytest.mark.parametrize("backend", NOT_SAFE)
@pytest.mark.parametrize("variable", ["PYTHON_KEYRING_BACKEND", "GUMAUTH_KEYRING"])
def test_an_unsafe_backend_is_refused_with_the_variable_that_selects_it(variable: str, backend: str) -> None:
    with pytest.raises(UnsafeKeyring) as caught:
        chosen({variable: backend})
    assert caught.value.message == f"{variable} selects {backend}, which loses secrets or keeps them in plain text."
    assert caught.value.hint is not None
    assert caught.value.hint.startswith(f"Take it out of {variable}, or set GUMAUTH_STORE=file")


@pytest.mark.requirement("K5")
@pytest.mark.parametrize("backend", NOT_SAFE)
def test_an_unsafe_backend_is_refused_with_the_file_that_selects_it(tmp_path: Path, backend: str) -> None:
    path = tmp_path / "python_keyring" / "keyringrc.cfg"
    path.parent.mkdir()
    path.write_text(f"[backend]\ndefault-keyring = {backend}\n")
    with pytest.raises(UnsafeKeyring) as caught:
        chosen({"XDG_CONFIG_HOME": str(tmp_path)})
    assert caught.value.message.startswith(f"{path} selects {backend}, which loses secrets")


@pytest.mark.requirement("K5")
def test_an_unknown_backend_is_refused_with_the_setting_that_accepts_it(tmp_path: Path) -> None:
    with pytest.raises(UnsafeKeyring, match="does not know to be safe") as caught:
        chosen({"PYTHON_KEYRING_BACKEND": "keyring_pass.PasswordStoreBackend"})
    assert caught.value.hint == "If you trust it, set GUMAUTH_KEYRING=keyring_pass.PasswordStoreBackend."
    accepted = chosen({"GUMAUTH_KEYRING": "keyring_pass.PasswordStoreBackend"})
    assert accepted == "keyring_pass.PasswordStoreBackend"


@pytest.mark.requirement("K5")
@pytest.mark.parametrize(
    ("backend", "name"),
    [
        ("keyring.backends.SecretService.Keyring", "Secret Service"),
        ("keyring.backends.libsecret.Keyring", "Secret Service"),
        ("keyring.backends.kwallet.DBusKeyring", "KWallet"),
        ("keyring.backends.macOS.Keyring", "macOS Keychain"),
        ("keyring.backends.Windows.WinVaultKeyring", "Windows Credential Locker"),
    ],
)
def test_a_safe_backend_is_used_wherever_it_is_set(tmp_path: Path, backend: str, name: str) -> None:
    assert chosen({"PYTHON_KEYRING_BACKEND": backend}) == name
    assert chosen({"GUMAUTH_KEYRING": backend, "PYTHON_KEYRING_BACKEND": NOT_SAFE[0]}) == name
    path = tmp_path / "python_keyring" / "keyringrc.cfg"
    path.parent.mkdir()
    path.write_text(f"[backend]\ndefault-keyring={backend}\n")
    assert chosen({"XDG_CONFIG_HOME": str(tmp_path)}) == name


@pytest.mark.parametrize("name", ["Keyring", "a b.C", "a..C", "os;system.C", ""])
def test_what_is_no_class_name_is_refused(name: str) -> None:
    with pytest.raises(UnsafeKeyring):
        judge(name, "GUMAUTH_KEYRING", explicit=True)


@pytest.mark.parametrize("content", ["[other]\nx=1\n", "[backend]\nkeyring-path=/x\n", ""])
def test_keyrings_settings_without_a_backend_say_nothing(tmp_path: Path, content: str) -> None:
    path = tmp_path / ".config" / "python_keyring" / "keyringrc.cfg"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    assert chosen({"HOME": str(tmp_path)}) is None


def test_keyrings_settings_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    path = tmp_path / "python_keyring" / "keyringrc.cfg"
    path.parent.mkdir()
    path.write_text("default-keyring = x\n")
    with pytest.raises(StoreError, match=r"keyringrc\.cfg cannot be read"):
        chosen({"XDG_CONFIG_HOME": str(tmp_path)})


def test_keyrings_settings_may_be_a_link(tmp_path: Path) -> None:
    """As those who keep such files together have it; a link that leads nowhere is no file."""
    (tmp_path / "files").write_text("[backend]\r\ndefault-keyring = keyring.backends.kwallet.DBusKeyring\r\n")
    path = tmp_path / "python_keyring" / "keyringrc.cfg"
    path.parent.mkdir()
    path.symlink_to(tmp_path / "files")
    assert chosen({"XDG_CONFIG_HOME": str(tmp_path)}) == "KWallet"
    for target in (tmp_path / "nothing", path):
        path.unlink()
        path.symlink_to(target)
        assert chosen({"XDG_CONFIG_HOME": str(tmp_path)}) is None


@pytest.mark.requirement("Y8")
@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("kind", ["a pipe", "a folder", "an endless file", "a long file", "a socket"])
def test_what_is_no_file_in_the_place_of_keyrings_settings_is_told_and_not_waited_for(
    tmp_path: Path, kind: str, linked: bool
) -> None:
    folder = tmp_path / "python_keyring"
    folder.mkdir()
    real = tmp_path / "elsewhere" if linked else folder / "keyringrc.cfg"
    with socket.socket(socket.AF_UNIX) as listener:
        make: dict[str, Callable[[], object]] = {
            "a pipe": lambda: os.mkfifo(real),
            "a folder": real.mkdir,
            "an endless file": lambda: real.symlink_to("/dev/zero"),
            "a long file": lambda: real.write_text("[backend]\n" + "#\n" * (LARGEST_SETTINGS // 2)),
            "a socket": lambda: _bind(listener, real),
        }
        make[kind]()
        if linked:
            (folder / "keyringrc.cfg").symlink_to(real)
        environ = {"XDG_CONFIG_HOME": str(tmp_path), "GUMAUTH_HOME": str(tmp_path), "PATH": ""}
        ended = subprocess.run(
            [sys.executable, "-m", "gumauth", "doctor"],
            env={**environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert "keyringrc.cfg cannot be read." in " ".join((ended.stdout + ended.stderr).split())
        with pytest.raises(StoreError, match=r"keyringrc\.cfg cannot be read") as caught:
            chosen(environ)
    assert caught.value.exit_code == 6
    assert caught.value.hint == "Mend or remove it; it is keyring's."


def _bind(listener: socket.socket, path: Path) -> None:
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        listener.bind(f"/proc/self/fd/{handle}/{path.name}")  # a socket's path has at most 107 characters
    finally:
        os.close(handle)


def test_keyrings_settings_are_where_keyring_has_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Held against the library's own answer."""
    from keyring.util import platform_

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    ours = settings_path({"XDG_CONFIG_HOME": str(tmp_path)}, "linux")
    assert ours == str(platform_._config_root_Linux() / "keyringrc.cfg")  # type: ignore[no-untyped-call]
    windows = settings_path({"LOCALAPPDATA": "/local"}, "win32")
    assert windows == "/local/Python Keyring/keyringrc.cfg"


@pytest.mark.requirement("K5")
@pytest.mark.parametrize(
    ("names", "is_kde", "is_its_own", "expected"),
    [
        ({"org.freedesktop.secrets"}, False, False, "Secret Service"),
        ({"org.freedesktop.secrets"}, True, False, "Secret Service"),
        ({"org.freedesktop.secrets", "org.kde.kwalletd5"}, False, False, "Secret Service"),
        ({"org.freedesktop.secrets", "org.kde.kwalletd5"}, False, True, "KWallet"),
        ({"org.freedesktop.secrets", "org.kde.kwalletd5"}, True, False, "KWallet"),
        ({"org.freedesktop.secrets", "org.kde.kwalletd6", "org.kde.kwalletd5"}, True, False, "Secret Service"),
        ({"org.freedesktop.secrets", "org.kde.kwalletd6"}, True, True, "KWallet"),
        ({"org.kde.kwalletd5"}, False, False, "KWallet"),
        ({"org.kde.kwalletd6", "org.kde.kwalletd5"}, False, False, "KWallet"),
        ({"org.freedesktop.DBus"}, True, False, None),
    ],
)
def test_the_keyring_is_chosen_by_the_names_on_the_bus(
    names: set[str], is_kde: bool, is_its_own: bool, expected: str | None
) -> None:
    """And by whether the Secret Service is the wallet's own."""
    assert prefer(frozenset(names), is_kde=is_kde, is_its_own=is_its_own) == expected


@pytest.mark.requirement("K7")
def test_a_bus_that_never_answers_or_is_none_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that says nothing, one that hangs up, and one that speaks something else."""
    monkeypatch.setattr(selection, "SECONDS", 0.1)
    for number, greeting in enumerate((None, b"", b"REJECTED KERBEROS\r\n", b"x" * 9000)):
        path = tmp_path / str(number)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            thread = threading.Thread(target=_greet, args=(listener, greeting))
            thread.start()
            with pytest.raises(KeyringTimeout if greeting is None else NoBus):
                bus_names(f"unix:path={path}")
            thread.join()


def _greet(listener: socket.socket, greeting: bytes | None) -> None:
    connection, _ = listener.accept()
    with connection:
        if greeting is None:
            while connection.recv(4096):
                pass
        else:
            connection.recv(4096)
            connection.sendall(greeting)
