"""Which keyring backends are used, and what a foreign error means."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gumauth import errors
from gumauth.client.context import Context
from gumauth.errors import KeyringTimeout, NoBus, NoKeyring, OtherStore, StoreError, UnsafeKeyring
from gumauth.store import selection
from gumauth.store.backends import judge
from gumauth.store.encrypted_file.store import EncryptedStore
from gumauth.store.failures import FAILURES, failure, known
from gumauth.store.foreign_errors import kind_of
from gumauth.store.interface import Store
from gumauth.store.keyring.store import KeyringStore
from gumauth.store.memory import MemoryStore
from gumauth.store.named import NamedStore
from gumauth.store.open import choose, prove
from gumauth.store.secret_service.store import SecretServiceStore
from gumauth.store.selection import LARGEST_SETTINGS, bus_names, chosen, prefer, settings_path
from gumauth.store.split import SplitStore

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


@pytest.mark.requirement("K8")
def test_a_record_in_another_store_is_told_with_both_names(tmp_path: Path) -> None:
    environ = {"GUMAUTH_HOME": str(tmp_path), "GUMAUTH_KEYRING": "keyring.backends.SecretService.Keyring"}
    with pytest.raises(OtherStore) as caught:
        choose(Context(environ), "KWallet").get("linear/0123456789abcdef/a")
    assert caught.value.message == "The record is in KWallet, but only Secret Service answers here."
    assert caught.value.hint == "Start KWallet, or connect the account again to keep it in Secret Service."


@pytest.mark.requirement("K5", "K15")
@pytest.mark.parametrize(
    ("platform", "kind", "name"),
    [("darwin", KeyringStore, "macOS Keychain"), ("win32", SplitStore, "Windows Credential Locker")],
)
def test_the_other_systems_keyrings_are_chosen_by_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, kind: type, name: str
) -> None:
    context = Context({"GUMAUTH_HOME": str(tmp_path), "HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)})
    monkeypatch.setattr(sys, "platform", platform)
    for remembered in (None, name):
        store = choose(context, remembered)
        assert type(_under(store)) is kind
        assert store.name == name
    with pytest.raises(OtherStore, match=f"The record is in KWallet, but only {name} answers here"):
        choose(context, "KWallet")


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


@pytest.mark.requirement("K8")
def test_a_remembered_store_is_used_whatever_is_selected_for_new_accounts(tmp_path: Path) -> None:
    environ = {"GUMAUTH_HOME": str(tmp_path), "GUMAUTH_STORE": "file"}
    assert isinstance(choose(Context(environ), None), EncryptedStore)
    assert isinstance(_under(choose(Context(environ), "Secret Service")), SecretServiceStore)
    assert isinstance(choose(Context({"GUMAUTH_HOME": str(tmp_path)}), "encrypted file"), EncryptedStore)


def _under(store: Store) -> Store:
    """The keyring that a store has under the name of its data folder."""
    assert isinstance(store, NamedStore)
    (inner,) = store._stores.values()
    return inner


def test_a_store_that_there_is_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="GUMAUTH_STORE is 'fiel', and there is no such store") as caught:
        choose(Context({"GUMAUTH_HOME": str(tmp_path), "GUMAUTH_STORE": "fiel"}), None)
    assert caught.value.hint == "Set GUMAUTH_STORE=file, or unset it for the keyring."


class DBusErrorResponse(Exception):
    """As jeepney has it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class DBusException(Exception):
    """As dbus-python has it."""

    def get_dbus_name(self) -> str:
        return "org.freedesktop.DBus.Error.ServiceUnknown"


class PromptDismissedException(Exception):
    """As secretstorage has it."""


class KeyringLocked(Exception):
    """As keyring has it."""


def _windows_error() -> OSError:
    error = OSError("x")
    error.winerror = 1783  # type: ignore[attr-defined,unused-ignore]
    return error


def _wrapped(outer: Exception, inner: Exception) -> Exception:
    try:
        raise outer from inner
    except Exception as error:  # noqa: BLE001 - whatever was given
        return error


@pytest.mark.requirement("K7")
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (DBusErrorResponse("org.freedesktop.Secret.Error.IsLocked"), "locked"),
        (DBusErrorResponse("org.freedesktop.DBus.Error.NoReply"), "gone"),
        (DBusErrorResponse("org.freedesktop.DBus.Error.Spawn.ChildExited"), "no keyring"),
        (DBusErrorResponse("org.freedesktop.DBus.Error.AccessDenied"), "denied"),
        (DBusErrorResponse("org.freedesktop.DBus.Error.Timeout"), "timeout"),
        (DBusErrorResponse("org.example.Other"), "failed"),
        (DBusException("x"), "no keyring"),
        (PromptDismissedException("x"), "dismissed"),
        (KeyringLocked("x"), "dismissed"),
        (_wrapped(KeyringLocked("x"), OSError(-25293, "x")), "denied"),
        (_wrapped(RuntimeError("x"), DBusErrorResponse("org.freedesktop.DBus.Error.ServiceUnknown")), "no keyring"),
        (_windows_error(), "too large"),
        (OSError(-128, "user cancelled"), "dismissed"),
        (KeyError("DBUS_SESSION_BUS_ADDRESS"), "no bus"),
        (KeyError("other"), "failed"),
        (ConnectionRefusedError("x"), "no bus"),
        (ConnectionResetError("x"), "gone"),
        (ModuleNotFoundError("x", name="dbus"), "no module"),
        (NameError("x", name="secretstorage"), "no module"),
        (subprocess.CalledProcessError(1, ["x"]), "failed"),
        (RuntimeError("x"), "failed"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"), "corrupt"),
    ],
)
def test_a_foreign_error_becomes_one_of_the_kinds(error: Exception, kind: str) -> None:
    assert kind_of(error)[0] == kind
    assert kind in FAILURES


@pytest.mark.requirement("K7", "S1")
def test_a_foreign_error_is_named_by_its_type_and_never_quoted() -> None:
    assert kind_of(RuntimeError("the secret")) == ("failed", "RuntimeError")
    assert kind_of(ModuleNotFoundError("the secret", name="dbus")) == ("no module", "dbus")
    assert failure("failed", "KWallet", "RuntimeError").message == "KWallet failed: RuntimeError."


@pytest.mark.requirement("K7", "S4")
def test_the_name_of_a_module_that_a_backend_misses_is_one_printable_line() -> None:
    error = ModuleNotFoundError("x", name="a\x1b[31m\nmodule")
    kind, detail = kind_of(error)
    assert "has no module for it (a module)." in failure(kind, "KWallet", detail).message


@pytest.mark.requirement("K7")
def test_each_kind_of_failure_is_told_from_the_others_and_says_what_to_do() -> None:
    """Two kinds may share a class where the same thing is to be done; every message is its own."""
    made = [failure(kind, "The keyring", "x") for kind in FAILURES]
    assert len({error.message for error in made}) == len(FAILURES)
    assert {type(error) for error in made} == {
        errors.NoBus,
        errors.NoKeyring,
        errors.KeyringLocked,
        errors.PromptDismissed,
        errors.AccessDenied,
        errors.KeyringTimeout,
        errors.RecordTooLarge,
        errors.UnsafeKeyring,
        errors.RecordCorrupt,
        errors.StoreError,
    }
    for error in made:
        assert error.exit_code == 6
        assert error.hint
        assert "\n" not in error.hint
    assert "GUMAUTH_STORE=file" in (failure("no bus", "x").hint or "")
    assert isinstance(failure("no bus", "x"), NoKeyring)
    assert type(failure(known("a kind of a newer worker"), "x", "y")) is StoreError


class Forgetful(MemoryStore):
    """Says that it keeps, as the null backend does."""

    def set(self, key: str, value: str) -> None:
        """Loses it."""


class Sticky(MemoryStore):
    """Says that it deletes."""

    def delete(self, key: str) -> None:
        """Keeps it."""


class Refusing(MemoryStore):
    """Cannot be written."""

    def set(self, key: str, value: str) -> None:
        raise StoreError("full")


@pytest.mark.requirement("K4", "K5")
@pytest.mark.parametrize(
    ("store", "message"),
    [
        (Forgetful(), "did not give back what was written"),
        (Sticky(), "still holds what was deleted"),
        (Refusing(), "full"),
    ],
)
def test_a_store_that_does_not_keep_or_delete_is_found_out(store: MemoryStore, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        prove(store)


@pytest.mark.requirement("K4")
def test_a_store_that_proves_itself_is_left_as_it_was() -> None:
    store = MemoryStore()
    prove(store)
    assert store.keys() == []
