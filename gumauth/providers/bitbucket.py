"""Bitbucket Cloud."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Bitbucket(OAuth2Provider):
    """Bitbucket Cloud.

    Source: https://developer.atlassian.com/cloud/bitbucket/oauth-2/,
    https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/,
    https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/.
    """

    name = "bitbucket"
    title = "Bitbucket"
    kind = "code"
    docs_url = "https://developer.atlassian.com/cloud/bitbucket/oauth-2/"
    register_url = "https://bitbucket.org/account/workspaces/"
    register_note = (
        "Choose a workspace; in its settings, under OAuth consumers, add a consumer. Its permissions are the scopes"
        " of every token, and none are asked for at connecting: tick Account: Read, and for git Repositories: Write."
    )
    authorize_url = "https://bitbucket.org/site/oauth2/authorize"
    token_url = "https://bitbucket.org/site/oauth2/access_token"
    client_auth = "basic"
    git_hosts = ("bitbucket.org",)
    git_username = "x-token-auth"
    nickname_url = "https://api.bitbucket.org/2.0/user"
    nickname_paths = ("username", "nickname", "display_name")
    identity_paths = ("uuid",)  # a user name may change
    unverified = ("whether PKCE is heeded",)
