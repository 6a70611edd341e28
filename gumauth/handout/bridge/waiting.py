"""Waiting for the first of several things, each of which goes on."""

from __future__ import annotations

import asyncio
from typing import Any


async def first_of(*futures: asyncio.Future[Any] | asyncio.Task[Any], seconds: float | None = None) -> None:
    """Wait until one of several is done, whatever it comes to, but no longer than that."""
    await asyncio.wait(futures, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
