"""Requests and responses of other libraries, and of their errors: httpx, requests, urllib, aiohttp, OAuth libraries.

Provider files call these libraries. Their objects may raise any error when an attribute is read.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError

from gumauth.oauth2.error_members import has_error
from gumauth.oauth2.http.client import httpx
from gumauth.oauth2.response import LARGEST, Response
from gumauth.oauth2.secret_fields import credentials_in, secrets_in
from gumauth.platform.text import SHORTEST, one_line, without_secrets

UNNAMED = "The provider"
REFUSED = 400
"""The status for an error of an OAuth library that has none. Source: RFC 6749 §5.2."""

LARGEST_REQUEST = 1 << 16
"""Bytes of a body that is searched for a secret; a request for a token is never larger."""


def request_of(error: BaseException) -> Any:
    """The request behind a foreign error, from the error's response or the error itself; None where neither has it."""
    found: Any = None
    for holder in ("response", None):
        with contextlib.suppress(Exception):
            of: Any = getattr(error, holder) if holder else error
            found = found or of.request
    return found


def response_in(error: BaseException) -> Response | None:
    """The response in an error; None where the error holds none."""
    if isinstance(error, HTTPError):
        with error:
            return Response.of(error.code, error.headers, error.read(LARGEST))
    with contextlib.suppress(Exception):
        response: Any = getattr(error, "response", None)
        return response_of(response) or _of_oauth_library(error) or _of_aiohttp(error)
    return None


def response_of(response: Any) -> Response | None:
    """A response of httpx, requests or a library like them as a value; None for any other object."""
    status = getattr(response, "status_code", None)
    if not isinstance(status, int):
        return None
    body: object = b""
    with contextlib.suppress(httpx.StreamError):
        body = getattr(response, "content", b"")
    if not body and isinstance(data := getattr(response, "data", None), dict | str):  # slack_sdk
        body = data.encode() if isinstance(data, str) else json.dumps(data, default=str).encode()
    return Response.of(status, response.headers, body[:LARGEST] if isinstance(body, bytes) else b"")


def _of_oauth_library(error: BaseException) -> Response | None:
    """The response behind `error` and `description` of authlib and oauthlib, or an argument of google-auth."""
    code, told = getattr(error, "error", None), next((arg for arg in error.args if has_error(arg)), None)
    if isinstance(code, str) and code:
        told = {"error": code, "error_description": getattr(error, "description", None)}
    if not isinstance(told, Mapping):
        return None
    status = getattr(error, "status_code", None)
    return Response.of(status if isinstance(status, int) else REFUSED, {}, json.dumps(told, default=str).encode())


def _of_aiohttp(error: BaseException) -> Response | None:
    """The response without its body, which aiohttp does not keep."""
    status = getattr(error, "status", None)
    if type(error).__module__.partition(".")[0] != "aiohttp" or not isinstance(status, int) or status < REFUSED:
        return None
    return Response.of(status, getattr(error, "headers", None) or {}, b"")


def host_of(error: BaseException) -> str:
    """The host of an error or response, to begin a sentence."""
    with contextlib.suppress(Exception):
        url = getattr(error, "url", None) or error.request.url  # type: ignore[attr-defined]
        return one_line(httpx.URL(str(url)).host, 100) or UNNAMED
    return UNNAMED


def sent_by(request: Any) -> list[str]:
    """The secrets in the body and the credentials of a request of httpx or requests."""
    found: list[str] = []
    with contextlib.suppress(Exception):
        found += credentials_in(request.headers.get("Authorization") or "")
    with contextlib.suppress(Exception):
        body = body_of(request)
        found += secrets_in(Response(status=0, body=body if isinstance(body, bytes) else body.encode()).fields())
    return found


def body_of(request: Any) -> Any:
    """The body of a request of httpx or requests; httpx raises for a stream."""
    return request.content if hasattr(request, "content") else request.body


def carries(request: Any, secret: str) -> bool | None:
    """Whether a request of httpx or requests holds a secret, whole or in part; None where that cannot be seen.

    Args:
        request: Any object; None for an unknown request.
        secret: A code or token.
    """
    if request is None or len(secret) < SHORTEST:
        return None
    try:
        body = body_of(request) or b""
        if len(body) > LARGEST_REQUEST:
            return None
        sent = [str(request.url), *map(str, request.headers.values())]
        sent.append(body if isinstance(body, str) else body.decode("utf-8", "replace"))
    except Exception:  # noqa: BLE001 - foreign
        return None
    return any(without_secrets(text, [secret]) != text for text in sent)
