"""TikTok."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class TikTok(OAuth2Provider):
    """TikTok, with Login Kit for Desktop.

    Source: https://developers.tiktok.com/doc/login-kit-desktop/,
    https://developers.tiktok.com/doc/oauth-user-access-token-management,
    https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info.
    """

    name = "tiktok"
    title = "TikTok"
    kind = "media"
    docs_url = "https://developers.tiktok.com/doc/login-kit-desktop/"
    register_url = "https://developers.tiktok.com/apps/"
    register_note = (
        "Choose the platform Desktop and add the product Login Kit, which has a field for the redirect URI of Desktop;"
        " the field of Web refuses this machine's addresses. The client key is the client id. Until TikTok has reviewed"
        " the app, use its sandbox, and list your account among the sandbox's target users."
    )
    authorize_url = "https://www.tiktok.com/v2/auth/authorize/"
    token_url = "https://open.tiktokapis.com/v2/oauth/token/"
    scopes = ("user.info.basic",)
    scope_separator = ","
    client_id_param = "client_key"
    challenge_encoding = "hex"
    revoke_url = "https://open.tiktokapis.com/v2/oauth/revoke/"
    revoke_fields = {"access_token": "token"}
    nickname_url = "https://open.tiktokapis.com/v2/user/info/?fields=open_id,display_name"
    nickname_paths = ("data.user.display_name", "data.user.open_id")
    identity_paths = ("data.user.open_id",)
