"""Keyring backends that misbehave as real ones do. They run in the worker, and are told what to do by variables.

KEYRING_FAKE_FILE names the file in which they keep their entries.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError, PasswordSetError

Entries = dict[str, str]


class FileKeyring(KeyringBackend):
    """Keeps entries in a file, in the open."""

    @property
    def path(self) -> Path:
        return Path(os.environ["KEYRING_FAKE_FILE"])

    def entries(self) -> Entries:
        return dict(json.loads(self.path.read_text())) if self.path.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries().get(f"{service}\n{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self.path.write_text(json.dumps({**self.entries(), f"{service}\n{username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        entries = self.entries()
        if entries.pop(f"{service}\n{username}", None) is None:
            msg = "not found"
            raise PasswordDeleteError(msg)
        self.path.write_text(json.dumps(entries))


class FirstLineKeyring(FileKeyring):
    """Keeps the first line and strips it, as the backend for `pass` does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password.split("\n")[0].strip())


class CappedKeyring(FileKeyring):
    """Takes at most 2560 bytes of UTF-16, as the Windows Credential Locker does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > 2560:
            error = OSError("The stub received bad data.")
            error.winerror = 1783  # type: ignore[attr-defined,unused-ignore]
            raise error
        super().set_password(service, username, password)


class WaitingKeyring(FileKeyring):
    """Answers when the file that KEYRING_FAKE_GO names is there; says in <that file>.waiting that it waits."""

    def _wait(self) -> None:
        go = Path(os.environ["KEYRING_FAKE_GO"])
        Path(f"{go}.waiting").touch()
        while not go.exists():
            time.sleep(0.01)

    def get_password(self, service: str, username: str) -> str | None:
        self._wait()
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._wait()
        super().set_password(service, username, password)
        Path(f"{os.environ['KEYRING_FAKE_GO']}.written").touch()


class StuckKeyring(FileKeyring):
    """Hangs while it is made, as one that talks to a service in its constructor may."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        time.sleep(600)


class StubbornKeyring(FileKeyring):
    """Does not let an entry be deleted."""

    def delete_password(self, service: str, username: str) -> None:
        msg = "not allowed"
        raise PasswordDeleteError(msg)


class LeakyKeyring(FileKeyring):
    """Puts the secret into its error, prints it, and logs it."""

    def set_password(self, service: str, username: str, password: str) -> None:
        print(password)
        print(password, file=sys.stderr)
        try:
            raise subprocess.CalledProcessError(1, ["store", password], output=password)
        except subprocess.CalledProcessError as error:
            raise PasswordSetError(password) from error


class DyingKeyring(FileKeyring):
    """Ends its process in the middle."""

    def set_password(self, service: str, username: str, password: str) -> None:
        os._exit(3)


class TalkativeKeyring(FileKeyring):
    """Prints to standard output, where the worker's answers go."""

    def get_password(self, service: str, username: str) -> str | None:
        print('{"value": "not this"}', flush=True)
        os.write(1, b"nor this\n")
        return super().get_password(service, username)


class SpyKeyring(FileKeyring):
    """Gives its process's environment, arguments and modules as the value of every entry."""

    def get_password(self, service: str, username: str) -> str | None:
        process = {
            "environ": dict(os.environ),
            "argv": Path("/proc/self/cmdline").read_text().split("\0"),
            "modules": sorted(sys.modules),
            "pid": os.getpid(),
            "group": os.getpgrp(),
            "path": sys.path,
        }
        return json.dumps(process)


class BrokenKeyring(FileKeyring):
    """Cannot be made: the module that it needs is not there."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        import a_module_that_nobody_has  # type: ignore[import-not-found]  # noqa: F401


class PlaintextKeyring(FileKeyring):
    """Has the name of those that keep secrets in the open."""


class Renamed(PlaintextKeyring):
    """Is one of those under another name."""


class PretendingKeyring(FileKeyring):
    """Has an entry for every key, and says that it deleted it."""

    def get_password(self, service: str, username: str) -> str | None:
        return "{}"

    def delete_password(self, service: str, username: str) -> None:
        """Does nothing."""
