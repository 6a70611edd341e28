"""The identity of an account: text that never changes and that no two accounts share, unlike the nickname.

`sub` with its issuer, `https://issuer.example 1234`; or the values of a service's `identity_paths`, `person workspace`.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

LONGEST = 500
"""Characters of an identity at most. `sub` has at most 255 (OpenID Connect Core §2)."""

NONE = ""
"""The provider was asked, and gave no identity. None in place of an identity: the provider was not asked yet."""


def identity_of(values: Sequence[object], issuer: str | None = None) -> str:
    """The identity made of these values; `NONE` where a value is missing, or is neither text nor whole number.

    Args:
        values: As the provider sent them, in the order of the service's `identity_paths`.
        issuer: An https URL, where the values are an issuer's.
    """
    if not values or not all(isinstance(value, str | int) and not isinstance(value, bool) for value in values):
        return NONE
    try:
        texts = [str(value) for value in values]
        identity = " ".join(quote(text, safe=":/@|+") for text in [*([issuer] if issuer else []), *texts])
    except ValueError:  # half a character, or a number of thousands of digits
        return NONE
    return identity if all(texts) and len(identity) <= LONGEST else NONE


def same_identity(one: str | None, other: str | None) -> bool:
    """Whether two identities are known and mean one account; issuers are compared where both have one. Promise I1."""
    if not one or not other:
        return False
    return one == other or _without_issuer(one) == other or one == _without_issuer(other)


def _without_issuer(identity: str) -> str:
    issuer, space, rest = identity.partition(" ")
    return rest if space and issuer.startswith(("https://", "http://")) else identity
