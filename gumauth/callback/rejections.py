"""Why a request at the callback is rejected, in words: for the sender, for the person, and for the final time-out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gumauth.platform.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping


@frozen
class Rejection:
    """Why a request changes nothing.

    Args:
        status: The HTTP status that the sender gets, 4xx.
        reason: Two or three words; what such requests are counted under.
        counted: The same as it reads after "1 request", "2 requests" or "2".
        said: One sentence for whoever sent or pasted it; holds nothing of what was sent.
    """

    status: int
    reason: str
    counted: str
    said: str


UNREADABLE = Rejection(
    status=400,
    reason="unreadable",
    counted="that could not be read",
    said="That could not be read.",
)
TOO_LARGE = Rejection(
    status=431,
    reason="too large",
    counted="too large to be read",
    said="That is larger than anything a provider sends.",
)
TOO_SLOW = Rejection(
    status=408,
    reason="too slow",
    counted="never brought to an end",
    said="The request did not come to its end in time.",
)
OTHER_METHOD = Rejection(
    status=405,
    reason="other method",
    counted="with another method than GET",
    said="Only GET is answered here.",
)
OTHER_PATH = Rejection(
    status=404,
    reason="other path",
    counted="for another path",
    said="There is nothing at this address.",
)
FOREIGN_HOST = Rejection(
    status=421,
    reason="foreign host",
    counted="for another host",
    said="This address is not served under that name.",
)
PREFETCH = Rejection(
    status=403,
    reason="prefetch",
    counted="that a browser made ahead of time",
    said="This address is only for a visit that a person makes.",
)
MISSING_STATE = Rejection(
    status=400,
    reason="missing state",
    counted="without a state",
    said="The state is missing, so nothing says which connect this belongs to.",
)
WRONG_STATE = Rejection(
    status=400,
    reason="wrong state",
    counted="with a wrong state",
    said="This belongs to another connect, or to an earlier try.",
)
REPEATED = Rejection(
    status=400,
    reason="repeated parameter",
    counted="with a parameter twice",
    said="A parameter stands in it twice.",
)
MISSING_ISSUER = Rejection(
    status=400,
    reason="missing issuer",
    counted="without the provider's issuer",
    said="The provider always says who it is, and this does not.",
)
WRONG_ISSUER = Rejection(
    status=400,
    reason="wrong issuer",
    counted="from another issuer",
    said="This comes from another provider than the one that was asked.",
)
NO_ANSWER = Rejection(
    status=400,
    reason="no answer",
    counted="with neither a code nor an error",
    said="It holds neither a code nor an error.",
)

POSTED_FORM = Rejection(
    status=405,
    reason="posted form",
    counted="with the answer in a form",
    said="The provider sent its answer as a form (response_mode=form_post), which was not expected. Go to the terminal:"
    ' Ctrl-C, set `response_mode = "query"` or "form_post" in the provider\'s class, and connect again.',
)
NOT_A_VISIT = Rejection(
    status=403,
    reason="no visit",
    counted="made by a page and not by a visit",
    said="This address is only for a visit that a person makes.",
)
LARGE_FORM = Rejection(
    status=413,
    reason="large form",
    counted="with a form too large to be read",
    said="That is larger than anything a provider sends.",
)
NOT_ENCRYPTED = Rejection(
    status=400,
    reason="not encrypted",
    counted="over http to an https address",
    said="This address is served over https only: write https:// in place of http:// in the address bar.",
)
CERTIFICATE_REFUSED = Rejection(
    status=400,  # nobody gets it: the connection is over
    reason="certificate refused",
    counted="that the browser broke off at gumauth's certificate",
    said="The certificate was not taken.",
)

COUNTED = {each.reason: each.counted for each in list(globals().values()) if isinstance(each, Rejection)}
"""How the rejections of this module read where they are counted, by their reason."""


def in_words(counts: Mapping[str, int]) -> str:
    """How many requests were rejected and why, as one sentence; empty where there was none."""
    total = sum(counts.values())
    if not total:
        return ""
    requests, were = ("request", "was") if total == 1 else ("requests", "were")
    if len(counts) == 1:
        [reason] = counts
        return f"{total} {requests} {COUNTED[reason]} {were} ignored."
    often_first = sorted(counts.items(), key=lambda item: -item[1])
    parts = ", ".join(f"{count} {COUNTED[reason]}" for reason, count in often_first)
    return f"{total} {requests} {were} ignored: {parts}."
