"""Linear."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Linear(OAuth2Provider):
    """Linear. Source: https://linear.app/developers/oauth-2-0-authentication."""

    name = "linear"
    title = "Linear"
    kind = "work"
    docs_url = "https://linear.app/developers/oauth-2-0-authentication"
    register_url = "https://linear.app/settings/api/applications/new"
    register_note = (
        "Public may stay off, unless people of other workspaces are to connect with this app. Its client secret may be"
        " left out here."
    )
    authorize_url = "https://linear.app/oauth/authorize"
    token_url = "https://api.linear.app/oauth/token"
    scopes = ("read",)
    scope_separator = ","
    authorize_params = {"prompt": "consent"}  # else a second workspace cannot be chosen
    public_client = True
    api_hosts = (".linear.app",)
    revoke_url = "https://api.linear.app/oauth/revoke"
    revoke_auth = "none"
    revoke_fields = {"refresh_token": "refresh_token", "access_token": "access_token"}
    nickname_url = "https://api.linear.app/graphql"
    nickname_method = "POST"
    nickname_body = {"query": "{ viewer { id email name } organization { id urlKey } }"}
    nickname_paths = (
        ("data.viewer.email", "data.organization.urlKey"),
        ("data.viewer.name", "data.organization.urlKey"),
        "data.viewer.email",
        "data.viewer.name",
        "data.organization.urlKey",
    )
    identity_paths = ("data.viewer.id", "data.organization.id")  # a person may be in several workspaces
