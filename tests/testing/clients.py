"""A client of the authorization server, as plain as can be: what a careful application sends."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from gumauth.testing import Client
from gumauth.testing.person import request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gumauth.testing import AuthorizationServer

REDIRECT = "http://localhost:4862/callback"
PUBLIC = Client("app", redirect_uris=(REDIRECT,))


def challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Clock:
    """A clock that stands still until a test moves it."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class App:
    """Asks the server things; every argument can be spoiled by a test."""

    server: AuthorizationServer
    client: Client = PUBLIC
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def url(self, **changes: str | None) -> str:
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": REDIRECT,
            "scope": "read write",
            "state": self.state,
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
            **changes,
        }
        given = {name: value for name, value in asked.items() if value is not None}
        return f"{self.server.authorize_url}?{urlencode(given)}"

    def redeem(self, code: str, /, **changes: str | None) -> tuple[int, dict[str, Any]]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": self.verifier,
            **self._itself(),
            **changes,
        }
        return self.post(self.server.token_url, form)

    def tokens(self, *, person: str | None = None, workspace: str | None = None) -> dict[str, Any]:
        """The tokens of a consent in which all goes well."""
        status, fields = self.redeem(self.server.code_from(self.url(), person=person, workspace=workspace))
        assert status == 200, fields
        return fields

    def refresh(self, token: str, /, **changes: str | None) -> tuple[int, dict[str, Any]]:
        form = {"grant_type": "refresh_token", "refresh_token": token, **self._itself(), **changes}
        return self.post(self.server.token_url, form)

    def revoke(self, token: str, /, **changes: str | None) -> int:
        return self.post(self.server.revoke_url, {"token": token, **self._itself(), **changes})[0]

    def whoami(self, token: str) -> tuple[int, dict[str, Any]]:
        status, _, text = request("GET", self.server.userinfo_url, headers={"Authorization": f"Bearer {token}"})
        return status, json.loads(text)

    def post(
        self, url: str, form: Mapping[str, str | None], headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        given = {name: value for name, value in form.items() if value is not None}
        status, _, text = request("POST", url, given, headers)
        return status, json.loads(text or "{}")

    def _itself(self) -> dict[str, str]:
        secret = {} if self.client.secret is None else {"client_secret": self.client.secret}
        return {"client_id": self.client.client_id, **secret}


def sent_back(redirect: str) -> dict[str, str]:
    """The parameters that a redirect URL carries."""
    return {name: values[0] for name, values in parse_qs(urlsplit(redirect).query).items()}
