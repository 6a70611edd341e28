"""A request to a provider as a value, its address, and what is sent for it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from gumauth import __version__
from gumauth.oauth2.secret_fields import credentials_in, secrets_in

OF_CLIENT = {"User-Agent": f"gumauth/{__version__}", "Accept-Encoding": "identity"}
"""The headers of every request."""

WITH_BODY = ("POST", "PUT", "PATCH")
"""Methods whose requests say that they have no body, where they have none. Source: RFC 9110 §8.6."""

PORTS = {"https": 443, "http": 80}
LARGEST_PORT = 65535

PATH = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*"
QUERY = r"(?:[A-Za-z0-9._~!$&()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*"
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
NAME = rf"(?:{LABEL}\.)*[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?"
PLAIN = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{NAME}|{OCTET}(?:\.{OCTET}){{3}}|\[[0-9a-f:]*:[0-9a-f:]*\])(?::(?P<port>[0-9]{{1,5}}))?"
    rf"(?P<path>/{PATH})?(?P<query>\?{QUERY})?"
)
LONGEST_NAME = 253


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request to a provider. At most one of `form` and `json`.

    Args:
        method: Of HTTP.
        url: https, or on loopback; its query may hold secrets.
        headers: May hold secrets.
        form: A form-encoded body; holds secrets.
        json: A JSON body; holds secrets.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    json: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def secrets(self) -> list[str]:
        """The secrets in the body and the credentials; a response may quote them, an error does not repeat them."""
        authorization = self.headers.get("Authorization", "")
        return [*secrets_in({**(self.form or {}), **(self.json or {})}), *credentials_in(authorization)]


@dataclass(frozen=True, kw_only=True)
class Address:
    """The address of a plain URL.

    Args:
        scheme: https or http.
        host: A name, or an address without brackets.
        port: Of TCP.
        target: Path and query; may hold secrets.
    """

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)

    @property
    def origin(self) -> tuple[str, str, int]:
        """What requests over one connection have in common."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def address_of(url: object) -> Address | None:
    """The address of a URL that is written in the plainest form, which every library reads alike; None for others.

    Not plain are user names, capitals and other scripts in hosts, dots as steps of a path, raw blanks, fragments.

    Source: RFC 3986 §3.
    """
    found = PLAIN.fullmatch(url) if isinstance(url, str) else None
    if found is None or "/." in (found["path"] or "") or len(found["host"]) > LONGEST_NAME:
        return None
    port = int(found["port"] or PORTS[found["scheme"]])
    if port > LARGEST_PORT:
        return None
    target = (found["path"] or "/") + (found["query"] or "")
    return Address(scheme=found["scheme"], host=found["host"].strip("[]"), port=port, target=target)


@dataclass(frozen=True, eq=False, kw_only=True)
class Sent:
    """A request as it is sent, as listeners see it. Holds secrets.

    Args:
        method: Of HTTP.
        url: As of `Request`.
        headers: All of them.
        content: The body; empty where there is none.
    """

    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    content: bytes = field(default=b"", repr=False)


def sent_for(request: Request, address: Address) -> Sent:
    """What is sent for a request to its address; its own headers go before those of every request."""
    content, kind = _content(request)
    headers = {"Host": address.authority, "Accept": "*/*", **OF_CLIENT}
    if kind:
        headers["Content-Type"] = kind
    if content or request.method in WITH_BODY:
        headers["Content-Length"] = str(len(content))
    own = {name.lower() for name in request.headers}
    headers = {name: value for name, value in headers.items() if name.lower() not in own} | dict(request.headers)
    return Sent(method=request.method, url=request.url, headers=headers, content=content)


def _content(request: Request) -> tuple[bytes, str]:
    """The body and its type; both empty where there is none."""
    if request.json is not None:
        text = json.dumps(request.json, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode(), "application/json"
    if request.form:
        members = [(name, _text(each)) for name, value in request.form.items() for each in _several(value)]
        return urlencode(members).encode(), "application/x-www-form-urlencoded"
    return b"", ""


def _several(value: object) -> list[object]:
    """The values of a member of a form; provider files give more than texts, and mean what httpx makes of it."""
    return [*value] if isinstance(value, list | tuple) else [value]


def _text(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
