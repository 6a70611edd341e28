"""`GumstackHost`, which a server gives its FastMCP to."""

from __future__ import annotations

from . import accounts
from .loopback import LOCAL, LOOPBACK
from .process import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class GumstackHost:
    """Serves an MCP server on this machine, with the accounts that gumauth has connected.

    Gumstack's own checks who calls, which tools they may call, and notes each call; here whoever can reach a port of
    this machine may call, as with every local MCP server.

    Args:
        server: A FastMCP or MCPServer of the package `mcp`, a FastMCP of `fastmcp`, or a `Server`.
    """

    def __init__(self, server: Any) -> None:
        self._server = server
        self._names: list[str] = []

    def register_auth(self, provider: Any) -> None:
        """Note a provider whose account the server needs.

        Args:
            provider: The provider, or its class.

        Raises:
            GumstackError: It is none.
        """
        accounts.register(provider)
        self._names.append(provider.name)

    def run(self, host: str = "0.0.0.0", port: int = 8000, log_level: str = "info", **_more: Any) -> None:  # noqa: S104
        """Serve streamable HTTP, until the process is ended.

        Args:
            host: Passed over: it serves on loopback.
            port: Where it listens.
            log_level: Of uvicorn.

        Raises:
            SystemExit: A registered provider's account is missing, and nobody is there to connect it.
        """
        import uvicorn

        from .application import application, path_of

        accounts.have_connected(self._names)
        served = application(self._server)
        elsewhere = "" if host in LOCAL else f", not on {host}"
        say(f"serving on http://{LOOPBACK}:{port}{path_of(self._server)}{elsewhere}.")
        # What a program says of itself in X-Forwarded-For is not who it is.
        uvicorn.run(served, host=LOOPBACK, port=port, log_level=log_level.lower(), proxy_headers=False)
