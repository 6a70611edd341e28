"""Microsoft."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Microsoft(OAuth2Provider):
    """Microsoft, with Entra ID and Microsoft Graph.

    Source: https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow,
    https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-device-code,
    https://learn.microsoft.com/en-us/entra/identity-platform/reply-url,
    https://learn.microsoft.com/en-us/graph/api/user-get.
    """

    name = "microsoft"
    title = "Microsoft"
    kind = "mail"
    tenant = "common"
    tenant_note = (
        "the id or a domain of your organization, such as contoso.onmicrosoft.com; or organizations, for all but"
        " personal accounts; or consumers, for personal accounts alone"
    )
    docs_url = "https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow"
    register_url = "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/CreateApplicationBlade"
    register_note = (
        "Supported account types decides who can connect. Choose the platform Public client/native (mobile & desktop)"
        " for the redirect URI; such an app has no client secret, and a secret is refused. For --device, Allow public"
        " client flows, under Authentication, has to be Yes. The client id is called Application (client) ID."
    )
    authorize_url = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize"
    token_url = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
    device_url = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode"
    device_public = True
    scopes = ("openid", "profile", "email", "offline_access", "User.Read")
    public_client = True
    redirect_ports = ()
    api_hosts = ("outlook.office.com", "outlook.office365.com", "management.azure.com", "dev.azure.com")
    nickname_url = "https://graph.microsoft.com/v1.0/me"
    nickname_paths = ("userPrincipalName", "mail", "displayName")
    identity_paths = ("id",)
