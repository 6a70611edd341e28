"""Railway."""

from __future__ import annotations

from gumauth.oauth2 import OAuth2Provider


class Railway(OAuth2Provider):
    """Railway, with Login with Railway.

    Source: https://docs.railway.com/integrations/oauth/login-and-tokens,
    https://docs.railway.com/integrations/oauth/creating-an-app,
    https://docs.railway.com/integrations/oauth/scopes-and-user-consent, https://docs.railway.com/ai/mcp-server.
    """

    name = "railway"
    title = "Railway"
    kind = "code"
    mcp_url = "https://mcp.railway.com"
    docs_url = "https://docs.railway.com/integrations/oauth"
    register_url = "https://railway.com/workspace/developer"
    register_note = (
        "Make a New OAuth App of the type Native, which has no client secret, or Web, which needs one. An app is made"
        " by an admin of its workspace."
    )
    authorize_url = "https://backboard.railway.com/oauth/auth"
    token_url = "https://backboard.railway.com/oauth/token"
    scopes = ("openid", "email", "profile", "offline_access")
    authorize_params = {"prompt": "consent"}  # else no refresh token comes
    public_client = True
    redirect_host = "127.0.0.1"
    nickname_url = "https://backboard.railway.com/oauth/me"
    nickname_paths = ("email", "name")
    identity_paths = ("sub",)
    unverified = ("whether tokens can be revoked by a request",)
