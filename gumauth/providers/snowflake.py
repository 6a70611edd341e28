"""Snowflake."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Snowflake(OAuth2Provider):
    """Snowflake, at the host of an account.

    Source: https://docs.snowflake.com/en/user-guide/oauth-local-applications,
    https://docs.snowflake.com/en/user-guide/oauth-custom,
    https://docs.snowflake.com/en/developer-guide/sql-api/authenticating,
    https://docs.snowflake.com/en/sql-reference/sql/create-security-integration-oauth-snowflake,
    https://github.com/snowflakedb/snowflake-connector-python.
    """

    name = "snowflake"
    title = "Snowflake"
    kind = "cloud"
    host_note = "the host of your account, such as acme-prod.snowflakecomputing.com"
    host_domain = "snowflakecomputing.com"
    docs_url = "https://docs.snowflake.com/en/user-guide/oauth-local-applications"
    register_url = "https://app.snowflake.com/"
    register_note = (
        "Where the account has the built-in integration SNOWFLAKE$LOCAL_APPLICATION, there is nothing to make: both the"
        " client id and the client secret are LOCAL_APPLICATION. Else an administrator makes an integration, by CREATE"
        " SECURITY INTEGRATION with TYPE = OAUTH, OAUTH_ISSUE_REFRESH_TOKENS = TRUE, and"
        " OAUTH_ALLOW_NON_TLS_REDIRECT_URI = TRUE. A role is asked for by the scope session:role:NAME."
    )
    authorize_url = "https://{host}/oauth/authorize"
    token_url = "https://{host}/oauth/token-request"
    scopes = ("refresh_token",)
    client_auth = "basic"
    public_client = True
    redirect_host = "127.0.0.1"
    nickname_url = "https://{host}/api/v2/statements"
    nickname_method = "POST"
    nickname_headers = {"Accept": "application/json", "X-Snowflake-Authorization-Token-Type": "OAUTH"}
    nickname_body = {"statement": "select current_user()"}
    nickname_paths = ("data.0.0",)
    identity_paths = ()  # no id of the user is told; the name is unique in an account
    unverified = (
        "whether the name of the user is told where the user has no default role or warehouse",
        "whether tokens can be revoked by a request",
    )
