"""What a store for secrets is. One implementation a file, beside this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal

    from gumauth.platform.folders import Home

    KeyringName = Literal["Secret Service", "KWallet", "macOS Keychain", "Windows Credential Locker"]


class Store(Protocol):
    """Keeps short texts under keys. `tests/store/contract.py` is what every implementation passes.

    Keys are lower-case ASCII words joined by slashes, at most 120 characters. Values are one line of text
    (JSON with a version), up to 64 KiB in UTF-8, and secret: no implementation shows one in an error, a log,
    an argument of a process or a file that is not encrypted.
    """

    name: str
    """What people call the place: "Secret Service", "KWallet", "encrypted file"; remembered with the account."""

    def get(self, key: str) -> str | None:
        """The value under a key; None where there is none.

        Raises:
            StoreError: The place cannot be asked, or what it holds cannot be read.
        """
        ...

    def set(self, key: str, value: str) -> None:
        """Put a value under a key, in place of an older one; when this returns, it is kept.

        Raises:
            StoreError: It is not kept; an older value may be.
        """
        ...

    def delete(self, key: str) -> None:
        """See to it that there is nothing under a key.

        Raises:
            StoreError: It may still be there.
        """
        ...


class Run(Protocol):
    """What a store has to know of the run that it serves; `gumauth.client.context.Context` is one."""

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment variables."""
        ...

    @property
    def home(self) -> Home:
        """The folders, and the name of the keyring's entries."""
        ...

    @property
    def attended(self) -> bool:
        """Whether somebody can answer a prompt."""
        ...

    @property
    def ask(self) -> Callable[[str], str] | None:
        """Asks for a secret, hidden; None where nobody can be asked."""
        ...

    @property
    def notify(self) -> Callable[[str], None]:
        """Takes one sentence for the person."""
        ...
