"""Fitbit."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Fitbit(OAuth2Provider):
    """Fitbit.

    Source: https://dev.fitbit.com/build/reference/web-api/developer-guide/authorization/,
    https://dev.fitbit.com/build/reference/web-api/authorization/oauth2-token/,
    https://dev.fitbit.com/build/reference/web-api/authorization/revoke-token/,
    https://dev.fitbit.com/build/reference/web-api/user/get-profile/.
    """

    name = "fitbit"
    title = "Fitbit"
    kind = "media"
    docs_url = "https://dev.fitbit.com/build/reference/web-api/developer-guide/authorization/"
    register_url = "https://dev.fitbit.com/apps/new"
    register_note = (
        "OAuth 2.0 Application Type is Personal for your own account, which gives access to all of its data, or Client"
        " for an app without a client secret. Of a Server app the client secret is needed."
    )
    authorize_url = "https://www.fitbit.com/oauth2/authorize"
    token_url = "https://api.fitbit.com/oauth2/token"
    scopes = ("profile",)
    client_auth = "basic"
    public_client = True
    revoke_url = "https://api.fitbit.com/oauth2/revoke"
    nickname_url = "https://api.fitbit.com/1/user/-/profile.json"
    nickname_paths = ("user.displayName", "user.fullName", "user.encodedId")
    identity_paths = ("user.encodedId",)
    unverified = (
        "whether plain http is still accepted for localhost",
        "how long Fitbit's Web API goes on, which the Google Health API replaces in 2026",
    )
