"""LinkedIn."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class LinkedIn(OAuth2Provider):
    """LinkedIn.

    Source: https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow,
    https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow-native,
    https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2.
    """

    name = "linkedin"
    title = "LinkedIn"
    kind = "people"
    docs_url = "https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow"
    register_url = "https://www.linkedin.com/developers/apps/new"
    register_note = (
        "An app needs a LinkedIn page that it belongs to. Under Products request Sign In with LinkedIn using OpenID"
        " Connect; the redirect URI belongs under Auth."
    )
    authorize_url = "https://www.linkedin.com/oauth/v2/authorization"
    token_url = "https://www.linkedin.com/oauth/v2/accessToken"
    scopes = ("openid", "profile", "email")
    pkce = False  # it is for native clients alone, at another endpoint
    expects_refresh_token = False  # the token lives for 60 days; refresh tokens are for partners
    api_hosts = ("api.linkedin.com",)
    nickname_url = "https://api.linkedin.com/v2/userinfo"
    nickname_paths = ("email", "name")
    identity_paths = ("sub",)
    unverified = (
        "whether plain http is accepted for localhost",
        "whether tokens can be revoked by a request",
    )
