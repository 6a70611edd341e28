"""Where an error's code and its reason stand, in answers as services send them."""

from __future__ import annotations

import json

import pytest

from gumauth.oauth2.error_members import ErrorMembers, has_error, members_of
from gumauth.oauth2.response import Response


def members(body: object, status: int = 400, content_type: str = "application/json") -> ErrorMembers:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return members_of(Response(status=status, body=content, content_type=content_type))


@pytest.mark.requirement("F10")
@pytest.mark.parametrize(
    ("data", "code", "reason"),
    [
        ({"error": "a", "error_description": "b"}, "a", "b"),
        ({"error": "a", "error_message": "b"}, "a", "b"),
        ({"Error": "a", "ErrorDescription": "b"}, "a", "b"),
        ({"error": "a", "message": "b", "status": 400}, "a", "b"),
        ({"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "b"}}, "PERMISSION_DENIED", "b"),
        ({"error": {"type": "OAuthException", "code": 190, "message": "b"}}, "OAuthException", "b"),
        ({"error": {"code": 190, "message": "b"}}, "190", "b"),
        ({"error": "a b", "message": "a b"}, "a b", None),
        ({"detail": "b"}, None, "b"),
        ({"detail": [{"loc": ["body"], "msg": "b", "type": "missing"}]}, "missing", "b"),
        ({"detail": {"error": "a", "error_description": "b"}}, "a", "b"),
        ({"error_message": "b"}, None, "b"),
        ({"msg": "b", "code": 20037}, "20037", "b"),
        ({"message": ["b", "c"], "statusCode": 400, "error": "Bad Request"}, "Bad Request", "b; c"),
        ({"message": "401: Unauthorized", "code": 0}, None, "401: Unauthorized"),
        ({"errors": [{"message": "b", "extensions": {"code": "A"}}], "data": None}, "A", "b"),
        ({"errors": [{"errorType": "a", "message": "b"}], "success": False}, "a", "b"),
        ({"errors": [{"status": "400", "title": "b", "detail": "c"}]}, None, "c"),
        ({"errors": "b"}, None, "b"),
        ({"errors": ["b", "c"]}, None, "b"),
        ([{"message": "b", "errorCode": "A"}], "A", "b"),
        ({"fault": {"faultstring": "b", "detail": {"errorcode": "a"}}}, "a", "b"),
        ({"Fault": {"Error": [{"Message": "b", "code": "3200"}], "type": "AUTHENTICATION"}}, "AUTHENTICATION", "b"),
        ({"type": "https://errors.example/a", "title": "b", "status": 400, "detail": "c"}, None, "c"),
        ({"type": "error", "error": {"type": "a", "message": "b"}}, "a", "b"),
        ({"status": "error", "message": "b"}, None, "b"),
        ({"errcode": 40030, "errmsg": "b"}, "40030", "b"),
        ({"data": {"description": "b", "error_code": 10008}, "message": "error"}, "10008", "b"),
        ({"message": "Bad Request", "error": 400}, None, "Bad Request"),
        ({}, None, None),
        ([], None, None),
        ({"error": True, "message": {"x": 1}}, None, None),
    ],
    ids=json.dumps,
)
def test_code_and_reason_are_found_where_services_put_them(data: object, code: str | None, reason: str | None) -> None:
    assert members(data) == ErrorMembers(code, reason)


@pytest.mark.requirement("F16")
@pytest.mark.parametrize("content_type", ["text/plain; charset=utf-8", "application/json", ""])
@pytest.mark.parametrize(
    ("body", "code", "reason"),
    [
        (b"invalid_grant\r\n", "invalid_grant", None),
        (b" The app is not known. ", None, "The app is not known."),
        (b"Use a=b here", None, "Use a=b here"),
        (b'"invalid_grant"', "invalid_grant", None),
        (b"error=invalid_grant&error_description=Old", "invalid_grant", "Old"),
    ],
)
def test_a_plain_text_is_a_code_or_a_reason(
    body: bytes, code: str | None, reason: str | None, content_type: str
) -> None:
    assert members(body, content_type=content_type) == ErrorMembers(code, reason)


@pytest.mark.requirement("F16")
@pytest.mark.parametrize(
    "body", [b"", b"x" * 501, b"\x00\x01 binary", b"<html>invalid_grant", b"\xff\xfe\x1b[31m", b"OK", b"null"]
)
def test_what_is_no_short_text_says_nothing(body: bytes) -> None:
    assert members(body, content_type="text/plain") == ErrorMembers()


@pytest.mark.requirement("F10")
@pytest.mark.parametrize(
    ("data", "no"),
    [
        ({"error": "x"}, True),
        ({"error": {"message": "x"}}, True),
        ({"error": True}, True),
        ({"ok": False}, True),
        ({"success": False}, True),
        ({"errcode": 40030, "errmsg": "x"}, True),
        ({"errors": [{"message": "x"}]}, True),
        ({"errors": [{"message": "x"}], "data": {"viewer": None}}, True),
        ({"errors": [{"message": "x"}], "data": {"viewer": {"id": 1}}}, False),
        ({"errors": [{"message": "x"}], "message": "y", "data": None}, True),
        ({"errors": [{"message": "x"}], "access_token": "t"}, False),
        ({"error": {"code": "ok", "message": "", "log_id": "202611"}}, False),
        ({"error": {"code": 0, "message": "success"}}, False),
        ({"error": {"code": None, "message": ""}}, False),
        ({"error": "ok"}, False),
        ({"error": "None"}, False),
        ({"error": 0}, False),
        ({"error": False}, False),
        ({"error": {}}, False),
        ({"errcode": 0, "errmsg": "ok"}, False),
        ({"errors": []}, False),
        ({"ok": True}, False),
        ([], False),
    ],
    ids=json.dumps,
)
def test_an_error_that_says_ok_is_none(data: object, no: bool) -> None:
    assert has_error(data) is no


@pytest.mark.requirement("S2")
def test_what_was_said_is_in_no_repr() -> None:
    assert repr(ErrorMembers("a", "b")) == "ErrorMembers()"
