"""What a trace says of a request and its answer."""

from __future__ import annotations

import base64
import re

import httpx
import pytest

from gumauth.client.trace.cut import Cut
from gumauth.client.trace.exchange import Answer, Sent
from gumauth.client.trace.lines import of_answer, of_failure, of_request

FORM = (("content-type", "application/x-www-form-urlencoded"),)
JSON = (("content-type", "application/json"),)


@pytest.fixture
def cut() -> Cut:
    return Cut(b"a salt")


def unhashed(lines: list[str]) -> list[str]:
    """Lines without the digits of hashes."""
    return [re.sub(r"sha256 [0-9a-f]{8}\)", "sha256 …)", line) for line in lines]


def request_of(body: bytes = b"", *headers: tuple[str, str], url: str = "https://a.example/token") -> Sent:
    return Sent(method="POST", url=url, headers=headers, body=body)


def answer_of(body: bytes, *headers: tuple[str, str], status: int = 200) -> Answer:
    return Answer(status=status, headers=headers, body=body)


@pytest.mark.requirement("S1")
def test_a_token_request_and_its_answer_are_shown_member_by_member_without_their_secrets(cut: Cut) -> None:
    body = b"grant_type=authorization_code&code=a-code&client_id=app&client_secret="
    body += b"&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcb"
    asked = of_request("#1 exchange", request_of(body, *FORM, ("host", "a.example"), ("user-agent", "x/1")), cut)
    assert unhashed(asked) == [
        "#1 exchange > POST https://a.example/token",
        "   > content-type: application/x-www-form-urlencoded",
        "   > user-agent: x/1",
        "   > grant_type = authorization_code",
        "   > code = (secret, 6 characters, sha256 …)",
        "   > client_id = app",
        "   > client_secret = ",
        "   > redirect_uri = http://127.0.0.1:1/cb",
    ]
    told = of_answer(
        "#1 exchange",
        answer_of(
            b'{"access_token": "at", "token_type": "bearer", "expires_in": "3600", "n": 3600, "scope": null}', *JSON
        ),
        12.4,
        cut,
    )
    assert unhashed(told) == [
        "#1 exchange < 200 OK, 12 ms",
        "   < content-type: application/json",
        "   < access_token = (secret, 2 characters, sha256 …)",
        '   < token_type = "bearer"',
        '   < expires_in = "3600"',
        "   < n = 3600",
        "   < scope = null",
    ]


@pytest.mark.requirement("S1")
def test_two_sights_of_one_secret_have_one_hash_in_a_run_and_another_in_the_next(cut: Cut) -> None:
    token = "Xq7-0gKx9zR1wVb3TnLm"
    told = of_answer("#1", answer_of(f'{{"access_token": "{token}"}}'.encode(), *JSON), 1, cut)
    asked = of_request("#2", request_of(b"", ("authorization", f"Bearer {token}")), cut)
    assert asked[1] == f"   > authorization: Bearer {cut.secret(token)}"
    assert told[2] == f"   < access_token = {cut.secret(token)}"
    assert Cut(b"another salt").secret(token) != cut.secret(token)


@pytest.mark.requirement("S1")
@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "https://a.example/me?fields=id&access_token=abc",
            ["?fields = id", "?access_token = (secret, 3 characters, sha256 …)"],
        ),
        ("https://ada:word@a.example/me", []),
        ("https://a.example/me#state=xyz", ["?state = (secret, 3 characters, sha256 …)"]),
    ],
)
def test_the_address_is_shown_without_its_secrets(cut: Cut, url: str, shown: list[str]) -> None:
    assert unhashed(of_request("#1", request_of(url=url), cut)) == [
        "#1 > POST https://a.example/me",
        *(f"   > {line}" for line in shown),
    ]


@pytest.mark.requirement("S1")
@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (("authorization", "Bearer a-token"), "authorization: Bearer (secret, 7 characters, sha256 …)"),
        (
            ("authorization", "Basic " + base64.b64encode(b"my-app:a%2Dword").decode()),
            "authorization: Basic my-app : (secret, 6 characters, sha256 …)",
        ),
        (
            ("authorization", "Basic " + base64.b64encode(b"a-key:").decode()),
            "authorization: Basic (secret, 8 characters, sha256 …)",
        ),
        (("authorization", "no-scheme"), "authorization: (secret, 9 characters, sha256 …)"),
        (("proxy-authorization", "Bearer x"), "proxy-authorization: Bearer (secret, 1 character, sha256 …)"),
        (("ocp-apim-subscription-key", "k"), "ocp-apim-subscription-key: (secret, 1 character, sha256 …)"),
        (("x-auth", "k"), "x-auth: (secret, 1 character, sha256 …)"),
        (("x-api-key", "k"), "x-api-key: (secret, 1 character, sha256 …)"),
        (("cookie", "sid=abc; theme=dark"), "cookie: sid=(cut), theme=(cut)"),
        (("notion-version", "2022-06-28"), "notion-version: 2022-06-28"),
    ],
)
def test_of_a_requests_headers_the_secret_ones_are_cut(cut: Cut, header: tuple[str, str], shown: str) -> None:
    assert unhashed(of_request("#1", request_of(b"", header), cut))[1:] == [f"   > {shown}"]


@pytest.mark.requirement("S1")
def test_of_an_answers_headers_those_that_matter_are_shown(cut: Cut) -> None:
    headers = (
        ("date", "today"),
        ("location", "https://b.example/cb?code=abc&x=1"),
        ("retry-after", "3"),
        ("set-cookie", "sid=abc; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/, lang=de"),
        ("www-authenticate", 'Bearer error="invalid_token"'),
        ("x-ratelimit-remaining", "0"),
    )
    assert unhashed(of_answer("#1", answer_of(b"", *headers, status=302), 1, cut)) == [
        "#1 < 302 Found, 1 ms",
        "   < location: https://b.example/cb?code=(secret, 3 characters, sha256 …)&x=1",
        "   < retry-after: 3",
        "   < set-cookie: sid=(cut), lang=(cut)",
        '   < www-authenticate: Bearer error="invalid_token"',
        "   < x-ratelimit-remaining: 0",
        "   < (no body)",
    ]


@pytest.mark.requirement("S1")
@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            b'{"user": {"email": "ada@example.com"}, "ids": [1, 2]}',
            ['user.email = "ada@example.com"', "ids = [1, 2]"],
        ),
        (b'{"tokens": [{"value": "abc"}]}', ["tokens.0.value = (secret, 3 characters, sha256 …)"]),
        (
            b'{"tokens": ["abc", 12345, null]}',
            ["tokens = [(secret, 3 characters, sha256 …), (secret, a number, 5 digits, sha256 …), null]"],
        ),
        (b'{"token_endpoint_auth_methods_supported": ["none"]}', ['token_endpoint_auth_methods_supported = ["none"]']),
        (b'{"access_token": 12345}', ["access_token = (secret, a number, 5 digits, sha256 …)"]),
        (b'{"id": "7Hq2-Kd93-Lz81-Xw02"}', ["id = (perhaps secret, 19 characters, sha256 …)"]),
        (b'{"code": "invalid_grant"}', ['code = "invalid_grant"']),
        (b'{"device_code": "x"}', ["device_code = (secret, 1 character, sha256 …)"]),
        (
            b'{"next": "https://a.example/?access_token=abc"}',
            ['next = "https://a.example/?access_token=(secret, 3 characters, sha256 …)"'],
        ),
        (b'{"big": 12345678901234567890123456789, "e": 1e3}', ["big = 12345678901234567890123456789", "e = 1e3"]),
        (b"access_token=abc&scope=repo", ["access_token = (secret, 3 characters, sha256 …)", "scope = repo"]),
        (b"<p>access_token=7Hq2Kd93Lz81Xw02 </p>", ["37 bytes: <p>access_token=… </p>"]),
        (
            b'{"privateKey": "abc", "pwd": "abc"}',
            [f"{n} = (secret, 3 characters, sha256 …)" for n in ("privateKey", "pwd")],
        ),
        (b'{"access_token": "hunter2", "re', ['31 bytes: {"access_token": "…", "re']),
        (b"<input name='code' value='abc'>", ["31 bytes: <input name='code' value='…'>"]),
        (b"see https://a.example/?x=1&code=abc", ["35 bytes: see https://a.example/?x=1&code=…"]),
        (b'["-----BEGIN PRIVATE KEY-----\\nabc\\n"]', ['["-----BEGIN PRIVATE KEY-----…"]']),
        (b"[]", ["[]"]),
        (b"<a:Password kind='x'>hunter2!</a:Password>", ["42 bytes: <a:Password kind='x'>…</a:Password>"]),
        (
            b'--x\r\nContent-Disposition: form-data; name="pass"\r\n\r\nhunter2',
            ["59 bytes in parts, which are not shown"],
        ),
        (b"gone\x1b[2J\r\naway", ["14 bytes: gone away"]),
    ],
)
def test_bodies_are_shown_by_their_members_or_as_the_beginning_of_a_text(
    cut: Cut, body: bytes, shown: list[str]
) -> None:
    assert unhashed(of_answer("#1", answer_of(body), 1, cut))[1:] == [f"   < {line}" for line in shown]


@pytest.mark.requirement("S1")
def test_a_secret_is_cut_under_any_name_once_it_is_known(cut: Cut) -> None:
    cut.learn(["my quiet secret"])
    body = b'{"error": "invalid_client", "error_description": "who is my quiet secret?", "hint": "my quiet secret"}'
    assert unhashed(of_answer("#1", answer_of(body, *JSON, status=401), 1, cut))[2:] == [
        '   < error = "invalid_client"',
        '   < error_description = "who is …?"',
        "   < hint = (secret, 15 characters, sha256 …)",
    ]


@pytest.mark.requirement("S1")
def test_a_request_is_cut_below_the_name_of_a_secret_too(cut: Cut) -> None:
    body = b'{"code": {"value": "a-code"}, "state": ["one-state"]}'
    assert unhashed(of_request("#1", request_of(body, *JSON), cut))[2:] == [
        "   > code.value = (secret, 6 characters, sha256 …)",
        "   > state = [(secret, 9 characters, sha256 …)]",
    ]


def test_long_bodies_are_shown_in_part(cut: Cut) -> None:
    many = b"{" + b", ".join(b'"m%d": 1' % number for number in range(50)) + b"}"
    shown = of_answer("#1", answer_of(many, *JSON), 1, cut)
    assert (len(shown), shown[-1]) == (43, "   < (and 10 more members)")
    text = of_answer("#1", answer_of(b"word " * 2000), 1, cut)[1]
    assert (text[:24], len(text)) == ("   < 10000 bytes: word w", 218)


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), "ConnectError: [Errno 111] Connection refused"),
        (httpx.ReadTimeout(""), "ReadTimeout"),
    ],
)
def test_a_request_without_an_answer_says_why(cut: Cut, error: Exception, shown: str) -> None:
    assert of_failure("#1 exchange", error, 20_000.4, cut) == [f"#1 exchange < no answer, 20000 ms: {shown}"]
