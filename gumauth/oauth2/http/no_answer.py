"""Why a request to a provider has no response, as exceptions for the modules of this folder."""

from __future__ import annotations


class NoAnswer(Exception):
    """There is no response.

    Args:
        reason: For a person, without secrets; empty where it took too long.
    """

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.is_late = not reason


class NoConnection(NoAnswer):
    """The request was not sent, because there was no connection, or because HTTP has no way to write it."""


class NoResponse(NoAnswer):
    """The request was sent, at least in part, and no whole response came."""
