"""What the environment says of connections to providers: the proxy, and the settings of TLS. Promises F6, F7."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Mapping

from gumauth.oauth2.http import proxies
from gumauth.oauth2.http.certificates import Certificates, context_for, read
from gumauth.oauth2.http.proxies import Proxies

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl


def proxies_of(environ: Mapping[str, str]) -> Proxies:
    """The proxies for requests to providers.

    Raises:
        EnvironmentFault: A variable names a proxy that cannot be used.
    """
    return proxies.read(environ, _of_system(), has_socks=_has_socks())


def _of_system() -> Mapping[str, str]:
    if sys.platform in ("darwin", "win32"):
        import urllib.request

        return urllib.request.getproxies()
    return {}


def _has_socks() -> bool:
    import importlib.util

    return importlib.util.find_spec("socksio") is not None


def tls_of(environ: Mapping[str, str]) -> ssl.SSLContext:
    """The settings of TLS, with the certificates that the environment names.

    Raises:
        EnvironmentFault: A variable names certificates that cannot be used.
    """
    return _tls_with(read(environ), os.environ.get("SSLKEYLOGFILE"))


@functools.cache
def _tls_with(found: Certificates, key_log: str | None) -> ssl.SSLContext:
    """A cached TLS context: making one takes 20 ms or more."""
    return context_for(found, key_log)
