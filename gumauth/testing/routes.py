"""Which part of the server answers a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from gumauth.testing.messages import Request, Response
    from gumauth.testing.misbehaviour import Where


@dataclass(frozen=True)
class Route:
    """An endpoint.

    Args:
        where: Its name for `server.misbehave`; None for a page that only people use.
        answer: Gives its response to the request.
    """

    where: Where | None
    answer: Callable[[Request], Response]


class Part(Protocol):
    """Some endpoints of the server that belong together."""

    def route(self, request: Request) -> Route | None:
        """The endpoint that a request is for; None where it is none of these."""
        ...
