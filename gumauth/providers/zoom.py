"""Zoom."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Zoom(OAuth2Provider):
    """Zoom, with an app that people use for themselves.

    Source: https://developers.zoom.us/docs/integrations/oauth/, https://developers.zoom.us/docs/integrations/PKCE/,
    https://developers.zoom.us/changelog/platform/pkce-loopback.
    """

    name = "zoom"
    title = "Zoom"
    kind = "work"
    docs_url = "https://developers.zoom.us/docs/integrations/oauth/"
    register_url = "https://marketplace.zoom.us/develop/create"
    register_note = (
        "Make a General App that is user-managed. Under App Credentials, switch Use Public Client OAuth on and take the"
        " public client ID, which has no secret; under Scopes, tick user:read:user and what else is needed: the scopes"
        " are those of the app, and none are sent."
    )
    authorize_url = "https://zoom.us/oauth/authorize"
    token_url = "https://zoom.us/oauth/token"
    client_auth = "basic"
    public_client = True
    redirect_host = "127.0.0.1"
    revoke_url = "https://zoom.us/oauth/revoke"
    nickname_url = "https://api.zoom.us/v2/users/me"
    nickname_paths = ("email", "display_name")
    identity_paths = ("id",)
    unverified = ("whether a client without a secret can revoke",)
