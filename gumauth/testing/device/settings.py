"""How services differ in the device authorization grant."""

from __future__ import annotations

from typing import Literal

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
USUAL_INTERVAL = 5.0
"""Seconds between polls where the answer names none (RFC 8628 §3.2), and what each `slow_down` adds (§3.5)."""


class DeviceSettings:
    """How the grant works; every attribute may be set at any time."""

    def __init__(self) -> None:
        self.enabled: bool = True
        """Whether the server has the grant, and the metadata name its endpoint."""
        self.interval: float | None = USUAL_INTERVAL
        """Seconds between polls; None for the usual 5, without saying so."""
        self.expires_in: float = 900
        """Seconds that codes are good for."""
        self.uri_name: Literal["verification_uri", "verification_url"] = "verification_uri"
        """The member with the page's address; the second is Google's."""
        self.complete: bool = True
        """Whether the answer also has the page's address with the user code in it."""
        self.first_poll_waits: bool = True
        """Whether the first poll, too, has to come an interval after the codes."""
        self.error_status: int = 400
        """The status of answers to polls that give no tokens yet, or none at all; GitHub's is 200."""
        self.slow_down_interval: bool = False
        """Whether `slow_down` names the new interval, as GitHub does."""
        self.overrides: dict[str, object] = {}
        """Members of the answer with the codes in place of the usual ones, or more; None is sent as null."""
        self.without: tuple[str, ...] = ()
        """Members that the answer with the codes lacks."""
