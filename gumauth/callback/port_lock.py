"""Two connects that need the same port take turns; a port that another program holds is an error at once.

The port itself is the lock: connects with different data folders share it, because it is the machine's.
Promises C3, C11.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gumauth.callback import Listener, Redirect
from gumauth.callback.presence import Holder, who_holds
from gumauth.errors import PortInUse

PAUSE = 0.1
"""Seconds between tries at a port that another connect holds."""

ASK_AGAIN = 2.0
"""Seconds until it is checked again who holds the port: another program may have taken it meanwhile."""

GRACE = 1.0
"""Seconds that a port is tried which is taken although nobody answers there: its connect may just have ended."""


class PortLock:
    """One of several ports, which one connect at a time has, among all connects of the machine.

    A program that holds the port and answers as a connect does keeps others waiting until their patience ends; by
    only holding the port it would keep them out as well.

    Args:
        redirect: Where the provider lets the browser come back to.
        port: In place of its ports; None for those.
    """

    def __init__(self, redirect: Redirect, port: int | None) -> None:
        self._redirect, self._port = redirect, port
        self._told = False
        self._ask_at = 0.0
        self._silent_since: float | None = None

    async def bind(self, say: Callable[[str], None], *, patience: float) -> Listener:
        """A listener on the first port that is free; waits where another connect holds one.

        Args:
            say: Told once that there is another connect to wait for.
            patience: Seconds to wait for it.

        Raises:
            PortInUse: Other programs hold the ports, or the other connect took longer than that.
            CallbackError: The port cannot be listened on.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + patience
        while True:
            try:
                return await Listener.bind(self._redirect, port=self._port)
            except PortInUse:
                if loop.time() > end or not await self._is_to_wait(say):
                    raise
            await asyncio.sleep(PAUSE)

    async def _is_to_wait(self, say: Callable[[str], None]) -> bool:
        """Whether another connect holds one of the ports, or did until just now."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._ask_at:
            return True
        ports = [port for port in (self._redirect.ports if self._port is None else (self._port,)) if port]
        holders = await asyncio.gather(*(who_holds(self._redirect.host, port) for port in ports))
        if Holder.CONNECT in holders:
            self._ask_at, self._silent_since = loop.time() + ASK_AGAIN, None
            self._tell(say, ports[holders.index(Holder.CONNECT)])
            return True
        self._silent_since = self._silent_since or loop.time()
        return Holder.NOBODY in holders and loop.time() - self._silent_since < GRACE

    def _tell(self, say: Callable[[str], None], port: int) -> None:
        if not self._told:
            say(f"Another connect is waiting on port {port}; this one goes on when it has ended.")
        self._told = True
