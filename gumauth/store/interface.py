"""The interface of every store for secrets, and what a store has to know of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal

    from gumauth.platform.folders import Home

    KeyringName = Literal["Secret Service", "KWallet", "macOS Keychain", "Windows Credential Locker"]


class Store(Protocol):
    """Keeps short texts under keys. Every implementation passes `tests/store/contract.py`.

    A key is lower-case ASCII words joined by slashes, at most 120 characters. A value is one line of text (JSON with a
    version), up to 64 KiB in UTF-8, and secret: no implementation shows a value in an error, a log, an argument of a
    process or a file that is not encrypted.
    """

    name: str
    """The store's name, which accounts remember: a `KeyringName`, "encrypted file", or a keyring backend's class."""

    def get(self, key: str) -> str | None:
        """The value under a key; None where there is none.

        Raises:
            StoreError: The store cannot be asked, or its entry cannot be read.
        """
        ...

    def set(self, key: str, value: str) -> None:
        """Put a value under a key, in place of an older one; the value is kept when this returns.

        Raises:
            StoreError: The value is not kept; an older value may be.
        """
        ...

    def delete(self, key: str) -> None:
        """See to it that there is nothing under a key.

        Raises:
            StoreError: The value may still be there.
        """
        ...


class Run(Protocol):
    """What a store has to know of its run; `gumauth.client.context.Context` implements it."""

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
        """Asks the person for a secret, without echo; None where nobody can be asked."""
        ...

    @property
    def notify(self) -> Callable[[str], None]:
        """Shows the person one sentence."""
        ...
