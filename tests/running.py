"""Running a coroutine as the program does: on an event loop of its own, connections closed at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from gumauth.oauth2.http import transport

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    async def closing() -> T:
        try:
            return await coroutine
        finally:
            await transport.close()

    return asyncio.run(closing())
