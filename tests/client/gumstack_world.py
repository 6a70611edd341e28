"""A provider file as people write one for Gumstack, for the server of a `World`."""

from __future__ import annotations

import os
from pathlib import Path

from gumauth.testing import Client
from tests.client.world import World

FILE = """
import os
from urllib.parse import urlencode

import httpx
from mcp.gumstack import AuthProvider, TokenResponse


class Acme(AuthProvider):
    name = "acme"
    redirect_host, redirect_ports = "127.0.0.1", ()

    def get_url(self, redirect_uri, state):
        fields = dict(client_id="gum-app", response_type="code", redirect_uri=redirect_uri, state=state)
        return "{authorize_url}?" + urlencode(fields)

    async def _post(self, **fields):
        fields |= dict(client_id="gum-app", client_secret=os.environ["ACME_CLIENT_SECRET"])
        async with httpx.AsyncClient() as client:
            return await client.post("{token_url}", data=fields)

    async def exchange(self, code, redirect_uri):
        response = await self._post(grant_type="authorization_code", code=code, redirect_uri=redirect_uri)
        data = response.json()
        return TokenResponse(data["access_token"], data["refresh_token"], data["expires_in"])

    async def refresh(self, refresh_token):
        response = await self._post(grant_type="refresh_token", refresh_token=refresh_token)
        {refresh}

    async def get_nickname(self, access_token):
        async with httpx.AsyncClient() as client:
            headers = dict(Authorization="Bearer " + access_token)
            response = await client.get("{userinfo_url}", headers=headers)
            return response.json()["email"]

    async def revoke(self, access_token):
        async with httpx.AsyncClient() as client:
            fields = dict(token=access_token, client_id="gum-app", client_secret=os.environ["ACME_CLIENT_SECRET"])
            response = await client.post("{revoke_url}", data=fields)
            return response.status_code == 200
"""

WHOLE = 'TokenResponse(data["access_token"], data["refresh_token"], data["expires_in"])'
REFRESHES = {
    "indexes": f"data = response.json(); return {WHOLE}",
    "gets": 'data = response.json(); return TokenResponse(data.get("access_token"), data.get("refresh_token"))',
    "raises for the status": f"response.raise_for_status(); data = response.json(); return {WHOLE}",
    "raises what it likes": (
        'if "access_token" not in response.text: raise RuntimeError("refresh failed: " + response.text)\n'
        f"        data = response.json(); return {WHOLE}"
    ),
    "returns None": f'data = response.json(); return {WHOLE} if "access_token" in data else None',
    "returns the answer": "data = response.json(); return " + WHOLE + ' if "access_token" in data else data',
}
"""What files do with the answer, by what happens where it holds no token."""


def write_gumstack_file(world: World, refresh: str = REFRESHES["indexes"], **changes: str) -> Path:
    """The file `acme.py` in the world's folder, with this end of `refresh` and these texts in place of others."""
    server = world.server
    text = FILE.replace("{refresh}", refresh)
    for name in ("authorize_url", "token_url", "userinfo_url", "revoke_url"):
        text = text.replace(f"{{{name}}}", getattr(server, name))
    for old, new in changes.items():
        text = text.replace(old, new)
    world.file = world.folder / "acme.py"
    world.file.write_text(text)
    os.chmod(world.file, 0o600)
    return world.file


def use_gumstack_file(world: World, refresh: str = REFRESHES["indexes"]) -> None:
    """Let the world's provider be such a file, whose client does without PKCE."""
    secret = world.environ["ACME_CLIENT_SECRET"]
    uris = ("http://127.0.0.1/callback",)
    world.server.register(Client("gum-app", secret=secret, redirect_uris=uris, any_port=True, pkce_required=False))
    write_gumstack_file(world, refresh)
