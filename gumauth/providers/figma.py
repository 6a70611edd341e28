"""Figma."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Figma(OAuth2Provider):
    """Figma.

    Source: https://developers.figma.com/docs/rest-api/oauth-apps/,
    https://developers.figma.com/docs/rest-api/authentication, https://github.com/figma/rest-api-spec.
    """

    name = "figma"
    title = "Figma"
    kind = "documents"
    docs_url = "https://developers.figma.com/docs/rest-api/oauth-apps/"
    register_url = "https://www.figma.com/developers/apps"
    register_note = (
        "Under OAuth credentials, add the redirect URL; under OAuth scopes, tick those that are asked for:"
        " current_user:read, and for example file_content:read."
    )
    authorize_url = "https://www.figma.com/oauth"
    token_url = "https://api.figma.com/v1/oauth/token"
    refresh_url = "https://api.figma.com/v1/oauth/refresh"
    scopes = ("current_user:read",)
    client_auth = "basic"
    nickname_url = "https://api.figma.com/v1/me"
    nickname_paths = ("email", "handle")
    identity_paths = ("id",)
    unverified = ("whether PKCE is heeded",)
