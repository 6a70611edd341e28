"""npm's oidc-provider as a process on a free loopback port: an authorization server that nobody here wrote."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import urljoin

import pytest

from tests.parts.need import need, node, node_modules

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

SITE = Path(__file__).with_suffix(".mjs")
# The server lets a native client come back to any loopback port, whichever is registered (RFC 8252 §7.3).
REDIRECT_URIS = ["http://localhost:4862/callback", "http://127.0.0.1/callback", "http://[::1]/callback"]


class ClientSettings(TypedDict):
    client_id: str
    secret: str | None
    redirect_uris: list[str]


class Settings(TypedDict):
    """What the site is made of; secrets come this way, because arguments and variables can be read by others.

    Args:
        open_to_clients: Whether anybody may register a client, and a device may ask for a code.
        pushed: Whether authorization requests have to be pushed first (RFC 9126).
        documents: What stands at URLs on the internet: client metadata documents. With None the site takes none.
    """

    node_modules: str
    clients: list[ClientSettings]
    open_to_clients: bool
    pushed: bool
    documents: dict[str, dict[str, Any]] | None


@dataclass(frozen=True)
class Oidc:
    """A running site. It has the same addresses as `gumauth.testing.AuthorizationServer`.

    Access tokens are opaque and live for an hour. Asked for a `resource`, the site gives JWTs of five minutes.

    Args:
        url: `http://127.0.0.1:PORT`.
        pid: The process, to be stopped or killed by a test that wants that.
        secret: Of the client `confidential`, by Basic or in the body; `public` has none. Made for this run.
        resource: One that tokens may be asked for; any other absolute URI does as well.
    """

    url: str
    pid: int
    secret: str = field(repr=False)
    public: str = "oidc-public"
    confidential: str = "oidc-confidential"
    resource: str = "https://api.acme.example"

    @property
    def issuer(self) -> str:
        return self.url

    @property
    def authorize_url(self) -> str:
        return f"{self.url}/auth"

    @property
    def token_url(self) -> str:
        return f"{self.url}/token"

    @property
    def revoke_url(self) -> str:
        return f"{self.url}/token/revocation"

    @property
    def userinfo_url(self) -> str:
        return f"{self.url}/me"

    def is_active(self, access_token: str) -> bool:
        """Whether the site answers to an opaque access token.

        It has to have the scope `openid`. There is no such question about a JWT: the site keeps none, so no
        revocation reaches one, and it is good until its `exp`, for whoever only looks at its signature.
        """
        import httpx

        assert "." not in access_token, "a JWT: nothing here can tell"
        with httpx.Client(trust_env=False) as client:
            answer = client.get(self.userinfo_url, headers={"Authorization": f"Bearer {access_token}"})
        assert answer.status_code in (200, 401), answer.text
        return answer.status_code == 200

    def log(self) -> list[dict[str, Any]]:
        """What has happened, oldest first, without a token's value.

        Each event has `kind`, `token`, `client`, `grant` and `outcome`; a `grant` is a number, the first is 1.

        - "authorize": the outcome is "success" or the error.
        - "issued": one for each token; the outcome is the grant type.
        - "refused": no token; the outcome is the error. "reuse" where it is because `token` was used before.
        - "revocation": the outcome is "revoked", "unknown", "ignored" for another client's, or the error.
        - "grant.revoked": a grant has ended; the outcome is the route that ended it.
        - "registered": a client has registered itself; "pushed": an authorization request was pushed.
        """
        import httpx

        with httpx.Client(trust_env=False) as client:
            events: list[dict[str, Any]] = client.get(f"{self.url}/test/log").json()
        return events

    def browser(self) -> Browser:
        """A person's browser that has not been here before."""
        return Browser(self.url)


@dataclass
class Browser:
    """Keeps the site's cookies from one login to the next, as a browser does.

    Args:
        site: The URL of the site.
        shown: The forms that the last `follow` filled in: "login", "consent".
    """

    site: str
    shown: list[str] = field(default_factory=list)
    cookies: CookieJar = field(default_factory=CookieJar, repr=False)

    def follow(self, url: str, *, login: str = "ada", approve: bool = True) -> str:
        """Do what a person does at each page that is shown; gives the redirect URL."""
        import httpx

        self.shown = []
        with httpx.Client(trust_env=False, timeout=30, cookies=self.cookies) as client:
            page = client.get(url)
            while True:
                if not page.is_redirect:
                    page = self._submit(client, page, login, "allow" if approve else "deny")
                    continue
                there = urljoin(str(page.url), page.headers["location"])
                if not there.startswith(f"{self.site}/"):
                    return there
                page = client.get(there)

    def type_code(self, url: str, code: str, *, login: str = "ada", approve: bool = True) -> str:
        """Do what a person does where a device said; gives the last page."""
        import httpx

        self.shown = []
        with httpx.Client(trust_env=False, timeout=30, cookies=self.cookies) as client:
            page = self._submit(client, client.get(url), login, "", user_code=code)
            for _ in range(20):
                if not page.is_redirect and ("<form" not in page.text or "<title>Type the code" in page.text):
                    return page.text
                if page.is_redirect:
                    page = client.get(urljoin(str(page.url), page.headers["location"]))
                else:
                    page = self._submit(client, page, login, "allow" if approve else "deny")
        raise AssertionError(f"still at {page.url} after twenty pages: {page.text}")

    def _submit(
        self, client: httpx.Client, page: httpx.Response, login: str, choice: str, **typed: str
    ) -> httpx.Response:
        """Send a page's form; the server has some of its own, which a browser sends without being asked."""
        assert page.status_code == 200, page.text
        words = dict(typed)
        if 'name="login"' in page.text:
            self.shown.append("login")
            words = {"login": login}
        elif 'name="choice"' in page.text:
            self.shown.append("consent")
            words = {"choice": choice}
        forms = [_attributes(tag) for tag in re.findall(r"<form [^>]*>", page.text)]
        inputs = [_attributes(tag) for tag in re.findall(r"<input [^>]*>", page.text)]
        hidden = {field["name"]: field["value"] for field in inputs if field.get("type") == "hidden"}
        assert forms, page.text
        return client.post(urljoin(str(page.url), forms[0].get("action", "")), data={**hidden, **words})


def _attributes(tag: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'(\w+)="([^"]*)"', tag)}


@pytest.fixture
def oidc() -> Iterator[Oidc]:
    """The site, for one test."""
    with serving() as site:
        yield site


@contextmanager
def serving(
    *, open_to_clients: bool = False, pushed: bool = False, documents: dict[str, dict[str, Any]] | None = None
) -> Iterator[Oidc]:
    """The site, for as long as the block lasts; ended by its pid. See `Settings`."""
    need(programs=(node(),), packages=("oidc-provider",))
    secret = secrets.token_urlsafe(32)
    settings: Settings = {
        "node_modules": str(node_modules()),
        "clients": [
            {"client_id": Oidc.public, "secret": None, "redirect_uris": REDIRECT_URIS},
            {"client_id": Oidc.confidential, "secret": secret, "redirect_uris": REDIRECT_URIS},
        ],
        "open_to_clients": open_to_clients,
        "pushed": pushed,
        "documents": documents,
    }
    # Little of the environment: whoever runs the tests may have settings of their own for node.
    environment = {"PATH": os.environ["PATH"]}
    command = [node(), str(SITE)]
    with subprocess.Popen(command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as site:
        try:
            assert site.stdin
            assert site.stdout
            print(json.dumps(settings), file=site.stdin, flush=True)
            line = site.stdout.readline()
            assert line, "the site ended before it listened; what it said is on standard error"
            yield Oidc(url=f"http://127.0.0.1:{json.loads(line)['port']}", pid=site.pid, secret=secret)
        finally:
            site.kill()
