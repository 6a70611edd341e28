"""GitLab."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class GitLab(OAuth2Provider):
    """GitLab, gitlab.com or a host of one's own.

    Source: https://docs.gitlab.com/api/oauth2/, https://docs.gitlab.com/integration/oauth_provider/,
    https://docs.gitlab.com/api/users/, https://docs.gitlab.com/user/gitlab_duo/model_context_protocol/mcp_server/.
    """

    name = "gitlab"
    title = "GitLab"
    kind = "code"
    host = "gitlab.com"
    host_note = "the host of your GitLab, such as gitlab.example.com"
    mcp_url = "https://{host}/api/v4/mcp"
    token_variables = ("GITLAB_TOKEN",)
    docs_url = "https://docs.gitlab.com/api/oauth2/"
    register_url = "https://{host}/-/user_settings/applications"
    register_note = (
        "Add an application, and tick the scopes that are asked for: read_user, and for example read_api, or"
        " read_repository and write_repository for git. Without Confidential, it needs no secret. --device needs GitLab"
        " 17.1 or later. The command glab takes the token of GITLAB_TOKEN where GLAB_IS_OAUTH2 is true."
    )
    authorize_url = "https://{host}/oauth/authorize"
    token_url = "https://{host}/oauth/token"
    device_url = "https://{host}/oauth/authorize_device"
    scopes = ("read_user",)
    public_client = True
    redirect_host = "127.0.0.1"
    redirect_ports = ()
    git_hosts = ("{host}",)
    revoke_url = "https://{host}/oauth/revoke"
    nickname_url = "https://{host}/api/v4/user"
    nickname_paths = ("username", "email", "name")
    identity_paths = ("id",)  # a user name may change
