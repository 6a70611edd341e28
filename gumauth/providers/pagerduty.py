"""PagerDuty."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class PagerDuty(OAuth2Provider):
    """PagerDuty, with Scoped OAuth.

    Source: https://developer.pagerduty.com/docs/user-oauth-token-via-code-grant,
    https://developer.pagerduty.com/docs/oauth-functionality, https://developer.pagerduty.com/docs/register-an-app.
    """

    name = "pagerduty"
    title = "PagerDuty"
    kind = "cloud"
    host = "pagerduty.com"
    host_note = "eu.pagerduty.com for an account in the European region"
    docs_url = "https://developer.pagerduty.com/docs/user-oauth-token-via-code-grant"
    register_url = "https://app.pagerduty.com/"
    register_note = (
        "Under Integrations, App Registration, make a new app with OAuth 2.0, and of the kind Scoped OAuth, not Classic"
        " User OAuth. Tick the scopes that are asked for: Users: Read Access."
    )
    authorize_url = "https://identity.pagerduty.com/oauth/authorize"
    token_url = "https://identity.pagerduty.com/oauth/token"
    scopes = ("users.read",)
    public_client = True
    nickname_url = "https://api.{host}/users/me"
    nickname_headers = {"Accept": "application/vnd.pagerduty+json;version=2"}
    nickname_paths = ("user.email", "user.name")
    identity_paths = ("user.id",)
    unverified = (
        "whether people of the European region sign in at identity.pagerduty.com too",
        "whether http for localhost is accepted",
        "whether tokens can be revoked by a request",
    )
