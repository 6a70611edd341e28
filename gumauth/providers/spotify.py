"""Spotify."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Spotify(OAuth2Provider):
    """Spotify.

    Source: https://developer.spotify.com/documentation/web-api/tutorials/code-pkce-flow,
    https://developer.spotify.com/documentation/web-api/concepts/redirect_uri,
    https://developer.spotify.com/documentation/web-api/reference/get-current-users-profile.
    """

    name = "spotify"
    title = "Spotify"
    kind = "media"
    docs_url = "https://developer.spotify.com/documentation/web-api/tutorials/code-pkce-flow"
    register_url = "https://developer.spotify.com/dashboard/create"
    register_note = (
        "Tick Web API. localhost is refused; the address 127.0.0.1 without a port stands for every port. The client"
        " secret may be left out here. While the app is in development mode, only the people listed under User"
        " Management can connect."
    )
    authorize_url = "https://accounts.spotify.com/authorize"
    token_url = "https://accounts.spotify.com/api/token"
    scopes = ("user-read-email", "user-read-private")
    client_auth = "basic"
    public_client = True
    redirect_host = "127.0.0.1"
    redirect_ports = ()
    api_hosts = ("api.spotify.com",)
    nickname_url = "https://api.spotify.com/v1/me"
    nickname_paths = ("email", "display_name", "id")
    identity_paths = ("id",)
    unverified = ("whether an app in development mode is told a person's email address",)
