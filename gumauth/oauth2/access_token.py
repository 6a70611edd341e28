"""Values that hold for any access token. The way of a good token may import this module: it imports nothing."""

from __future__ import annotations

BEARER = frozenset({"bearer", "bearertoken", "bot", "user"})
"""The names of the type of a bearer token, in lower case. Source: RFC 6750 §6.1.1; Apigee; Slack."""

LONGEST_LIFE = 366 * 86400.0
"""Seconds that a token lives at most; a larger number is a mistake, or a time in place of a lifetime."""
