"""Square."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Square(OAuth2Provider):
    """Square, in the PKCE flow, which has no client secret.

    Source: https://developer.squareup.com/docs/oauth-api/overview,
    https://developer.squareup.com/reference/square/o-auth-api/obtain-token,
    https://developer.squareup.com/reference/square/merchants-api/retrieve-merchant,
    https://github.com/square/square-python-sdk.
    """

    name = "square"
    title = "Square"
    kind = "money"
    host = "connect.squareup.com"
    host_note = "connect.squareupsandbox.com for the sandbox"
    docs_url = "https://developer.squareup.com/docs/oauth-api/overview"
    register_url = "https://developer.squareup.com/apps"
    register_note = (
        "On the application's page OAuth, set the redirect URL, for production or for the sandbox. The client id is the"
        " application id; the secret is not used. A refresh token of this flow works once, and lives for 90 days."
    )
    token_variables = ("SQUARE_TOKEN",)
    authorize_url = "https://{host}/oauth2/authorize"
    token_url = "https://{host}/oauth2/token"
    scopes = ("MERCHANT_PROFILE_READ",)
    authorize_params = {"session": "false"}
    client_auth = "none"
    redirect_tls = True  # production wants it
    token_encoding = "json"
    token_extras = ("merchant_id",)
    nickname_url = "https://{host}/v2/merchants/me"
    nickname_paths = ("merchant.business_name", "merchant.id")
    identity_paths = ("merchant.id",)
    unverified = ("whether production accepts an address of this machine",)
