"""An answer that is not the wanted one, as the error that it means. Pure.

A refusal is told by its `error` member, whatever the status: GitHub refuses with 200, others say `invalid_grant`
with 400, 401 and 403. Only where there is no such member does the status decide.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from gumauth.errors import GumauthError, InvalidGrant, Temporary, TokenEndpointError
from gumauth.reply import Reply, at, is_html
from gumauth.text import one_line, without_secrets

DEAD = frozenset({"invalid_grant", "bad_refresh_token", "bad_verification_code", "invalid_refresh_token"})
"""RFC 6749 §5.2, and GitHub's and Slack's own words for it."""

FINAL = frozenset(
    {"invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}
)
"""RFC 6749 §5.2: a refusal for good, with whatever status it comes."""

PASSING = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
"""RFC 6749 §4.1.2.1, which some token endpoints use too, and RFC 8628 §3.5."""

LONGEST_CODE, LONGEST_SAID = 60, 4000
"""Characters of an error code, and of what is looked through for secrets before it is cut."""

HINTS = {
    "invalid_client": "Check the client id and secret; `gumauth setup` with the provider's name stores them again.",
    "incorrect_client_credentials": "Check the client id and secret; `gumauth setup` stores them again.",
    "redirect_uri_mismatch": "Register the redirect URI that `gumauth providers` shows for this provider.",
    "invalid_scope": "Ask for other scopes with --scope.",
}


def is_passing(status: int) -> bool:
    """Whether a status says that the same request may work later."""
    return status in (408, 425, 429) or status >= 500


def is_refused(reply: Reply) -> bool:
    """Whether an answer says no: by its status, by an `error` member, or by `ok: false` as Slack does."""
    data = reply.data()
    return not reply.ok or not isinstance(data, dict) or bool(data.get("error")) or data.get("ok") is False


def own_words(data: Any) -> tuple[str | None, str | None]:
    """The provider's error code and its description, in any of the shapes that services use; not cleaned."""
    if not isinstance(data, dict):
        return None, None
    error = data.get("error")
    if isinstance(error, dict):  # Google's APIs
        return _text(error.get("status") or error.get("type") or error.get("code")), _text(error.get("message"))
    described = data.get("error_description") or data.get("message") or at(data, "errors.0.message")
    return _text(error), _text(described)


def _text(value: Any) -> str | None:
    return str(value) if value and isinstance(value, str | int) and value is not True else None


def refusal(reply: Reply, *, speaker: str, secrets: Collection[str] = ()) -> GumauthError:
    """The error that an answer means, which was not what was asked for.

    Args:
        reply: The answer.
        speaker: Who answered, to begin the sentence: "Linear's token endpoint".
        secrets: What must not be repeated although the answer may quote it: the code, the tokens sent.

    Returns:
        InvalidGrant, Temporary or TokenEndpointError.

    Source: RFC 6749 §5.2.
    """
    error, description = own_words(reply.data())
    said = _cleaned(error, description, secrets)
    if error in DEAD:
        return InvalidGrant(f"{speaker} refused: {said}.", hint="Connect the account again.", error=error)
    if error in PASSING or (error not in FINAL and is_passing(reply.status)):
        return _temporary(reply, speaker, said)
    if error:
        code = _cleaned(error, None, secrets)[:LONGEST_CODE]
        return TokenEndpointError(f"{speaker} refused: {said}.", hint=HINTS.get(error), error=code)
    return _wordless(reply, speaker, said)


def _temporary(reply: Reply, speaker: str, said: str) -> Temporary:
    words = f": {said}" if said else ""
    return Temporary(
        f"{speaker} cannot answer now (status {reply.status}){words}.",
        hint="Try again later; nothing was lost.",
        retry_after=reply.retry_after,
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
    return one_line(without_secrets(one_line(words, LONGEST_SAID), secrets, shortest=1)).rstrip(".")
