"""The subject, the names and the nonce of an id_token. Pure.

An id_token comes straight from the token endpoint, so TLS replaces the check of its signature (OpenID Connect Core
§3.1.3.7, 6).
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode
from typing import Any

from gumauth.oauth2.identity import NONE, identity_of
from gumauth.platform.text import one_line

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
    claims = _claims(id_token)
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
    claims = _claims(id_token)
    if subject_of(id_token, issuer=issuer, client_id=client_id) == NONE:
        return {}
    if claims.get("azp", client_id) != client_id or not _is_of_now(claims, now):
        return {}
    said = {name: claims.get(name) for name in NAMES}
    return {name: one_line(value) for name, value in said.items() if isinstance(value, str) and one_line(value)}


def _is_of_now(claims: dict[str, Any], now: float) -> bool:
    """Whether `exp` and `iat` are numbers with which an id_token is good, give or take a minute."""
    ends, made = claims.get("exp"), claims.get("iat")
    if isinstance(ends, bool) or isinstance(made, bool):
        return False
    return isinstance(ends, int | float) and isinstance(made, int | float) and made - SLACK <= now < ends + SLACK


def has_nonce(id_token: object, nonce: str | None) -> bool:
    """Whether an id_token holds this nonce; True where there is no nonce or no id_token to compare.

    Source: OpenID Connect Core §3.1.3.7, 11.
    """
    claims = _claims(id_token)
    return nonce is None or not claims or claims.get("nonce") == nonce


def _claims(id_token: object) -> dict[str, Any]:
    parts = id_token.split(".") if isinstance(id_token, str) else []
    if len(parts) != 3:
        return {}
    try:
        data = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
