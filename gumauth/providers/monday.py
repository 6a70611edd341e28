"""monday.com."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Monday(OAuth2Provider):
    """monday.com, with OAuth 2.1, which new apps have.

    Source: https://developer.monday.com/apps/docs/oauth-2-1,
    https://developer.monday.com/apps/docs/migrating-to-the-new-oauth-flow,
    https://developer.monday.com/api-reference/reference/me,
    https://auth.monday.com/oauth_ms/.well-known/oauth-authorization-server.
    """

    name = "monday"
    title = "monday.com"
    kind = "work"
    docs_url = "https://developer.monday.com/apps/docs/oauth-2-1"
    register_url = "https://monday.com/developers/apps"
    register_note = (
        "Under OAuth & Permissions, add the redirect URL and tick the scopes that are asked for. An app from before"
        " OAuth 2.1 has to have its New OAuth Flow switched on, in a version that is live or active for you. In an"
        " account of others, an admin has to install the app before people can connect."
    )
    mcp_url = "https://mcp.monday.com/mcp"
    authorize_url = "https://auth.monday.com/oauth2/authorize"
    token_url = "https://auth.monday.com/oauth_ms/oauth/token"
    scopes = ("me:read", "account:read", "boards:read")
    token_encoding = "json"
    assumed_lifetime = 3600  # the answer has no end; the token's own claims have it
    revoke_url = "https://auth.monday.com/oauth_ms/oauth/revoke"
    revoke_encoding = "json"
    nickname_url = "https://api.monday.com/v2"
    nickname_method = "POST"
    nickname_body = {"query": "{ me { id email name account { id slug } } }"}
    nickname_paths = (
        ("data.me.email", "data.me.account.slug"),
        "data.me.email",
        "data.me.name",
        "data.me.account.slug",
    )
    identity_paths = ("data.me.id", "data.me.account.id")
    unverified = ("whether http://localhost is accepted for an app that is live",)
