"""Confluence Cloud."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Confluence(OAuth2Provider):
    """Confluence Cloud.

    Source: https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/,
    https://developer.atlassian.com/cloud/oauth/getting-started/enabling-oauth-3lo,
    https://auth.atlassian.com/.well-known/openid-configuration,
    https://support.atlassian.com/atlassian-ai-gateway/docs/use-rovo-mcp-with-other-supported-mcp-clients/.
    """

    name = "confluence"
    title = "Confluence Cloud"
    kind = "documents"
    docs_url = "https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/"
    register_url = "https://developer.atlassian.com/console/myapps/"
    register_note = (
        "Make an OAuth 2.0 integration. Under Permissions, add the User identity API and the Confluence API with the"
        " scopes that are asked for; under Authorization, enter the callback URL, of which an app has one. API calls"
        " go to https://api.atlassian.com/ex/confluence/ and the id of a site, which"
        " https://api.atlassian.com/oauth/token/accessible-resources tells."
    )
    mcp_url = "https://mcp.atlassian.com/v1/mcp/authv2"
    authorize_url = "https://auth.atlassian.com/authorize"
    token_url = "https://auth.atlassian.com/oauth/token"
    scopes = ("read:confluence-user", "read:me", "offline_access")
    authorize_params = {"audience": "api.atlassian.com", "prompt": "consent"}
    token_encoding = "json"
    dead_errors = ("refresh_token is invalid", "unknown or invalid refresh token")
    revoke_url = "https://auth.atlassian.com/oauth/revoke"
    revoke_fields = {"refresh_token": "token"}
    nickname_url = "https://api.atlassian.com/me"
    nickname_paths = ("email", "name")
    identity_paths = ("account_id",)
    unverified = (
        "whether apps may revoke tokens: the server names an address for it, the guide for apps does not",
        "how long a refresh token lives: 90 days without use, by one source",
    )
