"""Okta."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Okta(OAuth2Provider):
    """Okta, with a custom authorization server of an organization.

    Source: https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/,
    https://developer.okta.com/docs/concepts/auth-servers/,
    https://developer.okta.com/docs/guides/device-authorization-grant/main/,
    https://developer.okta.com/docs/guides/refresh-tokens/main/.
    """

    name = "okta"
    title = "Okta"
    kind = "identity"
    host_note = "the domain of your organization, such as acme.okta.com"
    host_domain = "okta.com"
    tenant = "default"
    tenant_note = "the id of the authorization server, such as default"
    docs_url = "https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/"
    register_url = "https://{host}/admin/apps/active"
    register_note = (
        "Create an app integration: OIDC, and Native Application, which needs no secret. Among its grant types, tick"
        " Refresh Token, and Device Authorization for --device; the authorization server's access policy has to allow"
        " them too. The organization's own server, which has the scopes okta.*, is not this one: connect it by its"
        " address, as in `gumauth connect https://acme.okta.com`."
    )
    authorize_url = "https://{host}/oauth2/{tenant}/v1/authorize"
    token_url = "https://{host}/oauth2/{tenant}/v1/token"
    device_url = "https://{host}/oauth2/{tenant}/v1/device/authorize"
    device_public = True
    scopes = ("openid", "profile", "email", "offline_access")
    client_auth = "basic"
    public_client = True
    issuer = "https://{host}/oauth2/{tenant}"
    revoke_url = "https://{host}/oauth2/{tenant}/v1/revoke"
    nickname_url = "https://{host}/oauth2/{tenant}/v1/userinfo"
    nickname_paths = ("email", "preferred_username")
    identity_paths = ("sub",)
    unverified = ("whether any port of localhost is accepted",)
