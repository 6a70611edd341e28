"""A value for an environment variable, by its name alone. Pure."""

from __future__ import annotations

import re

from gumauth.platform.child_environment import SECRET

IDENTIFIER = re.compile(r"CLIENT_?ID$|CLIENT_?ID_|APP_?ID$|CLIENT$|CONSUMER_?KEY$|CLIENT_?KEY$|APPLICATION_?ID$")

PLAIN = (
    (r"REDIRECT(_?(URL|URI))?$|CALLBACK(_?(URL|URI))?$", "http://localhost:4862/callback"),
    (r"(URL|URI|ENDPOINT|ISSUER|ORIGIN)$", "https://made-up.example"),
    (r"(DOMAIN|HOST|HOSTNAME|SERVER|INSTANCE|SITE)$", "made-up.example"),
    (r"PORT$", "8080"),
    (r"(TIMEOUT|SECONDS|SECS|MINUTES|LIMIT|MAX|MIN|SIZE|TTL|RETRIES|ATTEMPTS)$", "30"),
    (r"(INTERVAL|LIFETIME|EXPIRY|LEEWAY|COUNT)$", "30"),
    (r"^(MAX|MIN|NUM)_|_(EXPIRES_IN|LIFETIME_S|TIMEOUT_S|MS)$", "30"),
    (r"(SCOPE|SCOPES)$", "read"),
    (r"(DEBUG|SANDBOX|TESTING|TEST|DEV|DEVELOPMENT|LOCAL|INSECURE|DISABLED?)$|^(SKIP|NO|DISABLE)_", "false"),
    (r"^(USE|ENABLE|IS|HAS|VERIFY)_|_(ENABLED?|VERIFY|SSL|TLS|PKCE)$", "true"),
    (r"(^|_)(ENV|ENVIRONMENT|STAGE)$", "production"),
    (r"LOG_?LEVEL$", "INFO"),
    (r"(API_?)?VERSION$", "v1"),
    (r"REGION$", "us"),
    (r"(HEADERS?|CONFIG|JSON|EXTRA|PARAMS|OPTIONS)$", "{}"),
)  # fmt: skip
"""The end of a name, and a value that code can read there."""

NO_SECRET = re.compile(
    r"(URL|URI|ENDPOINT|HOST|DOMAIN|ISSUER|NAME|HEADER|PREFIX|SCHEME|METHOD|STYLE|TYPE|LIFETIME|TTL|TIMEOUT|LEEWAY"
    r"|SECONDS|EXPIRY|EXPIRES_IN|PATH|FILE|DIR)$"
)
"""Ends of names that are about a secret and are none: TOKEN_URL."""


def is_identifier(name: str) -> bool:
    """Whether a variable holds a client's id."""
    return IDENTIFIER.search(name.upper()) is not None


def is_secret(name: str) -> bool:
    """Whether a variable holds a secret that a file sends."""
    upper = name.upper()
    return SECRET.search(upper) is not None and not NO_SECRET.search(upper) and not is_identifier(name)


def plain_value(name: str) -> str:
    """The value of a variable that holds no secret."""
    return next((value for end, value in PLAIN if re.search(end, name.upper())), "made-up")
