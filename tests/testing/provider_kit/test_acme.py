"""A provider as its author would write it, and its test: its own facts with the strict server's endpoints."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gumauth import OAuth2Provider
from gumauth.testing import Client

if TYPE_CHECKING:
    import pytest

    from gumauth.testing import AuthorizationServer

REDIRECT = "http://localhost:4862/callback"


class Acme(OAuth2Provider):
    """Acme. https://acme.example/docs/oauth"""

    name = "acme"
    authorize_url = "https://acme.example/oauth/authorize"
    token_url = "https://acme.example/oauth/token"
    revoke_url = "https://acme.example/oauth/revoke"
    public_client = True
    scopes = ("read",)
    nickname_url = "https://acme.example/me"
    nickname_paths = ("email",)


def test_acme_connects_refreshes_and_revokes(
    authorization_server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = authorization_server
    server.register(Client("acme-app", redirect_uris=(REDIRECT,)))
    monkeypatch.setenv("ACME_CLIENT_ID", "acme-app")

    class Here(Acme):
        authorize_url = server.authorize_url
        token_url = server.token_url
        revoke_url = server.revoke_url
        nickname_url = server.userinfo_url

    async def life() -> None:
        acme = Here()
        code = server.code_from(acme.get_url(REDIRECT, state="a-state"))
        tokens = await acme.exchange(code, REDIRECT)
        assert await acme.get_nickname(tokens.access_token) == "ada@example.com"
        newer = await acme.refresh(tokens.refresh_token or "")
        assert await acme.revoke(newer.access_token)
        assert not server.is_active(newer.access_token)

    asyncio.run(life())
    assert server.families[0].scopes == ("read",)
