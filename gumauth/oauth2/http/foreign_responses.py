"""The responses in errors of libraries that provider files call: httpx, requests, urllib, aiohttp, OAuth libraries."""

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
"""The status for an error of an OAuth library that has none. Source: RFC 6749 §5.2."""


def response_in(error: BaseException) -> Response | None:
    """The response in an error; None where the error holds none."""
    if isinstance(error, HTTPError):
        with error:
            return Response.of(error.code, error.headers, error.read(LARGEST))
    with contextlib.suppress(Exception):  # foreign errors' attributes may raise when they are asked for
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
    with contextlib.suppress(Exception):  # foreign errors' attributes may raise when they are asked for
        url = getattr(error, "url", None) or error.request.url  # type: ignore[attr-defined]
        return one_line(httpx.URL(str(url)).host, 100) or UNNAMED
    return UNNAMED
