"""Box."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Box(OAuth2Provider):
    """Box.

    Source: https://developer.box.com/guides/authentication/oauth2/without-sdk/,
    https://developer.box.com/guides/authentication/tokens/refresh/, https://developer.box.com/reference/post-oauth2-revoke/,
    https://developer.box.com/reference/get-users-me/, https://developer.box.com/guides/authentication/oauth2/oauth2-setup/,
    https://api.box.com/.well-known/oauth-authorization-server.
    """

    name = "box"
    title = "Box"
    kind = "mail"
    docs_url = "https://developer.box.com/guides/authentication/oauth2/"
    register_url = "https://app.box.com/developers/console/newapp"
    register_note = (
        "Make a Platform App with User Authentication (OAuth 2.0). The redirect URI, the client id, the client secret"
        " and what the app may do stand under Configuration. An account that nobody uses for 60 days has to be"
        " connected again."
    )
    authorize_url = "https://account.box.com/api/oauth2/authorize"
    token_url = "https://api.box.com/oauth2/token"
    redirect_ports = ()  # of a loopback address
    api_hosts = ("upload.box.com",)
    revoke_url = "https://api.box.com/oauth2/revoke"
    nickname_url = "https://api.box.com/2.0/users/me"
    nickname_paths = ("login", "name")
    identity_paths = ("id",)
