"""Supabase."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Supabase(OAuth2Provider):
    """Supabase, its Management API.

    Source: https://supabase.com/docs/guides/integrations/build-a-supabase-oauth-integration,
    https://supabase.com/docs/guides/integrations/build-a-supabase-oauth-integration/oauth-scopes,
    https://supabase.com/docs/reference/api/introduction, https://supabase.com/docs/guides/getting-started/mcp.
    """

    name = "supabase"
    title = "Supabase"
    kind = "code"
    mcp_url = "https://mcp.supabase.com/mcp"
    token_variables = ("SUPABASE_ACCESS_TOKEN",)
    docs_url = "https://supabase.com/docs/guides/integrations/build-a-supabase-oauth-integration"
    register_url = "https://supabase.com/dashboard/org/_/apps"
    register_note = (
        "Add an application among the organization's OAuth apps. Its permissions are the scopes of every token, and"
        " none are asked for at connecting: give it read for organizations and projects at least. The client secret is"
        " shown only once."
    )
    authorize_url = "https://api.supabase.com/v1/oauth/authorize"
    token_url = "https://api.supabase.com/v1/oauth/token"
    client_auth = "basic"
    revoke_url = "https://api.supabase.com/v1/oauth/revoke"
    revoke_auth = "none"
    revoke_encoding = "json"
    revoke_fields = {"refresh_token": "refresh_token"}
    revoke_params = {"client_id": "{client_id}", "client_secret": "{client_secret}"}
    nickname_url = "https://api.supabase.com/v1/profile"
    nickname_paths = ("primary_email", "username")
    identity_paths = ("gotrue_id",)
    unverified = (
        "whether an app's token may read the person's profile",
        "whether http for localhost is accepted outside of tests",
    )
