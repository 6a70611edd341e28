"""Confluence Data Center."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class ConfluenceDataCenter(OAuth2Provider):
    """Confluence Data Center.

    Source: https://confluence.atlassian.com/confkb/oauth-2-0-configuration-for-confluence-1224638905.html,
    https://confluence.atlassian.com/adminjiraserver101/jira-oauth-2-0-provider-api-1455427907.html,
    https://developer.atlassian.com/server/confluence/confluence-server-rest-api/.
    """

    name = "confluence-datacenter"
    title = "Confluence Data Center"
    kind = "documents"
    host_note = "the host of your instance, such as confluence.example.com"
    docs_url = "https://confluence.atlassian.com/confkb/oauth-2-0-configuration-for-confluence-1224638905.html"
    register_url = "https://{host}/plugins/servlet/applinks/listApplicationLinks"
    register_note = (
        "An administrator creates the link: External application, Incoming, the redirect URL, and the permission Read"
        " or more. Confluence 7.17 or later has this."
    )
    authorize_url = "https://{host}/rest/oauth2/latest/authorize"
    token_url = "https://{host}/rest/oauth2/latest/token"
    scopes = ("READ",)
    nickname_url = "https://{host}/rest/api/user/current"
    nickname_paths = ("username", "displayName")
    identity_paths = ("userKey",)  # a name may change
    unverified = (
        "whether an instance in production accepts http for localhost: Atlassian advises https",
        "whether an app can revoke tokens",
    )
