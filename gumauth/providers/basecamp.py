"""Basecamp."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Basecamp(OAuth2Provider):
    """Basecamp, and what else 37signals makes.

    Source: https://github.com/basecamp/api/blob/master/sections/authentication.md,
    https://github.com/basecamp/basecamp-cli.
    """

    name = "basecamp"
    title = "Basecamp"
    kind = "work"
    docs_url = "https://github.com/basecamp/api/blob/master/sections/authentication.md"
    register_url = "https://launchpad.37signals.com/integrations"
    register_note = (
        "There are no scopes: tick the products that the app is for. API calls go to the `href` of an account in"
        " https://launchpad.37signals.com/authorization.json, with a User-Agent that names your app and an address."
    )
    token_variables = ("BASECAMP_TOKEN",)
    authorize_url = "https://launchpad.37signals.com/authorization/new"
    token_url = "https://launchpad.37signals.com/authorization/token"
    authorize_params = {"type": "web_server"}
    token_params = {"type": "web_server"}
    refresh_params = {"type": "refresh"}
    api_hosts = ("3.basecampapi.com", "basecamp.com")
    nickname_url = "https://launchpad.37signals.com/authorization.json"
    nickname_paths = ("identity.email_address", ("identity.first_name", "accounts.0.name"))
    identity_paths = ("identity.id",)
    unverified = (
        "whether PKCE is heeded",
        "whether a refresh needs the redirect URI, which one example of 37signals has",
    )
