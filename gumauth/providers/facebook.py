"""Facebook."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Facebook(OAuth2Provider):
    """Facebook, with an app in development mode.

    Source: https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow/,
    https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived/,
    https://developers.facebook.com/docs/facebook-login/guides/permissions/request-revoke/,
    https://developers.facebook.com/docs/graph-api/reference/user/.
    """

    name = "facebook"
    title = "Facebook"
    kind = "people"
    docs_url = "https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow/"
    register_url = "https://developers.facebook.com/apps/creation/"
    register_note = (
        "Choose Facebook Login as the use case, and leave the app unpublished: in development mode http://localhost is"
        " allowed without being entered, and only people who have a role in the app can connect. App ID and App secret"
        " stand under App settings, Basic."
    )
    register_redirect = False
    authorize_url = "https://www.facebook.com/v22.0/dialog/oauth"
    token_url = "https://graph.facebook.com/v22.0/oauth/access_token"
    scopes = ("public_profile", "email")
    scope_separator = ","
    upgrade_url = "https://graph.facebook.com/v22.0/oauth/access_token"
    upgrade_params = {
        "grant_type": "fb_exchange_token",
        "client_id": "{client_id}",
        "client_secret": "{client_secret}",
        "fb_exchange_token": "{access_token}",
    }
    expects_refresh_token = False  # the token lives for 60 days
    revoke_url = "https://graph.facebook.com/v22.0/me/permissions"  # of the person for the app, with all its tokens
    revoke_method = "DELETE"
    revoke_auth = "bearer"
    revoke_fields = {"access_token": ""}
    nickname_url = "https://graph.facebook.com/v22.0/me?fields=id,name,email"
    nickname_paths = ("email", "name")
    identity_paths = ("id",)
    unverified = ("whether a published app accepts http for localhost",)
