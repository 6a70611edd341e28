"""Which hosts a token may be sent to."""

from __future__ import annotations

import pytest

from gumauth.errors import ForeignHost, UsageError
from gumauth.oauth2.http.destination import check_scheme, given_hosts, is_among, own_hosts, written
from gumauth.providers.github import GitHub
from gumauth.providers.google import Google
from gumauth.providers.linear import Linear

pytestmark = pytest.mark.requirement("S7")


class Tracker:
    authorize_url = "https://tracker.example/oauth/authorize"
    token_url = "https://auth.tracker.example/token"
    nickname_url = "https://API.Tracker.example:8443/me"
    revoke_url = "https://{tenant}.tracker.example/revoke"
    identity_url = None


def test_a_providers_hosts_are_those_of_its_endpoints_and_what_is_below_its_api() -> None:
    assert set(own_hosts(Tracker, {})) == {
        "tracker.example",
        "auth.tracker.example",
        "api.tracker.example",
        ".api.tracker.example",
    }


def test_a_url_that_the_token_endpoint_gave_is_the_services_and_one_of_the_callback_is_not() -> None:
    class Instances:
        token_extras, callback_extras = ("instance_url", "missing", "id"), ("server",)

    extras = {"instance_url": "https://acme.my.instances.example", "id": "7", "server": "https://evil.example"}
    assert own_hosts(Instances, extras) == ("acme.my.instances.example",)


def test_what_may_have_come_with_the_callback_is_nobodys_host() -> None:
    class Instances:
        token_extras, callback_extras = ("instance_url",), ("instance_url",)

    assert own_hosts(Instances, {"instance_url": "https://evil.example"}) == ()


@pytest.mark.parametrize("host", ["stra\u00dfe.example", ".fa\u00df.example", "\uff46ull.example", "\u2460.example"])
def test_a_host_that_is_another_one_by_older_rules_is_none(host: str) -> None:
    assert own_hosts(type("Odd", (), {"api_hosts": (host,), "token_url": f"https://{host}/"}), {}) == ()
    with pytest.raises(UsageError):
        given_hosts(host)


def test_an_api_on_loopback_or_an_address_has_nothing_below_it() -> None:
    class Local:
        nickname_url, token_url = "http://127.0.0.1:4000/me", "http://[::1]:4000/token"

    assert own_hosts(Local, {}) == ("::1", "127.0.0.1")


def test_a_gumstack_file_has_the_hosts_that_it_names() -> None:
    class Notes:
        api_hosts = ("api.Notes.example.", ".notes.cloud", "no host", 7)

    assert own_hosts(Notes, {}) == ("api.notes.example", ".notes.cloud")
    assert own_hosts(object, {}) == ()
    assert own_hosts(type("One", (), {"api_hosts": "api.notes.example"}), {}) == ("api.notes.example",)
    for odd in (7, {"api.notes.example"}, frozenset({"api.notes.example"}), {"api.notes.example": 1}):
        assert own_hosts(type("Odd", (), {"api_hosts": odd}), {}) == ()


def test_extras_that_are_no_list_of_names_name_no_host() -> None:
    odd = type("Odd", (), {"token_extras": {"instance_url"}})
    assert own_hosts(odd, {"instance_url": "https://acme.example"}) == ()


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("api.example.com", True),
        ("example.org", True),
        ("a.b.example.org", True),
        ("example.com", False),
        ("evil-example.org", False),
        ("api.example.com.evil.net", False),
        ("", False),
    ],
)
def test_a_name_is_itself_and_a_dot_before_it_means_all_below_it_too(host: str, is_ours: bool) -> None:
    assert is_among(host, ("api.example.com", ".example.org")) is is_ours


@pytest.mark.parametrize(
    ("host", "shown"),
    [("API.Example.com.", "api.example.com"), ("[::1]", "::1"), ("bücher.example", "xn--bcher-kva.example")],
)
def test_a_host_is_compared_in_ascii_and_small_letters(host: str, shown: str) -> None:
    assert written(host) == shown


@pytest.mark.parametrize("host", ["https://api.example.com", "api.example.com/v1", "api.example.com:443", "*", "", "."])
def test_what_is_no_hosts_name_is_refused(host: str) -> None:
    with pytest.raises(UsageError, match="is no host's name"):
        given_hosts((host,))


def test_one_host_may_stand_alone() -> None:
    assert given_hosts("internal.example") == ("internal.example",)


@pytest.mark.parametrize(
    ("scheme", "host", "is_safe"),
    [
        ("https", "example.com", True),
        ("http", "127.0.0.1", True),
        ("http", "localhost", True),
        ("http", "::1", True),
        ("http", "127.0.0.1.example.com", False),
        ("http", "example.com", False),
        ("ftp", "localhost", False),
    ],
)
def test_plain_http_is_for_loopback(scheme: str, host: str, is_safe: bool) -> None:
    if is_safe:
        check_scheme(scheme, host)
        return
    with pytest.raises(ForeignHost, match="without TLS"):
        check_scheme(scheme, host)


@pytest.mark.parametrize(
    ("provider", "ours", "foreign"),
    [
        (Linear, ["api.linear.app", "uploads.linear.app", "mcp.linear.app"], ["linear.app.evil.com", "linear.com"]),
        (
            GitHub,
            ["api.github.com", "github.com", "uploads.github.com"],
            ["ada.github.io", "gist.githubusercontent.com"],
        ),
        (Google, ["gmail.googleapis.com", "www.googleapis.com"], ["googleapis.com.evil.net", "ada.web.app"]),
    ],
)
def test_the_services_that_gumauth_brings_name_their_apis(provider: type, ours: list[str], foreign: list[str]) -> None:
    hosts = own_hosts(provider, {})
    assert [host for host in ours if not is_among(host, hosts)] == []
    assert [host for host in foreign if is_among(host, hosts)] == []
