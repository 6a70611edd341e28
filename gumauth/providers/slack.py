"""Slack."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Slack(OAuth2Provider):
    """Slack, with a person's token for an app without a secret.

    Source: https://docs.slack.dev/authentication/using-pkce/,
    https://docs.slack.dev/authentication/using-token-rotation/,
    https://docs.slack.dev/reference/methods/oauth.v2.access/,
    https://docs.slack.dev/reference/methods/auth.test/,
    https://docs.slack.dev/reference/methods/auth.revoke/.
    """

    name = "slack"
    title = "Slack"
    kind = "people"
    docs_url = "https://docs.slack.dev/authentication/using-pkce/"
    register_url = "https://api.slack.com/apps?new_app=1"
    register_note = (
        "Under OAuth & Permissions turn on PKCE, which cannot be turned off again: without it http is refused for this"
        " machine's addresses. Add the scopes under User Token Scopes, not under Bot Token Scopes, which such an app"
        " cannot ask for. No client secret is needed. An account that nobody uses for 30 days has to be connected"
        " again."
    )
    authorize_url = "https://slack.com/oauth/v2/authorize"
    token_url = "https://slack.com/api/oauth.v2.access"
    scopes = ("users:read",)
    scope_separator = ","
    scope_param = "user_scope"
    client_auth = "none"
    tokens_path = "authed_user"  # a refresh brings them at the top
    token_types = ("user", "bot", "bearer")
    api_hosts = (".slack.com",)
    revoke_url = "https://slack.com/api/auth.revoke"
    revoke_auth = "bearer"
    revoke_fields = {"access_token": ""}
    nickname_url = "https://slack.com/api/auth.test"
    nickname_method = "POST"
    nickname_paths = (("user", "team"), "user", "team")
    identity_paths = ("user_id", "team_id")  # a person is another one in each workspace
    unverified = ("whether every account gets a refresh token while token rotation is off for the app",)
