"""The server's addresses, and what its metadata say of them."""

from __future__ import annotations

from gumauth.testing.device.settings import GRANT_TYPE as DEVICE
from gumauth.testing.device.settings import DeviceSettings
from gumauth.testing.discovery.settings import DiscoverySettings
from gumauth.testing.pushed import PushedSettings
from gumauth.testing.settings import Settings


class Addresses(Settings, DiscoverySettings):
    """The endpoints of a server with these settings.

    Args:
        url: The server's origin, without a slash at its end.
        one_grant: The first value of `one_grant`.
        refresh_once: The first value of `refresh_once`.
        self_contained: The first value of `self_contained`.
    """

    def __init__(
        self, url: str, *, one_grant: bool = False, refresh_once: bool = False, self_contained: bool = False
    ) -> None:
        Settings.__init__(self, one_grant=one_grant, refresh_once=refresh_once, self_contained=self_contained)
        DiscoverySettings.__init__(self)
        self.url = url
        self.pushed = PushedSettings()
        """How authorization requests are pushed (RFC 9126)."""
        self.device = DeviceSettings()
        """How the device authorization grant works (RFC 8628)."""

    @property
    def issuer(self) -> str:
        """The server's identifier, sent as `iss` (RFC 9207 §2)."""
        return self.url + self.issuer_path

    @property
    def authorize_url(self) -> str:
        """The authorization endpoint."""
        return f"{self.url}/authorize"

    @property
    def token_url(self) -> str:
        """The token endpoint."""
        return f"{self.url}/token"

    @property
    def revoke_url(self) -> str:
        """The revocation endpoint."""
        return f"{self.url}/revoke"

    @property
    def userinfo_url(self) -> str:
        """Where JSON with `email`, `name`, `sub` and perhaps `workspace` says who consented, for a bearer token."""
        return f"{self.url}/userinfo"

    @property
    def jwks_url(self) -> str:
        """The public keys for ID tokens (OpenID Connect Discovery 1.0 §3)."""
        return f"{self.url}/jwks"

    @property
    def registration_url(self) -> str:
        """The registration endpoint (RFC 7591)."""
        return f"{self.url}/register"

    @property
    def device_url(self) -> str:
        """The device authorization endpoint (RFC 8628 §3.1)."""
        return f"{self.url}/device"

    @property
    def par_url(self) -> str:
        """The endpoint for pushed authorization requests (RFC 9126 §2)."""
        return f"{self.url}/par"

    def grant_types(self) -> list[str]:
        """The grant types that the token endpoint knows."""
        refresh, device = (["refresh_token"] if self.refresh_tokens else []), ([DEVICE] if self.device.enabled else [])
        itself = ["client_credentials"] if self.client_credentials else []
        return ["authorization_code", *refresh, *device, *itself]

    def members(self) -> dict[str, object]:
        """The members of the server's metadata that its endpoints and settings account for."""
        members: dict[str, object] = {
            "authorization_endpoint": self.authorize_url,
            "token_endpoint": self.token_url,
            "revocation_endpoint": self.revoke_url,
            "userinfo_endpoint": self.userinfo_url,
            "jwks_uri": self.jwks_url,
            "scopes_supported": ["openid", "profile", "email", "read", "write"],
            "response_types_supported": ["code"],
            "grant_types_supported": self.grant_types(),
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": self.send_issuer,
        }
        if self.client_documents_supported:
            members["client_id_metadata_document_supported"] = True
        if self.device.enabled:
            members["device_authorization_endpoint"] = self.device_url
        if self.pushed.enabled:
            members["pushed_authorization_request_endpoint"] = self.par_url
            members["require_pushed_authorization_requests"] = self.pushed.required
        if self.registration.enabled:
            members["registration_endpoint"] = self.registration_url
        return members
