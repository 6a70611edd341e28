"""ClickUp."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class ClickUp(OAuth2Provider):
    """ClickUp.

    Source: https://developer.clickup.com/docs/authentication, https://developer.clickup.com/reference/getaccesstoken,
    https://developer.clickup.com/reference/getauthorizeduser.
    """

    name = "clickup"
    title = "ClickUp"
    kind = "work"
    docs_url = "https://developer.clickup.com/docs/authentication"
    register_url = "https://app.clickup.com/settings/apps"
    register_note = (
        "Under ClickUp API, create an app; only owners and admins of a workspace can. It has no scopes: people choose"
        " the workspaces that it sees when they connect."
    )
    authorize_url = "https://app.clickup.com/api"
    token_url = "https://api.clickup.com/api/v2/oauth/token"
    expects_refresh_token = False  # tokens do not expire
    nickname_url = "https://api.clickup.com/api/v2/user"
    nickname_paths = ("user.email", "user.username")
    identity_paths = ("user.id",)
    unverified = ("how long http://localhost stays accepted: ClickUp says that redirects without TLS may stop working",)
