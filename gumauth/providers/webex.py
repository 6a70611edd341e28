"""Webex."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Webex(OAuth2Provider):
    """Webex, with an integration.

    Source: https://developer.webex.com/docs/integrations,
    https://developer.webex.com/docs/api/guides/integrations-and-authorization,
    https://developer.webex.com/docs/api/v1/people/get-my-own-details,
    https://github.com/WebexSamples/webex-oauth-integration.
    """

    name = "webex"
    title = "Webex"
    kind = "work"
    docs_url = "https://developer.webex.com/docs/integrations"
    register_url = "https://developer.webex.com/my-apps/new"
    register_note = (
        "Make an Integration, not a bot or a service app, and tick the scopes that are asked for: spark:people_read and"
        " spark:kms."
    )
    token_variables = ("WEBEX_ACCESS_TOKEN",)
    authorize_url = "https://webexapis.com/v1/authorize"
    token_url = "https://webexapis.com/v1/access_token"
    scopes = ("spark:people_read", "spark:kms")
    nickname_url = "https://webexapis.com/v1/people/me"
    nickname_paths = ("emails.0", "displayName")
    identity_paths = ("id",)
    unverified = ("whether PKCE is heeded",)
