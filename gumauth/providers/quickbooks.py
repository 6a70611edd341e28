"""QuickBooks Online."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class QuickBooks(OAuth2Provider):
    """QuickBooks Online, with development keys.

    Source: https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0,
    https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/set-redirect-uri,
    https://developer.intuit.com/.well-known/openid-sandbox-configuration,
    https://github.com/intuit/quickbooks-online-mcp-server.
    """

    name = "quickbooks"
    title = "QuickBooks Online"
    kind = "money"
    docs_url = "https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0"
    register_url = "https://developer.intuit.com/app/developer/dashboard"
    register_note = (
        "Take the app's development keys, which reach a sandbox company: production keys refuse every address of this"
        " machine. API calls need the realmId of `gumauth token --json`, which is the company that was chosen; an"
        " account stands for a person, so that connecting a second company replaces the first."
    )
    authorize_url = "https://appcenter.intuit.com/connect/oauth2"
    token_url = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
    scopes = ("com.intuit.quickbooks.accounting", "openid", "email")
    client_auth = "basic"
    callback_extras = ("realmId",)
    api_hosts = ("quickbooks.api.intuit.com", "sandbox-quickbooks.api.intuit.com")
    revoke_url = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"
    revoke_encoding = "json"
    nickname_url = "https://sandbox-accounts.platform.intuit.com/v1/openid_connect/userinfo"
    nickname_paths = ("email", "givenName")
    identity_paths = ("sub",)
    unverified = (
        "whether PKCE is heeded",
        "whether a revocation accepts token_type_hint",
    )
