"""Intercom."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Intercom(OAuth2Provider):
    """Intercom.

    Source: https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/setting-up-oauth,
    https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/identifyadmin.
    """

    name = "intercom"
    title = "Intercom"
    kind = "customers"
    docs_url = "https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/setting-up-oauth"
    register_url = "https://app.intercom.com/a/apps/_/developer-hub"
    register_note = (
        "Under Authentication, tick Use OAuth, add the redirect URL, and choose the permissions there, with that of"
        " reading admins: the request names no scopes. Its tokens do not end; uninstall the app in the workspace to end"
        " those of all its people."
    )
    mcp_url = "https://mcp.intercom.com/mcp"
    authorize_url = "https://app.intercom.com/oauth"
    token_url = "https://api.intercom.io/auth/eagle/token"
    redirect_tls = True
    expects_refresh_token = False
    api_hosts = (".intercom.io",)
    nickname_url = "https://api.intercom.io/me"
    nickname_paths = (("email", "app.name"), "email", "name")
    identity_paths = ("id", "app.id_code")
    unverified = (
        "whether PKCE is heeded",
        "whether these addresses serve a workspace in Europe or Australia",
    )
