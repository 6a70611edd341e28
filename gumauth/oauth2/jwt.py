"""The claims and the header of a JWT, read without a look at its signature. Pure.

Handing out an id_token that is good may import this module: it imports nothing that starts slowly.
"""

from __future__ import annotations

import binascii

from gumauth.platform.frozen import LATEST
from gumauth.platform.json import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
"""The characters of a JWT: those of base64url, and the dots. Reading base64 passes over all others."""

_STANDARD = str.maketrans("-_", "+/")


def claims_of(token: object) -> dict[str, Any]:
    """The claims of a JWT; empty where the value is no JWT.

    Args:
        token: Perhaps a JWT. Secret.

    Source: RFC 7519 §3.1 and §7.2; RFC 7515 §2 (base64url without padding) and §7.1.
    """
    return _part(token, 1)


def is_signed(token: object) -> bool:
    """Whether a JWT has a signature, by its form and its header: `alg` may not be "none", in any spelling.

    Args:
        token: Perhaps a JWT. Secret.

    Source: RFC 7515 §2, §4.1.1 and §7.1; RFC 7518 §3.6; OpenID Connect Core §2.
    """
    if not isinstance(token, str) or not ALPHABET.issuperset(token) or not all(token.split(".")):
        return False
    algorithm = _part(token, 0).get("alg")
    return isinstance(algorithm, str) and algorithm.lower() not in ("", "none")


def _part(token: object, at: int) -> dict[str, Any]:
    """The object in a part of a JWT; empty where there is none."""
    parts = token.split(".") if isinstance(token, str) else []
    if len(parts) != 3:
        return {}
    try:
        data = loads(binascii.a2b_base64(parts[at].translate(_STANDARD) + "=" * (-len(parts[at]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def life_of(claims: dict[str, Any]) -> tuple[float, float] | None:
    """When a JWT was made and when it ends, `iat` and `exp` in seconds since 1970; None where they are no times.

    Source: RFC 7519 §2 (NumericDate), §4.1.4 and §4.1.6.
    """
    made: Any = claims.get("iat")
    ends: Any = claims.get("exp")
    return (made, ends) if _is_time(made) and _is_time(ends) else None


def _is_time(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < LATEST  # not isinstance: `True` is an int
