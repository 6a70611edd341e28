"""A discovered service: what its address told, as the accounts of it remember it. Pure.

The value is stored as JSON, beside the accounts; it holds no secret.
"""

from __future__ import annotations

from gumauth.errors import HomeError
from gumauth.platform.frozen import fields_of, from_json, frozen, members
from gumauth.platform.json import dumps

VERSION = 1
"""The version of the files that are written. Whoever adds a field adds one."""


@frozen
class Service:
    """A service that was discovered by its address. Empty tuples and None stand for what its metadata does not say.

    Args:
        name: The provider's name in commands and in storage: the host, unless the person said otherwise.
        url: The address that was connected: a protected resource, or an issuer.
        resource: The resource's identifier as its metadata spells it, sent as `resource`; None for an issuer alone, and
            for a service that refuses the parameter.
        resource_name: What the resource calls itself; "" where it does not say.
        has_resource: Whether the address is a protected resource (an MCP server), not an issuer.
        issuer: The issuer as its metadata spells it.
        authorize_url: The authorization endpoint; "" where there is none.
        token_url: The token endpoint.
        former_token_urls: Token endpoints that the same issuer's metadata named before.
        registration_url: The registration endpoint (RFC 7591).
        revoke_url: The revocation endpoint (RFC 7009).
        userinfo_url: The userinfo endpoint (OpenID Connect Core §5.3).
        device_url: The device authorization endpoint (RFC 8628).
        par_url: The endpoint for pushed requests (RFC 9126), where the server requires them.
        scopes: The scopes that are asked for, unless the person names others.
        grant_types: As the metadata lists them.
        auth_methods: The methods of client authentication, as the metadata lists them.
        sends_issuer: Whether the metadata says that `iss` comes with every callback (RFC 9207).
        takes_documents: Whether client metadata documents are taken.
        redirect_host: The host of the redirect URI, "127.0.0.1" or "localhost".
        documentation: The page about the service for developers.
        discovered_at: When the metadata was read, in seconds since 1970.
    """

    name: str
    url: str
    resource: str | None = None
    resource_name: str = ""
    has_resource: bool = False
    issuer: str
    authorize_url: str = ""
    token_url: str
    former_token_urls: tuple[str, ...] = ()
    registration_url: str | None = None
    revoke_url: str | None = None
    userinfo_url: str | None = None
    device_url: str | None = None
    par_url: str | None = None
    scopes: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = ()
    auth_methods: tuple[str, ...] = ()
    sends_issuer: bool = False
    takes_documents: bool = False
    redirect_host: str = "127.0.0.1"
    documentation: str = ""
    discovered_at: float = 0.0

    @property
    def shown(self) -> str:
        """What people call the service."""
        return self.resource_name or self.name


def encode(service: Service) -> bytes:
    """The content of a service's file: one line of JSON."""
    return dumps({"version": VERSION, **fields_of(service)}).encode() + b"\n"


def parse(content: bytes) -> Service | None:
    """The service in a file's content; None where the content is no service.

    Raises:
        HomeError: A newer gumauth wrote the file.
    """
    try:
        return from_json(Service, members(content, VERSION, "The file of a discovered service", HomeError))
    except ValueError:
        return None
