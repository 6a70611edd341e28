"""Gumloop."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Gumloop(OAuth2Provider):
    """Gumloop. Source: https://docs.gumloop.com/api-reference/oauth, https://pypi.org/project/gumloop/."""

    name = "gumloop"
    title = "Gumloop"
    kind = "code"
    docs_url = "https://docs.gumloop.com/api-reference/oauth"
    register_url = "https://docs.gumloop.com/api-reference/oauth"
    register_note = (
        "Apps are registered by Gumloop alone: write to support@gumloop.com, with the app's name, what it is for, and"
        " the redirect URI. There is no client secret. The scope gumloop_api is for people on the Pro plan or above."
    )
    authorize_url = "https://api.gumloop.com/oauth/authorize"
    token_url = "https://api.gumloop.com/oauth/token"
    scopes = ("gumloop_api", "userinfo")
    client_auth = "none"
    redirect_host = "127.0.0.1"
    revoke_url = "https://api.gumloop.com/oauth/revoke"
    nickname_url = "https://api.gumloop.com/oauth/userinfo"
    nickname_paths = ("email", "name")
    identity_paths = ("sub",)
    unverified = (
        "the address that tells the person's email",
        "whether a registration accepts http for 127.0.0.1",
    )
