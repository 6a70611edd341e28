"""The contract of a provider, as Gumstack's `mcp.gumstack` has it. Standard library only."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field


@dataclass
class TokenResponse:
    """What a provider gives for a code or a refresh token.

    Not frozen: provider files written for Gumstack may fill in a field afterwards.

    Args:
        access_token: Secret.
        refresh_token: Secret; None where none came.
        expires_in: Seconds from now that the access token lives; None where the provider does not say.
        token_type: How the token is presented, mostly "Bearer".
        scope: What was granted, separated by spaces; None where the provider does not say.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_in: int | None = None
    token_type: str = "Bearer"
    scope: str | None = None


class AuthProvider(ABC):
    """One service that accounts are connected at. One object serves one connection at a time.

    Args:
        name: Class attribute; unique; names the provider in commands and in storage.
    """

    name: str

    @abstractmethod
    def get_url(self, redirect_uri: str, state: str) -> str:
        """The URL at which the person is asked for consent.

        Args:
            redirect_uri: Where the provider sends the browser afterwards.
            state: Random; comes back with the code.
        """

    @abstractmethod
    async def exchange(self, code: str, redirect_uri: str) -> TokenResponse:
        """Trade an authorization code for tokens.

        Args:
            code: Single use, lives for a minute or so; never logged.
            redirect_uri: Byte for byte the one that `get_url` was given.
        """

    @abstractmethod
    async def refresh(self, refresh_token: str) -> TokenResponse:
        """Trade a refresh token for a new access token.

        Raises:
            NotImplementedError: The service's tokens do not expire.
        """

    @abstractmethod
    async def get_nickname(self, access_token: str) -> str:
        """Whose account it is: e-mail, user name or organisation."""

    async def revoke(self, access_token: str) -> bool:  # noqa: ARG002 - the contract names it
        """End the grant; whether it has ended. Does nothing unless the provider says how."""
        return True


def credential_variables(name: str) -> tuple[str, str]:
    """The environment variables with a provider's client id and client secret."""
    stem = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name).upper()
    return f"{stem}_CLIENT_ID", f"{stem}_CLIENT_SECRET"
