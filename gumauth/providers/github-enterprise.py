"""GitHub Enterprise Server."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class GitHubEnterprise(OAuth2Provider):
    """GitHub Enterprise Server, with an OAuth app.

    Source: https://docs.github.com/en/enterprise-server@latest/apps/oauth-apps/building-oauth-apps,
    https://docs.github.com/en/enterprise-server@latest/rest/apps/oauth-applications.
    """

    name = "github-enterprise"
    title = "GitHub Enterprise Server"
    kind = "code"
    host_note = "the host of your server, such as github.example.com"
    docs_url = "https://docs.github.com/en/enterprise-server@latest/apps/oauth-apps/building-oauth-apps"
    register_url = "https://{host}/settings/applications/new"
    register_note = (
        "Make an OAuth app, not a GitHub App. Any homepage URL will do. Enable Device Flow is for --device, which needs"
        " no client secret; for all else, Generate a new client secret on its page once the app is there."
    )
    authorize_url = "https://{host}/login/oauth/authorize"
    token_url = "https://{host}/login/oauth/access_token"
    device_url = "https://{host}/login/device/code"
    device_public = True
    scopes = ("read:user", "user:email")
    redirect_host = "127.0.0.1"
    redirect_ports = ()
    expects_refresh_token = False
    git_hosts = ("{host}",)
    git_username = "x-access-token"
    revoke_url = "https://{host}/api/v3/applications/{client_id}/token"
    revoke_method = "DELETE"
    revoke_auth = "basic"
    revoke_encoding = "json"
    revoke_fields = {"access_token": "access_token"}
    nickname_url = "https://{host}/api/v3/user"
    nickname_headers = {"Accept": "application/vnd.github+json"}
    nickname_paths = ("login", "email", "name")
    identity_paths = ("id",)
    unverified = ("whether older versions of the server have --device and PKCE",)
