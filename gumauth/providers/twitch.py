"""Twitch."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Twitch(OAuth2Provider):
    """Twitch.

    Source: https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/,
    https://dev.twitch.tv/docs/authentication/register-app/,
    https://dev.twitch.tv/docs/authentication/refresh-tokens/,
    https://dev.twitch.tv/docs/authentication/revoke-tokens/,
    https://dev.twitch.tv/docs/api/reference/#get-users.
    """

    name = "twitch"
    title = "Twitch"
    kind = "media"
    docs_url = "https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/"
    register_url = "https://dev.twitch.tv/console/apps/create"
    register_note = (
        "Two-factor authentication has to be on for the Twitch account. Client Type is Confidential, whose page has New"
        " Secret; a Public client has no secret and is for --device alone. Category may be Application Integration."
    )
    authorize_url = "https://id.twitch.tv/oauth2/authorize"
    token_url = "https://id.twitch.tv/oauth2/token"
    device_url = "https://id.twitch.tv/oauth2/device"
    device_scope_param = "scopes"
    device_public = True
    scopes = ("user:read:email",)
    api_hosts = ("api.twitch.tv",)
    revoke_url = "https://id.twitch.tv/oauth2/revoke"
    revoke_auth = "none"
    revoke_fields = {"access_token": "token"}
    revoke_params = {"client_id": "{client_id}"}
    nickname_url = "https://api.twitch.tv/helix/users"
    nickname_headers = {"Accept": "application/json", "Client-Id": "{client_id}"}
    nickname_paths = ("data.0.login", "data.0.email")
    identity_paths = ("data.0.id",)  # a login name may change
