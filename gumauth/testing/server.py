"""The authorization server on a port of this machine, and its controls for a test."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlsplit

from gumauth.testing.addresses import Addresses
from gumauth.testing.discovery.protected import ProtectedResources
from gumauth.testing.discovery.resource import Resource
from gumauth.testing.grants import Grants
from gumauth.testing.identity import login_name, login_of
from gumauth.testing.listening import Listening
from gumauth.testing.log import Log
from gumauth.testing.messages import OAuthError, Request, Response, json_response
from gumauth.testing.misbehaviour import Misbehaviour, Where
from gumauth.testing.parts import Parts
from gumauth.testing.person import PageRefused, consent

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from gumauth.testing.clients import Client
    from gumauth.testing.faults import Fault
    from gumauth.testing.issued import Family, Login
    from gumauth.testing.log import Event


class AuthorizationServer(Addresses):
    """A strict OAuth 2.0 authorization server on a free port of 127.0.0.1; a context manager.

    It answers on threads of this process until `close` or the end of the `with` block: keep the process for as long as
    another process connects. The consent page has an Allow button for people; `follow` clicks it.

    Redirect URIs are compared as whole strings; codes are good once and for 60 seconds; S256 is checked; refresh tokens
    rotate, and a replaced refresh token that is used again ends its family; tokens expire and can be revoked.

    A login name is an e-mail or the part before its @, and may have a workspace behind a slash. Where services differ
    from one another, `Settings` has an attribute; `DiscoverySettings` has how the server describes itself.

    Args:
        clock: Gives seconds since 1970; tests and `gumauth demo` hand in a clock that they move.
        access_lifetime: Seconds that an access token is good for; sent as `expires_in`.
        rotate: Whether every refresh replaces the refresh token.
        grace: Seconds during which a replaced refresh token may still be used.
        one_grant: Whether a new consent extends the grant that the same client, person and workspace have.
        refresh_once: Whether a code gives no refresh token while they have a grant with one.
        self_contained: Whether access tokens are good until they expire, and cannot be revoked.
        url: The origin by which clients know the server, such as "https://issuer.example.com", where a proxy
            answers for that host by `answer`; None for the server's own.

    Source: RFC 6749, RFC 7009, RFC 7636, RFC 8252, RFC 9207, RFC 9700.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        access_lifetime: float = 3600,
        rotate: bool = True,
        grace: float = 0,
        one_grant: bool = False,
        refresh_once: bool = False,
        self_contained: bool = False,
        url: str | None = None,
    ) -> None:
        self._listening = Listening(self.answer)
        super().__init__(
            url or f"http://127.0.0.1:{self._listening.port}",
            one_grant=one_grant,
            refresh_once=refresh_once,
            self_contained=self_contained,
        )
        self._log = Log(clock)
        self._grants = Grants(clock, self, access_lifetime=access_lifetime, rotate=rotate, grace=grace)
        self._misbehaviour = Misbehaviour()
        self._parts = Parts(self, self, grants=self._grants, log=self._log, clock=clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the server, and end its connections, also those that a fault left hanging."""
        self._listening.close()

    @property
    def resource(self) -> Resource:
        """The first protected resource, at `/mcp` unless its `path` is changed (RFC 9728)."""
        return self._parts.protected.resources[0]

    @property
    def resource_url(self) -> str:
        """The address of the first protected resource, a small MCP server."""
        return self.resource.url

    def add_resource(self, path: str) -> Resource:
        """One more protected resource on this server, with settings of its own."""
        self._parts.protected.resources.append(Resource(self.url, path))
        return self._parts.protected.resources[-1]

    def trust(self, *others: AuthorizationServer) -> None:
        """Let other servers issue the tokens for this server's resources, in place of this one."""
        self._parts.protected.issuers = list(others)
        for other in others:
            other.issue_for(self._parts.protected)

    def issue_for(self, resources: ProtectedResources) -> None:
        """Let `resource_exact` accept the identifiers of another server's resources too; `trust` calls it."""
        self._parts.indicators.issue_for(resources.identifiers)

    def good_for(self, access_token: str, resource: str) -> Family | None:
        """The family of an access token that is active and was issued for a resource; else None."""
        family = self._grants.family_of(access_token)
        return family if family and self._parts.indicators.good(family.resource, resource) else None

    @property
    def log(self) -> list[Event]:
        """The server's decisions so far, oldest first."""
        return self._log.events()

    def count(self, kind: str, outcome: str = "ok") -> int:
        """How many events of a kind and outcome there are."""
        return sum(event.kind == kind and event.outcome == outcome for event in self.log)

    @property
    def families(self) -> list[Family]:
        """A family for each consent that gave tokens, oldest first; with `one_grant`, one for several consents."""
        return self._grants.families()

    def register(self, client: Client) -> Client:
        """Register a client; a client with the same id is replaced."""
        self._parts.clients[client.client_id] = client
        return client

    @property
    def clients(self) -> list[Client]:
        """The clients that the server knows: the registered ones, and those that have registered themselves."""
        return list(self._parts.clients.values())

    def forget_clients(self, *client_ids: str) -> None:
        """Forget these clients that have registered themselves; all of them if none is named.

        The authorization endpoint then shows an error page for them, and the token endpoint answers `invalid_client`.
        """
        self._parts.registration.forget(client_ids)

    def follow(self, url: str, *, approve: bool = True, person: str | None = None, workspace: str | None = None) -> str:
        """Play the person: open an authorization URL and click.

        Args:
            url: As the provider's `get_url` gives it.
            approve: Whether Allow is clicked; else Deny.
            person: The login name or e-mail; None for `server.person`.
            workspace: Where the person consents; None for the login name's own, or `server.workspace`.

        Returns:
            The redirect URL. `gumauth.testing.deliver` takes it to the callback.

        Raises:
            PageRefused: The server shows an error page in place of the consent page; the message says why.
        """
        return consent(url, approve=approve, login=login_name(person, workspace))

    def code_from(self, url: str, *, person: str | None = None, workspace: str | None = None) -> str:
        """The authorization code of a person's consent, for tests without a callback."""
        return parse_qs(urlsplit(self.follow(url, person=person, workspace=workspace)).query)["code"][0]

    def approve(self, user_code: str, *, person: str | None = None, workspace: str | None = None) -> None:
        """Play the person on another device: type the user code, and click Allow.

        Args:
            user_code: With or without its dash.
            person: The login name or e-mail; None for `server.person`.
            workspace: As in `follow`.

        Raises:
            PageRefused: The code is unknown, has expired, or was used before.
        """
        self._decide(user_code, login_of(login_name(person, workspace), self))

    def deny(self, user_code: str) -> None:
        """Play the person on another device: type the user code, and click Deny; raises as `approve` does."""
        self._decide(user_code, None)

    def _decide(self, user_code: str, login: Login | None) -> None:
        try:
            self._parts.devices.decide(user_code, login)
        except OAuthError as error:
            raise PageRefused(error.description) from None

    def misbehave(self, where: Where, fault: Fault, *, times: int | None = 1) -> None:
        """Answer the next `times` requests at an endpoint wrongly, or every request with None.

        Faults for the same endpoint queue up; a fault without end comes after those that are counted.
        """
        self._misbehaviour.add(where, fault, times)

    def behave(self) -> None:
        """Drop the faults that have not happened yet."""
        self._misbehaviour.clear()

    def is_active(self, token: str) -> bool:
        """Whether the server would accept an access or refresh token now."""
        return self._grants.is_active(token)

    def expire(self, *tokens: str) -> None:
        """Let these access or refresh tokens expire now; every access token if none is given."""
        self._grants.expire(tokens)

    def end_grant(self, number: int, reason: str = "ended by the person") -> None:
        """End a family, as a person does in the settings of a service."""
        self._grants.end(number, reason)

    def answer(self, request: Request) -> Response:
        """The response to a request, without the network between; stand-ins for real services wrap this method."""
        route = self._parts.route(request)
        where = route.where if route else None
        fault = self._misbehaviour.next(where) if where else None
        if fault is None or where is None:
            return self._behaved(request)
        # The log has the server's own decision before the fault that hides it.
        answer = self._behaved(request) if fault.done else Response()
        self._log.note(where, "fault", reason=fault.name)
        return fault.change(answer)

    def _behaved(self, request: Request) -> Response:
        route = self._parts.route(request)
        return route.answer(request) if route else json_response({"error": "not_found"}, status=404)
