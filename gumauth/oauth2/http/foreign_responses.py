"""The answer that an error carries which provider files meet: of httpx, requests, urllib, aiohttp, OAuth libraries."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError

from gumauth.oauth2.error_members import has_error
from gumauth.oauth2.http.client import httpx
from gumauth.oauth2.response import LARGEST, Response
from gumauth.platform.text import one_line

UNNAMED = "The provider"
REFUSED = 400
"""The status of an error of an OAuth library, which does not tell it. Source: RFC 6749 §5.2."""


def response_in(error: BaseException) -> Response | None:
    """The answer that an error carries; None where it carries none."""
    if isinstance(error, HTTPError):
        with error:
            return Response.of(error.code, error.headers, error.read(LARGEST))
    with contextlib.suppress(Exception):  # foreign errors' attributes may raise when they are asked for
        response: Any = getattr(error, "response", None)
        return response_of(response) or _of_oauth_library(error) or _of_aiohttp(error)
    return None


def response_of(response: Any) -> Response | None:
    """A response of httpx or requests, or one that is like them; None where it is none."""
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
    """What authlib and oauthlib keep in `error` and `description`, and google-auth in its arguments."""
    code, told = getattr(error, "error", None), next((arg for arg in error.args if has_error(arg)), None)
    if isinstance(code, str) and code:
        told = {"error": code, "error_description": getattr(error, "description", None)}
    if not isinstance(told, Mapping):
        return None
    status = getattr(error, "status_code", None)
    return Response.of(status if isinstance(status, int) else REFUSED, {}, json.dumps(told, default=str).encode())


def _of_aiohttp(error: BaseException) -> Response | None:
    """The answer whose body aiohttp has thrown away."""
    status = getattr(error, "status", None)
    if type(error).__module__.partition(".")[0] != "aiohttp" or not isinstance(status, int) or status < REFUSED:
        return None
    return Response.of(status, getattr(error, "headers", None) or {}, b"")


def host_of(error: BaseException) -> str:
    """Whom an error is about, to begin a sentence."""
    with contextlib.suppress(Exception):  # foreign errors' attributes may raise when they are asked for
        url = getattr(error, "url", None) or error.request.url  # type: ignore[attr-defined]
        return one_line(httpx.URL(str(url)).host, 100) or UNNAMED
    return UNNAMED
