"""The settings of what a client can find out by itself, beside those of the resources."""

from __future__ import annotations

from typing import Literal

from gumauth.testing.discovery.client_documents import ClientDocumentSettings
from gumauth.testing.discovery.registration import RegistrationSettings

Place = Literal["oauth", "openid inserted", "openid appended"]
"""Where server metadata can be: RFC 8414 §3.1, RFC 8414 §5 and OpenID Connect Discovery 1.0 §4.

For the issuer https://issuer.example/path these are `/.well-known/oauth-authorization-server/path`,
`/.well-known/openid-configuration/path` and `/path/.well-known/openid-configuration`; without a path the last two are
the same.
"""


class DiscoverySettings(ClientDocumentSettings):
    """How the server describes itself; every attribute may be set at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.issuer_path: str = ""
        """What follows the origin in the issuer: empty, "/", or a path such as "/tenant"; no endpoint moves with it."""
        self.metadata_places: tuple[Place, ...] = ("oauth", "openid inserted", "openid appended")
        """Where the metadata are; everywhere else the answer is 404."""
        self.metadata_overrides: dict[str, object] = {}
        """Members of the metadata in place of the usual ones, and further members; None is sent as null."""
        self.metadata_without: tuple[str, ...] = ()
        """Members that the metadata lack."""
        self.openid_without: tuple[str, ...] = ()
        """Members that only the OpenID documents lack, such as `registration_endpoint`."""
        self.registration = RegistrationSettings()
        """How clients are registered (RFC 7591)."""
        self.redirects: dict[str, str] = {}
        """Paths of this server that are answered by a redirect to a URL, whatever else would be there."""
        self.redirect_status: int = 307
        """The status of these redirects."""
