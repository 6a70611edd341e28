"""Shopify."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Shopify(OAuth2Provider):
    """Shopify, with an offline token that ends.

    Source: https://shopify.dev/docs/apps/build/authentication-authorization/authenticate-standalone-apps,
    https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens,
    https://shopify.dev/docs/api/admin-graphql.
    """

    name = "shopify"
    title = "Shopify"
    kind = "money"
    host_note = "the address of your shop, such as acme.myshopify.com"
    host_domain = "myshopify.com"
    docs_url = "https://shopify.dev/docs/apps/build/authentication-authorization/authenticate-standalone-apps"
    register_url = "https://dev.shopify.com/dashboard"
    register_note = (
        "Create an app that is not embedded, and add the redirect URL and the scopes to a version of it. An account is"
        " a shop. To revoke its token uninstalls the app from the shop."
    )
    authorize_url = "https://{host}/admin/oauth/authorize"
    token_url = "https://{host}/admin/oauth/access_token"
    scopes = ("read_products",)
    scope_separator = ","
    token_params = {"expiring": "1"}  # else it lives for ever, which Shopify no longer takes from public apps
    token_header = "X-Shopify-Access-Token"
    revoke_url = "https://{host}/admin/api_permissions/current.json"
    revoke_method = "DELETE"
    revoke_auth = "bearer"
    revoke_fields = {"access_token": ""}
    nickname_url = "https://{host}/admin/api/2026-07/graphql.json"
    nickname_method = "POST"
    nickname_body = {"query": "{ shop { id name myshopifyDomain } }"}
    nickname_paths = ("data.shop.name", "data.shop.myshopifyDomain")
    identity_paths = ("data.shop.id",)
    unverified = (
        "whether http://localhost is accepted",
        "whether PKCE is heeded",
    )
