"""Cloudflare."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Cloudflare(OAuth2Provider):
    """Cloudflare, with an OAuth client of an account.

    Source: https://developers.cloudflare.com/fundamentals/oauth/create-an-oauth-client/,
    https://developers.cloudflare.com/fundamentals/oauth/integrate-with-cloudflare/,
    https://developers.cloudflare.com/api/resources/user/methods/get/.
    """

    name = "cloudflare"
    title = "Cloudflare"
    kind = "cloud"
    mcp_url = "https://mcp.cloudflare.com/mcp"
    token_variables = ("CLOUDFLARE_API_TOKEN",)
    docs_url = "https://developers.cloudflare.com/fundamentals/oauth/create-an-oauth-client/"
    register_url = "https://dash.cloudflare.com/?to=/:account/oauth-clients"
    register_note = (
        "Create a client with the grant types authorization_code and refresh_token, and the token authentication method"
        " client_secret_post, or none for a client without a secret. Give it the scope User Details Read, and those"
        " that its calls need."
    )
    authorize_url = "https://dash.cloudflare.com/oauth2/auth"
    token_url = "https://dash.cloudflare.com/oauth2/token"
    scopes = ("user-details.read", "offline_access")
    public_client = True
    revoke_url = "https://dash.cloudflare.com/oauth2/revoke"
    nickname_url = "https://api.cloudflare.com/client/v4/user"
    nickname_paths = ("result.email", "result.username")
    identity_paths = ("result.id",)
    unverified = ("whether http for localhost is accepted for every client", "how long a refresh token lives")
