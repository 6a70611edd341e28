"""`gumauth.get_access_token` and `gumauth.aget_access_token`: a token with its end, for libraries that ask for it."""

from __future__ import annotations

from gumauth.handout import python
from gumauth.platform.frozen import frozen


@frozen
class AccessToken:
    """An access token that is valid now. Never a refresh token: two owners of one end the session. Promise H9.

    Args:
        access_token: Secret; not in the repr.
        token_type: The word before the token in an Authorization header, mostly "Bearer".
        expires_at: When the token ends, in seconds since 1970 in UTC; None where the provider does not say.
        scopes: What it is good for, as far as the provider has said.

    Source: the members' names are those of RFC 6749 §5.1 and of `gumauth token --json`.
    """

    _secret = ("access_token",)

    access_token: str
    token_type: str
    expires_at: float | None
    scopes: tuple[str, ...]


def get_access_token(account: str, min_valid: float | None = None) -> AccessToken:
    """The token of `gumauth.get_token`, with its end.

    Args:
        account: "linear", "linear/work" or "linear/ada@example.com".
        min_valid: Seconds for which the token must be good, as for `gumauth.get_token`.

    Raises:
        GumauthError: As `gumauth.get_token`.
    """
    return _access_token(python.cached_token(account, min_valid))


async def aget_access_token(account: str, min_valid: float | None = None) -> AccessToken:
    """The token of `gumauth.aget_token`, with its end.

    Args:
        account: "linear", "linear/work" or "linear/ada@example.com".
        min_valid: Seconds for which the token must be good, as for `gumauth.get_token`.

    Raises:
        GumauthError: As `gumauth.get_token`.
    """
    return _access_token(await python.acached_token(account, min_valid))


def _access_token(used: python.CachedToken) -> AccessToken:
    record = used.record
    return AccessToken(
        access_token=record.access_token,
        token_type=used.scheme,
        expires_at=record.expires_at,
        scopes=used.account.scopes,
    )
