"""YouTube."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class YouTube(OAuth2Provider):
    """YouTube, with a desktop client of Google.

    Source: https://developers.google.com/youtube/v3/guides/auth/installed-apps,
    https://developers.google.com/youtube/v3/guides/auth/devices,
    https://developers.google.com/youtube/v3/docs/channels/list.
    """

    name = "youtube"
    title = "YouTube"
    kind = "media"
    docs_url = "https://developers.google.com/youtube/v3/guides/auth/installed-apps"
    register_url = "https://console.cloud.google.com/apis/credentials"
    register_note = (
        "Enable the YouTube Data API v3 in the project. Make an OAuth client of the type Desktop app, which may use any"
        " port of this machine; its page has no field for a redirect URI. While the app is in testing, only the"
        " addresses among its test users can connect. For --device make a client of the type TVs and Limited Input"
        " devices in its place."
    )
    register_redirect = False
    authorize_url = "https://accounts.google.com/o/oauth2/v2/auth"
    token_url = "https://oauth2.googleapis.com/token"
    device_url = "https://oauth2.googleapis.com/device/code"
    scopes = ("https://www.googleapis.com/auth/youtube.readonly",)
    authorize_params = {"access_type": "offline", "prompt": "consent"}  # else no refresh token comes
    issuer = "https://accounts.google.com"
    redirect_host = "127.0.0.1"
    redirect_ports = ()
    api_hosts = (".googleapis.com",)
    revoke_url = "https://oauth2.googleapis.com/revoke"
    revoke_auth = "none"
    nickname_url = "https://www.googleapis.com/youtube/v3/channels?part=snippet&mine=true"
    nickname_paths = ("items.0.snippet.customUrl", "items.0.snippet.title")
    identity_paths = ("items.0.id",)  # a Google account may have several channels; a token is for one
