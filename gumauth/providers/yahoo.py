"""Yahoo."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Yahoo(OAuth2Provider):
    """Yahoo.

    Source: https://developer.yahoo.com/oauth2/guide/openid_connect/,
    https://developer.yahoo.com/oauth2/guide/flows_authcode/,
    https://api.login.yahoo.com/.well-known/openid-configuration, https://github.com/mattdodge/yahoofantasy.
    """

    name = "yahoo"
    title = "Yahoo"
    kind = "mail"
    docs_url = "https://developer.yahoo.com/oauth2/guide/openid_connect/"
    register_url = "https://developer.yahoo.com/apps/create/"
    register_note = (
        "Choose Confidential Client, and tick Email and Profile of the OpenID Connect Permissions. http is refused as a"
        " redirect URI. Yahoo gives the scopes of its mail to apps that it has approved alone."
    )
    authorize_url = "https://api.login.yahoo.com/oauth2/request_auth"
    token_url = "https://api.login.yahoo.com/oauth2/get_token"
    scopes = ("openid", "profile", "email")
    client_auth = "basic"
    issuer = "https://api.login.yahoo.com"
    redirect_tls = True
    revoke_url = "https://api.login.yahoo.com/oauth2/revoke"
    nickname_url = "https://api.login.yahoo.com/openid/v1/userinfo"
    nickname_paths = ("email", "name")
    identity_paths = ("sub",)
    unverified = ("whether PKCE is heeded", "whether the form for an app still asks for the type of client")
