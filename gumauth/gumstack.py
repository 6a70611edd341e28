"""Makes `mcp.gumstack` importable for provider files, without importing `mcp`, which takes most of a second.

gumauth does not depend on `mcp`: Gumstack's package installs the same top-level name. Where the real `mcp.gumstack` is
installed, `install` does nothing, and a provider file gets the real classes.

A server that runs by itself imports the same names from this module, or calls `install` first. `import gumauth` does
not call `install`, because a program that imports gumauth may look whether `mcp` is installed.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from types import ModuleType

from gumauth.provider import AuthProvider, TokenResponse

__all__ = ["AuthProvider", "TokenResponse", "get_credentials", "install"]

NAME = "mcp.gumstack"


def install() -> None:
    """Put stand-ins for `mcp.gumstack` and `mcp.gumstack.auth` into `sys.modules`, unless the real modules exist.

    gumauth calls this before it loads a provider file or plugin; another program calls this before such an import.
    """
    if NAME in sys.modules:
        return
    real = _places_of_mcp()
    if any(_holds_gumstack(place) for place in real or ()):
        return
    gumstack, auth = _module(NAME), _module(f"{NAME}.auth")
    gumstack.__dict__["auth"] = auth
    if real is None:
        parent = sys.modules.setdefault("mcp", _package("mcp"))
        parent.__dict__["gumstack"] = gumstack
    sys.modules |= {NAME: gumstack, auth.__name__: auth}


async def get_credentials(provider: str) -> dict[str, str]:
    """The connected account's access token, or the values of a key, as Gumstack's servers ask for them.

    Args:
        provider: ACCOUNT, as in commands: "linear", "linear/work".

    Returns:
        {"access_token": …}, refreshed first where the token was due; of a key, its values by the names of its fields.
        Secret.

    Raises:
        GumauthError: As for `gumauth.aget_token`.
    """
    from gumauth import aget_credentials

    return await aget_credentials(provider)


def _places_of_mcp() -> list[str] | None:
    """The folders of the real `mcp`; None where the real `mcp` is not installed."""
    try:
        spec = find_spec("mcp")
    except ValueError:  # a stand-in in sys.modules has no __spec__
        return None
    return None if spec is None else list(spec.submodule_search_locations or ())


def _holds_gumstack(place: str) -> bool:
    return any(os.path.exists(os.path.join(place, name)) for name in ("gumstack", "gumstack.py"))


def _package(name: str) -> ModuleType:
    module = ModuleType(name, "A stand-in made by gumauth, because the real one is not installed.")
    module.__path__ = []
    return module


def _module(name: str) -> ModuleType:
    module = _package(name)
    names = {"AuthProvider": AuthProvider, "TokenResponse": TokenResponse, "get_credentials": get_credentials}
    module.__dict__.update(names, __all__=sorted(names))
    return module
