"""`gumauth.RequestsAuth`: requests with a connected account's token, for the library of that name."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.auth import AuthBase
from requests.exceptions import RequestException, UnrewindableBodyError
from requests.utils import get_environ_proxies, rewind_body, select_proxy

from gumauth.errors import GumauthError
from gumauth.handout import python
from gumauth.handout.destinations import Carrier
from gumauth.oauth2.http import proxies
from gumauth.oauth2.http.destination import Adapter

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

UNAUTHORIZED, FORBIDDEN = 401, 403

ADAPTER = Adapter(name="gumauth.RequestsAuth", client="requests", without_proxy="session.trust_env = False")


class RequestsAuth(Carrier, AuthBase):
    """Puts a fresh token on every request; on a 401 it refreshes once and sends the request again.

    For `requests.get(…, auth=…)` and the `auth` of a `requests.Session`; any number of threads may share one. The token
    goes to the same hosts as that of `gumauth.Auth`, and a request to another host raises `ForeignHost`. requests
    removes the token where a redirect leads to another host. Promise S7.

    A request is sent again with the same body: one in memory, or a file, which is read again from where it began. A
    generator is gone once it is sent; the caller then gets the 401, and the next request has the new token. The caller
    also gets the 401 for a token that is a few seconds old.

    Args:
        account: "linear", "linear/work" or "linear/ada@example.com".
        min_valid: Seconds for which the token must be good, as for `gumauth.get_token`.
        hosts: Further hosts that the token may be sent to; ".example.com" stands for all below example.com too.

    Raises:
        UsageError: One of `hosts` is no host's name.
    """

    _adapter = ADAPTER

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put the token on a request, and look at each response to it.

        Raises:
            GumauthError: As `gumauth.get_token`; `ForeignHost` where the token may not be sent to the request's host.
        """
        used = python.cached_token(self._account, self._min_valid)
        url = request.url or ""
        origin = url[: url.find("/", url.find("//") + 2)]  # a prepared URL has a path
        if self._seen.get(origin) != used.account.grant:
            self._check(url, origin, used)
        request.headers["Authorization"] = header = f"{used.scheme} {used.record.access_token}"
        request.hooks["response"].append(_Answer(used, header))
        return request

    def _check(self, url: str, origin: str, used: python.CachedToken) -> None:
        parts = urlsplit(url)

        def proxy(_host: str) -> str:
            return proxy_of(url)

        self._destinations.check(origin, used, scheme=parts.scheme, host=parts.hostname or "", proxy=proxy)


class _PassedOn:
    """Stands for an `_Answer` in a copy of a response that is kept or sent on: it gives the response as it is."""

    __slots__ = ()

    def __call__(self, response: Response, **_options: Any) -> Response:
        return response


class _Answer:
    """Looks at the responses to one request, and to those that its redirects lead to.

    Args:
        used: Holds the token that the request was sent with.
        header: The value of the header that carries it.
    """

    __slots__ = ("_header", "_used", "_was_sent_again")

    def __init__(self, used: python.CachedToken, header: str) -> None:
        self._used, self._header = used, header
        self._was_sent_again = False

    def __reduce__(self) -> tuple[type[_PassedOn], tuple[()]]:
        """What pickle keeps: neither the account's tokens nor anything else. Promise H9."""
        return _PassedOn, ()

    def __call__(self, response: Response, **options: Any) -> Response:
        """The response, or after a 401 the response to the same request with another token.

        Args:
            response: To the request, or to one that a redirect led to.
            options: What the request was sent with: timeout, proxies and the like.

        Raises:
            GumauthError: No other token can be had.
            InsufficientScope: A scope is missing, and the program has made the warning an exception.
        """
        if response.status_code not in (UNAUTHORIZED, FORBIDDEN) or not self._came_with_it(response):
            return response
        try:
            if response.status_code == UNAUTHORIZED and not self._was_sent_again:
                response = self._sent_again(response, options)
            if response.status_code == FORBIDDEN:
                self._warn(response)
        except (GumauthError, Warning):
            response.close()
            raise
        return response

    def _came_with_it(self, response: Response) -> bool:
        """Whether a response answers the token; not where a redirect led to another host, which did not get it."""
        return response.request.headers.get("Authorization") == self._header

    def _sent_again(self, refused: Response, options: dict[str, Any]) -> Response:
        self._was_sent_again = True
        other = python.renewed(self._used)
        request = refused.request
        if other is None or not _can_send_again(request):
            return refused
        try:
            _ = refused.content  # so that its connection can be used again
        except RequestException:
            pass
        refused.close()
        refused.request = request.copy()  # what was sent; the request itself is what redirects are made from
        request.headers["Authorization"] = self._header = f"{self._used.scheme} {other}"
        response: Response = refused.connection.send(request, **options)
        response.history.append(refused)
        return response

    def _warn(self, response: Response) -> None:
        """Warn where the response says that the token lacks a scope."""
        from gumauth.handout import insufficient_scope

        host = urlsplit(response.request.url or "").hostname or ""
        insufficient_scope.tell(self._used, host, [response.headers.get("WWW-Authenticate", "")])


def _can_send_again(request: PreparedRequest) -> bool:
    """Whether a request's body is still there; that of a file is read from where it began."""
    body: object = request.body  # its annotation knows no file
    if body is None or isinstance(body, bytes | str):
        return True
    try:
        rewind_body(request)
    except UnrewindableBodyError:
        return False
    return True


def proxy_of(url: str) -> str:
    """What names the proxy to which requests sends a URL: a variable or the system's settings; "" for no proxy."""
    if not select_proxy(url, get_environ_proxies(url)):
        return ""
    named = {name: value for name, value in os.environ.items() if name.lower() != "no_proxy"}
    return proxies.proxy_before(named, "") or proxies.SYSTEM
