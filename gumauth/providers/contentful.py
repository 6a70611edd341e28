"""Contentful."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Contentful(OAuth2Provider):
    """Contentful, its Content Management API.

    Source: https://www.contentful.com/developers/docs/extensibility/oauth/,
    https://www.contentful.com/developers/docs/references/content-management-api/,
    https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml.
    """

    name = "contentful"
    title = "Contentful"
    kind = "cloud"
    docs_url = "https://www.contentful.com/developers/docs/extensibility/oauth/"
    register_url = "https://app.contentful.com/account/profile/developers/applications"
    register_note = (
        "Create an OAuth application that is confidential, and tick the scope that is asked for, Read. The page sets"
        " how long its tokens live; no refresh token comes."
    )
    authorize_url = "https://be.contentful.com/oauth/authorize"
    token_url = "https://be.contentful.com/oauth/token"
    scopes = ("content_management_read",)
    expects_refresh_token = False
    nickname_url = "https://api.contentful.com/users/me"
    nickname_paths = ("email", "firstName")
    identity_paths = ("sys.id",)
    unverified = (
        "the exchange of a code, since Contentful documents the implicit flow alone",
        "whether PKCE is heeded",
        "whether http for localhost is accepted",
        "whether a refresh token comes",
    )
