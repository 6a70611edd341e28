"""Auth0."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Auth0(OAuth2Provider):
    """Auth0, at the domain of a tenant.

    Source: https://auth0.com/docs/api/authentication,
    https://auth0.com/docs/get-started/authentication-and-authorization-flow/authorization-code-flow-with-pkce,
    https://auth0.com/docs/secure/tokens/refresh-tokens/revoke-refresh-tokens.
    """

    name = "auth0"
    title = "Auth0"
    kind = "identity"
    host_note = "the domain of your tenant, such as acme.us.auth0.com"
    docs_url = "https://auth0.com/docs/api/authentication"
    register_url = "https://manage.auth0.com/#/applications"
    register_note = (
        "Create an application of the type Native, which needs no secret; its redirect URI is an Allowed Callback URL."
        " Among its grant types, tick Refresh Token, and Device Code for --device. No audience is asked for: the token"
        " is for the tenant's own userinfo, unless the tenant has a default audience."
    )
    authorize_url = "https://{host}/authorize"
    token_url = "https://{host}/oauth/token"
    device_url = "https://{host}/oauth/device/code"
    scopes = ("openid", "profile", "email", "offline_access")
    public_client = True
    issuer = "https://{host}/"
    revoke_url = "https://{host}/oauth/revoke"
    revoke_fields = {"refresh_token": "token"}
    nickname_url = "https://{host}/userinfo"
    nickname_paths = ("email", "nickname", "name")
    identity_paths = ("sub",)
    unverified = ("whether any port of localhost is accepted",)
