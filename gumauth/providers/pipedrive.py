"""Pipedrive."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Pipedrive(OAuth2Provider):
    """Pipedrive.

    Source: https://pipedrive.readme.io/docs/marketplace-oauth-authorization,
    https://developers.pipedrive.com/docs/api/v1/Oauth, https://developers.pipedrive.com/docs/api/v1/Users.
    """

    name = "pipedrive"
    title = "Pipedrive"
    kind = "customers"
    docs_url = "https://pipedrive.readme.io/docs/marketplace-oauth-authorization"
    register_url = "https://app.pipedrive.com/developer-hub"
    register_note = (
        "Create a private app, which has one callback URL, and choose its scopes there: the request names none. API"
        " calls go to the api_domain of `gumauth token --json`. To revoke its refresh token uninstalls the app for the"
        " person."
    )
    authorize_url = "https://oauth.pipedrive.com/oauth/authorize"
    token_url = "https://oauth.pipedrive.com/oauth/token"
    client_auth = "basic"
    token_extras = ("api_domain",)
    api_hosts = (".pipedrive.com",)
    revoke_url = "https://oauth.pipedrive.com/oauth/revoke"
    nickname_url = "https://api.pipedrive.com/v1/users/me"
    nickname_paths = (("data.email", "data.company_name"), "data.email", "data.name")
    identity_paths = ("data.id", "data.company_id")
    unverified = (
        "whether http://localhost is accepted",
        "whether PKCE is heeded",
    )
