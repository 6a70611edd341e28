"""Errors of httpx, and of what provider files call instead of it, as ours."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import email.utils
import socket
import ssl
from collections.abc import Collection, Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote_plus

from gumauth.errors import GumauthError, NetworkError
from gumauth.lean_httpx import httpx
from gumauth.refusal import refusal
from gumauth.reply import LARGEST, Reply
from gumauth.text import one_line, without_secrets

UNNAMED = "The provider"
FOREIGN = frozenset({"aiohttp", "requests", "urllib3"})
"""Libraries that provider files call instead of httpx; their errors are told by where they come from."""

AGAIN = "Check the network, and HTTPS_PROXY if there is one; then try again. Nothing was lost."


SECRET_WORDS = ("token", "secret", "code", "password", "assertion", "verifier")
PUBLIC_ENDINGS = ("type", "type_hint", "method")
"""What the names of fields with secrets have in them, and how those of other fields end: `token_type_hint`."""


def secrets_in(fields: Mapping[str, Any]) -> list[str]:
    """The values in a request's body that are secret, however deep."""
    found: list[str] = []
    for name, value in fields.items():
        if isinstance(value, Mapping):
            found += secrets_in(value)
        elif isinstance(value, str) and value and _is_secret(str(name).lower()):
            found.append(value)
    return found


def _is_secret(name: str) -> bool:
    return any(word in name for word in SECRET_WORDS) and not name.endswith(PUBLIC_ENDINGS)


def credentials_in(authorization: str) -> list[str]:
    """The secrets in an Authorization header. Source: RFC 6749 §2.3.1, RFC 6750 §2.1."""
    scheme, _, credentials = authorization.partition(" ")
    found = [credentials]
    if scheme.lower() == "basic":
        with contextlib.suppress(ValueError):
            secret = base64.b64decode(credentials).decode().partition(":")[2]
            found += [secret, unquote_plus(secret)]
    return [text for text in found if text]


def no_answer(error: BaseException, host: str) -> NetworkError:
    """The error for a request that got no answer."""
    if isinstance(error, httpx.TimeoutException):
        return NetworkError(f"{host} did not answer in time.", hint=AGAIN)
    if (refused := _certificate(error)) is not None:
        return NetworkError(
            f"{host} showed a certificate that is not trusted: {one_line(refused.verify_message)}.",
            hint="Behind a proxy that inspects TLS, make SSL_CERT_FILE name its certificates.",
        )
    # A protocol error quotes the header that could not be sent, with the token in it.
    quotable = isinstance(error, httpx.HTTPError) and not isinstance(error, httpx.ProtocolError)
    detail = one_line(error, 100).rstrip(".") if quotable else ""
    return NetworkError(f"{host} could not be reached: {detail or type(error).__name__}.", hint=AGAIN)


def _certificate(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """The failed certificate check behind an error, however deep."""
    for _ in range(10):
        if error is None or isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None


def translate(error: BaseException, *, secrets: Collection[str] = ()) -> GumauthError | None:
    """What an error from a provider's own code means, where it speaks of the network; None where it does not.

    A provider file calls httpx (or requests, or urllib) itself, and mostly `raise_for_status()` before it reads
    the body, so that the provider's words are in the error's `response`.

    Args:
        error: Any.
        secrets: What the answer may quote and the error must not, beside what the error's own request has sent.

    Returns:
        InvalidGrant, Temporary, NetworkError or TokenEndpointError.
    """
    if isinstance(error, GumauthError):
        return error
    reply = reply_in(error)
    if reply is not None:
        return refusal(reply, speaker=_host(error), secrets=[*secrets, *_sent(error)])
    if isinstance(error, httpx.UnsupportedProtocol | httpx.TooManyRedirects):
        return None
    if not _is_network(error):
        return None
    known = no_answer(error, _host(error))
    return NetworkError(without_secrets(known.message, [*secrets, *_sent(error)]), hint=known.hint)


def _is_network(error: BaseException) -> bool:
    own = (httpx.HTTPError, ConnectionError, TimeoutError, ssl.SSLError, socket.gaierror, URLError)
    return isinstance(error, own) or type(error).__module__.partition(".")[0] in FOREIGN


def reply_in(error: BaseException) -> Reply | None:
    """The answer that an error of httpx, requests or urllib carries; None where it carries none."""
    if isinstance(error, HTTPError):
        with error:
            return _foreign_reply(error.code, error.headers, error.read(LARGEST))
    response: Any = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    if not isinstance(status, int):
        return None
    try:
        body = response.content
    except httpx.StreamError:
        body = b""
    return _foreign_reply(status, response.headers, body)


def _foreign_reply(status: int, headers: Any, body: object) -> Reply:
    return Reply(
        status=status,
        content_type=headers.get("Content-Type") or "",
        body=body[:LARGEST] if isinstance(body, bytes) else b"",
        retry_after=waiting_time(headers),
        location=headers.get("Location"),
    )


def _host(error: BaseException) -> str:
    """Whom an error is about, to begin a sentence."""
    with contextlib.suppress(Exception):  # foreign errors' attributes may raise when they are asked for
        url = getattr(error, "url", None) or error.request.url  # type: ignore[attr-defined]
        return one_line(httpx.URL(str(url)).host, 100) or UNNAMED
    return UNNAMED


def _sent(error: BaseException) -> list[str]:
    """The secrets in the body and the credentials that were sent, which the answer may quote."""
    request: Any = None
    found: list[str] = []
    with contextlib.suppress(Exception):  # foreign errors' attributes may raise when they are asked for
        request = error.request  # type: ignore[attr-defined]
        found += credentials_in(request.headers.get("Authorization") or "")
    with contextlib.suppress(Exception):
        body = request.content if hasattr(request, "content") else request.body  # httpx, requests
        found += secrets_in(Reply(status=0, body=body if isinstance(body, bytes) else body.encode()).fields())
    return found


def waiting_time(headers: Any) -> float | None:
    """The seconds that a Retry-After header asks to wait, at most an hour.

    A date is counted from the answer's own Date.

    Source: RFC 9110 §10.2.3.
    """
    asked = headers.get("Retry-After") or ""
    with contextlib.suppress(ValueError, TypeError):  # TypeError: one date with a zone, one without
        if not asked.isdigit():
            return _within_an_hour((_date(asked) - _date(headers.get("Date") or "")).total_seconds())
        return _within_an_hour(int(asked[:9])) if asked.isascii() else None
    return None


def _date(text: str) -> dt.datetime:
    return email.utils.parsedate_to_datetime(text)


def _within_an_hour(seconds: float) -> float:
    return float(min(max(seconds, 0), 3600))
