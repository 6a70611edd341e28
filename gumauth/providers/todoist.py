"""Todoist."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Todoist(OAuth2Provider):
    """Todoist.

    Source: https://developer.todoist.com/api/v1/, https://doist.github.io/todoist-sdk-typescript/authorization,
    https://github.com/Doist/todoist-sdk-typescript, https://github.com/Doist/todoist-mcp.
    """

    name = "todoist"
    title = "Todoist"
    kind = "work"
    docs_url = "https://developer.todoist.com/api/v1/"
    register_url = "https://app.todoist.com/app/settings/integrations/app-management"
    register_note = "An app takes http for localhost alone, not for 127.0.0.1."
    mcp_url = "https://ai.todoist.net/mcp"
    token_variables = ("TODOIST_API_TOKEN", "TODOIST_API_KEY")
    authorize_url = "https://app.todoist.com/oauth/authorize"
    token_url = "https://api.todoist.com/oauth/access_token"
    scopes = ("data:read",)
    scope_separator = ","
    public_client = True
    revoke_url = "https://api.todoist.com/api/v1/revoke"
    revoke_auth = "basic"
    revoke_encoding = "json"
    revoke_fields = {"access_token": "token"}
    nickname_url = "https://api.todoist.com/api/v1/user"
    nickname_paths = ("email", "full_name")
    identity_paths = ("id",)
    unverified = (
        "whether a client without a secret can revoke, and whether a refresh token ends with the access token",
        "whether the console registers clients without a secret, or only the server's own registration does",
    )
