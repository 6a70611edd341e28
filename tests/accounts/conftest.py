"""Fixtures for the tests of repair, which need accounts that were connected."""

from __future__ import annotations

from tests.client.conftest import connected, world

__all__ = ["connected", "world"]
