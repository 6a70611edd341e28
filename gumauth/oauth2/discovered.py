"""The provider of a discovered service: a class made from what the service's metadata said."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import ClassVar

from gumauth.errors import GumauthError, NicknameError, Temporary
from gumauth.oauth2 import mcp
from gumauth.oauth2.client_authentication import ClientAuthentication
from gumauth.oauth2.discovery.choices import auth_method
from gumauth.oauth2.discovery.service import Service
from gumauth.oauth2.http import transport
from gumauth.oauth2.id_token import names_in
from gumauth.oauth2.provider import UNAUTHORIZED, OAuth2Provider
from gumauth.oauth2.token_response import ParsedTokens

OPENID = "openid"


class DiscoveredProvider(OAuth2Provider):
    """A service that is known by its address alone. `provider_class` makes a subclass for each service."""

    discovered: ClassVar[Service]

    public_client = True
    nickname_paths = ("email", "preferred_username", "name", "nickname", "sub")

    _names: tuple[str, Mapping[str, str]] | None = None  # an access token, and the names in its id_token

    @property
    def nickname_url(self) -> str | None:  # type: ignore[override]
        """The userinfo endpoint, which answers tokens with the scope `openid`. Source: OpenID Connect Core §5.3."""
        return self.discovered.userinfo_url if OPENID in self.scopes else None

    async def get_nickname(self, access_token: str) -> str:
        """The account's name: from userinfo, else from the id_token, else the resource's own name.

        Args:
            access_token: Secret.

        Raises:
            NicknameError: None of these tells a name.
            Temporary: The service could not be reached, or could not answer.
        """
        failure: GumauthError | None = None
        if self.nickname_url is not None:
            try:
                return await super().get_nickname(access_token)
            except (NicknameError, Temporary) as error:
                failure = error
        names = self._names[1] if self._names is not None and self._names[0] == access_token else {}
        for member in self.nickname_paths:
            if isinstance(member, str) and names.get(member):
                return names[member]
        if isinstance(failure, Temporary):
            raise failure
        if self.discovered.has_resource:
            return self.discovered.resource_name or _bare(self.discovered.url)
        raise failure or NicknameError(f"{self.discovered.shown} does not say whose account it is.")

    async def is_active(self, access_token: str) -> bool | None:
        """Whether the service accepts an access token now; None where the response does not tell. Promises I5, M45.

        Args:
            access_token: Secret.

        Raises:
            NetworkError: The service could not be reached.
        """
        if not self.discovered.has_resource:
            return await super().is_active(access_token)
        response = await transport.send(mcp.initialize(self.discovered.url, access_token))
        if response.status == UNAUTHORIZED:
            return False
        return True if response.ok else None

    async def _tokens(
        self, url: str, fields: Mapping[str, str], client: ClientAuthentication | None = None, *, polled: bool = False
    ) -> ParsedTokens:
        tokens = await super()._tokens(url, fields, client, polled=polled)
        names = names_in(tokens.id_token, issuer=self.issuer, client_id=self.client_id, now=time.time())
        self._names = (tokens.access_token, names)
        return tokens


def provider_class(service: Service) -> type[DiscoveredProvider]:
    """The class of a discovered service's provider.

    Args:
        service: What its address told.
    """
    facts: dict[str, object] = {
        "__doc__": f"{service.shown}, discovered at {service.url}.",
        "__module__": __name__,
        "discovered": service,
        "name": service.name,
        "title": service.resource_name,
        "docs_url": service.documentation,
        "authorize_url": service.authorize_url,
        "token_url": service.token_url,
        "former_token_urls": service.former_token_urls,
        "revoke_url": service.revoke_url,
        "device_url": service.device_url,
        "par_url": service.par_url,
        "resource": service.resource,
        "issuer": service.issuer,
        "redirect_host": service.redirect_host,
        "issuer_required": service.sends_issuer,
        "scopes": service.scopes,
        "client_auth": auth_method(service.auth_methods or None, has_secret=True) or "body",
        "api_hosts": (_host(service.url),) if service.has_resource else (),
        "authorize_params": {"prompt": "consent"} if {OPENID, "offline_access"} <= {*service.scopes} else {},
    }
    return type(f"Discovered_{service.name}", (DiscoveredProvider,), facts)


def _bare(url: str) -> str:
    return url.partition("://")[2].rstrip("/")


def _host(url: str) -> str:
    from urllib.parse import urlsplit

    return urlsplit(url).hostname or ""
