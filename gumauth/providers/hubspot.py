"""HubSpot."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class HubSpot(OAuth2Provider):
    """HubSpot.

    Source: https://developers.hubspot.com/docs/api-reference/2026-03/authentication/manage-oauth-tokens,
    https://developers.hubspot.com/docs/api-reference/2026-03/authentication/oauth-tokens/token-introspect,
    https://developers.hubspot.com/changelog/2018-03-05-oauth2-redirect-uri-served-over-http-localhost.
    """

    name = "hubspot"
    title = "HubSpot"
    kind = "customers"
    docs_url = "https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens"
    register_url = "https://app.hubspot.com/developer"
    register_note = (
        "Make an app with the authentication type OAuth, and add the redirect URL. The scopes that are asked for have"
        " to be those that the app requires, with oauth among them. Only a person who may install apps can connect, and"
        " an account stands for the portal: another person's connect to it takes the place of the first."
    )
    authorize_url = "https://app.hubspot.com/oauth/authorize"
    token_url = "https://api.hubapi.com/oauth/2026-03/token"
    former_token_urls = ("https://api.hubapi.com/oauth/v1/token", "https://api.hubapi.com/oauth/v3/token")
    scopes = ("oauth",)
    token_extras = ("hub_id",)
    dead_errors = ("BAD_REFRESH_TOKEN",)
    api_hosts = (".hubapi.com",)
    revoke_url = "https://api.hubapi.com/oauth/2026-03/token/revoke"
    revoke_fields = {"refresh_token": "token"}
    nickname_url = "https://api.hubapi.com/account-info/v3/details"
    nickname_paths = ("portalId",)  # who installed the app is told by the introspection alone
    identity_paths = ("portalId",)
    unverified = ("whether a new account may still make an app on this page, without HubSpot's command line",)
