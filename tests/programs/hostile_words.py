"""What services say when they refuse, in their own words and places: one trial for each, by a provider of facts."""

from __future__ import annotations

import json
from functools import partial

from gumauth.testing import Fault
from tests.programs.hostile_scene import WITHIN, Scene
from tests.programs.hostile_trials import (
    Trial,
    dead_at_refresh,
    dead_by_order,
    refused_at_connect,
    refused_at_refresh,
    understood_at_connect,
    understood_at_refresh,
)
from tests.programs.playing import check_done


def json_of(data: object, status: int = 400) -> Fault:
    return Fault.content(json.dumps(data).encode(), status=status)


def text_of(text: str, status: int = 400) -> Fault:
    return Fault.content(text.encode(), status=status, content_type="text/plain; charset=utf-8")


DEAD_WORDS = {
    "token_revoked with 200": json_of({"ok": False, "error": "token_revoked"}, 200),
    "invalid_refresh_token with 200": json_of({"ok": False, "error": "invalid_refresh_token"}, 200),
    "in capitals": json_of({"error": "INVALID_GRANT"}),
    "as one word": json_of({"error": {"code": "InvalidRefreshToken", "message": "No"}}, 401),
    "under status": json_of({"status": "BAD_REFRESH_TOKEN", "message": "missing or invalid refresh token"}),
    "under errorType": json_of({"errors": [{"errorType": "invalid_grant", "message": "x"}], "success": False}, 401),
    "of a field": json_of({"message": "Bad Request", "errors": [{"field": "refresh_token", "code": "invalid"}]}),
    "under message": json_of({"status": 400, "message": "Invalid refresh token"}),
    "under detail": json_of({"detail": "Refresh token has expired"}, 401),
    "under errmsg with 200": json_of({"errcode": 40030, "errmsg": "invalid refresh_token"}, 200),
    "behind another code": json_of(
        {"error": "unauthorized_client", "error_description": "refresh_token is invalid"}, 403
    ),
    "in a list": json_of([{"errorCode": "INVALID_GRANT", "message": "No"}]),
    "in a form": Fault.content(b"error=invalid_grant", content_type="application/x-www-form-urlencoded"),
    "as text": text_of("invalid_grant\r\n"),
    "as a sentence in text": text_of("The refresh token was revoked by the user.", 401),
    "only the person helps": json_of({"error": "interaction_required"}),
}
"""The grant is good no more."""

OTHER_WORDS = {
    "of a user": (json_of({"message": "user_not_found in authorization header"}, 401), 1),
    "of a server": (json_of({"message": "The authorization server is expired"}), 1),
    "of the client": (
        json_of({"error": "invalid_client", "message": "The refresh token has expired"}, 401),
        1,
    ),
    "of the grant's type": (json_of({"error": "unsupported_grant_type", "message": "invalid grant type"}), 1),
    "of any token": (json_of({"error": "invalid_token"}, 401), 1),
    "of an access token": (json_of({"message": "Access token has been revoked"}, 401), 1),
    "of a doubt": (json_of({"message": "Possible causes: refresh token expired; wrong client"}), 1),
    "none with 401": (Fault.status(401), 1),
    "those of the status": (json_of({"message": "Bad Request", "error": 400}), 1),
    "of a limit": (json_of({"error": "rate_limited", "message": "Refresh token expired"}, 429), 5),
    "of a limit with 400": (json_of({"message": "Too many requests: try again later"}), 5),
    "of a server that fails": (json_of({"message": "Invalid refresh token"}, 500), 5),
    "of a page": (Fault.content(b"<html>invalid_grant: the refresh token has expired", content_type="text/html"), 5),
}
"""Words of something else: the grant lives. With the exit status."""

REASONS = {
    "detail": json_of({"detail": "The app is locked"}, 403),
    "a list in detail": json_of({"detail": [{"loc": ["body"], "msg": "The app is locked", "type": "x"}]}, 422),
    "error_message": json_of({"error": "no", "error_message": "The app is locked"}),
    "msg": json_of({"code": 20037, "msg": "The app is locked"}, 200),
    "errors": json_of({"errors": ["The app is locked"]}, 403),
    "GraphQL": json_of({"data": None, "errors": [{"message": "The app is locked", "extensions": {"code": "NO"}}]}, 200),
    "a problem": json_of({"type": "https://e.example/1", "title": "No", "detail": "The app is locked"}, 403),
    "fault": json_of({"fault": {"faultstring": "The app is locked", "detail": {"errorcode": "x"}}}, 403),
    "text": text_of("The app is\x1b[31m locked\r\n", 403),
}
"""Each says "The app is locked", which is repeated."""

WAITS = {
    "429": Fault.status(429, retry_after=7),
    "503": Fault.status(503, retry_after=7),
    "a body": json_of({"message": "You are being rate limited.", "retry_after": 6.3}, 429),
}
"""Each asks to wait for seven seconds."""

CONSENTS = {
    "access_denied": (4, "Access was denied"),
    "user_cancelled_login": (4, "Access was denied"),
    "USER_CANCELED": (4, "Access was denied"),
    "authorization_declined": (4, "Access was denied"),
    "unauthorized_client": (1, "refused: unauthorized_client"),
    "login_required": (1, "refused: login_required"),
    "temporarily_unavailable": (5, "could not answer just now"),
}
"""With the exit status, and what is said."""

NO_ERRORS = {
    "an error that says ok": {"code": "ok", "message": "", "log_id": "20261127"},
    "an error of nothing": {"code": None, "message": ""},
    "a success as error": {"code": 0, "message": "success"},
}


def at_consent(error: str, status: int, says: str, scene: Scene) -> None:
    scene.server.misbehave("authorize", Fault.params(code=None, error=error))
    said = scene.connect_fails(status).error
    assert says in said, f"{says!r} is not said: {said}"
    scene.works()
    scene.eve_can_connect()


def waits(fault: Fault, scene: Scene) -> None:
    """How long is said at the refusal, and the rest of it at the next try, which asks nobody."""
    scene.server.misbehave("refresh", fault)
    scene.expire()
    assert "Try again in 7 seconds" in scene.fails(5, "token", "acme").err, scene.played[-1].err
    assert "Try again in " in scene.fails(5, "token", "acme").err, scene.played[-1].err
    scene.let_time_pass()
    scene.works()


def or_connect_again(scene: Scene) -> None:
    scene.server.misbehave("refresh", Fault.content(b"", status=400), times=None)
    for words in (("refresh", "acme"), ("token", "acme")):
        scene.expire()
        assert "onnect again: `gumauth connect " in scene.fails(1, *words).err, scene.played[-1].err


def named_in_spite_of(error: object, scene: Scene) -> None:
    scene.server.misbehave("userinfo", Fault.fields(error=error), times=None)
    check_done(scene.connect("eve@example.com"), WITHIN)
    assert scene.nicknames() == ["ada@example.com", "eve@example.com"]


QUICK = ("token_revoked with 200", "of the client", "a body", "user_cancelled_login")


def trials() -> list[Trial]:
    """Every one."""
    found = [Trial(line="F15", kind="refresh", name="or connect again", play=or_connect_again)]
    for name, fault in DEAD_WORDS.items():
        quick = name in QUICK
        found += [
            Trial(line="F15", kind="token", name=name, play=partial(dead_at_refresh, fault), quick=quick),
            Trial(line="F15", kind="refresh", name=name, play=partial(dead_by_order, fault)),
        ]
    for name, (fault, status) in OTHER_WORDS.items():
        play = partial(refused_at_refresh, fault, status)
        found.append(Trial(line="F15", kind="refresh", name=f"words {name}", play=play, quick=name in QUICK))
    return found + _repeated() + _of_errors_that_are_none()


def _repeated() -> list[Trial]:
    found = []
    for name, fault in REASONS.items():
        play, quick = partial(refused_at_connect, fault, 1, "The app is locked"), name in QUICK
        found.append(Trial(line="F16", kind="connect", name=f"a reason under {name}", play=play, quick=quick))
    for name, fault in WAITS.items():
        play, quick = partial(waits, fault), name in QUICK
        found.append(Trial(line="F16", kind="token", name=f"seven seconds by {name}", play=play, quick=quick))
    for error, (status, says) in CONSENTS.items():
        play, quick = partial(at_consent, error, status, says), error in QUICK
        found.append(Trial(line="F10", kind="consent", name=error, play=play, quick=quick))
    return found


def _of_errors_that_are_none() -> list[Trial]:
    found = []
    for name, error in NO_ERRORS.items():
        fault = Fault.fields(error=error)
        found += [
            Trial(line="F10", kind="nickname", name=name, play=partial(named_in_spite_of, error)),
            Trial(line="F9", kind="connect", name=name, play=partial(understood_at_connect, fault, "")),
            Trial(line="F9", kind="refresh", name=name, play=partial(understood_at_refresh, fault)),
        ]
    return found
