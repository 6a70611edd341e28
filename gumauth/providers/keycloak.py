"""Keycloak."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Keycloak(OAuth2Provider):
    """Keycloak, with a realm of a host of one's own.

    Source: https://www.keycloak.org/securing-apps/oidc-layers,
    https://www.keycloak.org/docs/latest/server_admin/index.html.
    """

    name = "keycloak"
    title = "Keycloak"
    kind = "identity"
    host_note = "the host of your Keycloak, such as sso.example.com"
    tenant_note = "the realm"
    docs_url = "https://www.keycloak.org/securing-apps/oidc-layers"
    register_url = "https://{host}/admin/"
    register_note = (
        "In the realm, create a client of the type OpenID Connect. Without Client authentication, it needs no secret."
        " Among its flows, tick Standard flow, and OAuth 2.0 Device Authorization Grant for --device. The person needs"
        " the role offline_access, which a realm gives to everybody unless that was changed. A Keycloak below /auth, as"
        " before version 17, is connected by its address."
    )
    authorize_url = "https://{host}/realms/{tenant}/protocol/openid-connect/auth"
    token_url = "https://{host}/realms/{tenant}/protocol/openid-connect/token"
    device_url = "https://{host}/realms/{tenant}/protocol/openid-connect/auth/device"
    scopes = ("openid", "profile", "email", "offline_access")  # else the grant ends with the browser's session
    public_client = True
    issuer = "https://{host}/realms/{tenant}"
    redirect_host = "127.0.0.1"
    redirect_ports = ()
    revoke_url = "https://{host}/realms/{tenant}/protocol/openid-connect/revoke"
    nickname_url = "https://{host}/realms/{tenant}/protocol/openid-connect/userinfo"
    nickname_paths = ("preferred_username", "email")
    identity_paths = ("sub",)
