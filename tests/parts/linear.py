"""Linear's OAuth and the corner of its GraphQL API that says who is asking, before the strict server of gumauth.

Source: https://linear.app/developers/oauth-2-0-authentication
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from gumauth.testing import AuthorizationServer, Client
from gumauth.testing.messages import Request, Response, json_response
from tests.parts.service import FORM, Service

if TYPE_CHECKING:
    from collections.abc import Mapping


class Linear(Service):
    """Answers as linear.app (`site`) and as api.linear.app (`api`).

    Args:
        secret: Of its client, which may use PKCE or not, as Linear allows.
    """

    def __init__(self, secret: str) -> None:
        client = Client(
            "linear-app",
            secret,
            redirect_uris=("http://localhost:4862/callback", "http://127.0.0.1:4862/callback"),
            pkce_required=False,
            auth=("body", "basic"),
            any_port=True,  # Linear compares the port too; tests take free ones, to run beside each other
        )
        # A day, and half an hour in which a refresh may be tried again.
        server = AuthorizationServer(access_lifetime=86399, grace=1800)
        server.workspace = "analytical"
        super().__init__("linear", origin="https://linear.app", server=server, client=client)
        self.queries: list[str] = []

    def site(self, request: Request) -> Response:
        """What linear.app answers."""
        if request.path not in ("/oauth/authorize", "/consent"):
            return Response(status=404)
        return self.server.answer(_at(request, request.target.replace("/oauth/authorize", "/authorize", 1)))

    def api(self, request: Request) -> Response:
        """What api.linear.app answers."""
        routes = {"/oauth/token": self._token, "/oauth/revoke": self._revoke, "/graphql": self._graphql}
        route = routes.get(request.path)
        return route(request) if route and request.method == "POST" else Response(status=404)

    def _token(self, request: Request) -> Response:
        return self.server.answer(_at(request, "/token"))

    def _revoke(self, request: Request) -> Response:
        """200 gone, 400 gone before, 401 no token; the names are Linear's own, and no client is asked for."""
        form = request.form() if request.body else {}
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        token = form.get("refresh_token") or form.get("access_token") or bearer
        if not token:
            return json_response({"error": "invalid_request"}, status=401)
        if not self.server.is_active(token):
            return json_response({"error": "invalid_request", "error_description": "Already revoked"}, status=400)
        words = {"token": token, "client_id": self.client.client_id, "client_secret": self.client.secret or ""}
        body = urlencode(words).encode()
        return self.server.answer(Request(method="POST", target="/revoke", headers={"content-type": FORM}, body=body))

    def _graphql(self, request: Request) -> Response:
        who = self.server.answer(Request(method="GET", target="/userinfo", headers=request.headers))
        if who.status != 200 or who.delivery != "whole":
            return _not_authenticated() if who.status == 401 else who
        self.queries.append(json.loads(request.body)["query"])
        person = json.loads(who.body)
        viewer = {"id": person["sub"], "name": person["name"], "email": person["email"]}
        return json_response({"data": {"viewer": viewer, "organization": _organization(person["workspace"])}})


def _organization(workspace: Mapping[str, str]) -> dict[str, str]:
    return {"id": workspace["id"], "name": workspace["name"].title(), "urlKey": workspace["name"]}


def _not_authenticated() -> Response:
    """Linear's own words: a GraphQL error beside the status."""
    message = "Authentication required, not authenticated"
    extensions = {"type": "authentication error", "code": "AUTHENTICATION_ERROR", "statusCode": 401}
    return json_response({"errors": [{"message": message, "extensions": extensions}]}, status=401)


def _at(request: Request, target: str) -> Request:
    return Request(method=request.method, target=target, headers=request.headers, body=request.body)
