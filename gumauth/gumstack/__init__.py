"""Makes `mcp.gumstack` importable for provider files, without importing `mcp`, which takes most of a second.

Gumstack's own package brings it as a part of `mcp`. Where that is installed, `install` does nothing. A server that runs
by itself imports the names from here, or calls `install` first; `import gumauth` alone does not call it, because a
program that imports gumauth may look whether `mcp` is installed.

For the servers that `gumauth run --gumstack` starts, in environments of their own, which need not have gumauth:

variables   the variables that such a server gets
startup     the folder on its PYTHONPATH, whose code runs as its interpreter starts
in_server   the package that is `mcp.gumstack` there; its GumstackHost is here too
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from types import ModuleType

from gumauth.errors import GumauthError
from gumauth.provider import AuthProvider, TokenResponse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.gumstack.in_server.host import GumstackHost

__all__ = ["AuthProvider", "GumstackError", "GumstackHost", "TokenResponse", "get_credentials", "install"]

GumstackError = GumauthError
"""What `get_credentials` raises here."""

NAME = "mcp.gumstack"
HOST = "GumstackHost"


def install(*, host: bool = True) -> None:
    """Put stand-ins for `mcp.gumstack` and `mcp.gumstack.auth` into `sys.modules`, unless the real modules exist.

    gumauth calls this before it loads a provider file or plugin; another program calls this before such an import.

    Args:
        host: Whether `GumstackHost` is there; not for a provider file, since a file that imports it is a server's.
    """
    _put()
    for module in (sys.modules.get(NAME), sys.modules.get(f"{NAME}.auth")) if host else ():
        if module is not None and module.__dict__.get("get_credentials") is get_credentials:
            module.__dict__["__getattr__"] = __getattr__


def _put() -> None:
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


async def get_credentials(provider: str | None = None) -> dict[str, str]:
    """The connected account's access token, or the values of a key, as Gumstack's servers ask for them.

    Args:
        provider: ACCOUNT, as in commands: "linear", "linear/work"; "credentials" is the only key, or the one of that
            name. Without it: the provider that a `GumstackHost` has registered in this process, if there is one only.

    Returns:
        {"access_token": …}, refreshed first where the token was due; of a key, its values by the names of its fields.
        Secret.

    Raises:
        GumauthError: As for `gumauth.aget_token`; the message says also what helps, because MCP clients show it alone.
    """
    from gumauth import _of_a_key, aget_credentials
    from gumauth.gumstack.in_server.accounts import CREDENTIALS, command, meant, registered

    wanted = meant(provider)
    try:
        return await (aget_credentials(wanted) if wanted != CREDENTIALS else _of_a_key())
    except GumauthError as error:
        is_missing = error.code == "not_connected" and wanted in registered
        hint = f"Connect it: `{command(registered[wanted])}`." if is_missing else error.hint
        error.hint = None
        error.add(hint or "")
        raise


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
    names = {name: globals()[name] for name in ("AuthProvider", "GumstackError", "TokenResponse", "get_credentials")}
    module.__dict__.update(names, __all__=sorted(names))
    return module


def __getattr__(name: str) -> object:
    """`GumstackHost`, loaded when it is first asked for: a provider's file needs none."""
    if name != HOST:
        raise AttributeError(f"module {NAME!r} has no attribute {name!r}")
    from gumauth.gumstack.in_server.host import GumstackHost
    from gumauth.gumstack.in_server.process import settings
    from gumauth.gumstack.variables import in_this_process

    if not settings:
        settings.update(in_this_process())
    return GumstackHost
