"""Salesforce."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Salesforce(OAuth2Provider):
    """Salesforce.

    Source: https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm,
    https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_endpoints.htm,
    https://login.salesforce.com/.well-known/openid-configuration,
    https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_revoke_token.htm, https://github.com/forcedotcom/sfdx-core.
    """

    name = "salesforce"
    title = "Salesforce"
    kind = "customers"
    host = "login.salesforce.com"
    host_note = "test.salesforce.com for a sandbox, or the domain of your organization, such as acme.my.salesforce.com"
    host_domain = "my.salesforce.com"
    docs_url = "https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm"
    register_url = "https://help.salesforce.com/s/articleView?id=sf.external_client_apps.htm"
    register_note = (
        "Make an external client app in Setup, with OAuth enabled and the scopes api, refresh_token and openid. Its"
        " callback URL may be http for localhost, not for 127.0.0.1. The secret may be left out here where the app"
        " requires one neither for the web server flow nor for the refresh token flow. API calls go to the instance_url"
        " of `gumauth token --json`."
    )
    token_variables = ("SF_ACCESS_TOKEN",)
    authorize_url = "https://{host}/services/oauth2/authorize"
    token_url = "https://{host}/services/oauth2/token"
    scopes = ("api", "refresh_token", "openid")
    public_client = True
    token_extras = ("instance_url",)
    api_hosts = (".salesforce.com",)
    revoke_url = "https://{host}/services/oauth2/revoke"
    revoke_auth = "none"
    nickname_url = "https://{host}/services/oauth2/userinfo"
    nickname_paths = ("preferred_username", "email")
    identity_paths = ("organization_id", "user_id")  # `sub` is a URL of these two at the host that was asked
    unverified = ("how long an access token lives: the answer does not say, and the organization decides",)
