"""Google."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Google(OAuth2Provider):
    """Google, with a desktop client. Source: https://developers.google.com/identity/protocols/oauth2/native-app."""

    name = "google"
    title = "Google"
    kind = "mail"
    docs_url = "https://developers.google.com/identity/protocols/oauth2/native-app"
    register_url = "https://console.cloud.google.com/apis/credentials"
    register_note = (
        "Make an OAuth client of the type Desktop app, which may use any port of this machine; its page has no field"
        " for a redirect URI. (A Web application client refuses the port, which changes.) While the app is in testing,"
        " only the addresses among its test users can connect. For --device make a client of the type TVs and Limited"
        " Input devices in its place, which gets few scopes beside openid, email and profile."
    )
    register_redirect = False
    authorize_url = "https://accounts.google.com/o/oauth2/v2/auth"
    token_url = "https://oauth2.googleapis.com/token"
    device_url = "https://oauth2.googleapis.com/device/code"
    scopes = ("openid", "email", "profile")
    scope_names = {
        "email": "https://www.googleapis.com/auth/userinfo.email",
        "profile": "https://www.googleapis.com/auth/userinfo.profile",
    }
    authorize_params = {"access_type": "offline", "prompt": "consent"}  # else no refresh token comes
    issuer = "https://accounts.google.com"
    redirect_host = "127.0.0.1"
    redirect_ports = ()
    api_hosts = (".googleapis.com",)
    git_hosts = ("source.developers.google.com", ".googlesource.com")
    revoke_url = "https://oauth2.googleapis.com/revoke"
    revoke_auth = "none"
    nickname_url = "https://openidconnect.googleapis.com/v1/userinfo"
    nickname_paths = ("email", "name")
    identity_paths = ("sub",)
