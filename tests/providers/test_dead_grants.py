"""What services answer to a refresh token that is dead, in their own words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gumauth.errors import GumauthError, InvalidGrant, TokenEndpointError
from gumauth.oauth2.error_response import error_of
from gumauth.oauth2.response import Response
from gumauth.oauth2.traits import traits_of
from gumauth.registry.lookup import find


def error(name: str, status: int, body: dict[str, Any]) -> GumauthError:
    response = Response(status=status, content_type="application/json", body=json.dumps(body).encode())
    return error_of(response, speaker=name, traits=traits_of(find(name, cwd="/").provider_class))


@pytest.mark.requirement("F15")
@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("box", 400, {"error": "invalid_grant", "error_description": "Refresh token has expired"}),
        ("dropbox", 400, {"error": "invalid_grant", "error_description": "refresh token is invalid or revoked"}),
        ("fitbit", 400, {"errors": [{"errorType": "invalid_grant", "message": "Refresh token invalid"}]}),
        (
            "mattermost",
            400,
            {"id": "api.oauth", "message": "invalid_grant: Invalid refresh token.", "status_code": 400},
        ),
        ("microsoft", 400, {"error": "interaction_required", "error_description": "AADSTS50076: Due to a change"}),
        ("slack", 200, {"ok": False, "error": "invalid_refresh_token"}),
        ("spotify", 400, {"error": "invalid_grant", "error_description": "Refresh token revoked"}),
        ("strava", 400, {"message": "Bad Request", "errors": [{"field": "refresh_token", "code": "invalid"}]}),
        ("tiktok", 200, {"error": "invalid_grant", "error_description": "Refresh token is invalid or expired."}),
        ("twitch", 400, {"error": "Bad Request", "status": 400, "message": "Invalid refresh token"}),
        ("x", 400, {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}),
        ("yahoo", 400, {"error": "INVALID_REFRESH_TOKEN", "error_description": "invalid refresh token"}),
    ],
)
def test_a_dead_grant_is_known_by_the_services_own_words(name: str, status: int, body: dict[str, Any]) -> None:
    assert isinstance(error(name, status, body), InvalidGrant)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("nextcloud", {"error": "invalid_request"}),
        ("reddit", {"message": "Bad Request", "error": 400}),
        ("x", {"error": "invalid_request", "error_description": "Missing valid authorization header"}),
    ],
)
def test_words_that_a_service_uses_for_anything_kill_no_grant(name: str, body: dict[str, Any]) -> None:
    answer = error(name, 400, body)
    assert (type(answer), answer.may_be_dead) == (TokenEndpointError, True)  # type: ignore[attr-defined]
