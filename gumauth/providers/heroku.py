"""Heroku."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Heroku(OAuth2Provider):
    """Heroku.

    Source: https://devcenter.heroku.com/articles/oauth,
    https://devcenter.heroku.com/articles/platform-api-reference,
    https://devcenter.heroku.com/articles/using-the-cli.
    """

    name = "heroku"
    title = "Heroku"
    kind = "code"
    mcp_url = "https://mcp.heroku.com/mcp"
    token_variables = ("HEROKU_API_KEY",)
    docs_url = "https://devcenter.heroku.com/articles/oauth"
    register_url = "https://dashboard.heroku.com/account/applications"
    register_note = (
        "Register a new API client. The scope identity tells who the person is; read, write and global allow more."
    )
    authorize_url = "https://id.heroku.com/oauth/authorize"
    token_url = "https://id.heroku.com/oauth/token"
    scopes = ("identity",)
    nickname_url = "https://api.heroku.com/account"
    nickname_headers = {"Accept": "application/vnd.heroku+json; version=3"}
    nickname_paths = ("email", "name")
    identity_paths = ("id",)
    unverified = (
        "whether PKCE is heeded",
        "whether an app can revoke its tokens: Heroku deletes an authorization by its id, for the scope global",
    )
