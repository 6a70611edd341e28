"""Device authorization responses as RFC 8628 §3.2 has them, and as services and broken servers send them."""

from __future__ import annotations

import json
import math

import pytest

from gumauth.errors import Temporary, TokenEndpointError
from gumauth.oauth2 import device
from gumauth.oauth2.device import DeviceAuthorization
from gumauth.oauth2.facts import Facts
from gumauth.oauth2.response import Response

RFC = {
    "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://example.com/device",
    "verification_uri_complete": "https://example.com/device?user_code=WDJB-MJHT",
    "expires_in": 1800,
    "interval": 5,
}
"""The example of RFC 8628 §3.2."""


def parse(data: object, *, status: int = 200) -> DeviceAuthorization:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return device.parse(Response(status=status, body=body), Facts(), speaker="Acme's device endpoint")


def parsed(**changed: object) -> DeviceAuthorization:
    """The RFC's example with other members; None takes one away."""
    return parse({name: value for name, value in {**RFC, **changed}.items() if value is not None})


@pytest.mark.requirement("V1")
def test_the_example_of_the_rfc_is_read() -> None:
    assert parsed() == DeviceAuthorization(
        device_code="GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
        user_code="WDJB-MJHT",
        verification_uri="https://example.com/device",
        verification_uri_complete="https://example.com/device?user_code=WDJB-MJHT",
        expires_in=1800,
        interval=5,
    )


@pytest.mark.requirement("S2")
def test_the_device_code_is_not_shown() -> None:
    shown = repr(parsed())
    assert "WDJB-MJHT" in shown
    assert "GmRhmhcx" not in shown


@pytest.mark.requirement("V1")
@pytest.mark.parametrize("interval", [None, 0, -5, "soon", True, 1e9, [], {}, math.nan, "0", 0.001, 86400])
def test_where_the_interval_is_missing_or_cannot_be_meant_it_is_five_seconds(interval: object) -> None:
    assert parsed(interval=interval).interval == 5


@pytest.mark.parametrize(("interval", "seconds"), [(1, 1), (7, 7), ("10", 10), (300, 300)])
def test_an_interval_is_taken_as_a_number_or_as_text(interval: object, seconds: float) -> None:
    assert parsed(interval=interval).interval == seconds


@pytest.mark.parametrize(
    ("life", "seconds"), [(900, 900), ("900", 900), (None, math.inf), (0, math.inf), (-1, math.inf), ("x", math.inf)]
)
def test_a_code_whose_life_is_not_known_lives_until_the_server_says_otherwise(life: object, seconds: float) -> None:
    assert parsed(expires_in=life).expires_in == seconds


@pytest.mark.requirement("V1")
def test_googles_name_of_the_address_is_understood() -> None:
    authorization = parsed(
        verification_uri=None, verification_uri_complete=None, verification_url="https://www.google.com/device"
    )
    assert (authorization.verification_uri, authorization.verification_uri_complete) == (
        "https://www.google.com/device",
        None,
    )


def test_a_form_is_read_like_json() -> None:
    """GitHub answers so unless asked for JSON."""
    body = b"device_code=3584d83&expires_in=899&interval=5&user_code=WDJB-MJHT&verification_uri=https%3A%2F%2Fg.example"
    assert parse(body) == DeviceAuthorization(
        device_code="3584d83", user_code="WDJB-MJHT", verification_uri="https://g.example", expires_in=899, interval=5
    )


@pytest.mark.parametrize("code", ["WDJB-MJHT", "wdjb mjht", "0123", 1234567, "ÄÖÜ", "A" * 100])
def test_the_code_is_as_it_came(code: object) -> None:
    assert parsed(user_code=code).user_code == str(code)


@pytest.mark.parametrize("code", [None, "", "  ", "AB\x1b[2JCD", "AB\nCD", "AB\u202eCD", "A" * 101, True, ["AB"]])
def test_a_code_that_nobody_could_type_or_that_a_terminal_would_obey_is_refused(code: object) -> None:
    with pytest.raises(TokenEndpointError, match="gave no code that a person could type"):
        parsed(user_code=code)


@pytest.mark.requirement("B1")
@pytest.mark.parametrize(
    ("uri", "said"),
    [
        (None, "gave no address at which to enter the code"),
        (7, "gave no address at which to enter the code"),
        ("http://example.com/device", "it is not https"),
        ("file:///etc/passwd", "it is not https"),
        ("javascript:alert(1)", "it is not https"),
        ("https://user@example.com/", "it carries a user name"),
        ("https://example.com/\x1b[2J", "it holds control characters"),
        ("example.com/device", "it is not https"),
    ],
)
def test_an_address_that_no_browser_should_get_is_refused(uri: object, said: str) -> None:
    with pytest.raises(TokenEndpointError, match=said):
        parsed(verification_uri=uri)


PUBLIC = type("Public", (Facts,), {"device_url": "https://acme.example/device"})()


@pytest.mark.requirement("D3", "V2")
@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:631/admin", "https://192.168.1.1/", "https://x.example/" + "a" * 3000]
)
def test_a_public_service_opens_nothing_in_a_private_network_and_nothing_endless(uri: str) -> None:
    fields = {"device_code": "d" * 20, "user_code": "ABCD", "verification_uri": "https://acme.example/"}
    body = json.dumps({**fields, "verification_uri_complete": uri}).encode()
    read = device.parse(Response(status=200, body=body), PUBLIC, speaker="Acme's device endpoint")
    assert read.verification_uri_complete is None
    body = json.dumps({**fields, "verification_uri": uri}).encode()
    with pytest.raises(TokenEndpointError, match="gave no good address for the code"):
        device.parse(Response(status=200, body=body), PUBLIC, speaker="Acme's device endpoint")


@pytest.mark.requirement("B1")
@pytest.mark.parametrize("uri", ["http://example.com/?c=1", "javascript:alert(1)", 7, "", "https://a\nb/"])
def test_a_bad_address_with_the_code_in_it_is_left_out(uri: object) -> None:
    assert parsed(verification_uri_complete=uri).verification_uri_complete is None


@pytest.mark.parametrize("code", [None, "", 7, "ÄÖ", "a\nb"])
def test_without_a_device_code_there_is_nothing_to_poll_with(code: object) -> None:
    with pytest.raises(TokenEndpointError, match="gave no device code"):
        parsed(device_code=code)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b"\xff\xfe", b'{"device_code": {}}'])
def test_what_is_no_response_at_all_is_an_error_in_words(body: bytes) -> None:
    with pytest.raises(TokenEndpointError, match="Acme's device endpoint"):
        parse(body)


def test_a_captive_portal_is_passing() -> None:
    with pytest.raises(Temporary, match="a web page"):
        parse(b"<html>Sign in</html>")


@pytest.mark.parametrize(
    ("data", "status", "hint"),
    [
        ({"error": "device_flow_disabled"}, 400, "Allow the device flow in the app's settings at the provider."),
        ({"error": "unauthorized_client"}, 400, "Allow the device flow in the app's settings at the provider."),
        ({"error": "device_flow_disabled"}, 200, "Allow the device flow in the app's settings at the provider."),
        ({"error": "Not Found"}, 404, "Check the client id and secret"),
        ({"error": "invalid_client"}, 401, "Check the client id and secret"),
        ({"error": "invalid_scope"}, 400, "Ask for other scopes with --scope."),
    ],
)
def test_the_hint_names_what_the_app_lacks(data: object, status: int, hint: str) -> None:
    with pytest.raises(TokenEndpointError) as caught:
        parse(data, status=status)
    assert (caught.value.hint or "").startswith(hint)
