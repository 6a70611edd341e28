"""Records the last HTTP response that a provider file's own client got, while a method of the file runs.

A file that does not check a response fails, or returns nothing, where the response is an error or a captive portal's
page. The response says what happened; the file's own exception does not. Promise P4.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gumauth.oauth2.http.listeners import Listener, heard_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.oauth2.response import Response


@dataclass
class LastResponse(Listener):
    """The last response to a method's client.

    Args:
        about: The code or token that the method has to send. Secret; empty where there is none.
        response: Of httpx or requests; holds secrets.
    """

    about: str = field(default="", repr=False)
    response: Any = field(default=None, repr=False)

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

    def returned(self, response: Any) -> None:
        """Record a response. The refusal of the code or token stays, where the new response is to another request."""
        refuses = self.is_about(self.response) is True and self.refused(wants_data=False) is not None
        if not (refuses and self.is_about(response) is False):
            self.response = response

    def is_about(self, response: Any) -> bool | None:
        """Whether the request of a response carried the code or token; None where that cannot be seen."""
        request = getattr(response, "request", None)
        if request is None:
            return None
        from gumauth.oauth2.http.foreign import carries

        return carries(request, self.about)

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


@contextlib.contextmanager
def recorded(about: str = "", *others: Listener) -> Iterator[LastResponse]:
    """Record the last response to the code of this block, and to the tasks and worker threads that it starts.

    Args:
        about: As in `LastResponse`.
        others: Who else hears of the requests of this block.
    """
    last = LastResponse(about=about)
    try:
        with heard_by(last, *others):
            yield last
    finally:
        last.response, last.about = None, ""
