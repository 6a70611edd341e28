"""ServiceNow."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class ServiceNow(OAuth2Provider):
    """ServiceNow.

    Source: https://www.servicenow.com/docs/r/platform-security/authentication/c_OAuthAuthorizationCodeFlow.html,
    https://www.servicenow.com/docs/r/platform-security/authentication/authorization-workflow.html,
    https://github.com/ServiceNow/ServiceNowDocs.
    """

    name = "servicenow"
    title = "ServiceNow"
    kind = "customers"
    host_note = "the address of your instance, such as acme.service-now.com"
    host_domain = "service-now.com"
    docs_url = "https://www.servicenow.com/docs/r/platform-security/authentication/c_OAuthAuthorizationCodeFlow.html"
    register_url = "https://{host}/oauth_entity_list.do"
    register_note = (
        "An administrator creates an OAuth API endpoint for external clients in the application registry. A public"
        " client needs no secret. Its page says how long tokens live."
    )
    authorize_url = "https://{host}/oauth_auth.do"
    token_url = "https://{host}/oauth_token.do"
    scopes = ("useraccount",)
    public_client = True
    revoke_url = "https://{host}/oauth_revoke_token.do"
    revoke_auth = "none"
    nickname_url = (
        "https://{host}/api/now/table/sys_user?sysparm_query=user_name%3Djavascript%3Ags.getUserName%28%29"
        "&sysparm_fields=sys_id%2Cuser_name%2Cemail&sysparm_limit=1"
    )
    nickname_paths = ("result.0.user_name", "result.0.email")
    identity_paths = ("result.0.sys_id",)
    unverified = (
        "whether http://localhost is accepted",
        "whether a person without a role may read the own record, by which the account is named",
        "whether a revocation reads the token from its body: the documentation puts it into the URL",
    )
