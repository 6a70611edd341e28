"""Requests as a row says that they have to be: what differs from it is refused, and told to the test."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from gumauth.testing.messages import Request, once

TYPES = {"form": "application/x-www-form-urlencoded", "json": "application/json"}


class Wrong(Exception):
    """A request is not what the row says."""


def place_of(url: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """What tells one URL of a service from another: host, path and query."""
    parts = urlsplit(url)
    return parts.netloc, parts.path or "/", tuple(sorted(parse_qsl(parts.query, keep_blank_values=True)))


def same(what: str, given: object, wanted: object) -> None:
    """Refuse what is not as it should be."""
    if given != wanted:
        raise Wrong(f"{what}: {given!r} in place of {wanted!r}")


def members_of(request: Request, encoding: Literal["form", "json"]) -> dict[str, str]:
    """The members of a body, which has to be of that type; none without a body."""
    if not request.body:
        return {}
    same("content type", request.headers.get("content-type", "").partition(";")[0], TYPES[encoding])
    if encoding == "form":
        return once(parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True))
    members = json.loads(request.body)
    same("kinds of members", {type(value) for value in members.values()}, {str})
    return dict(members)


def take(members: dict[str, str], wanted: Mapping[str, str]) -> None:
    """Take members out, which have to be there with these values."""
    for name, value in wanted.items():
        same(name, members.pop(name, None), value)


def nothing_left(members: Mapping[str, str]) -> None:
    """Refuse members that the row does not name."""
    same("members that are left", sorted(members), [])  # the values may be secret


def split(asked: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The members "name=value" and the headers "Header: value" of a row."""
    headers = dict(text.split(": ", 1) for text in asked if ": " in text)
    return dict(text.split("=", 1) for text in asked if ": " not in text), headers


def check_headers(request: Request, wanted: Mapping[str, str]) -> None:
    """Refuse a request without these headers."""
    for name, value in wanted.items():
        same(name, request.headers.get(name.lower()), value)


def check_basic(request: Request, client_id: str, secret: str) -> None:
    """Refuse a request in which the client does not authenticate by HTTP Basic."""
    encoded = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    same("basic authentication", request.headers.get("authorization") == f"Basic {encoded}", True)  # no secret is shown


def challenge_of(sent: dict[str, str], encoding: Literal["base64url", "hex"] | None) -> dict[str, str]:
    """Take the PKCE challenge out of an authorization request, and give it as RFC 7636 has it."""
    if encoding is None:
        same("challenge", [name for name in sent if name.startswith("code_challenge")], [])
        return {}
    take(sent, {"code_challenge_method": "S256"})
    challenge = sent.pop("code_challenge", "")
    if encoding == "hex":
        same("hexadecimal challenge", re.fullmatch("[0-9a-f]{64}", challenge) is not None, True)
        challenge = base64.urlsafe_b64encode(bytes.fromhex(challenge)).rstrip(b"=").decode()
    return {"code_challenge": challenge, "code_challenge_method": "S256"}
