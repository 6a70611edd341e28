"""The last HTTP answer that a provider file's own client got, kept for as long as its method runs.

A file that reads what it needs from a body, whatever came, fails or returns nothing where the body is a refusal or a
captive portal's page. What came says what happened; the file's own error says only that it did not expect it.

The clients of httpx and requests tell the context (`contextvars`) in which they are used, and nobody where nothing
is kept there: a program that gumauth is part of, and its other threads, notice nothing.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.oauth2.response import Response

SENDERS = (("httpx", "AsyncClient", True), ("httpx", "Client", False), ("requests", "Session", False))
"""Classes whose `send` is told of: module, name, and whether it is a coroutine function."""


@dataclass
class LastAnswer:
    """What came last, while a method runs.

    Args:
        about: The code or token that the method is to send. Secret; empty where there is none.
        response: Of httpx or requests; holds secrets.
        is_over: Whether the method has ended; what a task that it left behind gets is not kept.
    """

    about: str = field(default="", repr=False)
    response: Any = field(default=None, repr=False)
    is_over: bool = field(default=False, repr=False)

    def refused(self, *, wants_data: bool = True) -> Response | None:
        """What came last, where it is a refusal or a page; None where it is neither, or nothing came.

        Args:
            wants_data: Whether a good answer has JSON or a form in it.
        """
        from gumauth.oauth2.error_members import has_error
        from gumauth.oauth2.http.foreign_responses import response_of
        from gumauth.oauth2.response import is_html

        response = response_of(self.response)
        if response is None:
            return None
        data = response.data()
        is_good = response.ok and not is_html(response) and not has_error(data) and not (wants_data and data is None)
        return None if is_good else response

    def tell(self, response: Any) -> None:
        """Keep a response; but what refuses the code or token is not lost to what comes of another request."""
        if not (self.is_told_no and self.is_about(response) is False):
            self.response = response

    @property
    def is_told_no(self) -> bool:
        """Whether what came last refuses the code or token."""
        return self.is_about(self.response) is True and self.refused(wants_data=False) is not None

    def is_about(self, response: Any) -> bool | None:
        """Whether the code or token was sent to get a response; None where that cannot be seen."""
        from gumauth.oauth2.sent_secrets import carries

        return carries(getattr(response, "request", None), self.about)

    @property
    def speaker(self) -> str:
        """Who answered."""
        from gumauth.oauth2.http.foreign_responses import host_of

        return host_of(self.response)

    @property
    def secrets(self) -> list[str]:
        """What was sent to get it, which must not be repeated."""
        from gumauth.oauth2.sent_secrets import sent_by

        return sent_by(getattr(self.response, "request", None))


_kept: ContextVar[LastAnswer | None] = ContextVar("gumauth_last_answer", default=None)


@contextlib.contextmanager
def kept(about: str = "") -> Iterator[LastAnswer]:
    """Keep the last answer to the code of this block, and to the tasks and worker threads that it starts.

    Args:
        about: As in `LastAnswer`.
    """
    _listen()
    last = LastAnswer(about=about)
    token = _kept.set(last)
    try:
        yield last
    finally:
        last.response, last.about, last.is_over = None, "", True
        with contextlib.suppress(ValueError):  # a coroutine that is thrown away ends in another context
            _kept.reset(token)


def _listen() -> None:
    """Have the clients tell of their answers; those of libraries that are not imported are never used."""
    for module, name, is_async in SENDERS:
        of = getattr(sys.modules.get(module), name, None)
        send = getattr(of, "send", None)
        if send is not None and not hasattr(send, "tells_gumauth"):
            telling = _telling_async(send) if is_async else _telling(send)
            telling.tells_gumauth = True  # type: ignore[attr-defined]
            of.send = telling  # type: ignore[union-attr]


def _telling(send: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(send)
    def telling(*args: Any, **kwargs: Any) -> Any:
        return _tell(send(*args, **kwargs), kwargs)

    return telling


def _telling_async(send: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(send)
    async def telling(*args: Any, **kwargs: Any) -> Any:
        return _tell(await send(*args, **kwargs), kwargs)

    return telling


def _tell(response: Any, options: Mapping[str, Any]) -> Any:
    """Keep a response, where that is wanted; not one whose body is still to be read."""
    if (last := _kept.get()) is not None and not last.is_over:
        last.tell(None if options.get("stream") else response)
    return response
