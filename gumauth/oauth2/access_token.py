"""What holds of any access token. Read on the path of a good token: imports nothing."""

from __future__ import annotations

BEARER = frozenset({"bearer", "bearertoken", "bot", "user"})
"""What services call a bearer token, in lower case: RFC 6750, Apigee, and Slack for those of its kinds."""

LONGEST_LIFE = 366 * 86400.0
"""Seconds that a token lives; more is a mistake, or an instant in the place of a life."""
