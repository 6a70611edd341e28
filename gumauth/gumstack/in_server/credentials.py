"""`get_credentials`, as tools call it."""

from __future__ import annotations

from .accounts import meant, named_by_file
from .process import GumstackError, ask


async def get_credentials(provider: str | None = None) -> dict[str, str]:
    """The credentials of the connected account, fresh at every call.

    Args:
        provider: The provider's name, or "credentials" for an account of keys. Without it: the provider that the server
            has registered, if it has registered one.

    Returns:
        {"access_token": …}, or all fields of an account of keys. Secret.

    Raises:
        GumstackError: There are none now; the message says what helps.
    """
    import asyncio

    return await asyncio.to_thread(_credentials, meant(provider))


def _credentials(provider: str) -> dict[str, str]:
    try:
        found: dict[str, str] = ask({"ask": "credentials", "provider": provider})["credentials"]
    except GumstackError as error:
        raise named_by_file(provider, error) from None
    return found
