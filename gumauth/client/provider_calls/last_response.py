"""Records the last HTTP response that a provider file's own client got, while a method of the file runs.

A file that does not check a response fails, or returns nothing, where the response is an error or a captive portal's
page. The response says what happened; the file's own exception does not. Promise P4.

The clients of httpx and requests hand each response to the recorder in their context (`contextvars`). Without a
recorder there they behave as before: other threads, and a program that gumauth is part of, notice nothing.
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
"""Classes whose `send` is wrapped: module, name, and whether `send` is a coroutine function."""


@dataclass
class LastResponse:
    """The last response to a method's client.

    Args:
        about: The code or token that the method has to send. Secret; empty where there is none.
        response: Of httpx or requests; holds secrets.
        is_over: Whether the method has ended; responses to tasks that it left behind are not recorded.
    """

    about: str = field(default="", repr=False)
    response: Any = field(default=None, repr=False)
    is_over: bool = field(default=False, repr=False)

    def refused(self, *, wants_data: bool = True) -> Response | None:
        """The response, if it is an error or a web page; None for a good response, or none.

        Args:
            wants_data: Whether a good response holds JSON or a form.
        """
        from gumauth.oauth2.error_members import has_error
        from gumauth.oauth2.http.foreign import response_of
        from gumauth.oauth2.response import is_html

        response = response_of(self.response)
        if response is None:
            return None
        data = response.data()
        is_good = response.ok and not is_html(response) and not has_error(data) and not (wants_data and data is None)
        return None if is_good else response

    def record(self, response: Any) -> None:
        """Record a response. The refusal of the code or token stays, where the new response is to another request."""
        refuses = self.is_about(self.response) is True and self.refused(wants_data=False) is not None
        if not (refuses and self.is_about(response) is False):
            self.response = response

    def is_about(self, response: Any) -> bool | None:
        """Whether the request of a response carried the code or token; None where that cannot be seen."""
        from gumauth.oauth2.http.foreign import carries

        return carries(getattr(response, "request", None), self.about)

    @property
    def speaker(self) -> str:
        """The host that answered."""
        from gumauth.oauth2.http.foreign import host_of

        return host_of(self.response)

    @property
    def secrets(self) -> list[str]:
        """The secrets in the request of the response; no error may repeat them."""
        from gumauth.oauth2.http.foreign import sent_by

        return sent_by(getattr(self.response, "request", None))


_recorder: ContextVar[LastResponse | None] = ContextVar("gumauth_last_response", default=None)


@contextlib.contextmanager
def recorded(about: str = "") -> Iterator[LastResponse]:
    """Record the last response to the code of this block, and to the tasks and worker threads that it starts.

    Args:
        about: As in `LastResponse`.
    """
    _wrap_clients()
    last = LastResponse(about=about)
    token = _recorder.set(last)
    try:
        yield last
    finally:
        last.response, last.about, last.is_over = None, "", True
        with contextlib.suppress(ValueError):  # a coroutine that is thrown away ends in another context
            _recorder.reset(token)


def _wrap_clients() -> None:
    """Make the clients of the imported libraries record their responses."""
    for module, name, is_async in SENDERS:
        of = getattr(sys.modules.get(module), name, None)
        send = getattr(of, "send", None)
        if send is not None and not hasattr(send, "tells_gumauth"):
            of.send = _recording(send, is_async=is_async)  # type: ignore[union-attr]
            of.send.tells_gumauth = True  # type: ignore[union-attr]


def _recording(send: Callable[..., Any], *, is_async: bool) -> Callable[..., Any]:
    """`send` that records the response; a coroutine function where `send` is one."""

    @functools.wraps(send)
    def recording(*args: Any, **kwargs: Any) -> Any:
        return _record(send(*args, **kwargs), kwargs)

    @functools.wraps(send)
    async def recording_async(*args: Any, **kwargs: Any) -> Any:
        return _record(await send(*args, **kwargs), kwargs)

    return recording_async if is_async else recording


def _record(response: Any, options: Mapping[str, Any]) -> Any:
    """Record a response where there is a recorder; None in place of a response whose body is still to be read."""
    if (last := _recorder.get()) is not None and not last.is_over:
        last.record(None if options.get("stream") else response)
    return response
