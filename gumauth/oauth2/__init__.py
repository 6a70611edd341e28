"""The protocol: what is sent to a service, and what its answers mean."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.oauth2.provider import OAuth2Provider

__all__ = ["OAuth2Provider"]


def __getattr__(name: str) -> object:
    """Load the public class when it is first asked for (PEP 562): the rest of this folder is used without it."""
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from gumauth.oauth2.provider import OAuth2Provider

    globals()[name] = OAuth2Provider
    return OAuth2Provider
