"""What stands under a name in the answers of services. Pure."""

from __future__ import annotations

import re
from typing import Any, Literal

Kind = Literal["object", "list", "text", "number", "flag", "time", "null"]

PERSON = "ada@example.com"

FAULTS = frozenset((
    "error", "errors", "err", "errno", "errcode", "error_code", "error_description", "error_message", "errmsg",
    "fault", "faults", "failure", "message", "msg", "code", "warning", "warnings", "detail", "details",
    "reason", "exception",
))  # fmt: skip
"""Members that an answer has where something went wrong."""

PAGES = frozenset((
    "next", "next_page", "next_page_token", "next_cursor", "next_link", "next_uri", "next_url", "cursor",
    "after", "end_cursor", "offset", "continuation_token", "odata_next_link", "paging", "has_more", "has_next",
    "has_next_page", "more",
))  # fmt: skip
"""Members that say that there is another page."""

GOOD = frozenset((
    "ok", "success", "successful", "succeeded", "active", "verified", "confirmed", "valid", "primary",
    "default", "enabled", "selected", "current", "authenticated", "authorized", "activated",
))  # fmt: skip
BAD = frozenset((
    "deleted", "suspended", "disabled", "banned", "locked", "blocked", "archived", "revoked", "expired", "bot",
    "deactivated", "restricted", "anonymous", "has_more", "has_next", "has_next_page", "more", "is_bot",
))  # fmt: skip
NUMBERS = frozenset((
    "exp", "iat", "nbf", "auth_time", "count", "total", "size", "limit", "page", "ts", "timestamp", "code",
    "errno", "errcode", "error_code",
))  # fmt: skip
EMPTY = frozenset(FAULTS | PAGES)

LISTS = frozenset((
    "data", "list", "nodes", "values", "items", "results",
))  # fmt: skip
OBJECTS = frozenset((
    "data", "user", "viewer", "me", "profile", "account", "person", "member", "owner", "resource", "result",
    "response", "payload", "team", "workspace", "organization", "org", "company", "attributes", "settings",
    "properties", "info", "node", "current_user", "authed_user", "self", "identity", "customer", "contact",
    "team_member",
))  # fmt: skip

TEXTS = (
    (r"(^|_)(e?mail|upn|user_principal_name|preferred_username|email_address)$", PERSON),
    (r"(^|_)(uri|url|href|link|avatar|picture|image|photo|issuer|iss|instance)$", "https://made-up.example/1815"),
    (r"(^|_)(id|sub|uid|uuid|guid|gid|oid|key|number)$", "1815"),
    (r"(^|_)(first|given|first_name|given_name|forename)$", "Ada"),
    (r"(^|_)(last|family|last_name|family_name|surname)$", "Lovelace"),
    (r"(^|_)(login|user_name|username|handle|nick|nickname|screen_name|slug|short_name|acct)$", "ada"),
    (r"(^|_)(domain|host|hostname|api_domain|subdomain|dc)$", "made-up.example"),
    (r"(^|_)(team|workspace|organi[sz]ation|org|company|tenant|site|hub|portal)(_name)?$", "Acme"),
    (r"(^|_)(name|full_name|display_name|real_name|title|label)$", "Ada Lovelace"),
    (r"(^|_)(locale|lang|language)$", "en"),
    (r"(^|_)(tz|timezone|time_zone|zoneinfo)$", "UTC"),
    (r"(^|_)(type|kind|object)$", "user"),
    (r"(^|_)(status|state)$", "active"),
    (r"(^|_)(role)$", "member"),
    (r"(^|_)(phone|phone_number|mobile)$", "+441815000000"),
)
"""A name's end, and a text that may stand there."""

PLACES = frozenset((
    "team", "workspace", "organization", "organisation", "org", "company", "tenant", "site", "hub", "portal",
    "enterprise",
))  # fmt: skip
"""Parents whose `name` is no person's."""

TIME = "2026-01-01T00:00:00Z"


def spelled(name: str) -> str:
    """A name in small letters with underscores: `displayName` and `display-name` are display_name."""
    return re.sub(r"[^A-Za-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).strip("_").lower()


def is_empty(name: str) -> bool:
    """Whether a good answer that is the last page lacks such a member."""
    return spelled(name) in EMPTY


def is_plural(name: str) -> bool:
    """Whether a list is likelier under a name than a text."""
    name = spelled(name)
    return name in LISTS or (name.endswith("s") and not name.endswith(("ss", "us", "is", "address")))


def is_object(name: str) -> bool:
    """Whether an object is likelier under a name than a text."""
    return spelled(name) in OBJECTS


def kind_of(name: str) -> Kind:
    """The kind of value that is under a name, as far as the name tells."""
    name = spelled(name)
    if name in BAD | GOOD or name.startswith(("is_", "has_", "can_")) or name.endswith(("_verified", "_confirmed")):
        return "flag"
    if name in NUMBERS or name.endswith(("_count", "_expires_in", "_ts", "_timestamp")) or name.startswith("expires"):
        return "number"
    if name in EMPTY:
        return "null"
    return "time" if re.search(r"(^|_)(at|date|time|created|updated)$", name) else "text"


def value_of(name: str, kind: Kind | None = None, parent: str = "") -> Any:
    """A value that may stand under a name.

    Args:
        name: Of the member.
        kind: The value's; None for what the name tells.
        parent: The name of the object or list that it is in.
    """
    kind = kind or kind_of(name)
    match kind:
        case "flag":
            return spelled(name) not in BAD
        case "number":
            return 0 if spelled(name) in EMPTY else 1815 if not spelled(name).startswith(("exp", "iat")) else 4102444800
        case "time":
            return TIME
        case "null":
            return None
        case "object":
            return {}
        case "list":
            return []
    return _text(spelled(name), spelled(parent))


def _text(name: str, parent: str) -> str:
    if name in ("name", "display_name", "title") and parent.rstrip("s") in PLACES:
        return "Acme"
    if name in ("value", "address") and parent.startswith(("email", "mail")):
        return PERSON
    return next((text for end, text in TEXTS if re.search(end, name)), "made up")
