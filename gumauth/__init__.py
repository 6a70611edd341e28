"""gumauth connects a person's OAuth accounts and hands out fresh tokens.

Importing it costs next to nothing: every name is loaded when it is first asked for.
"""

from __future__ import annotations

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.errors import GumauthError
    from gumauth.handout.access_token import AccessToken, aget_access_token, get_access_token
    from gumauth.handout.gumstack import _of_a_key as _of_a_key
    from gumauth.handout.httpx_auth import Auth
    from gumauth.handout.insufficient_scope import InsufficientScope
    from gumauth.handout.python import aget_credentials, aget_token, get_credentials, get_token
    from gumauth.handout.requests_auth import RequestsAuth
    from gumauth.oauth2 import OAuth2Provider
    from gumauth.provider import AuthProvider, TokenResponse

__all__ = [
    "AccessToken",
    "Auth",
    "AuthProvider",
    "GumauthError",
    "InsufficientScope",
    "OAuth2Provider",
    "RequestsAuth",
    "TokenResponse",
    "__version__",
    "aget_access_token",
    "aget_credentials",
    "aget_token",
    "get_access_token",
    "get_credentials",
    "get_token",
]

_PLACES = {
    "AccessToken": "handout.access_token",
    "Auth": "handout.httpx_auth",
    "AuthProvider": "provider",
    "GumauthError": "errors",
    "InsufficientScope": "handout.insufficient_scope",
    "OAuth2Provider": "oauth2",
    "RequestsAuth": "handout.requests_auth",
    "_of_a_key": "handout.gumstack",
    "TokenResponse": "provider",
    "aget_access_token": "handout.access_token",
    "aget_credentials": "handout.python",
    "aget_token": "handout.python",
    "get_access_token": "handout.access_token",
    "get_credentials": "handout.python",
    "get_token": "handout.python",
}


def __getattr__(name: str) -> object:
    """Load a public name from where it is (PEP 562)."""
    if name not in _PLACES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module

    value = getattr(import_module(f"gumauth.{_PLACES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted(__all__)
