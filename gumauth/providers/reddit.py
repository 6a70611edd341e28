"""Reddit."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Reddit(OAuth2Provider):
    """Reddit.

    Source: https://github.com/reddit-archive/reddit/wiki/OAuth2, https://www.reddit.com/dev/api/#GET_api_v1_me,
    https://support.reddithelp.com/hc/en-us/articles/42728983564564-Responsible-Builder-Policy.
    """

    name = "reddit"
    title = "Reddit"
    kind = "people"
    docs_url = "https://github.com/reddit-archive/reddit/wiki/OAuth2"
    register_url = "https://www.reddit.com/prefs/apps"
    register_note = (
        "Reddit has to approve an app that uses its API before it can be made. The type installed app has no client"
        " secret; of a web app the client secret is needed. The client id stands below the app's name."
    )
    authorize_url = "https://www.reddit.com/api/v1/authorize"
    token_url = "https://www.reddit.com/api/v1/access_token"
    scopes = ("identity",)
    authorize_params = {"duration": "permanent"}  # else no refresh token comes
    client_auth = "basic"
    public_client = True
    basic_empty_secret = True
    api_hosts = ("oauth.reddit.com",)
    revoke_url = "https://www.reddit.com/api/v1/revoke_token"
    nickname_url = "https://oauth.reddit.com/api/v1/me"
    nickname_paths = ("name",)
    identity_paths = ("id",)
