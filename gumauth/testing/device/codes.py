"""The device codes that were given out, and what the person did with each."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gumauth.testing.device.settings import USUAL_INTERVAL, DeviceSettings
from gumauth.testing.messages import OAuthError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gumauth.testing.issued import AuthorizationRequest, Login

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""The letters of user codes: no vowels, so no words (RFC 8628 §6.1)."""
SLACK = 0.001
"""Seconds that a poll may be early, for the rounding of sums."""


@dataclass
class Waiting:
    """A device code and what became of it; `login` is the person who consented."""

    request: AuthorizationRequest
    user_code: str
    expires_at: float
    interval: float
    polled_at: float | None
    login: Login | None = None
    denied: bool = False
    spent: bool = False


class DeviceCodes:
    """Gives out device codes, and answers polls. Safe for threads.

    Args:
        clock: Seconds since 1970.
        settings: Read for every request.

    Source: RFC 8628 §3.
    """

    def __init__(self, clock: Callable[[], float], settings: DeviceSettings) -> None:
        self._clock, self.settings = clock, settings
        self._codes: dict[str, Waiting] = {}
        self._lock = threading.Lock()

    def start(self, request: AuthorizationRequest) -> tuple[str, str]:
        """A device code, which is secret, and a user code."""
        letters = [secrets.choice(LETTERS) for _ in range(8)]
        device_code, user_code = secrets.token_urlsafe(32), f"{''.join(letters[:4])}-{''.join(letters[4:])}"
        now, interval = self._clock(), self.settings.interval
        with self._lock:
            self._codes[device_code] = Waiting(
                request,
                user_code,
                expires_at=now + self.settings.expires_in,
                interval=USUAL_INTERVAL if interval is None else interval,
                polled_at=now if self.settings.first_poll_waits else None,
            )
        return device_code, user_code

    def decide(self, user_code: str, login: Login | None) -> Waiting:
        """Note that the person consented, or with None that they refused.

        Raises:
            OAuthError: The code is unknown, has expired, or was used before.
        """
        typed = user_code.upper().replace("-", "").strip()
        with self._lock:
            found = [each for each in self._codes.values() if each.user_code.replace("-", "") == typed]
            if not found:
                raise OAuthError("invalid_request", "there is no such code")
            waiting = found[-1]
            if waiting.expires_at <= self._clock():
                raise OAuthError("invalid_request", "the code has expired")
            if waiting.login is not None or waiting.denied:
                raise OAuthError("invalid_request", "the code was used before")
            waiting.login, waiting.denied = login, login is None
            return waiting

    def poll(self, device_code: str, client_id: str) -> tuple[AuthorizationRequest, Login]:
        """What was asked, and who consented; once.

        Raises:
            OAuthError: `slow_down`, `authorization_pending`, `access_denied`, `expired_token`, or `invalid_grant` for
                a code that is unknown, another client's, or spent.

        Source: RFC 8628 §3.5.
        """
        with self._lock:
            waiting = self._codes.get(device_code)
            if waiting is None or waiting.request.client_id != client_id or waiting.spent:
                raise OAuthError("invalid_grant", "no such device code for this client, or it was used before")
            if waiting.expires_at <= self._clock():
                raise self._error("expired_token", "the device code has expired")
            self._check_speed(waiting)
            if waiting.denied:
                raise self._error("access_denied", "the person said no")
            if waiting.login is None:
                raise self._error("authorization_pending", "the person has not decided yet")
            waiting.spent = True
            return waiting.request, waiting.login

    def _check_speed(self, waiting: Waiting) -> None:
        now, last = self._clock(), waiting.polled_at
        waiting.polled_at = now
        if last is not None and now - last < waiting.interval - SLACK:
            waiting.interval += USUAL_INTERVAL
            said = {"interval": waiting.interval} if self.settings.slow_down_interval else {}
            raise self._error("slow_down", "the client polls too fast", **said)

    def _error(self, code: str, description: str, **members: object) -> OAuthError:
        return OAuthError(code, description, status=self.settings.error_status, members=members)
