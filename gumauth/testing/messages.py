"""Requests and responses as values, apart from the sockets that carry them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

Delivery = Literal["whole", "dripping", "cut", "reset", "hang"]


class OAuthError(Exception):
    """An error of RFC 6749 §5.2 or §4.1.2.1.

    Args:
        code: The member `error`, such as `invalid_grant`.
        description: The member `error_description`.
        status: The HTTP status.
        reuse: Whether a code or refresh token was used again.
        members: Further members of the response.
    """

    def __init__(
        self,
        code: str,
        description: str,
        *,
        status: int = 400,
        reuse: bool = False,
        members: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(f"{code}: {description}")
        self.code, self.description, self.status, self.reuse = code, description, status, reuse
        self.members = dict(members or {})


@dataclass(frozen=True, kw_only=True)
class Request:
    """An HTTP request; `body` and `headers` hold secrets and stay out of the repr. Header names are lower case."""

    method: str
    target: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    def query(self) -> dict[str, str]:
        """The parameters of the URL.

        Raises:
            OAuthError: A parameter is there twice.
        """
        return once(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def form(self, encoding: str = "form") -> dict[str, str]:
        """The parameters of the body.

        Args:
            encoding: "form", or "json" for servers that want an object.

        Raises:
            OAuthError: The Content-Type is another one, the body cannot be read, or a parameter is there twice.
        """
        wanted = {"form": "application/x-www-form-urlencoded", "json": "application/json"}[encoding]
        given = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given != wanted:
            raise OAuthError("invalid_request", f"the body must be {wanted}, not {given or 'nothing'}")
        try:
            text = self.body.decode()
            if encoding == "json":
                return {name: str(value) for name, value in json.loads(text).items()}
            return once(parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)))
        except (ValueError, AttributeError):
            raise OAuthError("invalid_request", "the body cannot be read") from None


def once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Parameters by name, each of which may be there once (RFC 6749 §3.1).

    Raises:
        OAuthError: A parameter is there twice.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        raise OAuthError("invalid_request", "a parameter is there twice")
    return found


@dataclass(frozen=True, kw_only=True)
class Response:
    """An HTTP response, and how it is delivered.

    Args:
        status: The HTTP status.
        headers: Sent as they are, after `Content-Length` and `Connection: close`.
        body: The bytes; they may hold secrets.
        delivery: "whole"; "dripping", a byte at a time; "cut", closed in the middle of the body; "reset", closed
            by a TCP reset and never answered; "hang", kept open and never answered.
        wait: Seconds before the first byte, and between the bytes of a dripping body.
        more_headers: Headers that may be there more than once, after the others.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    delivery: Delivery = "whole"
    wait: float = 0.0
    more_headers: tuple[tuple[str, str], ...] = ()


def json_response(value: object, *, status: int = 200) -> Response:
    """A JSON response that no cache keeps (RFC 6749 §5.1)."""
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache"}
    return Response(status=status, headers=headers, body=json.dumps(value).encode())


def error_response(error: OAuthError) -> Response:
    """The error response of RFC 6749 §5.2; with status 401 it names the authentication scheme."""
    fields = {"error": error.code, "error_description": error.description, **error.members}
    answer = json_response(fields, status=error.status)
    if error.status != 401:
        return answer
    headers = {**answer.headers, "WWW-Authenticate": 'Basic realm="gumauth.testing"'}
    return Response(status=401, headers=headers, body=answer.body)
