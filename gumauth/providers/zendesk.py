"""Zendesk."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Zendesk(OAuth2Provider):
    """Zendesk.

    Source: https://support.zendesk.com/hc/en-us/articles/4408845965210-Using-OAuth-authentication-with-your-application,
    https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/,
    https://developer.zendesk.com/documentation/api-basics/authentication/refresh-token,
    https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/.
    """

    name = "zendesk"
    title = "Zendesk"
    kind = "customers"
    host_note = "the address of your Zendesk, such as acme.zendesk.com"
    host_domain = "zendesk.com"
    docs_url = "https://developer.zendesk.com/documentation/api-basics/authentication/refresh-token"
    register_url = "https://{host}/admin/apps-integrations/apis/zendesk-api/oauth_clients"
    register_note = (
        "An administrator adds the OAuth client. A public one needs no secret; of a confidential one, copy the secret"
        " when you save it. The client's id is what the page calls the identifier."
    )
    authorize_url = "https://{host}/oauth/authorizations/new"
    token_url = "https://{host}/oauth/tokens"
    scopes = ("read",)
    public_client = True
    revoke_url = "https://{host}/api/v2/oauth/tokens/current.json"
    revoke_method = "DELETE"
    revoke_auth = "bearer"
    revoke_fields = {"access_token": ""}
    nickname_url = "https://{host}/api/v2/users/me.json"
    nickname_paths = ("user.email", "user.name")
    identity_paths = ("user.id",)
    unverified = (
        "how long tokens live: the client's settings decide, and an older client's do not end",
        "whether a token request has to name the scopes, as it does in Zendesk's examples",
        "whether a refresh token outlives the revocation of its access token",
    )
