"""Netlify."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Netlify(OAuth2Provider):
    """Netlify.

    Source: https://docs.netlify.com/api-and-cli-guides/api-guides/get-started-with-api/,
    https://open-api.netlify.com/, https://docs.netlify.com/build/build-with-ai/netlify-mcp-server/.
    """

    name = "netlify"
    title = "Netlify"
    kind = "code"
    mcp_url = "https://netlify-mcp.netlify.app/mcp"
    token_variables = ("NETLIFY_AUTH_TOKEN",)
    docs_url = "https://docs.netlify.com/api-and-cli-guides/api-guides/get-started-with-api/"
    register_url = "https://app.netlify.com/user/applications"
    register_note = (
        "Under OAuth applications, make a new app. There are no scopes: its tokens may do all that the person may do."
    )
    authorize_url = "https://app.netlify.com/authorize"
    token_url = "https://api.netlify.com/oauth/token"
    expects_refresh_token = False
    nickname_url = "https://api.netlify.com/api/v1/user"
    nickname_paths = ("email", "full_name")
    identity_paths = ("id",)
    unverified = (
        "whether tokens end, and whether a refresh token comes",
        "whether PKCE is heeded",
        "whether http for localhost is accepted",
    )
