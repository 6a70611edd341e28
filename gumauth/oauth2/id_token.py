"""What an id_token says: the subject, the names, the nonce, and whether it is to be kept. Pure.

An id_token comes straight from the token endpoint, so TLS replaces the check of its signature (OpenID Connect Core
§3.1.3.7, 6).
"""

from __future__ import annotations

from gumauth.oauth2.identity import NONE, identity_of
from gumauth.oauth2.jwt import claims_of, is_signed, life_of
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    Fault = Literal[
        "is no text that a header can carry",
        "is longer than 32 KiB",
        "is no signed JWT",
        "is of another issuer",
        "is for another client",
        "names nobody",
        "does not say when it ends",
        "has ended, or is of the future",
    ]

LONGEST = 1 << 15
"""Characters of an id_token that is kept; header lines are shorter, and no store has room for any length."""

LONGEST_SUBJECT = 255

SLACK = 60.0
"""Seconds by which two clocks may differ."""

NAMES = ("email", "preferred_username", "name", "nickname", "sub")
"""The claims that may name a person."""


def subject_of(id_token: object, *, issuer: str | None, client_id: str) -> str:
    """The identity in an id_token, `sub` with `iss`; `NONE` where it is for another client or of another issuer.

    Args:
        id_token: Secret; a value that is no JWT holds no identity.
        issuer: The `iss` that is required; None where the issuer is not known.
        client_id: `aud` has to hold it.

    Source: OpenID Connect Core §2 and §3.1.3.7, 2 and 3.
    """
    claims = claims_of(id_token)
    names, subject = claims.get("iss"), claims.get("sub")
    if not isinstance(names, str) or not names.startswith(("https://", "http://")) or issuer not in (None, names):
        return NONE
    audience = claims.get("aud")
    if client_id not in (audience if isinstance(audience, list) else [audience]):
        return NONE
    if not isinstance(subject, str) or len(subject) > LONGEST_SUBJECT:
        return NONE
    return identity_of([subject], names)


def names_in(id_token: object, *, issuer: str | None, client_id: str, now: float) -> dict[str, str]:
    """The claims of an id_token that may name a person; none where it is for another client, issuer or time.

    Args:
        id_token: Secret.
        issuer: The `iss` that is required; None where the issuer is not known.
        client_id: `aud` has to hold it, and `azp`, if there is one, has to be it.
        now: In seconds since 1970.

    Source: OpenID Connect Core §3.1.3.7, 2 to 5, 9 and 10; §5.1.
    """
    claims = claims_of(id_token)
    if subject_of(id_token, issuer=issuer, client_id=client_id) == NONE:
        return {}
    if claims.get("azp", client_id) != client_id or not _is_of_now(claims, now):
        return {}
    said = {name: claims.get(name) for name in NAMES}
    return {name: one_line(value) for name, value in said.items() if isinstance(value, str) and one_line(value)}


def _is_of_now(claims: dict[str, Any], now: float) -> bool:
    """Whether `exp` and `iat` are numbers with which an id_token is good, give or take a minute."""
    life = life_of(claims)
    return life is not None and life[0] - SLACK <= now < life[1] + SLACK


def has_nonce(id_token: object, nonce: str | None) -> bool:
    """Whether an id_token holds this nonce; True where there is no nonce or no id_token to compare.

    Source: OpenID Connect Core §3.1.3.7, 11.
    """
    claims = claims_of(id_token)
    return nonce is None or not claims or claims.get("nonce") == nonce


def fault_of(id_token: object, *, issuer: str | None, client_id: str | None, now: float) -> Fault | None:
    """Why an id_token of a token response is not to be kept, as the end of a sentence; None where it is.

    Args:
        id_token: Secret.
        issuer: The `iss` that is required; None where the issuer is not known.
        client_id: `aud` has to hold it, and `azp`, if there is one, has to be it; None where the client is not known.
        now: In seconds since 1970.

    Source: OpenID Connect Core §2; §3.1.3.7, 2 to 5, 9 and 10.
    """
    if not isinstance(id_token, str) or not (id_token.isascii() and id_token.isprintable()):
        return "is no text that a header can carry"
    if len(id_token) > LONGEST:
        return "is longer than 32 KiB"
    claims = claims_of(id_token)
    if not claims or not is_signed(id_token):
        return "is no signed JWT"
    return _fault_of_parties(claims, issuer, client_id) or _fault_of_times(claims, now)


def _fault_of_parties(claims: dict[str, Any], issuer: str | None, client_id: str | None) -> Fault | None:
    names, subject, audience = claims.get("iss"), claims.get("sub"), claims.get("aud")
    if not isinstance(names, str) or not names or issuer not in (None, names):
        return "is of another issuer"
    if client_id is not None:
        held = audience if isinstance(audience, list) else [audience]
        if client_id not in held or claims.get("azp", client_id) != client_id:
            return "is for another client"
    return None if isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT else "names nobody"


def _fault_of_times(claims: dict[str, Any], now: float) -> Fault | None:
    if life_of(claims) is None:
        return "does not say when it ends"
    return None if _is_of_now(claims, now) else "has ended, or is of the future"


def refreshed(
    old: str | None, new: object, *, issuer: str | None, client_id: str | None, identity: str | None, now: float
) -> tuple[str | None, list[str]]:
    """The id_token that an account has after a refresh, and a sentence where another person's came, which is not kept.

    It is the new one, or the old one where none came that can be kept. The old one stays also where it has ended: it
    says that the provider gives one, and whose it has to be.

    Args:
        old: Of the record so far; None where it has none. Secret.
        new: Of the response to the refresh; secret. It has to be the old one's issuer's, person's and audience's.
        issuer: As for `fault_of`.
        client_id: As for `fault_of`.
        identity: The account's; where it is a subject of this issuer, the new one has to be that subject's.
        now: In seconds since 1970.

    Source: OpenID Connect Core §12.2.
    """
    if not isinstance(new, str) or fault_of(new, issuer=issuer, client_id=client_id, now=now):
        return old, []
    before, after = claims_of(old), claims_of(new)
    if _is_another_persons(before, after) or not _is_of(identity, after):
        return old, ["The id_token that came with the refresh is another person's; it was not kept."]
    return (new if _is_for_the_same(before, after) else old), []


def _is_another_persons(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return bool(before) and any(before.get(name) != after.get(name) for name in ("iss", "sub"))


def _is_of(identity: str | None, claims: dict[str, Any]) -> bool:
    """Whether claims are about the identity of an account; True where that is not a subject of the same issuer."""
    issuer, space, _ = (identity or NONE).partition(" ")
    theirs = identity_of([claims.get("sub")], str(claims.get("iss")))
    return not space or issuer != theirs.partition(" ")[0] or identity == theirs


def _is_for_the_same(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether an id_token is for all whom the older one was for, and answers to no other request."""
    nonces = {claims["nonce"] for claims in (before, after) if isinstance(claims.get("nonce"), str)}
    return len(nonces) < 2 and _audience(before) <= _audience(after)


def _audience(claims: dict[str, Any]) -> set[str]:
    audience = claims.get("aud")
    return {each for each in (audience if isinstance(audience, list) else [audience]) if isinstance(each, str)}
