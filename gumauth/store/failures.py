"""What can go wrong with a keyring, each as one error with one thing to do."""

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
"""The parts of the hints that differ with the keyring."""

FAILURES: dict[Kind, tuple[type[StoreError], str, str]] = {
    "no bus": (
        errors.NoBus,
        "There is no D-Bus session here, so no keyring can be asked.",
        ENCRYPTED,
    ),
    "no keyring": (
        errors.NoKeyring,
        "{name} does not answer on this machine.",
        ENCRYPTED,
    ),
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
    "too large": (
        errors.RecordTooLarge,
        "{name} does not take a record of this size.",
        ENCRYPTED,
    ),
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


def known(kind: object) -> Kind:
    """The kind of failure that the worker process named; "failed" for anything else."""
    return kind if isinstance(kind, str) and kind in FAILURES else "failed"


def failure(kind: Kind, name: str, detail: str = "") -> StoreError:
    """The error for a kind of failure.

    Args:
        kind: What went wrong.
        name: The store's.
        detail: A duration, a module, or the type of a foreign error; never its text, which may hold a secret.
    """
    error, message, hint = FAILURES[kind]
    words = OF_SECRET_SERVICE if name == SECRET_SERVICE else OF_OTHERS
    return error(message.format(name=name, detail=one_line(detail)), hint=hint.format(**words))
