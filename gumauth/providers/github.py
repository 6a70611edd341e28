"""GitHub."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class GitHub(OAuth2Provider):
    """GitHub, with an OAuth app. Source: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps."""

    name = "github"
    title = "GitHub"
    kind = "code"
    docs_url = "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps"
    register_url = "https://github.com/settings/applications/new"
    register_note = (
        "Make an OAuth app, not a GitHub App. Any homepage URL will do. Enable Device Flow is for --device, which needs"
        " no client secret; for all else, Generate a new client secret on its page once the app is there."
    )
    authorize_url = "https://github.com/login/oauth/authorize"
    token_url = "https://github.com/login/oauth/access_token"
    device_url = "https://github.com/login/device/code"
    device_public = True
    scopes = ("read:user", "user:email")
    redirect_host = "127.0.0.1"
    redirect_ports = ()  # any, also when another one is registered
    expects_refresh_token = False  # an OAuth app's tokens do not expire
    api_hosts = (".github.com", "raw.githubusercontent.com", "api.githubcopilot.com", "models.github.ai")
    git_hosts = ("github.com", "gist.github.com")
    git_username = "x-access-token"
    revoke_url = "https://api.github.com/applications/{client_id}/token"
    revoke_method = "DELETE"
    revoke_auth = "basic"
    revoke_encoding = "json"
    revoke_fields = {"access_token": "access_token"}
    nickname_url = "https://api.github.com/user"
    nickname_headers = {"Accept": "application/vnd.github+json"}
    nickname_paths = ("login", "email", "name")
    identity_paths = ("id",)  # a login name may change hands
