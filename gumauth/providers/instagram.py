"""Instagram."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Instagram(OAuth2Provider):
    """Instagram, for professional accounts, with Business Login.

    Source: https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login,
    https://developers.facebook.com/docs/instagram-platform/reference/access_token,
    https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/get-started.
    """

    name = "instagram"
    title = "Instagram"
    kind = "people"
    docs_url = (
        "https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login"
    )
    register_url = "https://developers.facebook.com/apps/creation/"
    register_note = (
        "Add the product Instagram, API setup with Instagram login; the redirect URI belongs under Business login"
        " settings. Use the Instagram app ID and the Instagram app secret, which stand there, not those of the app"
        " itself. Only a professional account, of a business or a creator, can connect; list it among the app's"
        " Instagram testers."
    )
    authorize_url = "https://www.instagram.com/oauth/authorize"
    token_url = "https://api.instagram.com/oauth/access_token"
    scopes = ("instagram_business_basic",)
    scope_separator = ","
    redirect_tls = True
    tokens_path = "data.0"
    upgrade_url = "https://graph.instagram.com/access_token"
    upgrade_params = {
        "grant_type": "ig_exchange_token",
        "client_secret": "{client_secret}",
        "access_token": "{access_token}",
    }
    expects_refresh_token = False  # the token lives for 60 days
    nickname_url = "https://graph.instagram.com/me?fields=user_id,username"
    nickname_paths = ("username", "data.0.username", "user_id")
    identity_paths = ("user_id",)
    unverified = (
        "whether https://localhost is accepted",
        "whether the profile comes inside of a list",
        "whether PKCE is heeded",
    )
