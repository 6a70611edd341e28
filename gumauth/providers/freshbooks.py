"""FreshBooks."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class FreshBooks(OAuth2Provider):
    """FreshBooks. Source: https://www.freshbooks.com/api/authentication, https://www.freshbooks.com/api/me_endpoint."""

    name = "freshbooks"
    title = "FreshBooks"
    kind = "money"
    docs_url = "https://www.freshbooks.com/api/authentication"
    register_url = "https://my.freshbooks.com/#/developer"
    register_note = (
        "Create an app, with the scopes that are asked for, such as user:profile:read and user:clients:read."
    )
    authorize_url = "https://auth.freshbooks.com/oauth/authorize"
    token_url = "https://api.freshbooks.com/auth/oauth/token"
    scopes = ("user:profile:read",)
    redirect_tls = True
    token_encoding = "json"
    revoke_url = "https://api.freshbooks.com/auth/oauth/revoke"
    revoke_encoding = "json"
    revoke_fields = {"refresh_token": "token"}
    nickname_url = "https://api.freshbooks.com/auth/api/v1/users/me"
    nickname_paths = ("response.email", "response.first_name")
    identity_paths = ("response.id",)
    unverified = (
        "whether http is accepted for localhost, so that the callback is https",
        "whether PKCE is heeded",
        "whether a revocation accepts token_type_hint",
    )
