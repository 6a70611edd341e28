"""Databricks."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Databricks(OAuth2Provider):
    """Databricks, at the host of a workspace.

    Source: https://docs.databricks.com/aws/en/dev-tools/auth/oauth-u2m,
    https://docs.databricks.com/aws/en/integrations/enable-disable-oauth,
    https://databrickslabs.github.io/partner-architecture/isv-partners/lakehouse-patterns/access-auth/oauth-reference,
    https://github.com/databricks/databricks-sdk-py/blob/main/databricks/sdk/oauth.py.
    """

    name = "databricks"
    title = "Databricks"
    kind = "cloud"
    host_note = "the host of your workspace, such as dbc-a1b2345c-d6e7.cloud.databricks.com"
    token_variables = ("DATABRICKS_TOKEN",)
    docs_url = "https://docs.databricks.com/aws/en/dev-tools/auth/oauth-u2m"
    register_url = "https://accounts.cloud.databricks.com/settings/app-integrations"
    register_note = (
        "An administrator of the account adds a connection under App connections, with the scope All APIs, and a client"
        " secret or none. (On Azure the account is at accounts.azuredatabricks.net, on Google Cloud at"
        " accounts.gcp.databricks.com.)"
    )
    authorize_url = "https://{host}/oidc/v1/authorize"
    token_url = "https://{host}/oidc/v1/token"
    scopes = ("all-apis", "offline_access")
    public_client = True
    nickname_url = "https://{host}/api/2.0/preview/scim/v2/Me"
    nickname_paths = ("userName", "displayName")
    identity_paths = ("id",)
    unverified = ("whether tokens can be revoked by a request", "how long a refresh token lives")
