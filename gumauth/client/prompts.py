"""What a connect shows to the person and asks of them; the command line implements it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gumauth.oauth2.device import DeviceAuthorization


class Prompts(Protocol):
    """The person who connects: sees the URL, goes to the provider, may paste the address of the callback."""

    @property
    def attended(self) -> bool:
        """Whether somebody is there to answer `agree`."""
        ...

    def show_details(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show what is about to be connected, before the browser opens.

        Args:
            rows: Labels and values; foreign text.
        """
        ...

    def show_url(self, url: str, *, port: int) -> None:
        """Show where to go.

        Args:
            url: Of the authorization request; safe to print.
            port: Where this machine listens for the callback.
        """
        ...

    def show_certificate(self, fingerprint: str, *, redirect_uri: str) -> None:
        """Say that the browser will warn of the callback's certificate, and what to press; before the URL is shown.

        Args:
            fingerprint: The certificate's SHA-256, 64 hexadecimal digits in lower case.
            redirect_uri: Where the browser will warn.
        """
        ...

    def show_code(self, authorization: DeviceAuthorization, *, shown: str, scopes: Sequence[str]) -> None:
        """Show the code, and where to enter it. Promise V2.

        Args:
            authorization: The address is safe to print, and so is the code.
            shown: What people call the provider; foreign text, as the scopes.
            scopes: Asked for.
        """
        ...

    def open_url(self, url: str) -> None:
        """Open the URL in a browser, if there is one. Whether that worked decides nothing. Promise B2."""
        ...

    def pasted(self) -> AsyncIterator[str]:
        """The redirected URLs, or their queries, that the person pastes."""
        ...

    def waiting(self) -> None:
        """Say that the wait for the callback begins."""
        ...

    def hint(self) -> None:
        """Say what can be done, where the wait has lasted for some time. Promise C9."""
        ...

    def say(self, sentence: str) -> None:
        """Tell the person one sentence."""
        ...

    async def agree(self, question: str, *, usually: bool) -> bool:
        """Whether the person says yes; where nobody can be asked, no.

        Args:
            question: One sentence, what is done if the answer is yes.
            usually: What an empty answer means.
        """
        ...
