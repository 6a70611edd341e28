"""A coroutine's result for callers that may or may not run in an event loop themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

from gumauth.client.trace.step import step
from gumauth.oauth2.http import transport
from gumauth.oauth2.http.listeners import heard_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.client.trace.trace import Trace

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T], trace: Trace | None = None) -> T:
    """The result of requests, which are made in an event loop of their own on a thread of their own.

    Args:
        work: Makes the requests.
        trace: Hears of them; None where nothing is traced.
    """
    future: Future[T] = Future()

    async def and_close() -> T:
        try:
            with step(trace, "discovery") as heard, heard_by(*heard):
                return await work
        finally:
            await transport.close()

    def thread() -> None:
        try:
            future.set_result(asyncio.run(and_close()))
        except BaseException as error:  # noqa: BLE001 - it is raised in the caller's thread
            future.set_exception(error)

    Thread(target=thread, name="discovery", daemon=True).start()
    return future.result()
