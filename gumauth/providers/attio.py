"""Attio."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Attio(OAuth2Provider):
    """Attio.

    Source: https://docs.attio.com/rest-api/tutorials/connect-an-app-through-oauth,
    https://docs.attio.com/docs/oauth/token, https://docs.attio.com/rest-api/endpoint-reference/meta/identify.
    """

    name = "attio"
    title = "Attio"
    kind = "customers"
    docs_url = "https://docs.attio.com/rest-api/tutorials/connect-an-app-through-oauth"
    register_url = "https://build.attio.com"
    register_note = (
        "Create an app, enable OAuth 2.0 on its tab OAuth, and choose its scopes there: the request names none."
    )
    mcp_url = "https://mcp.attio.com/mcp"
    authorize_url = "https://app.attio.com/authorize"
    token_url = "https://app.attio.com/oauth/token"
    expects_refresh_token = False
    api_hosts = ("api.attio.com",)
    nickname_url = "https://api.attio.com/v2/self"
    nickname_paths = ("workspace_name", "workspace_slug")
    identity_paths = ("authorized_by_workspace_member_id", "workspace_id")
    unverified = (
        "whether PKCE is heeded",
        "whether an app can revoke tokens",
    )
