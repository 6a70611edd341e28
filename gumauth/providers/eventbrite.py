"""Eventbrite."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Eventbrite(OAuth2Provider):
    """Eventbrite.

    Source: https://www.eventbrite.com/platform/docs/authentication,
    https://www.eventbrite.com/platform/api#/reference/user/retrieve-your-user.
    """

    name = "eventbrite"
    title = "Eventbrite"
    kind = "media"
    docs_url = "https://www.eventbrite.com/platform/docs/authentication"
    register_url = "https://www.eventbrite.com/platform/api-keys"
    register_note = (
        "Create an API key: OAuth Redirect URI is among its fields, the API key is the client id, and the client secret"
        " stands below it. An app has no scopes: its tokens may do all that the person may do."
    )
    authorize_url = "https://www.eventbrite.com/oauth/authorize"
    token_url = "https://www.eventbrite.com/oauth/token"
    expects_refresh_token = False  # tokens do not expire
    api_hosts = ("www.eventbriteapi.com",)
    nickname_url = "https://www.eventbriteapi.com/v3/users/me/"
    nickname_paths = ("emails.0.email", "name")
    identity_paths = ("id",)
    unverified = ("whether plain http is accepted for localhost",)
