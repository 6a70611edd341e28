"""Gong."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Gong(OAuth2Provider):
    """Gong, which does not say whose account a token is for. Source: https://help.gong.io/docs/create-an-app-for-gong."""

    name = "gong"
    title = "Gong"
    kind = "customers"
    docs_url = "https://help.gong.io/docs/create-an-app-for-gong"
    register_url = "https://app.gong.io/company/api-authentication"
    register_note = (
        "A technical administrator creates the integration on the tab OAuth of this page, and ticks there the scopes"
        " that are asked for. API calls go to the api_base_url_for_customer of `gumauth token --json`."
    )
    authorize_url = "https://app.gong.io/oauth2/authorize"
    token_url = "https://app.gong.io/oauth2/generate-customer-token"
    scopes = ("api:users:read",)
    authorize_params = {"access_type": "offline"}
    client_auth = "basic"
    client_id_in_body = True
    token_extras = ("api_base_url_for_customer",)
    api_hosts = (".api.gong.io",)
    identity_paths = ()
    unverified = (
        "whether http://localhost is accepted",
        "whether PKCE is heeded",
        "whether the members of a token request are also read from its body, and not from the query alone",
        "whether an app can revoke tokens",
    )
