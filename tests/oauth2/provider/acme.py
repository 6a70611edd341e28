"""A provider object at a server on loopback, with any attributes."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from urllib.parse import parse_qsl, urlsplit

from gumauth.oauth2 import OAuth2Provider
from gumauth.provider import TokenResponse
from gumauth.testing import AuthorizationServer
from tests.loopback import Loopback
from tests.running import run

REDIRECT = "http://localhost:4862/callback"
SECRET = secrets.token_urlsafe()
TOKENS = {"access_token": "a", "refresh_token": "r", "expires_in": 3600, "scope": "read"}
ISSUER = "https://issuer.example"


def acme(server: Loopback | AuthorizationServer, **facts: object) -> OAuth2Provider:
    """A provider object at a server, with these attributes."""
    body = {
        "name": "acme",
        "title": "Acme",
        "authorize_url": f"{server.url}/authorize",
        "token_url": f"{server.url}/token",
        "revoke_url": f"{server.url}/revoke",
        "nickname_url": f"{server.url}/userinfo",
        **facts,
    }
    provider: OAuth2Provider = type("Acme", (OAuth2Provider,), body)()
    return provider


def query(provider: OAuth2Provider) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(provider.get_url(REDIRECT, "st")).query, keep_blank_values=True))


def exchange(provider: OAuth2Provider) -> TokenResponse:
    provider.get_url(REDIRECT, "st")
    return run(provider.exchange("the-c0de", REDIRECT))


def id_token(**claims: object) -> str:
    payload = json.dumps({"iss": ISSUER, "aud": "app", "sub": "1234", **claims}).encode()
    return f"head.{urlsafe_b64encode(payload).rstrip(b'=').decode()}.sig"
