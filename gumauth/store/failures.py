"""What can go wrong with a keyring: each kind of failure as one error of gumauth, and foreign errors as kinds.

Backends raise the errors of their libraries as they come. `kind_of` tells those errors by their names, because an
import of the libraries to compare classes would load what this system does not have. `failure` never repeats the text
of a foreign error: the text may hold the secret. Promises K7 and K18.
"""

from __future__ import annotations

from gumauth import errors
from gumauth.errors import StoreError
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from gumauth.store.interface import KeyringName

    # fmt: off
    Kind = Literal[
        "no bus", "no keyring", "none", "no module", "gone", "locked", "locked elsewhere", "left elsewhere",
        "no collection", "dismissed", "denied", "asks", "timeout", "odd answer", "busy", "too large", "unsafe",
        "corrupt", "failed",
    ]
    # fmt: on

ENCRYPTED = "Set GUMAUTH_STORE=file to keep secrets in an encrypted file."

SECRET_SERVICE: KeyringName = "Secret Service"
OF_SECRET_SERVICE = {
    "unlock": " Without a desktop, pipe its password into `gnome-keyring-daemon --replace --unlock`.",
    "allow": "answer there; KeePassXC can be set not to confirm when passwords are retrieved by clients",
}
OF_OTHERS = {"unlock": "", "allow": "allow it there for good"}
"""The parts of hints that differ with the keyring."""

FAILURES: dict[Kind, tuple[type[StoreError], str, str]] = {
    "no bus": (errors.NoBus, "There is no D-Bus session here, so no keyring can be asked.", ENCRYPTED),
    "no keyring": (errors.NoKeyring, "{name} does not answer on this machine.", ENCRYPTED),
    "none": (
        errors.NoKeyring,
        "No keyring answers on this machine: neither the Secret Service nor KWallet is there.",
        ENCRYPTED,
    ),
    "no module": (
        errors.NoKeyring,
        "{name} cannot be used: Python has no module for it ({detail}).",
        "Install it, or set GUMAUTH_STORE=file to keep secrets in an encrypted file.",
    ),
    "gone": (
        errors.NoKeyring,
        "{name} ended before it answered.",
        "Log in to the desktop session again, so that it starts anew.",
    ),
    "locked": (
        errors.KeyringLocked,
        "{name} is locked, and nobody can be asked to unlock it.",
        "Unlock it in your desktop session, or run the command in a terminal there.{unlock}",
    ),
    "locked elsewhere": (
        errors.KeyringLocked,
        "{name} has the entry in a keyring that is locked, and not the default one.",
        "Unlock that keyring in your desktop's program for passwords, and run the command again.",
    ),
    "left elsewhere": (
        StoreError,
        "{name} may have an older entry in another keyring than the default one.",
        "Remove it with the keyring's own program, and run the command again.",
    ),
    "no collection": (
        errors.KeyringLocked,
        "{name} has no default keyring yet, and nobody can be asked to make one.",
        "Run the command in a terminal of your desktop session, or set GUMAUTH_STORE=file.",
    ),
    "dismissed": (
        errors.PromptDismissed,
        "{name} was not unlocked: its prompt was dismissed, or could not be shown.",
        "Run the command again in your desktop session and answer the prompt.{unlock}",
    ),
    "denied": (
        errors.AccessDenied,
        "{name} does not let gumauth in.",
        "Allow gumauth in the keyring's settings, or set GUMAUTH_STORE=file.",
    ),
    "asks": (
        errors.AccessDenied,
        "{name} asks in a dialog whether gumauth may use it, and nobody is there to answer.",
        "Run the command in a terminal of your desktop session, and {allow}.",
    ),
    "timeout": (
        errors.KeyringTimeout,
        "{name} did not answer within {detail}.",
        "Unlock or restart it, or run `gumauth doctor`.",
    ),
    "odd answer": (
        StoreError,
        "{name} gave an answer that is not what its specification says.",
        "Restart or update it, or set GUMAUTH_STORE=file to keep secrets in an encrypted file.",
    ),
    "busy": (
        errors.KeyringTimeout,
        "Other processes have been busy with {name} for {detail}.",
        "Try again, or run `gumauth doctor`.",
    ),
    "too large": (errors.RecordTooLarge, "{name} does not take a record of this size.", ENCRYPTED),
    "unsafe": (
        errors.UnsafeKeyring,
        "{name} loses secrets or keeps them in plain text.",
        "Unset GUMAUTH_KEYRING, or set GUMAUTH_STORE=file to keep secrets in an encrypted file.",
    ),
    "corrupt": (
        errors.RecordCorrupt,
        "{name} holds something under gumauth's name that is not text.",
        "Remove that entry with the keyring's own program, and connect the account again.",
    ),
    "failed": (
        StoreError,
        "{name} failed: {detail}.",
        "Run `gumauth doctor`, or set GUMAUTH_STORE=file to keep secrets in an encrypted file.",
    ),
}

BY_CLASS: dict[str, Kind] = {
    "PromptDismissedException": "dismissed",
    "LockedException": "locked",
    "KeyringLocked": "dismissed",  # keyring's own: the person was asked, and the collection is still locked
    "SecretServiceNotAvailableException": "no keyring",
    "NoKeyringError": "no keyring",
    "InitError": "no keyring",
    "ModuleNotFoundError": "no module",
    "ImportError": "no module",
    "NameError": "no module",  # keyring's backends import what they need inside `try … except ImportError: pass`
    "KeyringDenied": "denied",
    "SecAuthFailure": "denied",
    "PermissionError": "denied",
    "AuthenticationError": "no bus",
    "FileNotFoundError": "no bus",
    "ConnectionRefusedError": "no bus",
    "ConnectionResetError": "gone",
    "BrokenPipeError": "gone",
    "TimeoutError": "timeout",
    "UnicodeDecodeError": "corrupt",
    "BusUnreachable": "no bus",
    "BadAnswer": "odd answer",
}

BY_BUS_NAME: dict[str, Kind] = {
    "org.freedesktop.Secret.Error.IsLocked": "locked",
    "org.freedesktop.DBus.Error.AccessDenied": "denied",
    "org.freedesktop.DBus.Error.AuthFailed": "denied",
    "org.freedesktop.DBus.Error.LimitsExceeded": "too large",
    "org.freedesktop.DBus.Error.ServiceUnknown": "no keyring",
    "org.freedesktop.DBus.Error.NameHasNoOwner": "no keyring",
    "org.freedesktop.DBus.Error.Spawn": "no keyring",
    "org.freedesktop.DBus.Error.NoReply": "gone",
    "org.freedesktop.DBus.Error.Disconnected": "gone",
    "org.freedesktop.DBus.Error.Timeout": "timeout",
    "org.freedesktop.DBus.Error.TimedOut": "timeout",
}

BY_WINDOWS_NUMBER: dict[int, Kind] = {1783: "too large", 8: "too large", 5: "denied", 1312: "no keyring"}
"""RPC_X_BAD_STUB_DATA is how CredWrite refuses a value that is too long; then not enough memory, access denied, and no
logon session, as in a service."""

BY_MAC_NUMBER: dict[int, Kind] = {-128: "dismissed", -25293: "denied", -25308: "locked", -61: "denied"}
"""Source: Security/SecBase.h: user cancelled, auth failed, interaction not allowed, write permissions."""


def failure(kind: Kind, name: str, detail: str = "") -> StoreError:
    """The error for a kind of failure.

    Args:
        kind: The kind.
        name: The store's name.
        detail: A duration, a module, or the type of a foreign error; never the text of one, which may hold a secret.
    """
    error, message, hint = FAILURES[kind]
    words = OF_SECRET_SERVICE if name == SECRET_SERVICE else OF_OTHERS
    return error(message.format(name=name, detail=one_line(detail)), hint=hint.format(**words))


def known(kind: object) -> Kind:
    """The kind of failure that the worker process names; "failed" for anything that is no kind."""
    return kind if isinstance(kind, str) and kind in FAILURES else "failed"


def kind_of(error: BaseException) -> tuple[Kind, str]:
    """The kind of a foreign error, and the name of the error's type or of the missing module.

    The innermost cause of a known kind decides: a backend wraps the errors of its libraries in errors that say less.
    """
    chain = [error]
    while len(chain) < 5 and (cause := chain[-1].__cause__ or chain[-1].__context__):
        chain.append(cause)
    for each in reversed(chain):
        if kind := _bus_kind(each) or _number_kind(each) or _class_kind(each):
            module = each.name if isinstance(each, ImportError | NameError) else None
            return kind, module or type(each).__name__
    return "failed", type(error).__name__


def _bus_kind(error: BaseException) -> Kind | None:
    """By the D-Bus name, which jeepney's errors have as an attribute and dbus-python's as a method."""
    get_name = getattr(error, "get_dbus_name", None)
    name = get_name() if callable(get_name) else getattr(error, "name", None)
    if not isinstance(name, str):
        return None
    return next((kind for start, kind in BY_BUS_NAME.items() if name.startswith(start)), None)


def _number_kind(error: BaseException) -> Kind | None:
    """By the number that Windows or macOS gives."""
    number = getattr(error, "winerror", None)
    if isinstance(number, int):
        return BY_WINDOWS_NUMBER.get(number)
    first = error.args[0] if error.args else None
    return BY_MAC_NUMBER.get(first) if isinstance(first, int) else None


def _class_kind(error: BaseException) -> Kind | None:
    if isinstance(error, KeyError) and error.args == ("DBUS_SESSION_BUS_ADDRESS",):
        return "no bus"
    return next((BY_CLASS[cls.__name__] for cls in type(error).__mro__ if cls.__name__ in BY_CLASS), None)
