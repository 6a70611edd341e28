"""Token responses as services really send them, and those that are none."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gumauth.errors import InvalidGrant, ProviderCodeError, Temporary, TokenEndpointError
from gumauth.oauth2 import token_response
from gumauth.oauth2.facts import Facts
from gumauth.oauth2.response import Response
from gumauth.oauth2.token_response import ParsedTokens, checked, scopes_of
from gumauth.provider import TokenResponse

NOW = 1_750_000_000.0
ACCESS, REFRESH = secrets.token_urlsafe(), secrets.token_urlsafe()


def json_response(fields: object, *, status: int = 200) -> Response:
    return Response(status=status, content_type="application/json", body=json.dumps(fields).encode())


def parse(
    response: Response, *, speaker: str = "The token endpoint", secrets: Collection[str] = (), **facts: object
) -> ParsedTokens:
    """The tokens in a response of a service with these facts."""
    return token_response.parse(response, type("Acme", (Facts,), facts)(), speaker=speaker, secrets=secrets)


def read(**fields: object) -> ParsedTokens:
    return parse(json_response({"access_token": ACCESS, **fields}))


def test_a_whole_response_is_read() -> None:
    """Source: RFC 6749 §5.1."""
    tokens = read(token_type="Bearer", expires_in=3600, refresh_token=REFRESH, scope="read write")
    assert tokens == ParsedTokens(ACCESS, REFRESH, 3600, "Bearer", "read write")


@pytest.mark.requirement("F9")
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (None, None),
        ("", None),
        (3600, 3600),
        ("3600", 3600),
        (" 3600 ", 3600),
        (3600.0, 3600),
        ("3600.0", 3600),
        (0.5, 1),
    ],
)
def test_a_lifetime_keeps_its_meaning_however_it_is_written(sent: object, kept: int | None) -> None:
    tokens = read(expires_in=sent)
    assert (tokens.expires_in, tokens.warnings) == (kept, ())


@pytest.mark.requirement("F9")
def test_no_lifetime_is_an_unknown_one() -> None:
    assert (read().expires_in, read().warnings) == (None, ())


@pytest.mark.requirement("F9")
@pytest.mark.parametrize(
    "written",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "-1",
        "1e400",
        "9" * 5000,
        "10000000000",
        "true",
        "[]",
        '"soon"',
        '"NaN"',
        "{}",
    ],
)
def test_a_senseless_lifetime_is_unknown_with_a_warning_and_the_tokens_are_kept(written: str) -> None:
    body = f'{{"access_token": "{ACCESS}", "refresh_token": "{REFRESH}", "expires_in": {written}}}'
    tokens = parse(Response(status=200, body=body.encode()))
    assert (tokens.access_token, tokens.refresh_token, tokens.expires_in) == (ACCESS, REFRESH, None)
    assert len(tokens.warnings) == 1
    assert "unknown" in tokens.warnings[0]


@pytest.mark.requirement("F9")
@pytest.mark.parametrize("written", ["Bearer", "bearer", "BEARER", "", None])
def test_the_token_type_is_bearer_in_any_case(written: str | None) -> None:
    assert read(token_type=written).token_type == "Bearer"


@pytest.mark.requirement("F9")
@pytest.mark.parametrize("written", ["mac", "DPoP", 7, ["bearer"]])
def test_an_unknown_token_type_is_refused(written: object) -> None:
    with pytest.raises(TokenEndpointError, match="not a bearer token"):
        read(token_type=written)


def test_a_type_that_the_service_is_known_to_use_is_taken() -> None:
    fields = {"access_token": ACCESS, "token_type": "user"}
    assert parse(json_response(fields), token_types=("bearer", "user")).access_token == ACCESS


@pytest.mark.requirement("F9")
def test_a_form_encoded_success_is_read() -> None:
    body = f"access_token={ACCESS}&scope=repo%2Cgist&token_type=bearer".encode()
    for content_type in ("application/x-www-form-urlencoded; charset=utf-8", ""):
        tokens = parse(Response(status=200, content_type=content_type, body=body))
        assert (tokens.access_token, tokens.scope, tokens.token_type) == (ACCESS, "repo gist", "Bearer")


@pytest.mark.requirement("F9")
def test_a_byte_order_mark_is_survived() -> None:
    body = b"\xef\xbb\xbf" + json_response({"access_token": ACCESS}).body
    assert parse(Response(status=200, body=body)).access_token == ACCESS


def test_the_tokens_are_found_where_the_service_nests_them_and_otherwise_at_the_top() -> None:
    """Slack nests the first time, and answers a refresh at the top."""
    nested = {"ok": True, "access_token": "bot", "authed_user": {"access_token": ACCESS}}
    assert parse(json_response(nested), tokens_path="authed_user").access_token == ACCESS
    assert parse(json_response({"ok": True, "access_token": ACCESS}), tokens_path="authed_user").access_token == ACCESS


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("a b", "a b"), ("a,b", "a b"), (["a", "b", 3], "a b"), (None, None), ("", None), (5, None), ("a\x1b[31m a", "a")],
)
def test_scopes_are_kept_separated_by_spaces(sent: object, kept: str | None) -> None:
    assert read(scope=sent).scope == kept


def test_scopes_are_told_apart_once_each() -> None:
    assert scopes_of("read,write  read") == ("read", "write")
    assert scopes_of(None) == ()


@pytest.mark.parametrize("sent", [5, "a\nb", ["x"]])
def test_a_refresh_token_that_is_none_is_not_kept_and_said(sent: object) -> None:
    tokens = read(refresh_token=sent)
    assert tokens.refresh_token is None
    assert "refresh token" in tokens.warnings[0]


@pytest.mark.parametrize("sent", ["", None])
def test_an_empty_id_token_is_none(sent: object) -> None:
    assert read(id_token=sent).id_token is None


@pytest.mark.parametrize("sent", [None, ""])
def test_an_empty_refresh_token_is_none(sent: object) -> None:
    assert (read(refresh_token=sent).refresh_token, read(refresh_token=sent).warnings) == (None, ())


@pytest.mark.requirement("F10")
@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"[]", b'["access_token"]', b"null", b"true", b"7", b'"text"', b"{}", b"\xff\xfe", b"[" * 100000]
    + [
        json.dumps({"access_token": bad}).encode() for bad in (None, "", 7, True, ["a"], {"a": 1}, "a\nb", "a\x00", "é")
    ],
)
def test_what_is_no_token_response_is_refused(body: bytes) -> None:
    with pytest.raises(TokenEndpointError) as caught:
        parse(Response(status=200, content_type="application/json", body=body))
    assert not isinstance(caught.value, InvalidGrant)


@pytest.mark.requirement("F10")
def test_an_error_with_status_200_is_an_error_in_the_providers_words() -> None:
    """GitHub answers a wrong secret so."""
    fields = {"error": "incorrect_client_credentials", "error_description": "The client_id is \x1b[31mwrong\x1b[0m.\n"}
    with pytest.raises(TokenEndpointError) as caught:
        parse(json_response(fields), speaker="GitHub")
    assert caught.value.message == "GitHub refused: incorrect_client_credentials: The client_id is wrong."
    assert caught.value.error == "incorrect_client_credentials"


@pytest.mark.requirement("F10")
@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"access_token": ACCESS, "error": "access_denied"}, 200, "access_denied"),
        ({"access_token": ACCESS}, 400, "status 400"),
        ({"access_token": ACCESS, "ok": False}, 200, "not what was asked for"),
        ({"ok": False, "error": "invalid_code"}, 200, "invalid_code"),
    ],
    ids=["beside an error", "with the status of an error", "with Slack's ok: false", "Slack's error"],
)
def test_tokens_in_an_error_response_are_not_believed(fields: dict[str, object], status: int, words: str) -> None:
    with pytest.raises(TokenEndpointError, match=words):
        parse(json_response(fields, status=status))


def test_an_empty_error_is_none() -> None:
    assert read(error=None, error_description="").access_token == ACCESS


@pytest.mark.requirement("S1", "F10")
def test_an_error_does_not_repeat_a_secret_that_the_answer_quotes() -> None:
    fields = {"error": "invalid_grant", "error_description": f"Unknown token {REFRESH}, sorry"}
    with pytest.raises(InvalidGrant) as caught:
        parse(json_response(fields, status=400), secrets=[REFRESH])
    assert caught.value.message == "The token endpoint refused: invalid_grant: Unknown token …, sorry."


def tokens_or_error(answer: Response) -> str:
    """What can be shown of either."""
    try:
        tokens = parse(answer)
    except (TokenEndpointError, Temporary) as error:
        return error.message
    return f"{tokens.access_token} {tokens.expires_in} {tokens.scope} {tokens.warnings}"


@given(st.binary(max_size=200), st.sampled_from([200, 201, 302, 400, 401, 429, 503]))
def test_any_bytes_are_tokens_or_a_typed_error(body: bytes, status: int) -> None:
    outcome = tokens_or_error(Response(status=status, body=body))
    assert outcome.isprintable()


KEYS = ["access_token", "error", "error_description", "expires_in", "refresh_token", "scope", "token_type", "ok"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=8,
)


@pytest.mark.no_cover
@given(JSON)
def test_any_json_is_tokens_or_a_typed_error(data: Any) -> None:
    outcome = tokens_or_error(json_response(data))
    assert outcome.isprintable()


@dataclass
class Foreign:
    access_token: Any = ACCESS
    refresh_token: Any = None
    expires_in: Any = None
    token_type: Any = "Bearer"
    scope: Any = None


@pytest.mark.requirement("P4", "F9")
def test_what_a_provider_file_returned_is_brought_into_shape() -> None:
    tokens, warnings = checked(
        Foreign(expires_in="3600", token_type=None, scope=["a"]), method="exchange", source="f", now=NOW
    )
    assert tokens == ParsedTokens(ACCESS, None, 3600, "Bearer", "a")
    assert warnings == []


def test_fields_that_are_missing_are_unknown() -> None:
    class Bare:
        access_token = ACCESS

    tokens, _ = checked(Bare(), method="exchange", source="f", now=NOW)
    assert tokens == ParsedTokens(ACCESS)


def test_what_is_odd_is_said_whoever_found_it() -> None:
    _, warnings = checked(Foreign(expires_in="soon", token_type="mac"), method="exchange", source="f", now=NOW)
    assert len(warnings) == 2
    _, warnings = checked(read(expires_in=-1), method="exchange", source="f", now=NOW)
    assert len(warnings) == 1


class Raising:
    access_token, refresh_token = ACCESS, REFRESH

    @property
    def expires_in(self) -> int:
        raise ValueError(ACCESS)


class Anything:
    access_token, refresh_token = ACCESS, REFRESH

    def __getattr__(self, name: str) -> object:
        return lambda *_: name


@pytest.mark.requirement("P4", "K1")
@pytest.mark.parametrize(
    "returned",
    [
        SimpleNamespace(access_token=ACCESS, refresh_token=REFRESH, warnings=None),
        SimpleNamespace(access_token=ACCESS, refresh_token=REFRESH, expires_in=10**5000),
        SimpleNamespace(access_token=ACCESS, refresh_token=REFRESH, token_type=10**5000),
        SimpleNamespace(access_token=ACCESS, refresh_token=REFRESH, extras={"a": 10**5000, 10**5000: "b"}),
        Raising(),
        Anything(),
    ],
    ids=lambda returned: str(vars(returned).keys() or type(returned).__name__),
)
def test_no_oddity_beside_the_tokens_loses_them(returned: object) -> None:
    """The refresh token that was sent for them is spent."""
    tokens, _ = checked(returned, method="refresh", source="f", now=NOW)
    assert (tokens.access_token, tokens.refresh_token, tokens.expires_in, tokens.extras) == (ACCESS, REFRESH, None, {})


@pytest.mark.requirement("S1", "S4")
def test_nothing_of_a_file_is_said_as_if_it_were_ours() -> None:
    returned = SimpleNamespace(access_token=ACCESS, warnings=[f"\x1b[31mKeep {ACCESS}!"])
    assert checked(returned, method="refresh", source="f", now=NOW)[1] == []


@pytest.mark.requirement("S1")
def test_a_token_that_a_file_has_put_in_the_wrong_place_is_not_shown() -> None:
    misplaced = Foreign(expires_in=REFRESH * 3, token_type=REFRESH * 3)
    _, warnings = checked(misplaced, method="exchange", source="f", now=NOW)
    assert len(warnings) == 2
    assert REFRESH not in "".join(warnings)


@pytest.mark.requirement("P4")
@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (None, "returned nothing"),
        ({"access_token": ACCESS}, "returned a dict"),
        (ACCESS, "returned a str"),
        (Foreign(access_token=None), "access token that is missing"),
        (Foreign(access_token=b"x"), "access token that is not text"),
        (TokenResponse("a\r\nb"), "access token that is not printable ASCII"),
    ],
    ids=["nothing", "dict", "str", "missing", "bytes", "two lines"],
)
def test_a_wrong_return_names_the_method_and_the_file(returned: object, words: str) -> None:
    with pytest.raises(ProviderCodeError, match=words) as caught:
        checked(returned, method="exchange", source="/home/a/auth.py:Acme", now=NOW)
    assert "`exchange` of /home/a/auth.py:Acme" in caught.value.message
    assert ACCESS not in caught.value.message


@pytest.mark.requirement("S1")
@pytest.mark.parametrize(
    ("by", "repeated"),
    [
        *(("a service", name) for name in ("access_token", "refresh_token", "id_token", "what was sent")),
        *(("a file", name) for name in ("access_token", "refresh_token", "what was sent")),
    ],
)
def test_a_token_that_is_repeated_among_the_scopes_is_not_noted_with_the_account(repeated: str, by: str) -> None:
    """The scopes stand in the list of accounts, which is no place for secrets."""
    fields = {name: secrets.token_urlsafe() for name in ("access_token", "refresh_token", "id_token", "what was sent")}
    said = {**fields, "scope": f"read {fields[repeated]} write token={fields[repeated][:20]}"}
    sent = fields["what was sent"]
    if by == "a service":
        tokens = parse(json_response(said), secrets=[sent])
        scope, warnings = tokens.scope, list(tokens.warnings)
    else:
        response = ParsedTokens(ACCESS)
        vars(response).update(said)
        found, warnings = checked(response, method="refresh", source="a file", now=NOW, secrets=[sent])
        scope = found.scope
    assert scope == "read write"
    assert warnings == ["The provider repeats a secret among the scopes; it was left out."]


@pytest.mark.requirement("S1", "S2")
@pytest.mark.parametrize("length", [12, 43])
def test_a_token_in_the_place_of_its_type_or_life_is_in_no_sentence(length: int) -> None:
    token = secrets.token_hex(length)[:length]
    for fields in ({"token_type": token}, {"token_type": f"x {token.upper()}"}):
        with pytest.raises(TokenEndpointError) as caught:
            parse(json_response({"access_token": token, **fields}))
        assert token not in str(caught.value).lower()
    misplaced: Any = token
    odd = ParsedTokens(token, token_type=token, expires_in=misplaced)
    tokens, warnings = checked(odd, method="refresh", source="a file", now=NOW)
    assert len(warnings) == 2
    assert token not in f"{warnings}{tokens.token_type}"
