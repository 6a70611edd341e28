"""Typeform."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Typeform(OAuth2Provider):
    """Typeform.

    Source: https://www.typeform.com/developers/get-started/applications/,
    https://www.typeform.com/developers/get-started/scopes/,
    https://nango.dev/docs/api-integrations/typeform/how-to-register-your-own-typeform-api-oauth-app,
    https://github.com/anabellaspinelli/typeform-oauth-flow-sandbox.
    """

    name = "typeform"
    title = "Typeform"
    kind = "documents"
    host = "api.typeform.com"
    host_note = (
        "api.typeform.eu for an account of the newer data center of the European Union, which has apps of its own"
    )
    docs_url = "https://www.typeform.com/developers/get-started/applications/"
    register_url = "https://admin.typeform.com/user/apps"
    register_note = (
        "Developer apps stand in the settings of an organization. The client secret is shown once. An account of the"
        " older data center of the European Union connects as usual, and its API is at api.eu.typeform.com."
    )
    authorize_url = "https://{host}/oauth/authorize"
    token_url = "https://{host}/oauth/token"
    scopes = ("offline", "accounts:read")  # no refresh token without offline
    unechoed_scopes = ("offline",)
    api_hosts = ("api.eu.typeform.com",)
    nickname_url = "https://{host}/me"
    nickname_paths = ("email", "alias")
    identity_paths = ("user_id",)
    unverified = (
        "whether PKCE is heeded",
        "how long tokens live: a week, by one source",
    )
