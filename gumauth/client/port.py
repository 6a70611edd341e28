"""Two connects that need the same port take turns; a port that another program holds is an error at once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from gumauth.callback import Listener, Redirect
from gumauth.context import Context
from gumauth.errors import Busy, PortInUse
from gumauth.lock import Lock

PAUSE = 0.1
"""Seconds between looks at a port that another connect holds."""


class PortTurn:
    """The right of one connect to a port, among all of this person's.

    Args:
        context: For the folder of locks.
        redirect: Where the provider lets the browser come back to.
        port: In place of its ports; None for those.
    """

    def __init__(self, context: Context, redirect: Redirect, port: int | None) -> None:
        self._folder = os.path.join(context.home.state, "locks")
        self._redirect, self._port = redirect, port
        self._lock: Lock | None = None

    async def bind(self, say: Callable[[str], None], *, patience: float) -> Listener:
        """A listener on the first port that is free of other connects; waits where all are theirs.

        Args:
            say: Told once that there is another connect to wait for.
            patience: Seconds to wait for it.

        Raises:
            PortInUse: Another program holds the port, or the other connect took longer than that.
            CallbackError: The port cannot be listened on.
        """
        loop = asyncio.get_running_loop()
        end, told = loop.time() + patience, False
        while True:
            listener, busy = await self._try()
            if listener is not None:
                return listener
            if not busy or loop.time() > end:
                return await Listener.bind(self._redirect, port=self._port)  # tells what is in the way
            if not told:
                say(f"Another connect is waiting on port {busy[0]}; this one goes on when it has ended.")
                told = True
            await asyncio.sleep(PAUSE)

    async def _try(self) -> tuple[Listener | None, list[int]]:
        """A listener, or the ports that other connects hold."""
        ports = self._redirect.ports if self._port is None else (self._port,)
        if not ports:
            return await Listener.bind(self._redirect, port=self._port), []
        busy = []
        for port in ports:
            lock = Lock(os.path.join(self._folder, f"port.{port}.lock"), timeout=0, what=f"port {port}")
            try:
                lock.acquire()
            except Busy:
                busy.append(port)
                continue
            try:
                listener = await Listener.bind(self._redirect, port=port)
            except BaseException as error:
                lock.release()
                if isinstance(error, PortInUse):
                    continue
                raise
            self._lock = lock
            return listener, busy
        return None, busy

    def end(self) -> None:
        """Let the next one in."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()
