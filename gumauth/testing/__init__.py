"""A strict OAuth authorization server on loopback, for tests, for `gumauth demo` and for people who write providers."""

from __future__ import annotations

from gumauth.testing.clients import Client
from gumauth.testing.faults import Fault
from gumauth.testing.log import Event
from gumauth.testing.person import PageRefused, deliver
from gumauth.testing.server import AuthorizationServer

__all__ = ["AuthorizationServer", "Client", "Event", "Fault", "PageRefused", "deliver"]
