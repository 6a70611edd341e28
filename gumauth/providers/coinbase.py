"""Coinbase."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Coinbase(OAuth2Provider):
    """Coinbase.

    Source: https://docs.cdp.coinbase.com/coinbase-app/oauth2-integration/overview,
    https://docs.cdp.coinbase.com/coinbase-app/oauth2-integration/reference,
    https://docs.cdp.coinbase.com/coinbase-app/oauth2-integration/quickstart.
    """

    name = "coinbase"
    title = "Coinbase"
    kind = "money"
    docs_url = "https://docs.cdp.coinbase.com/coinbase-app/oauth2-integration/overview"
    register_url = "https://portal.cdp.coinbase.com/projects/oauth"
    register_note = (
        "Coinbase lets only partners make new OAuth clients; an old client still works. Its scopes have to be declared"
        " there."
    )
    authorize_url = "https://login.coinbase.com/oauth2/auth"
    token_url = "https://login.coinbase.com/oauth2/token"
    former_token_urls = ("https://www.coinbase.com/oauth/token", "https://api.coinbase.com/oauth/token")
    scopes = ("wallet:user:read", "wallet:user:email", "offline_access")
    scope_separator = ","
    api_hosts = ("api.coinbase.com",)
    revoke_url = "https://login.coinbase.com/oauth2/revoke"
    revoke_auth = "bearer"
    revoke_fields = {"access_token": "token"}
    revoke_params = {"client_id": "{client_id}", "client_secret": "{client_secret}"}
    nickname_url = "https://api.coinbase.com/v2/user"
    nickname_paths = ("data.email", "data.username", "data.name")
    identity_paths = ("data.id",)
    unverified = (
        "whether http://localhost is accepted",
        "whether a refresh token outlives the revocation of its access token",
        "whether a revocation accepts token_type_hint",
    )
