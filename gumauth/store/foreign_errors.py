"""Whatever a keyring backend raises, as one of the kinds of `failures`.

Backends raise their libraries' errors as they come, so they are told by their names: importing the libraries to compare
classes would load what this system does not have. The text of an error is never passed on; it may hold the secret.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.store.failures import Kind

KINDS: dict[str, Kind] = {
    "PromptDismissedException": "dismissed",
    "LockedException": "locked",
    "KeyringLocked": "dismissed",  # keyring's: it asked, and the collection is still locked
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

BUS_ERRORS: dict[str, Kind] = {
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

WINDOWS_ERRORS: dict[int, Kind] = {1783: "too large", 8: "too large", 5: "denied", 1312: "no keyring"}
"""RPC_X_BAD_STUB_DATA is how CredWrite says that the value is too long; no logon session: run as a service."""

MAC_ERRORS: dict[int, Kind] = {-128: "dismissed", -25293: "denied", -25308: "locked", -61: "denied"}
"""Source: Security/SecBase.h: user cancelled, auth failed, interaction not allowed, write permissions."""


def kind_of(error: BaseException) -> tuple[Kind, str]:
    """The kind of failure, and the name of the error's type (or of the missing module).

    What lies deepest is looked at first: backends wrap what their libraries raise, and say less.
    """
    chain = [error]
    while len(chain) < 5 and (deeper := chain[-1].__cause__ or chain[-1].__context__):
        chain.append(deeper)
    for each in reversed(chain):
        if kind := _own_kind(each):
            return kind, _detail(each)
    return "failed", type(error).__name__


def _detail(error: BaseException) -> str:
    module = error.name if isinstance(error, ImportError | NameError) else None
    return module or type(error).__name__


def _own_kind(error: BaseException) -> Kind | None:
    return _bus_kind(error) or _code_kind(error) or _type_kind(error)


def _bus_kind(error: BaseException) -> Kind | None:
    """By the D-Bus name that jeepney's errors have and dbus-python's give."""
    ask = getattr(error, "get_dbus_name", None)
    name = ask() if callable(ask) else getattr(error, "name", None)
    if not isinstance(name, str):
        return None
    return next((kind for start, kind in BUS_ERRORS.items() if name.startswith(start)), None)


def _code_kind(error: BaseException) -> Kind | None:
    """By the number that Windows or macOS gives."""
    code = getattr(error, "winerror", None)
    if isinstance(code, int):
        return WINDOWS_ERRORS.get(code)
    first = error.args[0] if error.args else None
    return MAC_ERRORS.get(first) if isinstance(first, int) else None


def _type_kind(error: BaseException) -> Kind | None:
    if isinstance(error, KeyError) and error.args == ("DBUS_SESSION_BUS_ADDRESS",):
        return "no bus"
    return next((KINDS[cls.__name__] for cls in type(error).__mro__ if cls.__name__ in KINDS), None)
