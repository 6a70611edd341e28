"""Xero."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Xero(OAuth2Provider):
    """Xero.

    Source: https://developer.xero.com/documentation/guides/oauth2/auth-flow/,
    https://developer.xero.com/documentation/guides/oauth2/pkce-flow/, https://developer.xero.com/faq/oauth2,
    https://identity.xero.com/.well-known/openid-configuration.
    """

    name = "xero"
    title = "Xero"
    kind = "money"
    docs_url = "https://developer.xero.com/documentation/guides/oauth2/auth-flow/"
    register_url = "https://developer.xero.com/app/manage"
    register_note = (
        "Make a web app, or a mobile or desktop app, which has no client secret. API calls need the header"
        " Xero-Tenant-Id, with a tenantId of https://api.xero.com/connections."
    )
    authorize_url = "https://login.xero.com/identity/connect/authorize"
    token_url = "https://identity.xero.com/connect/token"
    scopes = ("openid", "profile", "email", "offline_access", "accounting.settings.read")
    client_auth = "basic"
    public_client = True
    issuer = "https://identity.xero.com"
    api_hosts = ("api.xero.com",)
    revoke_url = "https://identity.xero.com/connect/revocation"
    revoke_fields = {"refresh_token": "token"}
    nickname_url = "https://identity.xero.com/connect/userinfo"
    nickname_paths = ("email", "preferred_username", "name")
    identity_paths = ("sub",)
    unverified = ("whether the client id alone suffices for a revocation by an app without a secret",)
