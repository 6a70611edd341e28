"""Calendly."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Calendly(OAuth2Provider):
    """Calendly.

    Source: https://developer.calendly.com/creating-an-oauth-app, https://developer.calendly.com/scopes,
    https://developer.calendly.com/how-to-access-calendly-data-on-behalf-of-authenticated-users,
    https://developer.calendly.com/api-docs/calendly-o-auth/o-auth/get-oauth-authorize,
    https://developer.calendly.com/docs/mcp/calendly-mcp-server.
    """

    name = "calendly"
    title = "Calendly"
    kind = "work"
    docs_url = "https://developer.calendly.com/how-to-access-calendly-data-on-behalf-of-authenticated-users"
    register_url = "https://developer.calendly.com/console/apps"
    register_note = (
        "Make an app of the environment Sandbox, which takes http for localhost; one of the environment Production"
        " takes https alone. Of the kinds, web has a client secret, and native has none. Tick the scopes that are asked"
        " for."
    )
    mcp_url = "https://mcp.calendly.com"
    authorize_url = "https://auth.calendly.com/oauth/authorize"
    token_url = "https://auth.calendly.com/oauth/token"
    scopes = ("users:read", "event_types:read")
    public_client = True
    token_extras = ("owner", "organization")
    revoke_url = "https://auth.calendly.com/oauth/revoke"
    nickname_url = "https://api.calendly.com/users/me"
    nickname_paths = ("resource.email", "resource.name")
    identity_paths = ("resource.uri",)
    unverified = (
        "whether an app of the Sandbox sees everything of a real account",
        "whether a native app can revoke without a secret",
    )
