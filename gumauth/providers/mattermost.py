"""Mattermost."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Mattermost(OAuth2Provider):
    """Mattermost, at a host of its own.

    Source: https://developers.mattermost.com/integrate/apps/authentication/oauth2/,
    https://developers.mattermost.com/api-documentation/#/operations/GetUser.
    """

    name = "mattermost"
    title = "Mattermost"
    kind = "people"
    host_note = "the host of your Mattermost, such as chat.example.com"
    docs_url = "https://developers.mattermost.com/integrate/apps/authentication/oauth2/"
    register_url = "https://{host}/"
    register_note = (
        "An administrator has to enable the OAuth 2.0 Service Provider. An app is made under Integrations, OAuth 2.0"
        " Applications, of the product menu, and has a client secret. Is Trusted skips the question whether the person"
        " allows access. There are no scopes: its tokens may do all that the person may do."
    )
    authorize_url = "https://{host}/oauth/authorize"
    token_url = "https://{host}/oauth/access_token"
    nickname_url = "https://{host}/api/v4/users/me"
    nickname_paths = ("username", "email")
    identity_paths = ("id",)  # a user name may change
    unverified = ("whether tokens can be revoked by a request",)
