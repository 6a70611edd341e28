"""The contract of a provider, as Gumstack's `mcp.gumstack` has it. Standard library only."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field


@dataclass
class TokenResponse:
    """The tokens that a provider gives for a code or a refresh token.

    Not frozen: provider files written for Gumstack may set a field later.

    Args:
        access_token: Secret.
        refresh_token: Secret; None where the provider gave no refresh token.
        expires_in: Seconds from now that the access token lives; None where the provider does not say.
        token_type: The word before the token in an Authorization header, mostly "Bearer".
        scope: The granted scopes, separated by spaces; None where the provider does not say.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_in: int | None = None
    token_type: str = "Bearer"
    scope: str | None = None


class AuthProvider(ABC):
    """A service at which accounts are connected. One object serves one connection at a time.

    Attributes:
        name: Of the class; unique; names the provider in commands and in storage.
    """

    name: str

    @abstractmethod
    def get_url(self, redirect_uri: str, state: str) -> str:
        """The URL at which the person is asked for consent.

        Args:
            redirect_uri: The address to which the provider sends the browser afterwards.
            state: Random; the provider sends it back with the code.
        """

    @abstractmethod
    async def exchange(self, code: str, redirect_uri: str) -> TokenResponse:
        """Trade an authorization code for tokens.

        Args:
            code: Single use, lives for a minute or so; never logged.
            redirect_uri: The same as for `get_url`, byte for byte.
        """

    @abstractmethod
    async def refresh(self, refresh_token: str) -> TokenResponse:
        """Trade a refresh token for a new access token.

        Raises:
            NotImplementedError: The service's tokens do not expire.
        """

    @abstractmethod
    async def get_nickname(self, access_token: str) -> str:
        """The name of a token's account: e-mail, user name or organisation.

        Args:
            access_token: Secret.
        """

    async def revoke(self, access_token: str) -> bool:  # noqa: ARG002 - the contract names it
        """End the grant. This default ends nothing.

        Args:
            access_token: Secret.

        Returns:
            Whether the grant has ended.
        """
        return True


def credential_variables(name: str) -> tuple[str, str]:
    """The environment variables with a provider's client id and client secret."""
    stem = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name).upper()
    return f"{stem}_CLIENT_ID", f"{stem}_CLIENT_SECRET"
