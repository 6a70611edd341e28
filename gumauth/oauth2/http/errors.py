"""Errors of httpx, and of what provider files call instead of it, as ours."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Collection, Iterator
from urllib.error import URLError

from gumauth.errors import GumauthError, NetworkError
from gumauth.oauth2.error_response import error_of
from gumauth.oauth2.http.client import httpx
from gumauth.oauth2.http.foreign_responses import host_of, response_in
from gumauth.oauth2.sent_secrets import sent_in
from gumauth.oauth2.traits import UNKNOWN, Traits
from gumauth.platform.text import one_line, without_secrets

FOREIGN = frozenset({"aiohttp", "requests", "urllib3"})
"""Libraries that provider files call instead of httpx; their errors are told by where they come from."""

UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.LocalProtocolError)
UNSENT_NAMES = frozenset(
    {
        *("ConnectionRefusedError", "gaierror", "SSLCertVerificationError"),
        *("ConnectTimeout", "ConnectTimeoutError", "NewConnectionError", "NameResolutionError", "ProxyError"),
        *("ClientConnectorError", "ClientProxyConnectionError"),
    }
)
"""Errors of httpx, and the names of those of Python, requests, urllib3 and aiohttp, before a request is sent."""

CHECK = "Check the network, and HTTPS_PROXY if there is one; then try again."
AGAIN = f"{CHECK} Nothing was lost."
PERHAPS = f"{CHECK} The request may have been carried out, and its answer lost."


def no_answer(error: BaseException, host: str, *, changes: bool = True) -> NetworkError:
    """The error for a request that got no answer.

    Args:
        error: What httpx, or another library, raised.
        host: Who was asked.
        changes: Whether the request, once it has been sent, changes anything at the provider.
    """
    hint = PERHAPS if changes and not _is_unsent(error) else AGAIN
    if isinstance(error, httpx.TimeoutException):
        return NetworkError(f"{host} did not answer in time.", hint=hint)
    if (refused := _certificate(error)) is not None:
        return NetworkError(
            f"{host} showed a certificate that is not trusted: {one_line(refused.verify_message)}.",
            hint="Behind a proxy that inspects TLS, make SSL_CERT_FILE name its certificates.",
        )
    # A protocol error quotes the header that could not be sent, with the token in it.
    quotable = isinstance(error, httpx.HTTPError) and not isinstance(error, httpx.ProtocolError)
    detail = one_line(error, 100).rstrip(".") if quotable else ""
    return NetworkError(f"{host} could not be reached: {detail or type(error).__name__}.", hint=hint)


def _is_unsent(error: BaseException) -> bool:
    """Whether a request cannot have arrived, because the connection for it was never made."""
    return isinstance(error, UNSENT) or any(type(each).__name__ in UNSENT_NAMES for each in causes(error))


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and those behind it, however deep; also those that urllib keeps as its `reason`."""
    for _ in range(10):
        if error is None:
            return
        yield error
        reason = getattr(error, "reason", None) if isinstance(error, URLError) else None
        error = reason if isinstance(reason, BaseException) else error.__cause__ or error.__context__


def _certificate(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """The failed certificate check behind an error."""
    return next((each for each in causes(error) if isinstance(each, ssl.SSLCertVerificationError)), None)


def translate(error: BaseException, *, secrets: Collection[str] = (), traits: Traits = UNKNOWN) -> GumauthError | None:
    """What an error from a provider's own code means, where it speaks of the network; None where it does not.

    A provider file calls httpx (or requests, or urllib) itself, and mostly `raise_for_status()` before it reads
    the body, so that the provider's words are in the error's `response`.

    Args:
        error: Any.
        secrets: What the answer may quote and the error must not, beside what the error's own request has sent.
        traits: Of the provider: its own words for what has happened.

    Returns:
        InvalidGrant, Temporary, NetworkError or TokenEndpointError.
    """
    if isinstance(error, GumauthError):
        return error
    response = response_in(error)
    if response is not None:
        return error_of(response, speaker=host_of(error), secrets=[*secrets, *sent_in(error)], traits=traits)
    if isinstance(error, httpx.UnsupportedProtocol | httpx.TooManyRedirects):
        return None
    if not _is_network(error):
        return None
    known = no_answer(error, host_of(error), changes=_changes(error))
    return NetworkError(without_secrets(known.message, [*secrets, *sent_in(error)]), hint=known.hint)


def _changes(error: BaseException) -> bool:
    with contextlib.suppress(Exception):  # foreign errors' attributes may raise when they are asked for
        return error.request.method != "GET"  # type: ignore[attr-defined, no-any-return]
    return True


def _is_network(error: BaseException) -> bool:
    own = (httpx.HTTPError, ConnectionError, TimeoutError, ssl.SSLError, socket.gaierror, URLError)
    return isinstance(error, own) or type(error).__module__.partition(".")[0] in FOREIGN
