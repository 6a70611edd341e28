"""DigitalOcean."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class DigitalOcean(OAuth2Provider):
    """DigitalOcean.

    Source: https://docs.digitalocean.com/reference/api/oauth/,
    https://docs.digitalocean.com/reference/api/digitalocean/#tag/Account, https://github.com/digitalocean/doctl.
    """

    name = "digitalocean"
    title = "DigitalOcean"
    kind = "cloud"
    token_variables = ("DIGITALOCEAN_ACCESS_TOKEN",)
    docs_url = "https://docs.digitalocean.com/reference/api/oauth/"
    register_url = "https://cloud.digitalocean.com/account/api/applications/new"
    register_note = "The scope read allows reading; read and write allow everything. The person chooses a team."
    authorize_url = "https://cloud.digitalocean.com/v1/oauth/authorize"
    token_url = "https://cloud.digitalocean.com/v1/oauth/token"
    scopes = ("read",)
    public_client = True
    revoke_url = "https://cloud.digitalocean.com/v1/oauth/revoke"
    revoke_auth = "bearer"
    revoke_fields = {"access_token": "token"}
    nickname_url = "https://api.digitalocean.com/v2/account"
    nickname_paths = (("account.email", "account.team.name"), "account.email")
    identity_paths = ("account.uuid", "account.team.uuid")  # a person may be in several teams
    unverified = ("how long a refresh token lives",)
