"""Errors of httpx, and of other libraries that provider files call, as errors of gumauth."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Collection, Iterator
from urllib.error import URLError

from gumauth.errors import GumauthError, NetworkError
from gumauth.oauth2.error_response import error_of
from gumauth.oauth2.http.client import httpx
from gumauth.oauth2.http.foreign import host_of, request_of, response_in, sent_by
from gumauth.oauth2.http.no_answer import NoAnswer, NoConnection
from gumauth.oauth2.traits import UNKNOWN, Traits
from gumauth.platform.text import one_line, without_secrets

FOREIGN = frozenset({"aiohttp", "requests", "urllib3"})
"""Libraries that provider files call instead of httpx; the module of an error tells its library."""

UNSENT = (
    NoConnection,
    *(httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.LocalProtocolError),
)
UNSENT_NAMES = frozenset(
    {
        *("ConnectionRefusedError", "gaierror", "SSLCertVerificationError"),
        *("ConnectTimeout", "ConnectTimeoutError", "NewConnectionError", "NameResolutionError", "ProxyError"),
        *("ClientConnectorError", "ClientProxyConnectionError"),
    }
)
"""Errors before a request is sent: our own, of httpx, and by name of Python, requests, urllib3 and aiohttp."""

CHECK = "Check the network, and HTTPS_PROXY if there is one; then try again."
AGAIN = f"{CHECK} Nothing was lost."
PERHAPS = f"{CHECK} The request may have been carried out, and its answer lost."


def no_answer(error: BaseException, host: str, *, changes: bool = True) -> NetworkError:
    """The error for a request without a response. Promise R7.

    Args:
        error: Our own, of httpx, or of another library.
        host: Of the request.
        changes: Whether the request, once it is sent, changes anything at the provider.
    """
    hint = PERHAPS if changes and not _is_unsent(error) else AGAIN
    if isinstance(error, httpx.TimeoutException) or (isinstance(error, NoAnswer) and error.is_late):
        return NetworkError(f"{host} did not answer in time.", hint=hint)
    if (refused := _certificate(error)) is not None:
        return NetworkError(
            f"{host} showed a certificate that is not trusted: {one_line(refused.verify_message).rstrip('.')}.",
            hint="Behind a proxy that inspects TLS, make SSL_CERT_FILE name its certificates.",
        )
    # A protocol error quotes the header that could not be sent, with the token in it.
    quotable = isinstance(error, httpx.HTTPError | NoAnswer) and not isinstance(error, httpx.ProtocolError)
    detail = one_line(error, 100).rstrip(".") if quotable else ""
    return NetworkError(f"{host} could not be reached: {detail or type(error).__name__}.", hint=hint)


def too_late(url: str, seconds: float, *, changes: bool) -> NetworkError:
    """The error for a request without a response within its deadline; the arguments are as of `no_answer`."""
    host = httpx.URL(url).host
    return NetworkError(f"{host} did not answer within {seconds:g} seconds.", hint=PERHAPS if changes else AGAIN)


def _is_unsent(error: BaseException) -> bool:
    """Whether a request was not sent, because there was no connection."""
    return isinstance(error, UNSENT) or any(type(each).__name__ in UNSENT_NAMES for each in causes(error))


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and its causes at any depth, also the `reason` of urllib's errors."""
    for _ in range(10):
        if error is None:
            return
        yield error
        reason = getattr(error, "reason", None) if isinstance(error, URLError) else None
        error = reason if isinstance(reason, BaseException) else error.__cause__ or error.__context__


def _certificate(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """The failed certificate check among the causes of an error; None where there is none."""
    return next((each for each in causes(error) if isinstance(each, ssl.SSLCertVerificationError)), None)


def translate(error: BaseException, *, secrets: Collection[str] = (), traits: Traits = UNKNOWN) -> GumauthError | None:
    """An error from a provider's own code as an error of gumauth; None where it is not about the network.

    A provider file calls httpx (or requests, or urllib) itself, and mostly calls `raise_for_status()` before it reads
    the body: the error response is in the error's `response` then.

    Args:
        error: Any.
        secrets: Secrets that the new error does not repeat, beside those in the error's own request.
        traits: Of the provider: its own words for a dead grant and for a person's refusal.

    Returns:
        InvalidGrant, Temporary, NetworkError or TokenEndpointError.
    """
    if isinstance(error, GumauthError):
        return error
    response, secrets = response_in(error), [*secrets, *sent_by(request_of(error))]
    if response is not None:
        return error_of(response, speaker=host_of(error), secrets=secrets, traits=traits)
    if isinstance(error, httpx.UnsupportedProtocol | httpx.TooManyRedirects):
        return None
    if not _is_network(error):
        return None
    known = no_answer(error, host_of(error), changes=_changes(error))
    return NetworkError(without_secrets(known.message, secrets), hint=known.hint)


def _changes(error: BaseException) -> bool:
    with contextlib.suppress(Exception):  # foreign errors' attributes may raise when they are asked for
        return error.request.method != "GET"  # type: ignore[attr-defined, no-any-return]
    return True


def _is_network(error: BaseException) -> bool:
    own = (httpx.HTTPError, ConnectionError, TimeoutError, ssl.SSLError, socket.gaierror, URLError)
    return isinstance(error, own) or type(error).__module__.partition(".")[0] in FOREIGN
