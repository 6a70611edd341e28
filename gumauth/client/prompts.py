"""Whom a connect shows the URL to, and who may paste what came back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol


class Person(Protocol):
    """Who connects: sees the URL, goes to the provider, may paste what came back."""

    @property
    def attended(self) -> bool:
        """Whether `agree` can be answered."""
        ...

    def show_url(self, url: str, *, port: int) -> None:
        """The listener is bound; this is where to go."""
        ...

    def open_url(self, url: str) -> None:
        """Open it for the person, if that can be done. Whether it worked decides nothing."""
        ...

    def pasted(self) -> AsyncIterator[str]:
        """The redirected URLs, or their queries, that the person pastes."""
        ...

    def waiting(self) -> None:
        """The wait begins."""
        ...

    def hint(self) -> None:
        """The wait has lasted for some time."""
        ...

    def say(self, sentence: str) -> None:
        """One sentence about what is going on."""
        ...

    async def agree(self, question: str, *, usually: bool) -> bool:
        """Whether the person says yes; where nobody can be asked, no.

        Args:
            question: One sentence, what is done if the answer is yes.
            usually: What an empty answer means.
        """
        ...
