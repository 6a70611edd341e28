"""The meaning of an error's words: a dead grant, a person's refusal, try again later, a wrong app. Pure.

Services have hundreds of words for a dead grant, so there is a rule and no list: a code, or a whole clause of the
reason, says of a refresh token, a grant or a code that it is invalid, expired, revoked… and says nothing else. "The
refresh token has expired" means a dead grant; "the authorization server is expired" does not, nor does anything about
the client, the person or the request.

The patterns are texts, which `re` compiles when they are first used: that takes a while, and most runs meet no error.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

from gumauth.platform.text import one_line

Meaning = Literal["dead", "denied", "passing", "client", "app", "unknown"]
"""The grant or code is dead; the person refused; the request may work later; the client's id or secret is wrong; the
request or the app is wrong; none of these."""

LONGEST = 300
"""Characters of a code or reason that are looked at."""

DEAD_CODES = frozenset({"invalid_grant", "bad_verification_code", "invalid_refresh_token", "bad_refresh_token"})
"""Codes of a dead grant with any status. Source: RFC 6749 §5.2; GitHub, Slack, HubSpot."""

MORE_DEAD_CODES = frozenset({"interaction_required", "login_required", "consent_required", "account_inactive"})
"""Codes after which a person has to connect. Source: OpenID Connect Core §3.1.2.6, which Microsoft uses; Slack."""

APP_CODES = frozenset(
    {"invalid_request", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "redirect_uri_mismatch"}
)
"""Codes of a wrong request or app. Source: RFC 6749 §5.2; Google."""

NEVER_DEAD = frozenset({"unsupported_grant_type", "invalid_scope", "redirect_uri_mismatch"})
"""Codes with which the reason's "invalid grant" is about the kind of grant or about the request."""

PASSING_CODES = frozenset(
    {"temporarily_unavailable", "server_error", "slow_down", "fatal_error", "internal", "timeout"}
)
"""Codes of a failure that passes. Source: RFC 6749 §4.1.2.1, also of token endpoints, and RFC 8628 §3.5; Slack."""

DENIED_CODES = frozenset({"access_denied"})
"""Codes of a person's refusal. Source: RFC 6749 §4.1.2.1."""

_BEING = r"(?:(?:is|was|are|were|has|have|had|been|being|either|already) )*+"
_STATE = (
    r"(?:invalid|bad|wrong|incorrect|unknown|unrecogni[sz]ed|expired|revoked|withdrawn|inactive|deleted|used|reused"
    r"|consumed|redeemed|not (?:found|valid|active|recogni[sz]ed)|no longer (?:valid|active)|does not exist)"
)
_STATES = rf"{_BEING}{_STATE}(?: (?:or |and )?{_BEING}{_STATE})*+"
_ARTICLE = r"(?:(?:the|this|that|your|a|an|provided|supplied|given|specified|presented) )*+"
_BY = r"(?: by (?:the |its )?(?:user|owner|resource owner|customer))?(?: due to inactivity)?(?: any ?more)?"
_FRAME = r"(?:(?:e|err|error|exception|oauth|oauth2|v1|v2) )*+"
_GRANT = r"(?:refresh token|(?:authori[sz]ation |auth )?grant|(?:authori[sz]ation|auth) code)s?"
_USER = r"(?:user|resource owner|owner|customer)"


def _says_of(things: str, states: str = _STATES) -> str:
    """A pattern for a clause that puts one of these things into one of these states, and says nothing else."""
    thing = rf"{_ARTICLE}{things}(?: (?:or|and) {_ARTICLE}{things})*"
    return rf"{_FRAME}(?:{thing} {states}|{_ARTICLE}{states} {things}){_BY}(?: (?:error|exception))*"


_TAKEN_BACK = rf"{_BEING}(?:revoked|withdrawn)"
_DEAD = (
    _says_of(_GRANT),
    _says_of(
        r"(?:access|authori[sz]ation|consent|permission|token)", rf"(?:{_BEING}expired (?:or|and) )?{_TAKEN_BACK}"
    ),
    rf"(?:the )?{_USER} (?:has )?(?:revoked|withdrawn|withdrew) {_ARTICLE}(?:access|authori[sz]ation|consent)",
)
DEAD_REASON = "|".join(_DEAD)
DEAD_CODE = "|".join((*_DEAD, _says_of("(?:token|consent)", rf"{_BEING}expired"), _says_of("code")))
"""Codes also say "token" or "code" alone, and mean the code or token that was sent."""

DENIED = (
    rf"(?:(?:{_USER}|login|sign ?in|consent|access|authori[sz]ation|authori[sz]e|by|the|error|was|has|is) )*"
    r"(?:denied|cancel|cancell?ed|declined|rejected|refused|aborted)"
    rf"(?: (?:{_USER}|login|sign ?in|consent|access|authori[sz]ation|authori[sz]e|by|the|error))*"
)
HEDGED = r"\b(?:possibl[ey]|perhaps|maybe|may|might|could|cannot|whether|if|unless|check|causes?|reasons?|eg|e g)\b"
"""Words of a reason that only guesses."""

PASSING = (
    r"\b(?:temporar(?:y|ily)|rate ?limit(?:s|ed|ing)?|too many requests|slow down|try again later|throttl(?:ed|ing)"
    r"|service unavailable|server (?:error|busy)|internal error|over ?loaded|resource exhausted|timed ?out)\b"
)
CLIENT = (
    _says_of(
        r"(?:(?:client|app|application)(?: id| key| secret| credentials)?|credentials)",
        rf"(?:{_STATES}|{_BEING}disabled)",
    )
    + "|incorrect client credentials"
)


def meaning(
    code: str | None,
    reason: str | None = None,
    *,
    status: int = 0,
    dead: Collection[str] = (),
    denied: Collection[str] = (),
) -> Meaning:
    """The meaning of an error's code and reason, in any case of letters. Promise F15.

    Args:
        code: The error code, such as "invalid_grant".
        reason: The sentence for people.
        status: Of HTTP; 0 where there is none. A sentence of a server in trouble kills no grant.
        dead: Further words for a dead grant: codes, or parts of a reason.
        denied: Further words for a person's refusal.
    """
    words, clauses = plain(code), _clauses(code, reason)
    if _is_among(code, reason, dead) or words in _plainly(DEAD_CODES):
        return "dead"
    if _is_among(code, reason, denied) or words in _plainly(DENIED_CODES) or re.fullmatch(DENIED, words):
        return "denied"
    if re.fullmatch(CLIENT, words):
        return "client"
    if words in _plainly(PASSING_CODES) or re.search(PASSING, words):
        return "passing"
    if not is_passing(status) and words not in _plainly(NEVER_DEAD) and _may_be_dead(words, reason, clauses):
        return "dead"
    if words in _plainly(APP_CODES):
        return "app"
    return "passing" if any(re.search(PASSING, clause) for clause in clauses) else "unknown"


def _may_be_dead(code: str, reason: str | None, clauses: list[str]) -> bool:
    """Whether the code says that the grant is dead, or a clause, or a reason of one word, such as "token_revoked"."""
    if code in _plainly(MORE_DEAD_CODES) or re.fullmatch(DEAD_CODE, code):
        return True
    if reason and " " not in reason.strip():
        return plain(reason) in _plainly(DEAD_CODES) or re.fullmatch(DEAD_CODE, plain(reason)) is not None
    unsure = (re.search(pattern, clause) for pattern in (HEDGED, PASSING) for clause in clauses)
    return any(re.fullmatch(DEAD_REASON, clause) for clause in clauses) and not any(unsure)


def is_passing(status: int) -> bool:
    """Whether a status says that the same request may work later."""
    return status in (408, 425, 429) or status >= 500


def is_code(code: str | None, known: Collection[str]) -> bool:
    """Whether a code is one of these, however it is written: `invalid_token`, "INVALID_TOKEN", "InvalidToken"."""
    return bool(code) and plain(code) in _plainly(known)


def plain(text: str | None) -> str:
    """A code or clause as words in lower case: "InvalidRefreshToken" and "INVALID_REFRESH_TOKEN" are one."""
    shown = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", one_line(text or "", LONGEST))
    return " ".join(re.findall(r"[a-z0-9]+", re.sub(r"n['\u2019]t\b", " not", shown.lower())))


def _plainly(words: Collection[str]) -> set[str]:
    return {plain(word) for word in words}


def _clauses(code: str | None, reason: str | None) -> list[str]:
    """The clauses of a reason, and of a code that is a sentence."""
    texts = [one_line(text, LONGEST) for text in (code, reason) if text and " " in text.strip()]
    clauses = [clause for text in texts for clause in re.split(r"[.:;!?()\[\]]+(?:\s|$)|\s-\s", text)]
    return [plain(clause) for clause in clauses if not clause.endswith("…")]  # the end of a cut clause is not known


def _is_among(code: str | None, reason: str | None, words: Collection[str]) -> bool:
    """Whether one of a provider's own words is the code, or stands in the reason."""
    if isinstance(words, str) or not words:
        return False
    sentence = f" {plain(reason)} "
    return is_code(code, words) or any(f" {word} " in sentence for word in _plainly(words) if word)
