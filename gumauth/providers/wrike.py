"""Wrike."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Wrike(OAuth2Provider):
    """Wrike.

    Source: https://developers.wrike.com/docs/oauth-20-authorization, https://developers.wrike.com/faq/,
    https://developers.wrike.com/api/v4/contacts/.
    """

    name = "wrike"
    title = "Wrike"
    kind = "work"
    host = "www.wrike.com"
    host_note = "the host of your data center, such as app-eu.wrike.com, as the browser shows it when you use Wrike"
    docs_url = "https://developers.wrike.com/docs/oauth-20-authorization"
    register_url = "https://www.wrike.com/frontend/apps/index.html#/api"
    register_note = (
        "Make an API app. Where your account is in another data center than that of the United States, connect with"
        " `--host`; calls go to the host that came with the token."
    )
    authorize_url = "https://login.wrike.com/oauth2/authorize/v4"
    token_url = "https://login.wrike.com/oauth2/token"
    scopes = ("Default", "wsReadOnly")
    scope_separator = ","
    token_extras = ("host",)
    api_hosts = (".wrike.com",)
    nickname_url = "https://{host}/api/v4/contacts?me=true"
    nickname_paths = ("data.0.profiles.0.email", "data.0.primaryEmail", "data.0.firstName")
    identity_paths = ("data.0.id", "data.0.profiles.0.accountId")  # a token is for one account of a person
    unverified = (
        "whether http://localhost is accepted",
        "whether PKCE is heeded",
        "how long a refresh token lives",
    )
