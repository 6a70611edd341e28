"""WordPress.com."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class WordPress(OAuth2Provider):
    """WordPress.com.

    Source: https://developer.wordpress.com/docs/api/oauth2/, https://developer.wordpress.com/docs/api/1.1/get/me/,
    https://developer.wordpress.com/docs/mcp/, https://github.com/Automattic/wordpress-reader-mcp.
    """

    name = "wordpress"
    title = "WordPress.com"
    kind = "people"
    docs_url = "https://developer.wordpress.com/docs/api/oauth2/"
    register_url = "https://developer.wordpress.com/apps/new/"
    register_note = (
        "The type is Web. The usual scope says who the person is and no more; `--scope global` gives access to all"
        " sites of the person."
    )
    mcp_url = "https://public-api.wordpress.com/wpcom/v2/mcp/v1"
    authorize_url = "https://public-api.wordpress.com/oauth2/authorize"
    token_url = "https://public-api.wordpress.com/oauth2/token"
    scopes = ("auth",)
    token_extras = ("blog_id", "blog_url")
    expects_refresh_token = False  # tokens of a web app do not expire
    nickname_url = "https://public-api.wordpress.com/rest/v1.1/me"
    nickname_paths = ("username", "email", "display_name")
    identity_paths = ("ID",)
    unverified = ("whether PKCE is heeded", "whether tokens can be revoked by a request")
