"""Front."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Front(OAuth2Provider):
    """Front.

    Source: https://dev.frontapp.com/docs/oauth, https://dev.frontapp.com/docs/create-and-manage-apps,
    https://dev.frontapp.com/reference/api-token-details.
    """

    name = "front"
    title = "Front"
    kind = "customers"
    docs_url = "https://dev.frontapp.com/docs/oauth"
    register_url = "https://app.frontapp.com/settings/developers/apps"
    register_note = (
        "Create an app, add the feature OAuth to it, and choose its scopes there: the request names none. Only a"
        " company admin can connect, and the account is the company's."
    )
    authorize_url = "https://app.frontapp.com/oauth/authorize"
    token_url = "https://app.frontapp.com/oauth/token"
    client_auth = "basic"
    redirect_tls = True
    api_hosts = ("api2.frontapp.com", ".api.frontapp.com")
    nickname_url = "https://api2.frontapp.com/me"
    nickname_paths = ("name",)
    identity_paths = ("id",)
    unverified = (
        "whether http is accepted for localhost, so that the callback is https",
        "whether PKCE is heeded",
        "whether an app can revoke tokens",
    )
