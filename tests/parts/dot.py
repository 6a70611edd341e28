"""django-oauth-toolkit as a process on a free loopback port: an authorization server that nobody here wrote."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest

from tests.parts.need import lacking, need

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

    from tests.parts.dot_site import Settings

ROOT = Path(__file__).parents[2]
# The toolkit lets a loopback redirect URI have any port (RFC 8252 §7.3).
REDIRECT_URIS = ["http://localhost:4862/callback", "http://127.0.0.1:4862/callback", "http://[::1]:4862/callback"]


@dataclass(frozen=True)
class Dot:
    """A running site. It has the same addresses as `gumauth.testing.AuthorizationServer`.

    Args:
        url: `http://127.0.0.1:PORT`.
        pid: The process, to be stopped or killed by a test that wants that.
        password: Of `username`; made for this run.
        secret: Of the client `confidential`; `public` has none.
    """

    url: str
    pid: int
    password: str = field(repr=False)
    secret: str = field(repr=False)
    username: str = "ada"
    email: str = "ada@example.com"
    public: str = "dot-public"
    confidential: str = "dot-confidential"

    @property
    def issuer(self) -> str:
        return f"{self.url}/o"

    @property
    def authorize_url(self) -> str:
        return f"{self.url}/o/authorize/"

    @property
    def token_url(self) -> str:
        return f"{self.url}/o/token/"

    @property
    def revoke_url(self) -> str:
        return f"{self.url}/o/revoke_token/"

    @property
    def userinfo_url(self) -> str:
        return f"{self.url}/whoami/"

    def is_active(self, access_token: str) -> bool:
        """Whether the site answers to an access token."""
        import httpx

        with httpx.Client(trust_env=False) as client:
            answer = client.get(self.userinfo_url, headers={"Authorization": f"Bearer {access_token}"})
        assert answer.status_code in (200, 401, 403), answer.text
        return answer.status_code == 200

    def type_code(self, url: str, code: str, *, approve: bool = True) -> None:
        """Log in where the device said, type its code and click."""
        import httpx

        with httpx.Client(trust_env=False, timeout=30) as client:
            login = urljoin(url, client.get(url).headers["location"])
            words = {"username": self.username, "password": self.password}
            page = urljoin(url, _submit(client, login, client.get(login).text, words))
            confirm = urljoin(url, _submit(client, page, client.get(page).text, {"user_code": code}))
            action = "accept" if approve else "deny"
            _submit(client, confirm, client.get(confirm).text, {"action": action})

    def follow(self, url: str, *, approve: bool = True) -> str:
        """Log in and click, as a person does, over plain HTTP; gives the redirect URL."""
        import httpx

        with httpx.Client(trust_env=False, timeout=30) as client:
            page = client.get(url)
            if page.is_redirect and "/login/" in page.headers["location"]:
                login = urljoin(url, page.headers["location"])
                words = {"username": self.username, "password": self.password}
                entered = _submit(client, login, client.get(login).text, words)
                page = client.get(urljoin(url, entered))
            if page.is_redirect:
                return page.headers["location"]
            return _submit(client, url, page.text, {"allow": "Authorize"} if approve else {})


def _submit(client: httpx.Client, url: str, page: str, words: Mapping[str, str]) -> str:
    """Send a page's form with its hidden fields and these words; gives where that leads."""
    inputs: list[dict[str, Any]] = [
        {name: unescape(value) for name, value in re.findall(r'(\w+)="([^"]*)"', tag)}
        for tag in re.findall(r"<input [^>]*>", page)
    ]
    hidden = {field["name"]: field.get("value", "") for field in inputs if field.get("type") == "hidden"}
    answer = client.post(url, data={**hidden, **words})
    assert answer.is_redirect, answer.text
    return str(answer.headers["location"])


@pytest.fixture(scope="module")
def dot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dot]:
    """The site, for the tests of one module."""
    with serving(tmp_path_factory.mktemp("dot")) as site:
        yield site


@pytest.fixture(scope="module")
def open_dot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dot]:
    """A site where clients register themselves and devices ask for codes, for the tests of one module."""
    with serving(tmp_path_factory.mktemp("dot"), open_to_clients=True) as site:
        yield site


@contextmanager
def serving(
    folder: Path, *, open_to_clients: bool = False, documents: dict[str, dict[str, Any]] | None = None
) -> Iterator[Dot]:
    """The site, for as long as the block lasts; ended by its pid. See `Settings` of dot_site.py."""
    need(modules=("django", "oauth2_provider"))
    password, secret = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
    settings: Settings = {
        "database": str(folder / "site.sqlite3"),
        "username": Dot.username,
        "password": password,
        "email": Dot.email,
        "access_lifetime": 3600,
        "clients": [
            {"client_id": Dot.public, "secret": None, "redirect_uris": REDIRECT_URIS},
            {"client_id": Dot.confidential, "secret": secret, "redirect_uris": REDIRECT_URIS},
        ],
        "open_to_clients": open_to_clients,
        "documents": documents or {},
    }
    command = [sys.executable, "-m", "tests.parts.dot_site"]
    with subprocess.Popen(
        command, cwd=ROOT, env=_environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as site:
        try:
            assert site.stdin
            assert site.stdout
            print(json.dumps(settings), file=site.stdin, flush=True)
            port = site.stdout.readline().strip()
            assert port, "the site ended before it listened; what it said is on standard error"
            yield Dot(url=f"http://127.0.0.1:{port}", pid=site.pid, password=password, secret=secret)
        finally:
            site.kill()


def need_devices() -> None:
    """Skip the test where the toolkit's device grant does not work."""
    need(modules=("oauthlib",))
    if int(version("oauthlib").partition(".")[0]) > 3:
        lacking("the toolkit's device grant needs oauthlib 3")


def _environment() -> dict[str, str]:
    """Little: whoever runs the tests may have settings of their own for Django."""
    kept = ("PATH", "PYTHONDONTWRITEBYTECODE", "COVERAGE_PROCESS_START", "VIRTUAL_ENV", "SYSTEMROOT")
    return {name: os.environ[name] for name in kept if name in os.environ}
