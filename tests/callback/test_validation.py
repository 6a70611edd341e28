from __future__ import annotations

import hmac
import re

import pytest

from gumauth.callback import Answer, Expected
from gumauth.callback.http_request import Request
from gumauth.callback.rejections import COUNTED, FOREIGN_HOST, Rejection, in_words
from gumauth.callback.validation import Unread, validate
from gumauth.platform.frozen import replace
from tests.callback.wire import STATE

EXPECTED = Expected(state=STATE)
RIGHT = Request(method="GET", path="/callback", query=f"code=c&state={STATE}", host="localhost:4862", ahead=False)
ISSUER = "https://as.example"


FORM_EXPECTED = Expected(state=STATE, form_post=True)
POSTED = replace(RIGHT, method="POST", query="", form_length=40)


def verdict(request: Request, expected: Expected | None = EXPECTED) -> str | Answer | Unread:
    judged = validate(request, expected, path="/callback", port=4862)
    return judged.reason if isinstance(judged, Rejection) else judged


def of_query(query: str, expected: Expected | None = EXPECTED) -> str | Answer | Unread:
    return verdict(replace(RIGHT, query=query), expected)


def test_the_right_request_is_the_answer() -> None:
    assert verdict(RIGHT) == Answer(code="c")


def test_a_code_is_decoded_as_a_form_is() -> None:
    assert of_query(f"code=4%2F0Ab%2B+x&state={STATE}&scope=a+b") == Answer(code="4/0Ab+ x")


def test_a_refusal_keeps_the_providers_words() -> None:
    query = f"error=access_denied&error_description=No+way%1b%5b31m&state={STATE}"
    assert of_query(query) == Answer(error="access_denied", description="No way\x1b[31m")


def test_an_error_wins_over_a_code() -> None:
    assert of_query(f"code=c&error=server_error&state={STATE}") == Answer(error="server_error")


@pytest.mark.requirement("C4")
def test_a_request_wrong_in_every_way_is_refused_for_its_method_first() -> None:
    """Each mended part uncovers the next check, so that the order is method, path, Host, purpose, state."""
    request = Request(method="POST", path="/", query="state=wrong&code=a&code=b", host="evil.example", ahead=True)
    seen = [verdict(request)]
    for part in ({"method": "GET"}, {"path": "/callback"}, {"host": "localhost:4862"}, {"ahead": False}):
        request = replace(request, **part)
        seen.append(verdict(request))
    seen.append(verdict(replace(request, query=f"state={STATE}&code=a&code=b")))
    assert seen == ["other method", "other path", "foreign host", "prefetch", "wrong state", "repeated parameter"]


@pytest.mark.requirement("C4")
@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "OPTIONS", "get", "DELETE"])
def test_only_get_is_judged_further(method: str) -> None:
    assert verdict(replace(RIGHT, method=method)) == "other method"


@pytest.mark.requirement("C4")
@pytest.mark.parametrize(
    "path", ["/", "/favicon.ico", "/callback/", "/Callback", "//callback", "/%63allback", "/callback;a"]
)
def test_only_the_exact_path_is_judged_further(path: str) -> None:
    assert verdict(replace(RIGHT, path=path)) == "other path"


@pytest.mark.requirement("C4")
@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "localhost",
        "localhost:4863",
        "evil.example:4862",
        "localhost.evil.example:4862",
        "localhost:4862, evil",
        "192.168.0.1:4862",
        "0.0.0.0:4862",
        "xlocalhost:4862",
    ],
)
def test_a_foreign_host_is_refused(host: str | None) -> None:
    assert verdict(replace(RIGHT, host=host)) == "foreign host"


@pytest.mark.parametrize("host", ["localhost:4862", "LOCALHOST:4862", "127.0.0.1:4862", "[::1]:4862"])
def test_every_name_of_loopback_is_ours(host: str) -> None:
    assert verdict(replace(RIGHT, host=host)) == Answer(code="c")


@pytest.mark.parametrize("port", [80, 443])
def test_the_port_of_http_and_that_of_https_are_left_out_by_browsers(port: int) -> None:
    bare = replace(RIGHT, host="localhost")
    assert validate(bare, EXPECTED, path="/callback", port=port) == Answer(code="c")


@pytest.mark.requirement("C4")
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "", None])
def test_a_foreign_host_is_foreign_on_the_port_of_http_too(host: str | None) -> None:
    assert validate(replace(RIGHT, host=host), EXPECTED, path="/callback", port=80) is FOREIGN_HOST


@pytest.mark.requirement("F2", "C4", "M37")
@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("code=c", "missing state"),
        ("", "missing state"),
        ("code=c&state=", "wrong state"),
        (f"code=c&state={STATE[:-1]}", "wrong state"),
        (f"code=c&state={STATE}x", "wrong state"),
        (f"code=c&state={STATE.swapcase()}", "wrong state"),
        (f"code=c&state=%20{STATE}", "wrong state"),
        ("code=c&state=%C3%A9%FF", "wrong state"),
        (f"code=c&State={STATE}", "missing state"),
        (f"code=c&state={STATE}&state={STATE}", "repeated parameter"),
        (f"code=c&state={STATE}&state=other", "repeated parameter"),
        (f"code=c&state=other&state={STATE}", "wrong state"),
        (f"error=access_denied&state={STATE[::-1]}", "wrong state"),
    ],
)
def test_without_the_exact_state_nothing_is_believed(query: str, reason: str) -> None:
    assert of_query(query) == reason


@pytest.mark.requirement("F2")
def test_before_anything_is_expected_nothing_is_believed() -> None:
    assert verdict(RIGHT, None) == "wrong state"


@pytest.mark.requirement("F2")
def test_an_empty_state_is_never_right() -> None:
    assert of_query("code=c&state=", Expected(state="")) == "wrong state"


@pytest.mark.requirement("C4")
def test_a_form_is_judged_in_the_same_order_and_read_only_when_all_else_is_right() -> None:
    """Each mended part uncovers the next check; the address's own query is not looked at."""
    wrong = Request(
        method="PUT",
        path="/",
        query=f"code=c&state={STATE}",
        host="evil.example",
        ahead=True,
        by_visit=False,
        form_length=16385,
    )
    seen = [verdict(wrong, FORM_EXPECTED)]
    for part in (
        {"method": "POST"},
        {"path": "/callback"},
        {"host": "localhost:4862"},
        {"ahead": False},
        {"by_visit": True},
        {"form_length": 16384},
        {"form": f"code=c&state={STATE}x"},
        {"form": f"code=a&code=b&state={STATE}"},
        {"form": f"error=access_denied&code=c&state={STATE}"},
        {"form": f"code=c%2F&state={STATE}&iss=https%3A%2F%2Fas.example"},
    ):
        wrong = replace(wrong, **part)
        seen.append(verdict(wrong, FORM_EXPECTED))
    assert seen == [
        *("other method", "other path", "foreign host", "prefetch", "no visit", "large form", Unread.FORM),
        *("wrong state", "repeated parameter", Answer(error="access_denied"), Answer(code="c/")),
    ]


@pytest.mark.requirement("C4")
@pytest.mark.parametrize("expected", [EXPECTED, None])
def test_a_form_that_is_not_expected_is_not_even_read(expected: Expected | None) -> None:
    assert verdict(POSTED, expected) == "posted form"
    assert verdict(replace(POSTED, form=f"code=c&state={STATE}"), expected) == "posted form"


def test_where_a_form_is_expected_an_address_is_taken_too() -> None:
    """A service may send a refusal so, whatever it was asked for."""
    assert verdict(RIGHT, FORM_EXPECTED) == Answer(code="c")
    assert verdict(replace(POSTED, form_length=None), FORM_EXPECTED) == "other method"


@pytest.mark.requirement("F2")
def test_the_state_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    genuine = hmac.compare_digest

    def noting(given: bytes, right: bytes) -> bool:
        compared.append((given, right))
        return genuine(given, right)

    monkeypatch.setattr(hmac, "compare_digest", noting)
    verdict(RIGHT)
    assert compared == [(STATE.encode(), STATE.encode())]


@pytest.mark.requirement("C4")
@pytest.mark.parametrize("name", ["code", "error", "error_description", "iss"])
def test_a_parameter_that_counts_may_not_be_there_twice(name: str) -> None:
    assert of_query(f"code=c&{name}=x&{name}=x&state={STATE}") == "repeated parameter"


def test_a_parameter_that_nobody_knows_may_be_there_twice() -> None:
    """RFC 6749 §4.1.2: unrecognized response parameters are ignored."""
    assert of_query(f"code=c&authuser=0&authuser=0&state={STATE}") == Answer(code="c")


@pytest.mark.parametrize("query", ["", "&code=", "&error=&code="])
def test_a_state_alone_is_no_answer(query: str) -> None:
    assert of_query(f"state={STATE}{query}") == "no answer"


@pytest.mark.requirement("C7")
@pytest.mark.parametrize("code", ["%00", "a%0d%0ab", "%C3%A9", "%FF", "a%7F"])
def test_a_code_with_other_than_printable_ascii_is_not_read(code: str) -> None:
    """RFC 6749 appendix A.11: a code is VSCHARs."""
    assert of_query(f"code={code}&state={STATE}") == "unreadable"


@pytest.mark.requirement("C7")
def test_two_hundred_parameters_are_read_and_not_one_more() -> None:
    assert of_query("a=&" * 198 + f"code=c&state={STATE}") == Answer(code="c")
    assert of_query("a=&" * 199 + f"code=c&state={STATE}") == "unreadable"
    assert of_query("a=&" * 2000 + f"code=c&state={STATE}") == "unreadable"


@pytest.mark.requirement("F4")
@pytest.mark.parametrize(
    ("query", "expected", "outcome"),
    [
        ("iss=https%3A%2F%2Fas.example", Expected(state=STATE, issuer=ISSUER), Answer(code="c")),
        ("iss=https%3A%2F%2Fas.example%2F", Expected(state=STATE, issuer=ISSUER), "wrong issuer"),
        ("iss=https%3A%2F%2FAS.example", Expected(state=STATE, issuer=ISSUER), "wrong issuer"),
        ("iss=https%3A%2F%2Fevil.example", Expected(state=STATE, issuer=ISSUER, issuer_required=True), "wrong issuer"),
        ("", Expected(state=STATE, issuer=ISSUER), Answer(code="c")),
        ("", Expected(state=STATE, issuer=ISSUER, issuer_required=True), "missing issuer"),
        ("iss=", Expected(state=STATE, issuer=ISSUER, issuer_required=True), "wrong issuer"),
        ("iss=", Expected(state=STATE, issuer=ISSUER), "wrong issuer"),
        ("iss", Expected(state=STATE, issuer=ISSUER), "wrong issuer"),
        ("iss=https%3A%2F%2Fwhoever.example", Expected(state=STATE), Answer(code="c")),
        ("", Expected(state=STATE, issuer_required=True), Answer(code="c")),
    ],
)
def test_the_issuer_is_compared_as_a_string_before_the_code_is_believed(
    query: str, expected: Expected, outcome: str | Answer
) -> None:
    assert of_query(f"code=c&state={STATE}&{query}", expected) == outcome


@pytest.mark.requirement("F4")
def test_an_error_from_another_issuer_is_not_believed_either() -> None:
    expected = Expected(state=STATE, issuer=ISSUER)
    assert of_query(f"error=access_denied&iss=https://evil.example&state={STATE}", expected) == "wrong issuer"


@pytest.mark.requirement("F4")
def test_an_error_without_an_issuer_is_believed_also_where_a_code_needs_one() -> None:
    """A server may refuse before it knows what it would sign; an error spends nothing."""
    expected = Expected(state=STATE, issuer=ISSUER, issuer_required=True)
    assert of_query(f"error=access_denied&state={STATE}", expected) == Answer(error="access_denied")
    assert of_query(f"error=&code=c&state={STATE}", expected) == "missing issuer"


@pytest.mark.requirement("S2")
def test_no_repr_shows_the_code_or_the_state() -> None:
    assert repr(Answer(code="c0de")) == "Answer(error=None, description=None)"
    assert repr(EXPECTED) == "Expected(issuer=None, issuer_required=False, form_post=False, kept=())"


@pytest.mark.requirement("C4")
@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, ""),
        ({"wrong state": 1}, "1 request with a wrong state was ignored."),
        ({"other path": 4}, "4 requests for another path were ignored."),
        (
            {"other path": 1, "wrong state": 2},
            "3 requests were ignored: 2 with a wrong state, 1 for another path.",
        ),
    ],
)
def test_what_was_ignored_is_said_in_words(counts: dict[str, int], sentence: str) -> None:
    assert in_words(counts) == sentence


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("reason", sorted(COUNTED))
def test_a_reason_reads_well_with_one_request_and_with_several(reason: str, count: int) -> None:
    sentence = in_words({reason: count})
    assert re.search(r"that (were|was|never|are|is|have|has)\b", sentence) is None
    assert sentence.count(" was ") + sentence.count(" were ") == 1


def test_every_reason_has_words() -> None:
    assert {in_words({reason: 1}) for reason in COUNTED} == {
        f"1 request {words} was ignored." for words in COUNTED.values()
    }
