"""Miro."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Miro(OAuth2Provider):
    """Miro.

    Source: https://developers.miro.com/docs/getting-started-with-oauth,
    https://developers.miro.com/reference/exchange-authorization-code-with-access-token,
    https://developers.miro.com/reference/get-new-access-token-using-refresh-token,
    https://developers.miro.com/reference/revoke-token-v2, https://developers.miro.com/docs/connecting-to-miro-mcp.
    """

    name = "miro"
    title = "Miro"
    kind = "work"
    docs_url = "https://developers.miro.com/docs/getting-started-with-oauth"
    register_url = "https://miro.com/app/settings/user-profile/apps"
    register_note = (
        "When you create the app, tick that its user authorization token expires, which cannot be changed later: no"
        " refresh token comes without it. The scopes are those that are ticked on its page (boards:read, identity:read"
        " and so on); none are sent."
    )
    mcp_url = "https://mcp.miro.com/"
    authorize_url = "https://miro.com/oauth/authorize"
    token_url = "https://api.miro.com/v1/oauth/token"
    revoke_url = "https://api.miro.com/v2/oauth/revoke"
    revoke_auth = "none"
    revoke_encoding = "json"
    revoke_fields = {"access_token": "accessToken"}
    revoke_params = {"clientId": "{client_id}", "clientSecret": "{client_secret}"}
    nickname_url = "https://api.miro.com/v1/oauth-token"
    nickname_paths = (("user.name", "team.name"), "user.name", "team.name")
    identity_paths = ("user.id", "team.id")  # a token is for one team
    unverified = ("whether PKCE is heeded", "whether the refresh token ends with the access token")
