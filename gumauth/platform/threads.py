"""Blocking work for an event loop, on a thread that does not delay the end of the program."""

from __future__ import annotations

import asyncio
import threading
from typing import Any


async def in_thread(function: Any, *arguments: object) -> Any:
    """The result of a function that blocks, called on a daemon thread; an exception of the function is raised here."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(result: object, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def run() -> None:
        try:
            result, error = function(*arguments), None
        except BaseException as raised:  # noqa: BLE001 - handed on to who awaits
            result, error = None, raised
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:
            pass  # the loop has ended, and nobody waits any more

    threading.Thread(target=run, daemon=True).start()
    return await future
