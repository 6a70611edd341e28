"""Forgejo."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Forgejo(OAuth2Provider):
    """Forgejo, Codeberg or a host of one's own.

    Source: https://forgejo.org/docs/latest/user/oauth2-provider/,
    https://forgejo.org/docs/latest/user/api-usage/, https://codeberg.org/api/swagger.
    """

    name = "forgejo"
    title = "Forgejo"
    kind = "code"
    host = "codeberg.org"
    host_note = "the host of your Forgejo, such as git.example.com"
    docs_url = "https://forgejo.org/docs/latest/user/oauth2-provider/"
    register_url = "https://{host}/user/settings/applications"
    register_note = (
        "Create a new OAuth2 application. Without Confidential client, it needs no secret. For git, ask for the scope"
        " write:repository too."
    )
    authorize_url = "https://{host}/login/oauth/authorize"
    token_url = "https://{host}/login/oauth/access_token"
    scopes = ("read:user",)
    public_client = True
    redirect_host = "127.0.0.1"
    dead_errors = ("unable to parse refresh token", "token was already used")
    git_hosts = ("{host}",)
    nickname_url = "https://{host}/api/v1/user"
    nickname_paths = ("login", "email")
    identity_paths = ("id",)  # a user name may change
    unverified = ("whether a token is kept to its scopes", "how long a refresh token lives")
