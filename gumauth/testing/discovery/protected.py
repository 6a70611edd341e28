"""The protected resources of a server: each answers to tokens that were issued for it, and says who issues them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from gumauth.testing.discovery import mcp
from gumauth.testing.discovery.challenge import challenges
from gumauth.testing.discovery.resource import WELL_KNOWN, Resource
from gumauth.testing.messages import Request, Response, json_response
from gumauth.testing.routes import Route

if TYPE_CHECKING:
    from gumauth.testing.issued import Family
    from gumauth.testing.log import Log


class Issuer(Protocol):
    """An authorization server whose tokens a resource takes."""

    @property
    def issuer(self) -> str:
        """Its identifier."""
        ...

    def good_for(self, access_token: str, resource: str) -> Family | None:
        """The family of an access token that is active and was issued for this resource; else None."""
        ...


class ProtectedResources:
    """Answers for the resources and for their metadata documents.

    Args:
        origin: The server's origin.
        log: Receives the decisions.
        issuer: The server itself, which issues the tokens unless others are trusted in its place.
    """

    def __init__(self, origin: str, log: Log, issuer: Issuer) -> None:
        self._origin, self._log = origin, log
        self.resources: list[Resource] = [Resource(origin)]
        self.issuers: list[Issuer] = [issuer]

    def identifiers(self) -> set[str]:
        """The resources that tokens can be issued for."""
        return {resource.identifier for resource in self.resources}

    def route(self, request: Request) -> Route | None:
        """A resource, or a place where its metadata could be."""
        for resource in self.resources:
            if resource.is_at(request.path):
                return Route("resource", partial(self._use, resource))
        named = [resource.metadata_url for resource in self.resources]
        if request.path.startswith(WELL_KNOWN) or self._origin + request.path in named:
            return Route("resource_metadata", self._document)
        return None

    def _document(self, request: Request) -> Response:
        url = self._origin + request.path
        found = [each for each in self.resources if each.place != "none" and each.metadata_url == url]
        if not found or request.method != "GET":
            self._log.note("resource_metadata", "refused", reason="no document is here", path=request.path)
            return json_response({"error": "not_found"}, status=404)
        self._log.note("resource_metadata", "ok", path=request.path)
        return json_response(found[0].document([each.issuer for each in self.issuers]))

    def _use(self, resource: Resource, request: Request) -> Response:
        method = str(mcp.message_of(request).get("method", request.method))
        if method in resource.open_methods and "authorization" not in request.headers:
            self._log.note("resource", "ok", path=request.path, method=method)
            return mcp.answer(request)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token or scheme.lower() != "bearer":
            return self._refuse(resource, request, reason="no access token", scopes=resource.scopes_required)
        family = self._family(token, resource)
        if family is None:
            reason = "no good access token for this resource"
            return self._refuse(resource, request, "invalid_token", reason=reason, scopes=resource.scopes_required)
        needed = (*resource.scopes_required, *resource.method_scopes.get(method, ()))
        if not set(needed) <= set(family.scopes):
            return self._refuse(resource, request, "insufficient_scope", reason="more scopes are needed", scopes=needed)
        self._log.note("resource", "ok", client_id=family.client_id, path=request.path, method=method)
        return mcp.answer(request)

    def _family(self, token: str, resource: Resource) -> Family | None:
        found = (issuer.good_for(token, resource.identifier) for issuer in self.issuers)
        return next((family for family in found if family is not None), None)

    def _refuse(
        self, resource: Resource, request: Request, error: str = "", *, reason: str, scopes: tuple[str, ...]
    ) -> Response:
        """The status and challenge of RFC 6750 §3.1; a request without a token is told of no error."""
        method = str(mcp.message_of(request).get("method", request.method))
        self._log.note("resource", "refused", reason=reason, path=request.path, method=method)
        parameters = {"error": error, "scope": " ".join(scopes) if resource.challenge_scope else ""}
        if resource.challenge_metadata:
            named = resource.challenge_metadata
            parameters["resource_metadata"] = named if isinstance(named, str) else resource.metadata_url
        given = {name: value for name, value in parameters.items() if value}
        values = challenges(resource.challenge, given, elsewhere=f"{self._origin}/.well-known/gone")
        answer = json_response({"error": error or "unauthorized"}, status=403 if error == "insufficient_scope" else 401)
        return replace(answer, more_headers=tuple(("WWW-Authenticate", value) for value in values))
