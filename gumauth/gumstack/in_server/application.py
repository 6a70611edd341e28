"""The application, of ASGI, that serves an MCP server."""

from __future__ import annotations

from .loopback import LoopbackOnly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PATH = "/mcp"
HEALTH = "/health_check"


def application(server: Any) -> LoopbackOnly:
    """What serves an MCP server by streamable HTTP, for requests that name this machine.

    Args:
        server: As `GumstackHost` takes it.
    """
    make = getattr(server, "http_app", None) or getattr(server, "streamable_http_app", None)
    inner = make() if make else _of_low_level(server)
    has_health = any(getattr(route, "path", None) == HEALTH for route in getattr(inner, "routes", ()))
    return LoopbackOnly(inner, health=None if has_health else HEALTH)


def path_of(server: Any) -> str:
    """The path at which an MCP server answers, where it says that."""
    return str(getattr(getattr(server, "settings", None), "streamable_http_path", None) or PATH)


def _of_low_level(server: Any) -> Any:
    """The application for a `Server` of `mcp.server.lowlevel`, which makes none by itself."""
    import contextlib
    from collections.abc import AsyncIterator

    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from starlette.applications import Starlette
    from starlette.routing import Route

    manager = StreamableHTTPSessionManager(app=server)

    class Endpoint:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await manager.handle_request(scope, receive, send)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        async with manager.run():
            yield

    return Starlette(routes=[Route(PATH, endpoint=Endpoint())], lifespan=lifespan)
