"""X."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class X(OAuth2Provider):
    """X, formerly Twitter.

    Source: https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code,
    https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token,
    https://docs.x.com/x-api/users/get-my-user.
    """

    name = "x"
    title = "X"
    kind = "people"
    docs_url = "https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code"
    register_url = "https://developer.x.com/en/portal/dashboard"
    register_note = (
        "In the app's User authentication settings choose Native App, which has no client secret, or Web App, whose"
        " client secret is needed. Client id and secret are those of OAuth 2.0, not the API key. The website may be any"
        " address, but for one of this machine."
    )
    authorize_url = "https://x.com/i/oauth2/authorize"
    token_url = "https://api.x.com/2/oauth2/token"
    scopes = ("tweet.read", "users.read", "offline.access")
    client_auth = "basic"
    public_client = True
    redirect_host = "127.0.0.1"
    dead_errors = ("value passed for the token was invalid",)  # with the code invalid_request
    revoke_url = "https://api.x.com/2/oauth2/revoke"
    nickname_url = "https://api.x.com/2/users/me"
    nickname_paths = ("data.username", "data.name")
    identity_paths = ("data.id",)  # a user name may change
    unverified = ("whether the API says who a person is without paid credits",)
