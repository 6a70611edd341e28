"""Asana."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Asana(OAuth2Provider):
    """Asana.

    Source: https://developers.asana.com/docs/oauth, https://developers.asana.com/reference/getuser,
    https://github.com/Asana/devrel-examples/tree/master/javascript/node-oauth-demo.
    """

    name = "asana"
    title = "Asana"
    kind = "work"
    docs_url = "https://developers.asana.com/docs/oauth"
    register_url = "https://app.asana.com/0/my-apps"
    register_note = (
        "Under OAuth, add the redirect URI and switch Full permissions on, which the scope `default` asks for; an app"
        " with single scopes has to be asked for those. Under Manage distribution, allow the workspaces of the people"
        " who are to connect."
    )
    authorize_url = "https://app.asana.com/-/oauth_authorize"
    token_url = "https://app.asana.com/-/oauth_token"
    scopes = ("default",)
    revoke_url = "https://app.asana.com/-/oauth_revoke"
    revoke_fields = {"refresh_token": "token"}  # an access token cannot be revoked
    nickname_url = "https://app.asana.com/api/1.0/users/me"
    nickname_paths = ("data.email", "data.name")
    identity_paths = ("data.gid",)  # the same in all workspaces
    unverified = (
        "whether http://localhost is still accepted: an example of Asana uses it, an older page of Asana wants https",
    )
