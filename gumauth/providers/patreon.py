"""Patreon."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Patreon(OAuth2Provider):
    """Patreon. Source: https://docs.patreon.com/#oauth, https://docs.patreon.com/#get-api-oauth2-v2-identity."""

    name = "patreon"
    title = "Patreon"
    kind = "media"
    docs_url = "https://docs.patreon.com/#oauth"
    register_url = "https://www.patreon.com/portal/registration/register-clients"
    register_note = "Client API Version is 2. The account that makes the app has to have a creator's page."
    authorize_url = "https://www.patreon.com/oauth2/authorize"
    token_url = "https://www.patreon.com/api/oauth2/token"
    scopes = ("identity", "identity[email]")
    nickname_url = "https://www.patreon.com/api/oauth2/v2/identity?fields%5Buser%5D=email,full_name"
    nickname_paths = ("data.attributes.email", "data.attributes.full_name")
    identity_paths = ("data.id",)
    unverified = (
        "whether tokens can be revoked by a request",
        "how long a refresh token lives",
    )
