"""Gitea."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Gitea(OAuth2Provider):
    """Gitea, gitea.com or a host of one's own.

    Source: https://docs.gitea.com/development/oauth2-provider, https://docs.gitea.com/api/,
    https://github.com/go-gitea/gitea/blob/main/routers/web/auth/oauth2_provider.go.
    """

    name = "gitea"
    title = "Gitea"
    kind = "code"
    host = "gitea.com"
    host_note = "the host of your Gitea, such as git.example.com"
    docs_url = "https://docs.gitea.com/development/oauth2-provider"
    register_url = "https://{host}/user/settings/applications"
    register_note = (
        "Create a new OAuth2 application. Without Confidential Client, it needs no secret. For git, ask for the scope"
        " write:repository too. Before version 1.23, Gitea gives every token full access."
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
