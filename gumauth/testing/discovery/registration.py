"""Registration of clients as values: how the server goes about it, and what it makes of a request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from gumauth.testing.messages import OAuthError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

METHODS = {"none": "none", "client_secret_basic": "basic", "client_secret_post": "body"}
"""The methods of client authentication by their registered names, and what `Client.auth` calls them."""


class RegistrationSettings:
    """How clients are registered; every attribute may be set at any time."""

    def __init__(self) -> None:
        self.enabled: bool = True
        """Whether there is a registration endpoint, and the metadata name it."""
        self.allowed_names: tuple[str, ...] | None = None
        """The values of `client_name` that may register; others get status 403 and the text "Forbidden"."""
        self.redirect_hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "::1")
        """The hosts that each redirect URI of a native client may have."""
        self.refuses_scope: bool = False
        """Whether a request with `scope` is refused as `invalid_client_metadata`."""
        self.keeps_to_scope: bool = True
        """Whether a client that registered with `scope` may ask for these scopes only."""
        self.auth_method: str | None = None
        """The `token_endpoint_auth_method` that every client gets; None for the one that it asks for."""
        self.secret: Literal["by method", "always", "never"] = "by method"
        """Which clients are given a secret; "never" leaves a client with a secret method without one."""
        self.secret_lifetime: float | None = 0
        """Seconds until a secret expires, negative for the past; 0 for never; None for never, and nothing is said."""
        self.scopes: tuple[str, ...] | None = None
        """The scopes that every client may ask for, whatever it registered; None for no such rule."""
        self.id_in_body: bool = False
        """Whether a client's id has to stand in the body of its requests too, beside Basic."""
        self.any_port: bool = False
        """Whether a registered loopback redirect URI is good with every port."""
        self.one_per_name: bool = False
        """Whether a `client_name` that is registered gets the same client again, dead or not."""
        self.management: bool = True
        """Whether the answer has the URL and the token to read and delete the registration (RFC 7592)."""
        self.status: int = 201
        """The status of the answer."""
        self.overrides: dict[str, object] = {}
        """Members of the answer in place of what was registered; None is sent as null."""
        self.without: tuple[str, ...] = ()
        """Members that the answer lacks."""


@dataclass(frozen=True, kw_only=True)
class ClientMetadata:
    """A registration request that passed its checks.

    Args:
        name: For people; empty where none was given.
        redirect_uris: As given.
        grant_types: As given, or the usual one.
        method: The `token_endpoint_auth_method`.
        scope: As given; None where the request has none.
        application_type: "native" or "web".
    """

    name: str
    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    method: str
    scope: str | None
    application_type: str

    def members(self) -> dict[str, object]:
        """The registration as the server tells it to the client."""
        members: dict[str, object] = {
            "client_name": self.name,
            "redirect_uris": list(self.redirect_uris),
            "grant_types": list(self.grant_types),
            "response_types": ["code"] if "authorization_code" in self.grant_types else [],
            "token_endpoint_auth_method": self.method,
            "application_type": self.application_type,
        }
        return members if self.scope is None else {**members, "scope": self.scope}


def client_metadata(body: bytes, settings: RegistrationSettings, grant_types: Collection[str]) -> ClientMetadata:
    """What a registration request asks for, after its checks.

    Args:
        body: JSON.
        settings: `redirect_hosts`, `refuses_scope`, `auth_method`.
        grant_types: Those of the server.

    Raises:
        OAuthError: `invalid_client_metadata` or `invalid_redirect_uri`.

    Source: RFC 7591 §2, OpenID Connect Dynamic Client Registration 1.0 §2.
    """
    asked = _object(body)
    if settings.refuses_scope and "scope" in asked:
        raise OAuthError("invalid_client_metadata", "scopes are not registered here")
    method = settings.auth_method or _text(asked, "token_endpoint_auth_method") or "client_secret_basic"
    if method not in METHODS:
        raise OAuthError("invalid_client_metadata", f"the method {method!r} is not supported")
    kind = _text(asked, "application_type") or "web"
    wanted = _grant_types(asked, grant_types, method)
    uris = _texts(asked, "redirect_uris")
    if not uris and "authorization_code" in wanted:
        raise OAuthError("invalid_redirect_uri", "there is no redirect URI")
    for uri in uris:
        _check_redirect(uri, kind, settings.redirect_hosts)
    return ClientMetadata(
        name=_text(asked, "client_name") or "",
        redirect_uris=uris,
        grant_types=wanted,
        method=method,
        scope=_text(asked, "scope"),
        application_type=kind,
    )


def _object(body: bytes) -> dict[str, object]:
    try:
        asked = json.loads(body)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise OAuthError("invalid_client_metadata", "the body is no JSON object")
    return asked


def _grant_types(asked: Mapping[str, object], known: Collection[str], method: str) -> tuple[str, ...]:
    wanted = _texts(asked, "grant_types") or ("authorization_code",)
    if not set(wanted) <= set(known):
        raise OAuthError("invalid_client_metadata", f"the server has not all of the grant types {', '.join(wanted)}")
    if ("code" in _texts(asked, "response_types")) > ("authorization_code" in wanted):
        raise OAuthError("invalid_client_metadata", "the response type code needs the grant type authorization_code")
    if "client_credentials" in wanted and method == "none":
        raise OAuthError("invalid_client_metadata", "the grant type client_credentials needs a secret")
    return wanted


def _check_redirect(uri: str, kind: str, hosts: Collection[str]) -> None:
    try:
        parts = urlsplit(uri)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise OAuthError("invalid_redirect_uri", f"{uri!r} is no URI") from None
    if "#" in uri or parts.username is not None:
        raise OAuthError("invalid_redirect_uri", f"{uri!r} has a fragment or a user")
    if kind == "native" and (parts.scheme != "http" or host not in hosts):
        raise OAuthError("invalid_redirect_uri", f"{uri!r} is not http at {' or '.join(hosts)}")
    if kind != "native" and parts.scheme != "https":
        raise OAuthError("invalid_redirect_uri", f"{uri!r} is not https, and the client is not native")


def _text(asked: Mapping[str, object], name: str) -> str | None:
    value = asked.get(name)
    if value is not None and not isinstance(value, str):
        raise OAuthError("invalid_client_metadata", f"{name} is no text")
    return value


def _texts(asked: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = asked.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise OAuthError("invalid_client_metadata", f"{name} is no list of texts")
    return tuple(value)
