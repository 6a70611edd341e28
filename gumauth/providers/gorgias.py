"""Gorgias."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Gorgias(OAuth2Provider):
    """Gorgias.

    Source: https://developers.gorgias.com/docs/oauth2-authentication-for-creating-apps-with-gorgias,
    https://developers.gorgias.com/docs/oauth2-scopes, https://developers.gorgias.com/docs/oauth2-bearer-token.
    """

    name = "gorgias"
    title = "Gorgias"
    kind = "customers"
    host_note = "the address of your helpdesk, such as acme.gorgias.com"
    host_domain = "gorgias.com"
    docs_url = "https://developers.gorgias.com/docs/oauth2-authentication-for-creating-apps-with-gorgias"
    register_url = "https://developers.gorgias.com/"
    register_note = "Make the app in an account for partners, which shows its client id and secret."
    authorize_url = "https://{host}/oauth/authorize"
    token_url = "https://{host}/oauth/token"
    scopes = ("openid", "email", "profile", "offline", "account:read")
    client_auth = "basic"
    redirect_tls = True
    nickname_url = "https://{host}/api/account"
    nickname_paths = ("domain",)  # the helpdesk's: an account stands for it, and a person is not told
    identity_paths = ("domain",)
    unverified = (
        "whether http is accepted for localhost, so that the callback is https",
        "whether PKCE is heeded",
        "whether a refresh brings a new refresh token",
        "whether an app can revoke tokens",
    )
