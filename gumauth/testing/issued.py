"""Consents, codes and tokens as values."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

from gumauth.testing.messages import Refusal


@dataclass(frozen=True, kw_only=True)
class Ask:
    """An authorization request that was found in order."""

    client_id: str
    redirect_uri: str
    state: str = field(repr=False)
    scopes: tuple[str, ...] = ()
    challenge: str | None = None


@dataclass(frozen=True, kw_only=True)
class Login:
    """Who consents, and in which workspace."""

    person: str
    workspace: str


@dataclass(frozen=True, kw_only=True)
class Family:
    """Everything that followed from one consent; from several, where the server keeps one grant.

    Args:
        number: Counts from 1.
        client_id: Whom it was given to.
        person: Who consented.
        workspace: In which workspace.
        scopes: What was granted.
        refreshes: How many times its refresh token was used.
        ended: Why none of its tokens is good any more, in words; None while it lives.
    """

    number: int
    client_id: str
    person: str
    workspace: str
    scopes: tuple[str, ...]
    refreshes: int = 0
    ended: str | None = None


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """A pair of tokens as they are handed out; `refresh` is None where an older one stays in use."""

    family: Family
    access: str = field(repr=False)
    refresh: str | None = field(repr=False)


@dataclass
class Code:
    """A code that was given out; `family` is 0 once it is spent, and a number once it gave tokens."""

    ask: Ask
    login: Login
    expires_at: float
    family: int | None = None


@dataclass
class Token:
    """An access or refresh token that was given out."""

    family: int
    expires_at: float | None
    replaced_at: float | None = None


def lives(token: Token, now: float) -> bool:
    """Whether a token has not expired."""
    return token.expires_at is None or token.expires_at > now


def check_verifier(challenge: str | None, verifier: str | None) -> None:
    """Compare a verifier with the challenge of the authorization request.

    Raises:
        Refusal: `invalid_grant`; they do not belong together.

    Source: RFC 7636 §4.6, RFC 9700 §2.1.1.
    """
    if challenge is None:
        if verifier is not None:
            raise Refusal("invalid_grant", "a verifier came, but there was no challenge")
        return
    digest = hashlib.sha256((verifier or "").encode()).digest()
    made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not 43 <= len(verifier or "") <= 128 or not hmac.compare_digest(made.encode(), challenge.encode()):
        raise Refusal("invalid_grant", "the code verifier does not belong to the challenge")
