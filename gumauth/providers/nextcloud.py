"""Nextcloud."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Nextcloud(OAuth2Provider):
    """Nextcloud, at a host of its own.

    Source: https://docs.nextcloud.com/server/latest/admin_manual/configuration_server/oauth2.html,
    https://docs.nextcloud.com/server/latest/developer_manual/client_apis/OCS/ocs-api-overview.html,
    https://github.com/nextcloud/server/blob/master/apps/oauth2/lib/Controller/OauthApiController.php.
    """

    name = "nextcloud"
    title = "Nextcloud"
    kind = "mail"
    host_note = "the host of your Nextcloud, such as cloud.example.com"
    docs_url = "https://docs.nextcloud.com/server/latest/admin_manual/configuration_server/oauth2.html"
    register_url = "https://{host}/settings/admin/security"
    register_note = (
        "An administrator adds a client under OAuth 2.0 clients of that page; a client has a client secret. There are"
        " no scopes: its tokens may do all that the person may do."
    )
    authorize_url = "https://{host}/index.php/apps/oauth2/authorize"
    token_url = "https://{host}/index.php/apps/oauth2/api/v1/token"
    nickname_url = "https://{host}/ocs/v2.php/cloud/user?format=json"
    nickname_headers = {"Accept": "application/json", "OCS-APIRequest": "true"}
    nickname_paths = ("ocs.data.email", "ocs.data.displayname", "ocs.data.id")
    identity_paths = ("ocs.data.id",)
    unverified = ("whether tokens can be revoked by a request",)
