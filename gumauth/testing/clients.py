"""The clients that are registered with the server, and their authentication."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus, urlsplit

from gumauth.testing.messages import OAuthError

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Client:
    """An application registered with the server.

    Args:
        client_id: Its public name.
        secret: Its secret; None makes it a public client.
        redirect_uris: Its callbacks, compared as whole strings.
        pkce_required: Whether the client gets a code only with an S256 challenge.
        auth: The methods of client authentication that it may use: "body", "basic", "none".
        any_port: Whether a loopback redirect URI may have any port (RFC 8252 §7.3).
        basic_raw: Whether its id and secret stand raw in the Basic header, not form-encoded first.
        scopes: The scopes that it may ask for; None for any.
        id_in_body: Whether its id has to stand in the body too, beside Basic.
        any_port_hosts: The hosts of the redirect URIs that `any_port` is for.
        grant_types: The grant types that it may use, by their names in token requests; None for any.
        secret_expires_at: When its secret expires, in seconds since 1970; None for never.
    """

    client_id: str
    secret: str | None = field(default=None, repr=False)
    redirect_uris: tuple[str, ...] = ()
    pkce_required: bool = True
    auth: tuple[str, ...] = ("body", "basic", "none")
    any_port: bool = False
    basic_raw: bool = False
    scopes: tuple[str, ...] | None = None
    id_in_body: bool = False
    any_port_hosts: tuple[str, ...] = LOOPBACK
    grant_types: tuple[str, ...] | None = None
    secret_expires_at: float | None = None

    def may_return_to(self, uri: str) -> bool:
        """Whether a redirect URI is one of the registered ones.

        Source: RFC 6749 §3.1.2.3, RFC 9700 §2.1, RFC 8252 §7.3.
        """
        if uri in self.redirect_uris:
            return True
        bare = _without_port(uri, self.any_port_hosts) if self.any_port else None
        registered = [_without_port(each, self.any_port_hosts) for each in self.redirect_uris]
        return bare is not None and bare in registered


def check_secret(client: Client, now: float) -> None:
    """Refuse a client whose secret has expired.

    Raises:
        OAuthError: `invalid_client`.

    Source: RFC 7591 §3.2.1.
    """
    if client.secret_expires_at is not None and client.secret_expires_at <= now:
        raise OAuthError("invalid_client", "the client's secret has expired", status=401)


def may_use(client: Client, grant_type: str) -> bool:
    """Whether a client may use a grant type (RFC 7591 §2)."""
    return client.grant_types is None or grant_type in client.grant_types


def _without_port(uri: str, hosts: tuple[str, ...]) -> tuple[str, ...] | None:
    """A loopback URI's parts but for its port; None where it is another kind of URI."""
    try:
        parts = urlsplit(uri)
        if parts.hostname not in hosts or parts.scheme != "http" or parts.username or parts.port == 0:
            return None
    except ValueError:
        return None
    return (parts.hostname, parts.path, parts.query, parts.fragment)


def with_client_id(parameters: dict[str, str], name: str) -> dict[str, str]:
    """The parameters of a request, with the client's id, which is sent as `name`, under its usual name alone.

    Raises:
        OAuthError: The id came under its usual name, where that is another.
    """
    if name == "client_id":
        return parameters
    if "client_id" in parameters:
        raise OAuthError("invalid_request", f"a client's id is called {name!r} here")
    others = {each: value for each, value in parameters.items() if each != name}
    return {**others, "client_id": parameters.get(name, "")}


def authenticate(clients: Mapping[str, Client], header: str | None, form: Mapping[str, str]) -> Client:
    """The client that sent a request to the token or revocation endpoint, after its authentication.

    Args:
        clients: The registered ones by id.
        header: The Authorization header.
        form: The parameters of the body.

    Raises:
        OAuthError: The client is unknown, gave the wrong secret, or used a method that it may not use, or two at once.

    Source: RFC 6749 §2.3.1 and §3.2.1.
    """
    if header is not None:
        if "client_secret" in form:
            raise OAuthError("invalid_request", "the client authenticates in two ways at once")
        return _by_basic(clients, header, form.get("client_id"))
    client = clients.get(form.get("client_id", ""))
    if client is None:
        raise OAuthError("invalid_client", "no such client", status=401)
    _check_method(client, "body" if "client_secret" in form else "none")
    return _with_secret(client, form.get("client_secret"))


def _by_basic(clients: Mapping[str, Client], header: str, named: str | None) -> Client:
    scheme, _, value = header.partition(" ")
    try:
        text = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    raw_id, colon, raw_secret = text.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise OAuthError("invalid_client", "the Authorization header is not Basic", status=401)
    client = clients.get(raw_id) or clients.get(unquote_plus(raw_id))
    if client is None or named not in (None, client.client_id):
        raise OAuthError("invalid_client", "no such client, or two of them", status=401)
    if named is None and client.id_in_body:
        raise OAuthError("invalid_request", "the client's id is missing in the body")
    _check_method(client, "basic")
    given = (raw_id, raw_secret) if client.basic_raw else (unquote_plus(raw_id), unquote_plus(raw_secret))
    if given[0] != client.client_id:
        raise OAuthError("invalid_client", "the client id is not encoded as it should be", status=401)
    return _with_secret(client, given[1])


def _check_method(client: Client, method: str) -> None:
    if method not in client.auth or (method == "none" and client.secret is not None):
        raise OAuthError("invalid_client", f"the client may not authenticate by {method}", status=401)


def _with_secret(client: Client, secret: str | None) -> Client:
    # Many libraries send an empty secret for a public client.
    if client.secret is None:
        right = not secret
    else:
        right = hmac.compare_digest(client.secret.encode(), (secret or "").encode())
    if not right:
        raise OAuthError("invalid_client", "the client secret is wrong", status=401)
    return client
