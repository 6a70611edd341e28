"""An answer that is not the wanted one, as the error that it means. Pure.

A refusal is told by its `error` member, whatever the status: GitHub refuses with 200, others say `invalid_grant`
with 400, 401 and 403. Only where there is no such member does the status decide.
"""

from __future__ import annotations

from collections.abc import Collection

from gumauth.errors import GumauthError, InvalidGrant, Temporary, TokenEndpointError
from gumauth.oauth2.error_meaning import is_passing, meaning, plain
from gumauth.oauth2.error_members import Said, said_in, says_no
from gumauth.oauth2.response import Reply, is_html
from gumauth.oauth2.retry_after import in_words, waiting_time_in
from gumauth.oauth2.traits import UNKNOWN, Traits
from gumauth.platform.text import one_line, without_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.oauth2.error_meaning import Meaning

LONGEST_CODE, LONGEST_SAID = 60, 4000
"""Characters of an error code, and of what is looked through for secrets before it is cut."""

CLIENT_HINT = "Check the client id and secret; `gumauth setup` with the provider's name stores them again."
HINTS = {
    "redirect uri mismatch": "Register the redirect URI that `gumauth providers` shows for this provider.",
    "invalid scope": "Ask for other scopes with --scope.",
}

SERVER_ERROR, UNAVAILABLE = 500, 503
"""A server that fails, or a gateway before it, may have done what it was asked; one that is unavailable has not."""

UNCLEAR: tuple[Meaning, ...] = ("unknown", "app")
DOUBTFUL = (400, 401, 403)
"""Statuses with which a grant that is dead can be refused without a word that says so."""


def is_refused(reply: Reply) -> bool:
    """Whether an answer says no: by its status, by an `error` member, or by `ok: false` as Slack does."""
    data = reply.data()
    return not reply.ok or not isinstance(data, dict) or says_no(data)


def refusal(reply: Reply, *, speaker: str, secrets: Collection[str] = (), traits: Traits = UNKNOWN) -> GumauthError:
    """The error that an answer means, which was not what was asked for.

    Args:
        reply: The answer.
        speaker: Who answered, to begin the sentence: "Linear's token endpoint".
        secrets: What must not be repeated although the answer may quote it: the code, the tokens sent.
        traits: Of the provider: its own words for a dead grant and for a person's no.

    Returns:
        InvalidGrant, Temporary or TokenEndpointError.

    Source: RFC 6749 §5.2.
    """
    said = said_in(reply)
    means = meaning(said, status=reply.status, dead=traits.dead_errors, denied=traits.denied_errors)
    shown = _cleaned(said.code, said.reason, secrets)
    if means == "dead":
        code = said.code and _cleaned(said.code, None, secrets)[:LONGEST_CODE]
        return InvalidGrant(f"{speaker} refused: {shown}.", hint="Connect the account again.", error=code)
    if means == "passing" or (means == "unknown" and is_passing(reply.status)):
        return _temporary(reply, speaker, shown)
    error = _refused(said, speaker, shown, secrets) if said.code else _wordless(reply, speaker, shown)
    if isinstance(error, TokenEndpointError):
        error.hint = CLIENT_HINT if means == "client" else error.hint
        error.may_be_dead = reply.status in DOUBTFUL and means in UNCLEAR and plain(said.code) not in HINTS
    return error


def not_revoked(error: GumauthError) -> GumauthError:
    """The error of a revocation: one that was refused for a dead token does not tell whether it is the one sent."""
    if not isinstance(error, InvalidGrant):
        return error
    hint = "Try again, or end the grant in the account's settings at the provider."
    return TokenEndpointError(error.message, hint=hint, error=error.error)


def undecided(error: GumauthError, *, may_be_dead: bool) -> GumauthError:
    """The error of a request that did not send the code or refresh token: that one may be as good as before."""
    if not isinstance(error, InvalidGrant):
        return error
    known = TokenEndpointError(error.message, error=error.error)
    known.may_be_dead = may_be_dead
    return known


def _refused(said: Said, speaker: str, shown: str, secrets: Collection[str]) -> TokenEndpointError:
    code = _cleaned(said.code, None, secrets)[:LONGEST_CODE]
    return TokenEndpointError(f"{speaker} refused: {shown}.", hint=HINTS.get(plain(said.code)), error=code)


def _temporary(reply: Reply, speaker: str, said: str) -> Temporary:
    words = f": {said}" if said else ""
    asked = waiting_time_in(reply.data()) if reply.retry_after is None else reply.retry_after
    when = "later" if asked is None else in_words(asked)
    is_undone = reply.status < SERVER_ERROR or reply.status == UNAVAILABLE
    lost = "nothing was lost" if is_undone else "the request may have been carried out all the same"
    return Temporary(
        f"{speaker} cannot answer now (status {reply.status}){words}.",
        hint=f"Try again {when}; {lost}.",
        retry_after=asked,
    )


def _wordless(reply: Reply, speaker: str, said: str) -> GumauthError:
    if 300 <= reply.status < 400:
        return TokenEndpointError(
            f"{speaker} answered with a redirect (status {reply.status}), which is not followed.",
            hint="Check the provider's endpoints; a proxy or a captive portal does this too.",
        )
    if is_html(reply) and (reply.ok or reply.status == 511):
        return Temporary(
            f"{speaker} answered with a web page: perhaps a captive portal.",
            hint="Open a browser, sign in to the network, and try again.",
        )
    if reply.ok and not said:
        what = "something that is not what was asked for" if reply.body.strip() else "nothing"
        return TokenEndpointError(f"{speaker} answered with {what}.")
    words = f" and said: {said}" if said else " without saying why"
    return TokenEndpointError(f"{speaker} answered with status {reply.status}{words}.")


def _cleaned(error: str | None, description: str | None, secrets: Collection[str]) -> str:
    words = ": ".join(part for part in (error, description) if part)
    return one_line(without_secrets(one_line(words, LONGEST_SAID), secrets)).rstrip(".")
