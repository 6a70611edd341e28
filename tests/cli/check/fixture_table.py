"""What `gumauth check` has to find in each file of tests/fixtures, and changes that mend some of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    """A finding that is not fine.

    Args:
        level: Of the finding.
        case: Its first case.
        method: The method that it is told of.
        line: The number of the line that it names.
    """

    level: str
    case: str
    method: str
    line: int


def breaks(case: str, method: str, line: int) -> list[Expected]:
    """One thing that breaks."""
    return [Expected("breaks", case, method, line)]


def surprises(case: str, method: str, line: int) -> list[Expected]:
    """One thing that surprises."""
    return [Expected("surprises", case, method, line)]


LINEAR = "gumstack_linear.py"

GOOD = ("check/good/tasks.py", "check/good/ledger.py", "check/good/wiki.py", "check/good/crm/utils/auth.py")

BROKEN: dict[str, list[Expected]] = {
    "billing_error_as_token.py": breaks("error-in-200", "exchange", 33),
    "boards_text_of_nothing.py": breaks("error-in-200", "exchange", 40),
    "charts_page_as_token.py": breaks("html", "exchange", 43),
    "desk_page_is_logout.py": breaks("html", "refresh", 34),
    "drive_empty_means_unchanged.py": breaks("empty-body", "refresh", 37),
    "events_refresh_as_access.py": [
        *breaks("missing-field", "exchange", 31),
        *surprises("error-in-200", "exchange", 31),
    ],
    "fleet_lifetime_arithmetic.py": breaks("string-for-number", "exchange", 28),
    "forms_number_stripped.py": surprises("number-for-string", "exchange", 39),
    "games_refresh_token_required.py": breaks("no-refresh-token", "refresh", 33),
    "guides_refresh_token_at_connect.py": breaks("no-refresh-token", "exchange", 27),
    "hiring_rotation_lost.py": breaks("rotation", "refresh", 59),
    "inbox_refresh_token_dropped.py": surprises("refresh-token-dropped", "exchange", 28),
    "jobs_lifetime_dropped.py": surprises("expires-in-dropped", "exchange", 29),
    "kanban_dead_grant_swallowed.py": breaks("dead-grant", "refresh", 36),
    "library_refused_is_temporary.py": breaks("dead-grant", "refresh", 44),
    "maps_waits_as_told.py": breaks("429", "exchange", 31),
    "meetings_any_failure_is_dead.py": breaks("429", "refresh", 27),
    "music_broken_service_ignored.py": breaks("503", "refresh", 34),
    "news_no_timeout.py": breaks("slow", "exchange", 29),
    "orders_requests_no_timeout.py": breaks("slow", "exchange", 26),
    "papers_status_ignored.py": surprises("status-ignored", "exchange", 29),
    "pay_redirect_unescaped.py": surprises("redirect-uri-escaping", "get_url", 17),
    "people_follows_redirects.py": breaks("redirect", "exchange", 34),
    "phones_requests_redirects.py": breaks("redirect", "exchange", 16),
    "pictures_token_type_exact.py": breaks("token-type-case", "exchange", 32),
    "reviews_scope_split.py": breaks("scopes-list", "exchange", 27),
    "rooms_name_of_nobody.py": breaks("nickname-missing", "get_nickname", 44),
    "routes_null_email.py": breaks("nickname-null", "get_nickname", 43),
    "sales_everybody_is_user.py": breaks("nickname-refused", "get_nickname", 43),
    "shop_pending_for_ever.py": breaks("denied", "get_url", 18),
    "surveys_state_quoted_twice.py": surprises("special-characters", "get_url", 18),
    "tables_own_state.py": breaks("state", "get_url", 20),
    "tickets_code_unquoted.py": breaks("special-characters", "exchange", 18),
    "travel_secret_in_fstring.py": breaks("special-characters", "exchange", 27),
    "video_tokens_on_self.py": breaks("two-at-once", "exchange", 35),
    "voice_client_on_self.py": breaks("two-at-once", "exchange", 27),
    "warehouse_run_in_loop.py": breaks("exchange", "exchange", 43),
    "weather_wrong_grant_type.py": breaks("refresh", "refresh", 31),
    "wishes_revoke_says_nothing.py": surprises("revoke", "revoke", 19),
    "yoga_denied_is_temporary.py": breaks("denied", "exchange", 30),
    "zoo_other_redirect_uri.py": breaks("exchange", "exchange", 18),
}
"""A file of the folder `broken` → what is found in it."""

SHORT = (
    "inbox_refresh_token_dropped.py",
    "jobs_lifetime_dropped.py",
    "pay_redirect_unescaped.py",
    "surveys_state_quoted_twice.py",
    "tables_own_state.py",
    "warehouse_run_in_loop.py",
    "weather_wrong_grant_type.py",
    "wishes_revoke_says_nothing.py",
    "zoo_other_redirect_uri.py",
)
"""Files whose fault shows in the ordinary life, and which the test does not play any further, to save time."""

MENDED: dict[str, list[tuple[str, str]]] = {
    LINEAR: [
        (
            (
                '        return (\n            f"https://linear.app/oauth/authorize?client_id={client_id}'
                '&redirect_uri={redirect_uri}"\n'
                '            f"&response_type=code&scope=read,write&state={state}&prompt=consent"\n        )\n'
            ),
            (
                '        fields = {"client_id": client_id, "redirect_uri": redirect_uri, "response_type": "code",'
                ' "scope": "read,write", "state": state, "prompt": "consent"}\n'
                "        from urllib.parse import urlencode\n\n"
                '        return f"https://linear.app/oauth/authorize?{urlencode(fields)}"\n'
            ),
        ),
        (
            "            data = response.json()\n            return TokenResponse(access_token=data",
            (
                "            response.raise_for_status()\n"
                "            data = response.json()\n            return TokenResponse(access_token=data"
            ),
        ),
        (
            '(access_token=data["access_token"])',
            (
                '(access_token=data["access_token"], refresh_token=data.get("refresh_token"),'
                ' expires_in=data.get("expires_in"))'
            ),
        ),
    ],
    "boards_text_of_nothing.py": [('str(data.get("access_token"))', 'data["access_token"]')],
    "people_follows_redirects.py": [("follow_redirects=True, ", "")],
}
"""A file → changes, each as an old text and a new one, by which it does what its findings ask for."""
