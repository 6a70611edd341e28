"""An MCP server as mcp.example.com and its issuer as issuer.example.com, before the strict servers of gumauth.

Nobody has registered an app there: a client registers itself, or is a document that it has published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from gumauth.testing import AuthorizationServer
from gumauth.testing.messages import Request, Response
from gumauth.testing.person import consent
from tests.parts.service import FORM

if TYPE_CHECKING:
    from collections.abc import Mapping

MCP, ISSUER = "mcp.example.com", "issuer.example.com"


class ExampleCom:
    """The two hosts: `mcp` with the resource https://mcp.example.com/mcp, and `issuer` with everything else."""

    def __init__(self) -> None:
        self.mcp, self.issuer = (AuthorizationServer(url=f"https://{host}") for host in (MCP, ISSUER))
        self.mcp.metadata_places = ()
        self.mcp.trust(self.issuer)
        self.issuer.device.interval = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.mcp.close()
        self.issuer.close()

    def follow(self, url: str) -> str:
        """Play the person: open a page of the issuer, and click Allow.

        Returns:
            The redirect URL; "" where the page is the one for a device's code.
        """
        if code := parse_qs(urlsplit(url).query).get("user_code"):
            self.issuer.approve(code[0])
            return ""
        return consent(url, approve=True, login="", send=self._open)

    def _open(self, method: str, url: str, form: Mapping[str, str] | None) -> tuple[int, dict[str, str], str]:
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == self.issuer.url, url
        target = parts._replace(scheme="", netloc="").geturl()
        body = urlencode(form or {}).encode()
        answer: Response = self.issuer.answer(
            Request(method=method, target=target, headers={"content-type": FORM}, body=body)
        )
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status, headers, answer.body.decode()
