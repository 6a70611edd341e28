"""The requests that clients send themselves: a form, and who sent it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gumauth.testing.clients import Client, authenticate, check_secret, with_client_id
from gumauth.testing.messages import OAuthError, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gumauth.testing.settings import Settings


class ClientRequests:
    """Reads requests to the endpoints that clients call with no person.

    Args:
        clients: The registered ones by id.
        settings: Read for every request: `token_encoding`, `client_id_name`.
        clock: Seconds since 1970.
    """

    def __init__(self, clients: Mapping[str, Client], settings: Settings, clock: Callable[[], float]) -> None:
        self._clients, self._settings, self._clock = clients, settings, clock

    def form(self, request: Request) -> dict[str, str]:
        """The parameters in a request's body.

        Raises:
            OAuthError: It is no POST, has a query, or cannot be read.
        """
        if request.method != "POST":
            raise OAuthError("invalid_request", "only POST is answered here", status=405)
        if "?" in request.target:
            raise OAuthError("invalid_request", "secrets do not belong into a URL")
        return with_client_id(request.form(self._settings.token_encoding), self._settings.client_id_name)

    def client(self, request: Request, form: Mapping[str, str]) -> Client:
        """The client that sent a request, after its authentication.

        Raises:
            OAuthError: `invalid_client`, or `invalid_request` for two ways at once.
        """
        client = authenticate(self._clients, request.headers.get("authorization"), form)
        check_secret(client, self._clock())
        return client
