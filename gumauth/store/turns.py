"""One at a time at the keyring: the lock that all processes of a person share.

gnome-keyring 42 aborts, and comes back locked, when several connections come and go quickly. The lock guards the
daemon and not the data, so where its file cannot be made, things go on without it.
"""

from __future__ import annotations

import os

from gumauth.errors import Busy, HomeError
from gumauth.lock import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from gumauth.home import Home

PATIENCE = 30.0
"""Seconds: two hundred processes that start at once have each had their turn before that."""


def lock_path(environ: Mapping[str, str], home: Home) -> str:
    """The lock file: in the runtime folder, which every GUMAUTH_HOME shares, where it is there and ours."""
    folder = environ.get("XDG_RUNTIME_DIR", "")
    try:
        if os.path.isabs(folder) and os.stat(folder).st_uid == os.getuid() and os.path.isdir(folder):
            return os.path.join(folder, "gumauth-keyring.lock")
    except (OSError, AttributeError):
        pass
    return os.path.join(home.state, "locks", "keyring.lock")


class Turn:
    """Holds the lock for the length of a `with` block, or nothing where there can be no lock.

    Raises:
        TurnTimeout: On entering: other processes have held it all the time.
    """

    def __init__(self, path: str) -> None:
        self._lock = Lock(path, timeout=PATIENCE, what="the keyring")
        self._held = False

    def __enter__(self) -> Turn:
        try:
            self._lock.__enter__()
            self._held = True
        except HomeError:
            pass
        except Busy as error:
            raise TurnTimeout from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._held:
            self._held = False
            self._lock.__exit__(kind, error, trace)


class TurnTimeout(Exception):
    """Other processes have been busy with the keyring for `PATIENCE` seconds."""
