"""The httpx client: made of what the environment says of proxies and certificates, with each variable looked at."""

from __future__ import annotations

import functools
import importlib.util
import os
import ssl
import sys
import urllib.request
from collections.abc import Mapping

from gumauth import __version__
from gumauth.errors import EnvironmentFault
from gumauth.oauth2.http import certificates, proxies
from gumauth.oauth2.http.certificates import Certificates
from gumauth.oauth2.http.destination import LOOPBACK
from gumauth.oauth2.http.lean_httpx import httpx
from gumauth.oauth2.http.proxies import Proxies

TIMEOUTS = httpx.Timeout(10.0, read=20.0)


def make_client(environ: Mapping[str, str]) -> httpx.AsyncClient:
    """A client for the event loop that runs.

    httpx itself is told to read no environment: it would send 127.0.0.1 to a proxy, and stop at an entry of NO_PROXY
    that it cannot read.

    Raises:
        EnvironmentFault: A variable keeps it from being made.
    """
    found, tls = proxies_of(environ), _tls(environ)
    mounts: dict[str, httpx.AsyncBaseTransport | None] = dict.fromkeys(found.direct)
    mounts |= {f"all://{'[::1]' if host == '::1' else host}": None for host in LOOPBACK}
    try:
        if found.url is not None:
            mounts["https://"] = httpx.AsyncHTTPTransport(verify=tls, trust_env=False, proxy=_proxy(found.url, tls))
        return httpx.AsyncClient(
            verify=tls,
            trust_env=False,
            timeout=TIMEOUTS,
            follow_redirects=False,
            mounts=mounts,
            headers={"User-Agent": f"gumauth/{__version__}", "Accept-Encoding": "identity"},
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise EnvironmentFault(
            f"The proxy that {found.variable or 'NO_PROXY'} names cannot be used.",
            hint=f"Look at {found.variable or 'NO_PROXY'}.",
        ) from error


def proxies_of(environ: Mapping[str, str]) -> Proxies:
    """How providers are asked here.

    Raises:
        EnvironmentFault: A variable names no proxy that can be used.
    """
    system = urllib.request.getproxies() if sys.platform in ("darwin", "win32") else {}
    return proxies.read(environ, system, has_socks=importlib.util.find_spec("socksio") is not None)


def _proxy(url: str, tls: ssl.SSLContext) -> httpx.Proxy:
    return httpx.Proxy(url, ssl_context=tls if url.startswith("https:") else None)


def _tls(environ: Mapping[str, str]) -> ssl.SSLContext:
    return _tls_with(certificates.read(environ), os.environ.get("SSLKEYLOGFILE"))


@functools.cache
def _tls_with(found: Certificates, key_log: str | None) -> ssl.SSLContext:
    """To make one takes 20 ms or more."""
    return certificates.context_for(found, key_log)
