"""Who an account belongs to, apart from what it is called: text that never changes and that no two accounts share.

`sub` with its issuer, `https://issuer.example 1234`; or what a service's `identity_paths` name, `user-id workspace-id`.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

LONGEST = 500
"""Characters of an identity at most. `sub` has 255 (OpenID Connect Core §2)."""

NONE = ""
"""The provider was asked, and has no identity to tell. None stands for: it has not been asked yet."""


def identity_of(values: Sequence[object], issuer: str | None = None) -> str:
    """The identity that these values are together; `NONE` where one is missing or is no text or whole number.

    Args:
        values: As the provider says them, in the order of the service's `identity_paths`.
        issuer: Whose values they are, where that is known: an https URL.
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
    """Whether both are known and mean one account; an issuer counts only where both name one."""
    if not one or not other:
        return False
    return one == other or _without_issuer(one) == other or one == _without_issuer(other)


def _without_issuer(identity: str) -> str:
    issuer, space, rest = identity.partition(" ")
    return rest if space and issuer.startswith(("https://", "http://")) else identity
