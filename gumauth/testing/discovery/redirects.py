"""Paths that are answered by a redirect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gumauth.testing.messages import Request, Response
from gumauth.testing.routes import Route

if TYPE_CHECKING:
    from gumauth.testing.discovery.settings import DiscoverySettings
    from gumauth.testing.log import Log
    from gumauth.testing.misbehaviour import Where


class Redirects:
    """Answers for the paths in `redirects`.

    Args:
        log: Receives the redirects, as events of the document that was looked for, or of a resource.
        settings: Read for every request.
    """

    def __init__(self, log: Log, settings: DiscoverySettings) -> None:
        self._log, self._settings = log, settings

    def route(self, request: Request) -> Route | None:
        """A path that is to be redirected."""
        return Route(_looked_for(request.path), self._answer) if request.path in self._settings.redirects else None

    def _answer(self, request: Request) -> Response:
        to = self._settings.redirects[request.path]
        self._log.note(_looked_for(request.path), "refused", reason="it is elsewhere", path=request.path, location=to)
        return Response(status=self._settings.redirect_status, headers={"Location": to})


def _looked_for(path: str) -> Where:
    if "/.well-known/oauth-protected-resource" in path:
        return "resource_metadata"
    return "server_metadata" if "/.well-known/" in path else "resource"
