"""The address that a person pastes, read as the request that the browser would have made. Pure. Promise C12."""

from __future__ import annotations

import re

from gumauth.callback.http_request import Request
from gumauth.callback.rejections import FOREIGN_HOST, OTHER_PATH, UNREADABLE, Rejection

LIMIT = 64 * 1024
"""Characters; beyond it nothing is looked at."""

_AROUND = re.compile(r"\s|\x1b\[20[01]~")
"""A terminal may break a long line or put its marks of a paste around it; an address holds no blanks."""

_ADDRESS = re.compile(
    r"(?:(?:https?://)?(?P<host>[^/?#&=]+)?(?P<path>/[^?#]*)?\?)?(?P<query>[^#]*)(?:#.*)?", re.IGNORECASE
)


def read_paste(pasted: str, *, host: str, path: str) -> Request | Rejection:
    """The request that a pasted redirect URL, or the query of one, stands for.

    Args:
        pasted: Anything that a person may have in the clipboard.
        host: The right `Host`, for a paste that begins after it.
        path: The right path, for a paste that begins after it.
    """
    text = _AROUND.sub("", pasted[:LIMIT]).strip("'\"<>")
    match = _ADDRESS.fullmatch(text)
    if match is None or "=" not in match["query"] or not text.isascii():
        return UNREADABLE
    return Request(
        method="GET",
        path=match["path"] or path,
        query=match["query"],
        host=match["host"] or host,
        ahead=False,
    )


def in_words_of_paste(rejection: Rejection, redirect_uri: str) -> str:
    """Why a paste is rejected, as it reads after a colon."""
    if rejection in (OTHER_PATH, FOREIGN_HOST, UNREADABLE):
        return f"the address that the browser came back to begins with {redirect_uri}?"
    return rejection.said[0].lower() + rejection.said[1:]
