"""Airtable."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Airtable(OAuth2Provider):
    """Airtable.

    Source: https://airtable.com/developers/web/api/oauth-reference,
    https://airtable.com/developers/web/api/get-user-id-scopes, https://github.com/Airtable/oauth-example,
    https://github.com/Airtable/airtable.js.
    """

    name = "airtable"
    title = "Airtable"
    kind = "documents"
    docs_url = "https://airtable.com/developers/web/api/oauth-reference"
    register_url = "https://airtable.com/create/oauth"
    register_note = (
        "Tick the scopes that are asked for: user.email:read, data.records:read and schema.bases:read. An integration"
        " without a generated client secret works too. People choose the bases that it sees when they connect."
    )
    mcp_url = "https://mcp.airtable.com/mcp"
    token_variables = ("AIRTABLE_API_KEY",)
    authorize_url = "https://airtable.com/oauth2/v1/authorize"
    token_url = "https://airtable.com/oauth2/v1/token"
    scopes = ("user.email:read", "data.records:read", "schema.bases:read")
    client_auth = "basic"
    public_client = True
    nickname_url = "https://api.airtable.com/v0/meta/whoami"
    nickname_paths = ("email", "id")
    identity_paths = ("id",)
    unverified = ("whether 127.0.0.1 is accepted beside localhost",)
