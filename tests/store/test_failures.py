"""What can go wrong with a keyring, and what a foreign error means."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from gumauth import errors
from gumauth.errors import NoKeyring, StoreError
from gumauth.store import failures
from gumauth.store.failures import FAILURES, failure, kind_of, known


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


@pytest.mark.requirement("K7")
def test_every_kind_that_the_types_allow_is_an_error() -> None:
    """What a type checker lets through is in the table; it is read from the source, for the type costs no import."""
    (block,) = re.findall(r"Kind = Literal\[(.*?)\]", Path(failures.__file__).read_text(), re.DOTALL)
    assert re.findall(r'"([a-z ]+)"', block) == list(FAILURES)
