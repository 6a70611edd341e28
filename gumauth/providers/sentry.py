"""Sentry."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Sentry(OAuth2Provider):
    """Sentry, sentry.io or a host of one's own.

    Source: https://docs.sentry.io/api/auth/, https://docs.sentry.io/api/permissions/,
    https://github.com/getsentry/sentry/blob/master/src/sentry/web/frontend/oauth_token.py,
    https://github.com/getsentry/sentry/blob/master/src/sentry/api/endpoints/index.py,
    https://github.com/getsentry/cli/blob/main/src/lib/oauth.ts.
    """

    name = "sentry"
    title = "Sentry"
    kind = "code"
    host = "sentry.io"
    host_note = "the host of your Sentry, such as sentry.example.com"
    mcp_url = "https://mcp.sentry.dev/mcp"
    token_variables = ("SENTRY_AUTH_TOKEN",)
    docs_url = "https://docs.sentry.io/api/auth/"
    register_url = "https://{host}/settings/account/api/applications/"
    register_note = "Create a new application. A public one has no client secret."
    authorize_url = "https://{host}/oauth/authorize/"
    token_url = "https://{host}/oauth/token/"
    device_url = "https://{host}/oauth/device/code/"
    scopes = ("org:read", "project:read")
    public_client = True
    api_hosts = (".sentry.io",)
    nickname_url = "https://{host}/api/0/"
    nickname_paths = ("user.email", "user.name")
    identity_paths = ("user.id",)
    unverified = (
        "whether a host of your own is new enough for --device and for PKCE",
        "whether a confidential application's secret is wanted with --device",
    )
