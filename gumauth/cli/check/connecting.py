"""A new connection of a file, for a case of the book."""

from __future__ import annotations

import secrets

from gumauth.cli.check.stage import REDIRECT_URI, Stage
from gumauth.cli.check.verdicts import Known
from gumauth.testing import PageRefused


def code(stage: Stage, *, approve: bool = True) -> str | None:
    """A fresh authorization code; None where the file gives no URL for one, or the person refuses."""
    url = stage.get_url(secrets.token_urlsafe(24))
    if url.error is not None or not isinstance(url.result, str):
        return None
    try:
        return stage.service.consent(url.result, approve=approve).get("code")
    except PageRefused:
        return None


def connect(stage: Stage) -> Known | None:
    """The tokens that the service gave for a new connection; None where none came about."""
    given = code(stage)
    if given is None or stage.call("exchange", given, REDIRECT_URI).known is not None:
        return None
    return known(stage)


def known(stage: Stage) -> Known:
    """The tokens that the service gave last."""
    latest = stage.service.latest
    return Known(access=latest.get("access_token", ""), refresh=latest.get("refresh_token", ""))
