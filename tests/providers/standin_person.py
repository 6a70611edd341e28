"""The person who connects at a stand-in: opens the URL at once, or allows the code of a device."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence

from gumauth.oauth2.device import DeviceAuthorization
from gumauth.testing import deliver


class Person:
    """Allows whatever is asked.

    Args:
        follow: Opens an authorization URL, and gives the URL that follows.
        approve: Allows a user code.
        pastes: Whether the URL that follows is pasted; else the browser opens it.
    """

    attended = False

    def __init__(self, follow: Callable[[str], str], approve: Callable[[str], None], *, pastes: bool = False) -> None:
        self._follow, self._approve, self._pastes = follow, approve, pastes
        self._back: asyncio.Queue[str] = asyncio.Queue()
        self._browser: threading.Thread | None = None
        self.said: list[str] = []

    def show_details(self, rows: Sequence[tuple[str, str]]) -> None:
        """Nothing is shown."""

    def show_certificate(self, fingerprint: str, *, redirect_uri: str) -> None:
        """The browser takes any certificate."""

    def show_url(self, url: str, *, port: int) -> None:
        """It is opened next."""

    def show_code(self, authorization: DeviceAuthorization, *, shown: str, scopes: Sequence[str]) -> None:
        """Enter the code."""
        self._approve(authorization.user_code)

    def open_url(self, url: str) -> None:
        """Consent, and bring the code back."""
        back = self._follow(url)
        if self._pastes:
            self._back.put_nowait(back)
        else:
            self._browser = threading.Thread(target=deliver, args=(back,))
            self._browser.start()

    def rest(self) -> None:
        """Wait until the page was seen."""
        if self._browser is not None:
            self._browser.join(10)

    async def pasted(self) -> AsyncIterator[str]:
        """The URL that follows the consent."""
        while True:
            yield await self._back.get()

    def waiting(self) -> None:
        """Nothing is shown."""

    def hint(self) -> None:
        """Nothing is shown."""

    def say(self, sentence: str) -> None:
        """Remember it."""
        self.said.append(sentence)

    async def agree(self, question: str, *, usually: bool) -> bool:
        """Nobody is asked."""
        raise AssertionError(question)
