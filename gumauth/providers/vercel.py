"""Vercel."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Vercel(OAuth2Provider):
    """Vercel, with an app of Sign in with Vercel.

    Source: https://vercel.com/docs/sign-in-with-vercel/authorization-server-api,
    https://vercel.com/docs/sign-in-with-vercel/manage-from-dashboard,
    https://vercel.com/docs/sign-in-with-vercel/tokens, https://vercel.com/.well-known/openid-configuration.
    """

    name = "vercel"
    title = "Vercel"
    kind = "code"
    docs_url = "https://vercel.com/docs/sign-in-with-vercel/authorization-server-api"
    register_url = "https://vercel.com/dashboard"
    register_note = (
        "In a team's Settings, under Apps, create an app, not an integration. On its Manage page, add the callback URL,"
        " tick the scopes openid, email, profile and offline_access, and allow client_secret_post, or none for an app"
        " without a secret."
    )
    authorize_url = "https://vercel.com/oauth/authorize"
    token_url = "https://api.vercel.com/login/oauth/token"
    device_url = "https://api.vercel.com/login/oauth/device-authorization"
    scopes = ("openid", "email", "profile", "offline_access")
    public_client = True
    issuer = "https://vercel.com"
    revoke_url = "https://api.vercel.com/login/oauth/token/revoke"
    nickname_url = "https://api.vercel.com/login/oauth/userinfo"
    nickname_paths = ("email", "preferred_username", "name")
    identity_paths = ("sub",)
    unverified = (
        "which calls of the REST API such a token may make",
        "whether every app may use --device",
        "whether http for localhost is accepted outside of a team's tests",
    )
