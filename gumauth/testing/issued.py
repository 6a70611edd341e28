"""Consents, codes and tokens as values."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

from gumauth.testing.messages import OAuthError


@dataclass(frozen=True, kw_only=True)
class AuthorizationRequest:
    """An authorization request that passed its checks."""

    client_id: str
    redirect_uri: str
    state: str = field(repr=False)
    scopes: tuple[str, ...] = ()
    challenge: str | None = None
    resource: str | None = None
    nonce: str | None = None


@dataclass(frozen=True, kw_only=True)
class Login:
    """The person who consents, and the workspace."""

    person: str
    workspace: str


@dataclass(frozen=True, kw_only=True)
class Family:
    """The tokens that followed from one consent; from several consents, with `one_grant`.

    Args:
        number: Counts from 1.
        client_id: The client that the person consented for.
        person: The e-mail of the person; empty where the client acts for itself.
        workspace: The name of the workspace.
        scopes: The granted scopes.
        refreshes: How many times its refresh tokens were used.
        ended: Why the family has ended, in words; None while it has not.
        nonce: For its ID tokens; None where the request had none.
        resource: The resource that its tokens are good for (RFC 8707); None where the requests named none.
    """

    number: int
    client_id: str
    person: str
    workspace: str
    scopes: tuple[str, ...]
    refreshes: int = 0
    ended: str | None = None
    resource: str | None = None
    nonce: str | None = None


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """The tokens of one token response; `refresh` is None where an older refresh token stays in use."""

    family: Family
    access: str = field(repr=False)
    refresh: str | None = field(repr=False)


@dataclass
class Code:
    """An issued code; `family` is 0 once the code is spent, and a family's number once it gave tokens."""

    request: AuthorizationRequest
    login: Login
    expires_at: float
    family: int | None = None


@dataclass
class Token:
    """An issued access or refresh token."""

    family: int
    expires_at: float | None
    replaced_at: float | None = None


def lives(token: Token, now: float) -> bool:
    """Whether a token has not expired."""
    return token.expires_at is None or token.expires_at > now


def check_verifier(challenge: str | None, verifier: str | None) -> None:
    """Compare a verifier with the challenge of the authorization request.

    Raises:
        OAuthError: `invalid_grant`; the verifier does not belong to the challenge.

    Source: RFC 7636 §4.6, RFC 9700 §2.1.1.
    """
    if challenge is None:
        if verifier is not None:
            raise OAuthError("invalid_grant", "a verifier came, but there was no challenge")
        return
    digest = hashlib.sha256((verifier or "").encode()).digest()
    made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not 43 <= len(verifier or "") <= 128 or not hmac.compare_digest(made.encode(), challenge.encode()):
        raise OAuthError("invalid_grant", "the code verifier does not belong to the challenge")
