"""Strava."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Strava(OAuth2Provider):
    """Strava. Source: https://developers.strava.com/docs/authentication/."""

    name = "strava"
    title = "Strava"
    kind = "media"
    docs_url = "https://developers.strava.com/docs/authentication/"
    register_url = "https://www.strava.com/settings/api"
    register_note = (
        "The page has no field for a redirect URI: Authorization Callback Domain is localhost, and any website will do."
        " A new app is for its owner's account alone until Strava has reviewed it."
    )
    register_redirect = False
    authorize_url = "https://www.strava.com/oauth/authorize"
    token_url = "https://www.strava.com/api/v3/oauth/token"
    scopes = ("read",)
    scope_separator = ","
    redirect_ports = ()  # the domain alone is compared
    api_hosts = ("www.strava.com",)
    revoke_url = "https://www.strava.com/oauth/deauthorize"
    revoke_auth = "none"
    revoke_fields = {"access_token": "access_token"}
    nickname_url = "https://www.strava.com/api/v3/athlete"
    nickname_paths = ("username", "firstname", "id")
    identity_paths = ("id",)
