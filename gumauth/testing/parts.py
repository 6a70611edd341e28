"""The parts of one server, which share its clients, grants and log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gumauth.testing.authorization_endpoint import AuthorizationEndpoint
from gumauth.testing.client_requests import ClientRequests
from gumauth.testing.device.codes import DeviceCodes
from gumauth.testing.device.endpoint import DeviceEndpoint
from gumauth.testing.discovery.known_clients import KnownClients
from gumauth.testing.discovery.protected import Issuer, ProtectedResources
from gumauth.testing.discovery.redirects import Redirects
from gumauth.testing.discovery.registration_endpoint import Registration
from gumauth.testing.discovery.server_metadata import ServerMetadata
from gumauth.testing.id_token import IdTokens
from gumauth.testing.indicators import Indicators
from gumauth.testing.pushed import PushedRequests
from gumauth.testing.token_endpoint import TokenEndpoint
from gumauth.testing.token_responses import TokenResponses
from gumauth.testing.token_uses import TokenUses

if TYPE_CHECKING:
    from collections.abc import Callable

    from gumauth.testing.addresses import Addresses
    from gumauth.testing.grants import Grants
    from gumauth.testing.log import Log
    from gumauth.testing.messages import Request
    from gumauth.testing.routes import Part, Route


class Parts:
    """Finds the endpoint that a request is for.

    Args:
        addresses: The server's settings and addresses.
        issuer: The server, as its own resources see it.
        grants: The codes and tokens.
        log: Receives every decision.
        clock: Seconds since 1970.
    """

    def __init__(
        self, addresses: Addresses, issuer: Issuer, *, grants: Grants, log: Log, clock: Callable[[], float]
    ) -> None:
        self.clients = KnownClients(addresses)
        self.indicators = indicators = Indicators(addresses)
        self.protected = ProtectedResources(addresses.url, log, issuer)
        indicators.issue_for(self.protected.identifiers)
        requests = ClientRequests(self.clients, addresses, clock)
        codes = DeviceCodes(clock, addresses.device)
        self.id_tokens = IdTokens(
            lambda: addresses.issuer, clock, lambda: addresses.id_token_lifetime or grants.access_lifetime
        )
        self.responses = TokenResponses(grants, addresses, self.id_tokens)
        pushed = PushedRequests(requests, log=log, settings=addresses.pushed, clock=clock, indicators=indicators)
        self.registration = Registration(
            addresses.url,
            self.clients,
            log=log,
            settings=addresses.registration,
            clock=clock,
            grant_types=addresses.grant_types,
        )
        self.devices = DeviceEndpoint(
            addresses.url, codes, requests=requests, log=log, server=addresses, indicators=indicators
        )
        self._all: tuple[Part, ...] = (
            Redirects(log, addresses),
            self.protected,
            ServerMetadata(log, issuer=lambda: addresses.issuer, settings=addresses, members=addresses.members),
            self.registration,
            AuthorizationEndpoint(
                self.clients, grants=grants, log=log, addresses=addresses, indicators=indicators, pushed=pushed
            ),
            TokenEndpoint(
                requests, devices=codes, grants=grants, log=log, indicators=indicators, responses=self.responses
            ),
            TokenUses(requests, grants, log, addresses),
            self.devices,
            pushed,
            self.id_tokens,
        )

    def route(self, request: Request) -> Route | None:
        """The endpoint; None where there is none."""
        found = (part.route(request) for part in self._all)
        return next((route for route in found if route is not None), None)
