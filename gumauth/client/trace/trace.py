"""Hears the requests of a run, and shows or keeps the lines for them.

`--trace` shows each line when it is known. With GUMAUTH_DEBUG the exchanges of a step are kept, and stand in the way of
the error with which the step fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from gumauth.client.trace import lines
from gumauth.client.trace.cut import Cut
from gumauth.client.trace.exchange import answer_of, read_body, sent_of
from gumauth.oauth2.http.listeners import Listener

Show = Callable[[list[str]], None]

SENDING = ("exchange", "refresh", "request_token", "exchange_device")
"""Methods that bring tokens, for which a request has to be sent."""

SALT = 16
"""Bytes."""


class Trace:
    """The trace of one run.

    Args:
        show: Takes the lines of a request or an answer, from any thread; None to keep them for an error.
        clock: Gives seconds.
    """

    def __init__(self, show: Show | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.cut = Cut(os.urandom(SALT))
        self.clock = clock
        self.is_shown = show is not None
        self._show, self._lock, self._count = show, threading.Lock(), 0
        self.before: dict[tuple[str, ...], int] = {}
        """The numbers of the requests and answers that were shown, by their lines."""
        if show is not None:
            with contextlib.suppress(Exception):  # a file may import it first inside its method
                importlib.import_module("requests")

    def number(self) -> int:
        """The number of the next request of the run."""
        with self._lock:
            self._count += 1
            return self._count

    def listener(self, name: str, secrets: Collection[str] = ()) -> Step:
        """Who hears the requests of one step; the arguments are those of `Step`."""
        return Step(self, name, secrets)

    def show(self, shown: list[str]) -> None:
        """Show lines, if they are shown at once."""
        with self._lock:
            if self._show is not None:
                self._show(shown)


@dataclass(eq=False, kw_only=True)
class Exchange:
    """A request, and what has come of it so far. Holds secrets."""

    number: int
    request: Any = field(repr=False)
    began: float
    seconds: float = 0.0
    response: Any = field(default=None, repr=False)
    body: bytes | None = field(default=None, repr=False)
    error: BaseException | None = field(default=None, repr=False)
    is_shown: bool = False


class Step(Listener):
    """Hears the requests of one step of a run, such as a method of a provider.

    Args:
        trace: Of the run.
        name: Of the step, as it is shown.
        secrets: What the step's code is given, which is cut wherever it stands; may grow meanwhile.
    """

    def __init__(self, trace: Trace, name: str, secrets: Collection[str] = ()) -> None:
        self._trace, self._name, self._secrets = trace, name, secrets
        self._exchanges: list[Exchange] = []
        self._kept: list[str] = []
        # Of another step nothing has been shown, where lines are kept for an error.
        self._before = trace.before if trace.is_shown else {}
        self._lock = threading.RLock()
        self._has_sent = self._is_ended = False

    def sending(self, request: Any) -> None:
        """Show the request, after the answer to the one before it."""
        self._settle()
        self._has_sent = True
        exchange = Exchange(number=self._trace.number(), request=request, began=self._trace.clock())
        self._exchanges.append(exchange)
        shown = lines.of_request(self._head(exchange), sent_of(request), self._cut)
        self._add(lines.shortened(shown, exchange.number, self._before))

    def answered(self, request: Any, response: Any) -> None:
        """Keep the answer until its body has come."""
        exchange = self._of(request)
        if exchange is not None:
            exchange.response, exchange.seconds = response, self._trace.clock() - exchange.began

    def failed(self, request: Any, error: BaseException) -> None:
        """Show why there is no answer."""
        exchange = self._of(request)
        if exchange is not None:
            exchange.error, exchange.seconds = error, self._trace.clock() - exchange.began
            self._settle()

    def read(self, response: Any, body: bytes) -> None:
        """Show the answer that gumauth's own client has read."""
        for exchange in self._exchanges:
            if exchange.response is response:
                exchange.body = body
        self._settle()

    def returned(self, response: Any) -> None:
        """Show the answers that have been read by now."""
        del response
        self._settle()

    def gave(self, result: object) -> None:
        """Show what the step's method returned."""
        self._settle(unread=True)
        with contextlib.suppress(Exception):  # attributes of foreign objects may raise
            self._add(lines.of_result(self._name, result, self._cut))

    def brought(self, fields: Mapping[str, str | None]) -> None:
        """Show the parameters that the browser brought back."""
        self._add(lines.of_callback(fields, self._cut))

    def end(self) -> tuple[str, ...]:
        """Show what is left, read or not. The lines, where they are kept for an error."""
        for exchange in self._exchanges:
            if exchange.response is None and exchange.error is None:
                exchange.error, exchange.seconds = asyncio.CancelledError(), self._trace.clock() - exchange.began
        self._settle(unread=True)
        if self._name in SENDING and not self._has_sent and not self._is_ended:
            self._add([f"{self._name} sent no request of httpx or requests; those of other libraries are not seen"])
        self._exchanges.clear()
        self.is_over = self._is_ended = True
        return () if self._trace.is_shown else tuple(self._kept)

    @property
    def _cut(self) -> Cut:
        self._trace.cut.learn(list(self._secrets))
        return self._trace.cut

    def _of(self, request: Any) -> Exchange | None:
        """The exchange of a request that is not answered yet; a library may send one request several times."""
        open_ones = (each for each in self._exchanges if each.response is None and each.error is None)
        return next((each for each in open_ones if each.request is request), None)

    def _head(self, exchange: Exchange) -> str:
        return f"#{exchange.number} {self._name}"

    def _settle(self, *, unread: bool = False) -> None:
        with self._lock:
            for exchange in self._exchanges:
                if not exchange.is_shown and _is_over(exchange, unread=unread):
                    exchange.is_shown = True
                    self._add(self._ended(exchange))

    def _ended(self, exchange: Exchange) -> list[str]:
        head, milliseconds = self._head(exchange), exchange.seconds * 1000
        if exchange.error is not None:
            return lines.of_failure(head, exchange.error, milliseconds, self._cut)
        shown = lines.of_answer(head, answer_of(exchange.response, exchange.body), milliseconds, self._cut)
        return lines.shortened(shown, exchange.number, self._before)

    def _add(self, added: list[str]) -> None:
        self._kept += added
        self._trace.show(added)


def _is_over(exchange: Exchange, *, unread: bool) -> bool:
    if exchange.error is not None:
        return True
    is_read = exchange.body is not None or read_body(exchange.response) is not None
    return exchange.response is not None and (unread or is_read)
