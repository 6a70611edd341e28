"""httpx without its command line, and its client as the environment's proxies and certificates want it.

Importing httpx also imports its command line wherever Rich and Click are installed, as they are here. The command line
takes more than a third of the import, and nobody calls it in these processes.
"""

from __future__ import annotations

import functools
import ssl
import sys
from collections.abc import Iterable, Mapping

from gumauth.errors import EnvironmentFault
from gumauth.oauth2.http.connection import CONNECT, READ
from gumauth.oauth2.http.environment import proxies_of, tls_of
from gumauth.oauth2.http.request import OF_CLIENT
from gumauth.oauth2.urls import LOOPBACK

if "httpx" in sys.modules:
    import httpx
else:
    # Its import of the command line fails then, as it does where Rich is not installed; httpx goes on without it.
    sys.modules["httpx._main"] = None  # type: ignore[assignment]
    try:
        import httpx
    finally:
        del sys.modules["httpx._main"]

__all__ = ["TIMEOUTS", "httpx", "make_client"]

TIMEOUTS = httpx.Timeout(CONNECT, read=READ)
LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)


def make_client(
    environ: Mapping[str, str],
    *,
    timeouts: httpx.Timeout = TIMEOUTS,
    limits: httpx.Limits = LIMITS,
    socket_options: Iterable[tuple[int, int, int]] = (),
) -> httpx.AsyncClient:
    """A client for the event loop that runs.

    httpx reads no environment here: it would send 127.0.0.1 to a proxy, and fail at an entry of NO_PROXY that it does
    not know. Promise F7.

    Args:
        environ: Names proxies and certificates.
        timeouts: Seconds for each step of a request.
        limits: Of connections.
        socket_options: Of each connection, as `socket.setsockopt` takes them.

    Raises:
        EnvironmentFault: A variable names certificates or a proxy that cannot be used.
    """
    found, tls = proxies_of(environ), tls_of(environ)
    wired = functools.partial(
        httpx.AsyncHTTPTransport, verify=tls, trust_env=False, limits=limits, socket_options=[*socket_options]
    )
    mounts: dict[str, httpx.AsyncBaseTransport | None] = dict.fromkeys(found.direct)
    mounts |= {f"all://{'[::1]' if host == '::1' else host}": None for host in LOOPBACK}
    try:
        if found.url is not None:
            mounts["https://"] = wired(proxy=_proxy(found.url, tls))
        return httpx.AsyncClient(
            transport=wired(),
            trust_env=False,
            timeout=timeouts,
            follow_redirects=False,
            mounts=mounts,
            headers=OF_CLIENT,
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise EnvironmentFault(
            f"The proxy that {found.variable or 'NO_PROXY'} names cannot be used.",
            hint=f"Look at {found.variable or 'NO_PROXY'}.",
        ) from error


def _proxy(url: str, tls: ssl.SSLContext) -> httpx.Proxy:
    return httpx.Proxy(url, ssl_context=tls if url.startswith("https:") else None)
