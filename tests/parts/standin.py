"""Stand-ins for services on the internet: a proxy on loopback that answers for their names, with TLS.

What is tested runs unchanged with their real URLs; `HTTPS_PROXY` leads it here and `SSL_CERT_FILE` lets it believe.
"""

from __future__ import annotations

import secrets
import shutil
import socket
from pathlib import Path
from socketserver import StreamRequestHandler
from typing import TYPE_CHECKING

import pytest

from gumauth.cli.check.authority import Authority
from gumauth.testing import AuthorizationServer, Client
from gumauth.testing.listening import Handler, Listening
from gumauth.testing.messages import Request, Response
from tests.parts.linear import Linear
from tests.parts.service import Service

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

FIXTURES = Path(__file__).parents[1] / "fixtures"


class StandIn:
    """A CONNECT proxy that answers for some hosts itself, and reaches no others.

    Args:
        folder: Where certificates and keys are put.
    """

    def __init__(self, folder: Path) -> None:
        self._authority = Authority(folder)
        self._routes: dict[str, Callable[[Request], Response]] = {}
        self._contexts: dict[str, ssl.SSLContext] = {}
        self.refused: list[str] = []
        """The hosts that were asked for and are not answered for."""
        self._listening = Listening(self._answer, self._handler())

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead a process here. Loopback stays direct by gumauth's own rule, not by NO_PROXY."""
        url = f"http://127.0.0.1:{self._listening.port}"
        certificate = str(self._authority.certificate)
        return {"HTTPS_PROXY": url, "HTTP_PROXY": url, "SSL_CERT_FILE": certificate, "NO_PROXY": ""}

    def answer_for(self, host: str, answer: Callable[[Request], Response]) -> None:
        """Let a function answer the requests for a host."""
        if host not in self._contexts:
            self._contexts[host] = self._authority.context(host)
        self._routes[host] = answer

    def forget(self) -> None:
        """Answer for no host any more."""
        self._routes.clear()

    def close(self) -> None:
        """Stop."""
        self._listening.close()

    def _answer(self, request: Request) -> Response:
        route = self._routes.get(request.headers.get("host", ""))
        if route is None:
            # Also a plain http request, with which a client would show its secrets to the proxy.
            self.refused.append(request.target)
            return Response(status=502)
        return route(request)

    def _context(self, host: str) -> ssl.SSLContext | None:
        if host not in self._contexts:
            self.refused.append(host)
        return self._contexts.get(host)

    def _handler(self) -> type[Handler]:
        find = self._context

        class Tunnel(Handler):
            """Becomes the host that the tunnel was to lead to."""

            def do_CONNECT(self) -> None:  # noqa: N802  http.server's name
                context = find(self.path.rpartition(":")[0])
                self.send_response(200 if context else 502)
                self.end_headers()
                if context:
                    self.speak_as(context)

            def speak_as(self, context: ssl.SSLContext) -> None:
                with context.wrap_socket(self.connection, server_side=True) as connection:
                    self.request = connection
                    StreamRequestHandler.setup(self)
                    self.handle_one_request()
                    self.rfile.close()
                    # What the client sent and nobody read would turn this close into a reset.
                    if connection.fileno() != -1:
                        connection.shutdown(socket.SHUT_WR)

        return Tunnel


@pytest.fixture
def gumstack_file(tmp_path: Path) -> Callable[[str], Path]:
    """Gives the path of a provider file of `tests/fixtures`, byte for byte, that only its owner can write."""

    def copy(name: str) -> Path:
        path = tmp_path / f"{name}.py"
        shutil.copyfile(FIXTURES / path.name, path)
        path.chmod(0o600)
        return path

    return copy


@pytest.fixture
def standin(tmp_path: Path) -> Iterator[StandIn]:
    """A stand-in that answers for no host yet."""
    folder = tmp_path / "standin"
    folder.mkdir(mode=0o700)
    standin = StandIn(folder)
    yield standin
    standin.close()


@pytest.fixture
def linear(standin: StandIn) -> Iterator[Linear]:
    """Linear as linear.app and api.linear.app, with one confidential client."""
    with Linear(secrets.token_urlsafe(24)) as linear:
        standin.answer_for("linear.app", linear.site)
        standin.answer_for("api.linear.app", linear.api)
        linear.environment.update(standin.environment)
        yield linear


@pytest.fixture
def habits(standin: StandIn) -> Iterator[Service]:
    """The service of `tests/fixtures/gumstack_habits.py`; its refresh tokens stay good and are given out once."""
    redirect_uris = ("http://localhost:4862/callback",)
    client = Client(
        "habits-app",
        secrets.token_urlsafe(24),
        redirect_uris=redirect_uris,
        pkce_required=False,
        auth=("body",),
        any_port=True,
    )
    server = AuthorizationServer(rotate=False)
    with Service("habits", origin="https://habits.example", server=server, client=client) as habits:
        standin.answer_for("habits.example", habits.site)
        habits.environment.update(standin.environment)
        yield habits
