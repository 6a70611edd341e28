"""Services that people run themselves, as built-in ones of these tests, and a person who consents at them."""

from __future__ import annotations

import io
import re
import secrets
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, ClassVar

import pytest

from gumauth import providers
from gumauth.testing import AuthorizationServer, Client, deliver
from gumauth.testing.messages import Request, Response
from tests.callback.test_port_lock import free_port
from tests.cli.program import Ended, inside
from tests.parts.service import Service
from tests.parts.standin import StandIn

if TYPE_CHECKING:
    from collections.abc import Callable

FACTS = '''
"""A service of the tests."""

from gumauth.oauth2 import OAuth2Provider


class {name}(OAuth2Provider):
    """A service. Source: https://docs.example."""

    name = "{lower}"
    title = "{name}"
    docs_url = "https://docs.example/{lower}"
    authorize_url = "https://{place}/authorize"
    token_url = "https://{place}/token"
    revoke_url = "https://{place}/revoke"
    nickname_url = "https://{place}/userinfo"
    register_url = "https://{place}/apps"
    redirect_host = "127.0.0.1"
    redirect_ports = ()
    {more}
'''

SERVICES = {
    "Forge": ("{host}", 'host = "forge.example"\n    git_hosts = ("{host}",)\n    git_username = "oauth2"'),
    "Office": ("login.office.example/{tenant}", 'tenant = "common"\n    tenant_note = "a directory, or organizations"'),
    "Realm": ("{host}/realms/{tenant}", 'host_note = "the server"\n    tenant_note = "the realm"'),
    "Org": ("{host}", 'host_domain = "org.example"\n    host_note = "the domain of your organization"'),
}
"""Each service, what stands behind https:// in its URLs, and further facts."""

PAGE = re.compile(r"^(https?://\S+/authorize\?\S+)$", re.MULTILINE)


def bring(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let gumauth bring these services, as it brings others."""
    folder.mkdir(mode=0o700)
    for name, (place, more) in SERVICES.items():
        file = folder / f"{name.lower()}.py"
        file.touch(mode=0o600)
        file.write_text(FACTS.format(name=name, lower=name.lower(), place=place, more=more))
        monkeypatch.delitem(__import__("sys").modules, f"gumauth.providers.{name.lower()}", raising=False)
    monkeypatch.setattr(providers, "__path__", [*providers.__path__, str(folder)])
    monkeypatch.setitem(providers.GIT, "forge", (("forge.example",), "oauth2"))
    monkeypatch.setitem(providers.GIT_AT_OWN_HOST, "forge", "oauth2")


class Place(Service):
    """One host or tenant with a server, a client and people of its own.

    Args:
        standin: Leads the host's name here; None where a place of that host does, `beside` which this one is.
        host: Answered for.
        path: Before every path, such as "/realms/acme".
        person: Who consents.
    """

    def __init__(self, standin: StandIn | None, host: str, path: str = "", person: str = "ada@example.com") -> None:
        client = Client(
            f"app-{secrets.token_hex(4)}",
            secrets.token_urlsafe(24),
            redirect_uris=("http://127.0.0.1/callback",),
            any_port=True,
        )
        super().__init__("x", origin=f"https://{host}", server=AuthorizationServer(), client=client)
        self.server.person, self.path = person, path
        self.asked: list[str] = []
        self.beside: list[Place] = []
        if standin is not None:
            standin.answer_for(host, self._answer)

    def _answer(self, request: Request) -> Response:
        there = [place for place in (self, *self.beside) if request.path.startswith(place.path)]
        return there[0].site(request) if there else Response(status=404)

    def site(self, request: Request) -> Response:
        """What the host answers below the path."""
        self.asked.append(request.path)
        target = request.target.removeprefix(self.path)
        return super().site(Request(method=request.method, target=target, headers=request.headers, body=request.body))

    def variables(self, stem: str) -> dict[str, str]:
        """The variables with the client."""
        return {f"{stem}_CLIENT_ID": self.client.client_id, f"{stem}_CLIENT_SECRET": self.client.secret or ""}


def connect(environ: dict[str, str], follow: Callable[[str], str], *words: str) -> Ended:
    """`gumauth connect` with a person who opens the address that is shown, and consents."""

    class Shown(io.StringIO):
        followed: ClassVar[list[Thread]] = []

        def write(self, text: str) -> int:
            written = super().write(text)
            found = PAGE.search(self.getvalue())
            if found and not self.followed:
                self.followed.append(Thread(target=lambda: deliver(follow(found[1]))))
                self.followed[0].start()
            return written

    try:
        options = () if "--port" in words else ("--port", str(free_port()))
        return inside(environ, "connect", *words, "--no-browser", "--timeout", "20", *options, stream=Shown)
    finally:
        for thread in Shown.followed:
            thread.join(20)
