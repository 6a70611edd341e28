"""The metadata documents of the authorization server."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gumauth.testing.messages import Request, Response, json_response
from gumauth.testing.routes import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gumauth.testing.discovery.settings import DiscoverySettings, Place
    from gumauth.testing.log import Log

OAUTH = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"


def places(issuer: str) -> dict[Place, str]:
    """The paths where the metadata of an issuer can be.

    Source: RFC 8414 §3.1 and §5, OpenID Connect Discovery 1.0 §4.
    """
    own = urlsplit(issuer).path.rstrip("/")
    return {"oauth": OAUTH + own, "openid inserted": OPENID + own, "openid appended": own + OPENID}


class ServerMetadata:
    """Answers for the metadata documents.

    Args:
        log: Receives the decisions.
        issuer: Gives the server's identifier.
        settings: Read for every request.
        members: Gives the members that the server's endpoints and other settings account for.
    """

    def __init__(
        self,
        log: Log,
        *,
        issuer: Callable[[], str],
        settings: DiscoverySettings,
        members: Callable[[], Mapping[str, object]],
    ) -> None:
        self._log, self._issuer, self._settings, self._members = log, issuer, settings, members

    def route(self, request: Request) -> Route | None:
        """A place where server metadata could be."""
        return Route("server_metadata", self._answer) if OAUTH in request.path or OPENID in request.path else None

    def _answer(self, request: Request) -> Response:
        found = [place for place, path in places(self._issuer()).items() if path == request.path]
        if request.method != "GET" or not set(found) & set(self._settings.metadata_places):
            self._log.note("server_metadata", "refused", reason="no document is here", path=request.path)
            return json_response({"error": "not_found"}, status=404)
        self._log.note("server_metadata", "ok", path=request.path)
        return json_response(self._document(openid="oauth" not in found))

    def _document(self, *, openid: bool) -> dict[str, object]:
        """The document as OAuth has it, or with what OpenID adds.

        Source: RFC 8414 §2, OpenID Connect Discovery 1.0 §3.
        """
        more = {"subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"]}
        members: dict[str, object] = {"issuer": self._issuer(), **self._members(), **(more if openid else {})}
        lacking = (*self._settings.metadata_without, *(self._settings.openid_without if openid else ()))
        members.update(self._settings.metadata_overrides)
        return {name: value for name, value in members.items() if name not in lacking}
