"""Canva."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Canva(OAuth2Provider):
    """Canva, with the Connect APIs.

    Source: https://www.canva.dev/docs/connect/authentication/,
    https://www.canva.dev/docs/connect/api-reference/authentication/generate-access-token/,
    https://www.canva.dev/docs/connect/api-reference/authentication/revoke-token/,
    https://www.canva.dev/docs/connect/api-reference/users/, https://www.canva.dev/docs/mcp/,
    https://github.com/canva-sdks/canva-connect-api-starter-kit.
    """

    name = "canva"
    title = "Canva"
    kind = "documents"
    docs_url = "https://www.canva.dev/docs/connect/authentication/"
    register_url = "https://www.canva.com/developers/integrations/connect-api"
    register_note = (
        "Make an integration, tick the scopes that are asked for (profile:read, design:meta:read), and generate a"
        " client secret. The redirect URL has to have 127.0.0.1 in it, not localhost."
    )
    mcp_url = "https://mcp.canva.com/mcp"
    authorize_url = "https://www.canva.com/api/oauth/authorize"
    token_url = "https://api.canva.com/rest/v1/oauth/token"
    scopes = ("profile:read", "design:meta:read")
    client_auth = "basic"
    redirect_host = "127.0.0.1"
    revoke_url = "https://api.canva.com/rest/v1/oauth/revoke"
    nickname_url = "https://api.canva.com/rest/v1/users/me/profile"
    nickname_paths = ("profile.display_name",)
    identity_url = "https://api.canva.com/rest/v1/users/me"
    identity_paths = ("team_user.user_id", "team_user.team_id")  # a person in one of their teams
    unverified = ("whether the integration takes http for 127.0.0.1 once it is public",)
