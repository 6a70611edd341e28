"""Jira Data Center."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class JiraDataCenter(OAuth2Provider):
    """Jira Data Center.

    Source: https://confluence.atlassian.com/adminjiraserver101/jira-oauth-2-0-provider-api-1455427907.html,
    https://confluence.atlassian.com/adminjiraserver0905/configure-an-incoming-link-1207177171.html,
    https://developer.atlassian.com/server/jira/platform/rest/.
    """

    name = "jira-datacenter"
    title = "Jira Data Center"
    kind = "work"
    host_note = "the host of your instance, such as jira.example.com"
    docs_url = "https://confluence.atlassian.com/adminjiraserver101/jira-oauth-2-0-provider-api-1455427907.html"
    register_url = "https://{host}/plugins/servlet/applinks/listApplicationLinks"
    register_note = (
        "An administrator creates the link: External application, Incoming, the redirect URL, and the permission Read"
        " or more. Jira 8.22 or later has this."
    )
    authorize_url = "https://{host}/rest/oauth2/latest/authorize"
    token_url = "https://{host}/rest/oauth2/latest/token"
    scopes = ("READ",)
    nickname_url = "https://{host}/rest/api/2/myself"
    nickname_paths = ("emailAddress", "name", "displayName")
    identity_paths = ("key",)  # a name may change
    unverified = (
        "whether an instance in production accepts http for localhost: Atlassian advises https",
        "whether an app can revoke tokens",
    )
