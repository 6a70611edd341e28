"""An error response of a provider, as an error of gumauth. Pure.

The member `error` makes an error response, whatever the status: GitHub refuses with 200, others say `invalid_grant`
with 400, 401 and 403. The status decides only where there is no such member.
"""

from __future__ import annotations

import math
from collections.abc import Collection

from gumauth.errors import GumauthError, InvalidGrant, Temporary, TokenEndpointError
from gumauth.oauth2.error_meaning import is_passing, meaning, plain
from gumauth.oauth2.error_members import has_error, members_of
from gumauth.oauth2.response import Response, is_html
from gumauth.oauth2.traits import UNKNOWN, Traits
from gumauth.platform.text import one_line, without_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.oauth2.error_meaning import Meaning

LONGEST_CODE, LONGEST_TEXT = 60, 4000
"""Characters of an error code, and of a text that is searched for secrets before it is cut."""

CLIENT_HINT = "Check the client id and secret; `gumauth setup` with the provider's name stores them again."
HINTS = {
    "redirect uri mismatch": "Register the redirect URI that `gumauth providers` shows for this provider.",
    "invalid scope": "Ask for other scopes with --scope.",
}

LONGEST_IN_SECONDS = 120
"""Seconds; a longer wait is told in minutes."""

SERVER_ERROR, UNAVAILABLE = 500, 503
"""A server that fails, or a gateway before it, may have carried out the request; an unavailable server has not."""

UNCLEAR: tuple[Meaning, ...] = ("unknown", "app")
DOUBTFUL = (400, 401, 403)
"""Statuses with which a service may refuse a dead grant without a word that says so."""


def is_error_response(response: Response) -> bool:
    """Whether a response is an error: by its status, by a member `error`, or by `ok: false` as Slack's."""
    data = response.data()
    return not response.ok or not isinstance(data, dict) or has_error(data)


def error_of(
    response: Response, *, speaker: str, secrets: Collection[str] = (), traits: Traits = UNKNOWN
) -> GumauthError:
    """The error that a response means. Promises F10, F16.

    Args:
        response: An error response, or anything else in place of the wanted one.
        speaker: The service or endpoint, to begin the sentence: "Linear's token endpoint".
        secrets: The code or tokens that were sent: the response may quote them, the error does not repeat them.
        traits: Of the provider: its own words for a dead grant and for a person's refusal.

    Returns:
        InvalidGrant, Temporary or TokenEndpointError.

    Source: RFC 6749 §5.2.
    """
    members = members_of(response)
    means = meaning(
        members.code, members.reason, status=response.status, dead=traits.dead_errors, denied=traits.denied_errors
    )
    shown = _cleaned(members.code, members.reason, secrets)
    code = members.code and _cleaned(members.code, None, secrets)[:LONGEST_CODE]
    if means == "dead":
        return InvalidGrant(f"{speaker} refused: {shown}.", hint="Connect the account again.", error=code)
    if means == "passing" or (means == "unknown" and is_passing(response.status)):
        return _temporary(response, speaker, shown)
    name = plain(members.code)
    if code is None:
        error = _without_code(response, speaker, shown)
    else:
        error = TokenEndpointError(f"{speaker} refused: {shown}.", hint=HINTS.get(name), error=code)
    if isinstance(error, TokenEndpointError):
        error.hint = CLIENT_HINT if means == "client" else error.hint
        error.may_be_dead = response.status in DOUBTFUL and means in UNCLEAR and name not in HINTS
    return error


def not_revoked(error: GumauthError) -> GumauthError:
    """The error of a revocation: an InvalidGrant does not tell whether the dead token is the one that was sent."""
    if not isinstance(error, InvalidGrant):
        return error
    hint = "Try again, or end the grant in the account's settings at the provider."
    return TokenEndpointError(error.message, hint=hint, error=error.error)


def undecided(error: GumauthError, *, may_be_dead: bool) -> GumauthError:
    """The error of a request that did not send the code or refresh token: an InvalidGrant says nothing about that."""
    if not isinstance(error, InvalidGrant):
        return error
    known = TokenEndpointError(error.message, error=error.error)
    known.may_be_dead = may_be_dead
    return known


def _temporary(response: Response, speaker: str, shown: str) -> Temporary:
    """The error of a server in trouble, with the time to wait. Promise R7."""
    words = f": {shown}" if shown else ""
    wait = response.wait()
    is_undone = response.status < SERVER_ERROR or response.status == UNAVAILABLE
    lost = "nothing was lost" if is_undone else "the request may have been carried out all the same"
    return Temporary(
        f"{speaker} cannot answer now (status {response.status}){words}.",
        hint=f"Try again {_when(wait)}; {lost}.",
        retry_after=wait,
    )


def _when(seconds: float | None) -> str:
    """When to try again: "in 7 seconds", "in 2 minutes", rounded up; "later" where it is not known."""
    if seconds is None:
        return "later"
    count, unit = (
        (math.ceil(seconds), "second") if seconds <= LONGEST_IN_SECONDS else (math.ceil(seconds / 60), "minute")
    )
    return f"in {max(count, 1)} {unit}{'s' if count > 1 else ''}"


def _without_code(response: Response, speaker: str, shown: str) -> GumauthError:
    if 300 <= response.status < 400:
        return TokenEndpointError(
            f"{speaker} answered with a redirect (status {response.status}), which is not followed.",
            hint="Check the provider's endpoints; a proxy or a captive portal does this too.",
        )
    if is_html(response) and (response.ok or response.status == 511):
        return Temporary(
            f"{speaker} answered with a web page: perhaps a captive portal.",
            hint="Open a browser, sign in to the network, and try again.",
        )
    if response.ok and not shown:
        what = "something that is not what was asked for" if response.body.strip() else "nothing"
        return TokenEndpointError(f"{speaker} answered with {what}.")
    words = f" and said: {shown}" if shown else " without saying why"
    return TokenEndpointError(f"{speaker} answered with status {response.status}{words}.")


def _cleaned(code: str | None, reason: str | None, secrets: Collection[str]) -> str:
    """The code and the reason as one printable line without the secrets."""
    words = ": ".join(part for part in (code, reason) if part)
    return one_line(without_secrets(one_line(words, LONGEST_TEXT), secrets)).rstrip(".")
