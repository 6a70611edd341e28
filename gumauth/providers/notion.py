"""Notion."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Notion(OAuth2Provider):
    """Notion, with a public connection.

    Source: https://developers.notion.com/guides/get-started/authorization,
    https://developers.notion.com/reference/create-a-token, https://developers.notion.com/reference/refresh-a-token,
    https://developers.notion.com/reference/get-self, https://github.com/makenotion/notion-sdk-js,
    https://developers.notion.com/guides/mcp/overview.
    """

    name = "notion"
    title = "Notion"
    kind = "documents"
    docs_url = "https://developers.notion.com/guides/get-started/authorization"
    register_url = "https://www.notion.so/profile/integrations"
    register_note = (
        "Make a public connection, not an internal one. It has no scopes: tick the capabilities that you need, and that"
        " of reading user information including email addresses. People choose the pages that it sees when they"
        " connect. API calls need the header Notion-Version."
    )
    mcp_url = "https://mcp.notion.com/mcp"
    token_variables = ("NOTION_TOKEN",)
    authorize_url = "https://api.notion.com/v1/oauth/authorize"
    token_url = "https://api.notion.com/v1/oauth/token"
    authorize_params = {"owner": "user"}
    pkce = False  # the members of the token request are checked, and a verifier is none of them
    client_auth = "basic"
    token_encoding = "json"
    token_headers = {"Accept": "application/json", "Notion-Version": "2025-09-03"}
    token_extras = ("workspace_id",)
    revoke_url = "https://api.notion.com/v1/oauth/revoke"
    revoke_encoding = "json"
    revoke_fields = {"access_token": "token"}
    nickname_url = "https://api.notion.com/v1/users/me"
    nickname_headers = {"Accept": "application/json", "Notion-Version": "2025-09-03"}
    nickname_paths = (
        ("bot.owner.user.person.email", "bot.workspace_name"),
        ("bot.owner.user.name", "bot.workspace_name"),
        "bot.owner.user.person.email",
        "bot.workspace_name",
    )
    identity_paths = ("id",)  # of the bot, which stands for one person in one workspace
    unverified = (
        "whether http://localhost is accepted for a connection that others use",
        "how long tokens live, which the answer does not say",
        "whether PKCE would be accepted",
        "whether a revocation accepts token_type_hint",
    )
