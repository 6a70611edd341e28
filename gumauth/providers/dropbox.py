"""Dropbox."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Dropbox(OAuth2Provider):
    """Dropbox.

    Source: https://developers.dropbox.com/oauth-guide,
    https://www.dropbox.com/developers/documentation/http/documentation#oauth2-authorize,
    https://www.dropbox.com/developers/documentation/http/documentation#auth-token-revoke,
    https://www.dropbox.com/developers/documentation/http/documentation#users-get_current_account,
    https://github.com/dropbox/dropbox-sdk-js/blob/main/src/auth.js.
    """

    name = "dropbox"
    title = "Dropbox"
    kind = "mail"
    docs_url = "https://developers.dropbox.com/oauth-guide"
    register_url = "https://www.dropbox.com/developers/apps/create"
    register_note = (
        "Choose Scoped access. Tick the scopes under Permissions before you connect: an account gets those alone that"
        " are ticked there. The App key is the client id; the App secret may be left out here."
    )
    authorize_url = "https://www.dropbox.com/oauth2/authorize"
    token_url = "https://api.dropboxapi.com/oauth2/token"
    scopes = ("account_info.read",)
    authorize_params = {"token_access_type": "offline"}  # else no refresh token comes
    public_client = True
    api_hosts = (".dropboxapi.com",)
    revoke_url = "https://api.dropboxapi.com/2/auth/token/revoke"
    revoke_auth = "bearer"
    revoke_fields = {"access_token": ""}  # its refresh token ends with it
    nickname_url = "https://api.dropboxapi.com/2/users/get_current_account"
    nickname_method = "POST"
    nickname_paths = ("email", "name.display_name")
    identity_paths = ("account_id",)
    unverified = ("whether the App secret is taken beside PKCE: Dropbox's own clients send one or the other",)
