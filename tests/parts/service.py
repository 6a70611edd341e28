"""A service on the internet as tests have it: the strict server of gumauth under the service's own names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode, urlsplit

from gumauth.testing.identity import login_name
from gumauth.testing.messages import Request, Response
from gumauth.testing.person import consent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gumauth.testing import AuthorizationServer, Client

FORM = "application/x-www-form-urlencoded"


class Service:
    """Answers as one host, path for path what the strict server answers.

    Args:
        name: What its provider is called; its client is found in `<NAME>_CLIENT_ID` and `<NAME>_CLIENT_SECRET`.
        origin: Where the person is asked, such as "https://linear.app".
        server: Decides; to be told to misbehave, and asked for its log.
        client: The one that is registered.
    """

    def __init__(self, name: str, *, origin: str, server: AuthorizationServer, client: Client) -> None:
        self.origin, self.server, self.client = origin, server, server.register(client)
        self.environment = {
            f"{name.upper()}_CLIENT_ID": client.client_id,
            f"{name.upper()}_CLIENT_SECRET": client.secret or "",
        }
        """What a process needs to be led here and known; holds the secret."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.server.close()

    def site(self, request: Request) -> Response:
        """What the host of `origin` answers."""
        return self.server.answer(request)

    def follow(self, url: str, *, approve: bool = True, person: str | None = None, workspace: str | None = None) -> str:
        """Play the person: open the authorization URL, click; gives the redirect URL."""
        return consent(url, approve=approve, login=login_name(person, workspace), send=self._open)

    def _open(self, method: str, url: str, form: Mapping[str, str] | None) -> tuple[int, dict[str, str], str]:
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == self.origin, url
        target = parts._replace(scheme="", netloc="").geturl()
        body = urlencode(form or {}).encode()
        answer = self.site(Request(method=method, target=target, headers={"content-type": FORM}, body=body))
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status, headers, answer.body.decode()
