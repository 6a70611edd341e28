"""Where the client of a connect comes from, where it is not known before: a service that registers clients itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gumauth.client.credentials import Credentials
from gumauth.errors import GumauthError
from gumauth.registry.resolved import ResolvedProvider


class ClientSource(Protocol):
    """Gives one connect its client, once the redirect URI is known, and hears what became of it.

    All but `obtain` may block, and is called on a thread.
    """

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports that the redirect URI should have, the best first."""
        ...

    @property
    def any_port(self) -> bool:
        """Whether any other port will do where those are taken."""
        ...

    async def obtain(self, redirect_uri: str | None) -> Credentials:
        """The client's credentials.

        Args:
            redirect_uri: Of this connect; None for a flow without one.

        Raises:
            MissingCredentials: The service wants a client that a person registers, and there is none.
            RegistrationError: The service refuses to register one.
            Temporary: It cannot be asked now.
        """
        ...

    def details(self) -> Sequence[tuple[str, str]]:
        """What is connected and as whom, in rows of a label and a value; after `obtain`."""
        ...

    def worked(self) -> None:
        """Note that tokens came for the client."""
        ...

    def unanswered(self) -> str:
        """Note that nobody came back from the service; gives a sentence that helps, or ""."""
        ...

    def again(self, error: GumauthError) -> tuple[ResolvedProvider, str] | None:
        """The provider with which a failed connect is tried once more, and why; None where that would not help."""
        ...
