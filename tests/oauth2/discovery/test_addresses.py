"""Addresses: read, compared and followed. Tables of what may be and what may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gumauth.errors import UsageError
from gumauth.oauth2.discovery.addresses import (
    covers,
    fault,
    is_address,
    issuer_candidates,
    may_follow,
    may_lead_to,
    name_of,
    origin,
    read_address,
    resource_candidates,
    same_issuer,
)


@pytest.mark.requirement("M31")
@pytest.mark.requirement("D1")
@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://mcp.example.com", "https://mcp.example.com"),
        ("https://mcp.example.com/", "https://mcp.example.com/"),
        ("https://mcp.example.com/mcp/", "https://mcp.example.com/mcp/"),
        ("HTTPS://MCP.Example.COM/Mcp", "https://mcp.example.com/Mcp"),
        ("https://mcp.example.com:443/mcp", "https://mcp.example.com/mcp"),
        ("https://mcp.example.com:/mcp", "https://mcp.example.com/mcp"),
        ("https://mcp.example.com:8443/mcp", "https://mcp.example.com:8443/mcp"),
        ("https://mcp.example.com:80/mcp", "https://mcp.example.com:80/mcp"),
        ("https://mcp.example.com/a%2fB//c;d?x=%20&y=/?", "https://mcp.example.com/a%2fB//c;d?x=%20&y=/?"),
        ("https://mcp.example.com/mcp?", "https://mcp.example.com/mcp?"),
        ("https://mcp.example.com?a=b", "https://mcp.example.com?a=b"),
        ("https://mcp.example.com/mcp#part", "https://mcp.example.com/mcp"),
        ("https://mcp.example.com#?/part", "https://mcp.example.com"),
        ("https://bücher.example/mcp", "https://xn--bcher-kva.example/mcp"),
        ("https://[2001:DB8:0::1]/mcp", "https://[2001:db8::1]/mcp"),
        ("http://127.0.0.1:8931/mcp", "http://127.0.0.1:8931/mcp"),
        ("http://localhost:80/mcp", "http://localhost/mcp"),
        ("http://[::1]:9/", "http://[::1]:9/"),
    ],
)
def test_only_scheme_host_and_port_are_normalised(typed: str, address: str) -> None:
    assert read_address(typed) == address
    assert read_address(address) == address


@pytest.mark.requirement("D1")
@pytest.mark.parametrize(
    ("typed", "issuer"),
    [
        ("https://as.example/.well-known/openid-configuration", "https://as.example"),
        ("https://as.example/.well-known/oauth-authorization-server", "https://as.example"),
        ("https://as.example/.well-known/oauth-authorization-server/a/b", "https://as.example/a/b"),
        ("https://as.example/.well-known/openid-configuration/a", "https://as.example/a"),
        ("https://as.example/a/b/.well-known/openid-configuration", "https://as.example/a/b"),
        (
            "https://as.example/.well-known/openid-configuration2",
            "https://as.example/.well-known/openid-configuration2",
        ),
        ("https://as.example/?x=/.well-known/openid-configuration", None),
        ("https://as.example/.well-known/openid-configuration?x=1", None),
    ],
)
def test_the_address_of_metadata_gives_its_issuer(typed: str, issuer: str | None) -> None:
    assert read_address(typed) == (issuer or typed)


@pytest.mark.requirement("M14")
@pytest.mark.requirement("D3")
@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("http://mcp.example.com/mcp", "The address is not https."),
        ("http://192.168.1.1/", "The address is not https."),
        ("http://localhost.evil.example/", "The address is not https."),
        ("ftp://mcp.example.com/", "The address is not https."),
        ("javascript:alert(1)", "The address is not https."),
        ("https:mcp.example.com", "The address is not https."),
        ("https", "The address is not https."),
        ("https://ada:pass@mcp.example.com/", "The address carries a user name."),
        ("https://mcp.example.com\\@evil.example/", "The address carries a user name."),
        ("https://", "The address has no proper host."),
        ("https:///mcp", "The address has no proper host."),
        ("https://:8443/", "The address has no proper host."),
        ("https://.example.com/", "The address has no proper host."),
        ("https://a..example.com/", "The address has no proper host."),
        ("https://mcp_\\example.com/", "The address has no proper host."),
        ("https://exa%6dple.com/", "The address has no proper host."),
        ("https://" + "a." * 127 + "a/", "The address has no proper host."),
        ("https://[::1", "The address has no proper host."),
        ("https://[::1]x/", "The address has no proper host."),
        ("https://[fe80::1%25eth0]/", "The address has no proper host."),
        ("https://[::g]/", "The address has no proper host."),
        ("https://é.é" + "é" * 80 + ".example/", "The address has no proper host."),
        ("https://mcp.example.com:x/", "The address has no proper port."),
        ("https://mcp.example.com:0/", "The address has no proper port."),
        ("https://mcp.example.com:65536/", "The address has no proper port."),
        ("https://mcp.example.com:٣/", "The address has no proper port."),
        ("https://mcp.example.com:1:2/", "The address has no proper port."),
        ("https://mcp.example.com/a b", "The address holds a blank or a control character."),
        ("https://mcp.example.com/\x1b[31m", "The address holds a blank or a control character."),
        ("https://mcp.example.com/a\r\nHost: x", "The address holds a blank or a control character."),
        ("https://mcp.example.com/\ud800", "The address holds a blank or a control character."),
        ("https://mcp.example.com/\u202e", "The address holds a blank or a control character."),
        ("https://mcp.example.com/é", "The address holds a character that has to be percent-encoded."),
        ("https://mcp.example.com/?x=<a>", "The address holds a character that has to be percent-encoded."),
        ("https://mcp.example.com/a/../b", "The address has a segment . or .. in its path."),
        ("https://mcp.example.com/./b", "The address has a segment . or .. in its path."),
        ("https://mcp.example.com/a/%2E./b", "The address has a segment . or .. in its path."),
        ("https://mcp.example.com/" + "a" * 2025, "The address is longer than 2048 characters."),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(typed: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_address(typed)
    assert caught.value.message == message
    assert caught.value.hint is not None
    assert "pass" not in f"{caught.value.hint}{caught.value!r}"


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("http://a.example", "Write it with https://; http:// is for this machine: localhost, 127.0.0.1 and [::1]."),
        ("https://a@b.example", "Leave out what stands before the @: signing in is done in the browser."),
        ("https://", "Write it as the service's documentation does, such as https://mcp.example.com/mcp."),
    ],
)
def test_the_hint_says_what_to_write(typed: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_address(typed)
    assert caught.value.hint == hint


def test_an_address_of_2048_characters_is_read() -> None:
    typed = "https://mcp.example.com/" + "a" * 2024
    assert read_address(typed) == typed


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://a", True),
        ("HTTP://a", True),
        ("hTTps://", True),
        ("https:/a", False),
        ("ftp://a", False),
        ("./https://a", False),
        (" https://a", False),
        ("linear", False),
        ("", False),
    ],
)
def test_what_begins_with_http_or_https_is_meant_as_an_address(text: str, is_one: bool) -> None:
    assert is_address(text) is is_one


@pytest.mark.requirement("P2")
@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://mcp.example.com/mcp", "mcp.example.com"),
        ("https://MCP.example.com:443", "mcp.example.com"),
        ("https://mcp.example.com:8443", "mcp.example.com.8443"),
        ("http://127.0.0.1:8931/mcp", "127.0.0.1.8931"),
        ("http://localhost/mcp", "localhost"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://[2001:db8::1]/", None),
        ("https://_a.example/", None),
        ("https://" + "a" * 60 + ".com/", "a" * 60 + ".com"),
        ("https://" + "a" * 61 + ".com/", None),
        ("https://" + "a" * 60 + ".com:8443/", None),
        ("https://mcp.example.py/", None),
        ("https://mcp.example.py:8443/", "mcp.example.py.8443"),
        ("nothing", None),
    ],
)
def test_the_name_is_the_host_and_an_unusual_port(url: str, name: str | None) -> None:
    assert name_of(url) == name


@pytest.mark.requirement("D1")
@pytest.mark.parametrize(
    ("url", "places"),
    [
        ("https://h.example", ["https://h.example/.well-known/oauth-protected-resource"]),
        ("https://h.example/", ["https://h.example/.well-known/oauth-protected-resource"]),
        (
            "https://h.example:8443/a/mcp",
            [
                "https://h.example:8443/.well-known/oauth-protected-resource/a/mcp",
                "https://h.example:8443/.well-known/oauth-protected-resource",
            ],
        ),
        (
            "https://h.example/mcp/",
            [
                "https://h.example/.well-known/oauth-protected-resource/mcp/",
                "https://h.example/.well-known/oauth-protected-resource/mcp",
                "https://h.example/.well-known/oauth-protected-resource",
            ],
        ),
        (
            "https://h.example/mcp?a=b",
            [
                "https://h.example/.well-known/oauth-protected-resource/mcp?a=b",
                "https://h.example/.well-known/oauth-protected-resource",
            ],
        ),
        (
            "https://h.example/?a=b",
            [
                "https://h.example/.well-known/oauth-protected-resource?a=b",
                "https://h.example/.well-known/oauth-protected-resource",
            ],
        ),
    ],
)
def test_the_metadata_of_a_resource_is_looked_for_at_its_path_then_at_the_root(url: str, places: list[str]) -> None:
    assert list(resource_candidates(url)) == places


@pytest.mark.requirement("D1")
@pytest.mark.requirement("M8")
@pytest.mark.requirement("M9")
@pytest.mark.parametrize("slash", ["", "/"])
def test_the_metadata_of_an_issuer_is_looked_for_in_the_order_of_the_specifications(slash: str) -> None:
    assert issuer_candidates(f"https://as.example/a/b{slash}") == (
        "https://as.example/.well-known/oauth-authorization-server/a/b",
        "https://as.example/.well-known/openid-configuration/a/b",
        "https://as.example/a/b/.well-known/openid-configuration",
    )
    assert issuer_candidates(f"https://as.example{slash}") == (
        "https://as.example/.well-known/oauth-authorization-server",
        "https://as.example/.well-known/openid-configuration",
    )


@pytest.mark.requirement("D2")
@pytest.mark.requirement("M10")
@pytest.mark.parametrize(
    ("asked", "named", "same"),
    [
        ("https://as.example", "https://as.example", True),
        ("https://as.example", "https://as.example/", True),
        ("https://as.example/", "https://as.example", True),
        ("https://as.example:8443/", "https://as.example:8443", True),
        ("https://as.example/a/", "https://as.example/a/", True),
        ("https://as.example/a", "https://as.example/a/", False),
        ("https://as.example/a/", "https://as.example/a", False),
        ("https://as.example", "https://as.example//", False),
        ("https://as.example//", "https://as.example/", False),
        ("https://as.example/a", "https://as.example", False),
        ("https://as.example", "https://as.example/a", False),
        ("https://as.example", "https://AS.example", False),
        ("https://as.example", "https://as.example:443", False),
        ("https://as.example", "http://as.example", False),
        ("https://as.example?", "https://as.example?/", False),
        ("https://as.example", "https://as.example.evil.example", False),
        ("https://as.example/common", "https://as.example/{tenantid}", False),
        ("https://as.example", "", False),
    ],
)
def test_an_issuer_is_the_one_that_was_asked_for(asked: str, named: str, same: bool) -> None:
    assert same_issuer(asked, named) is same


@pytest.mark.requirement("D2")
@pytest.mark.requirement("M13")
@pytest.mark.parametrize(
    ("resource", "url", "does"),
    [
        ("https://h.example/mcp", "https://h.example/mcp", True),
        ("https://h.example/mcp/", "https://h.example/mcp", True),
        ("https://h.example/mcp", "https://h.example/mcp/", True),
        ("https://h.example", "https://h.example/a/mcp", True),
        ("https://h.example/", "https://h.example/a/mcp", True),
        ("https://h.example/", "https://h.example", True),
        ("https://h.example", "https://h.example/", True),
        ("https://h.example/a", "https://h.example/a/mcp", True),
        ("https://H.example:443/a", "https://h.example/a", True),
        ("https://h.example/mcp", "https://h.example/mcp?a=b", True),
        ("https://h.example/mcp?a=b", "https://h.example/mcp?a=b", True),
        ("https://h.example/mcp/?a=b", "https://h.example/mcp?a=b", True),
        ("https://h.example/mcp?a=b", "https://h.example/mcp?a=c", False),
        ("https://h.example/mcp?a=b", "https://h.example/mcp", False),
        ("https://h.example/mcp?a=b", "https://h.example/mcp/x?a=b", False),
        ("https://h.example/mc", "https://h.example/mcp", False),
        ("https://h.example/a/mcp", "https://h.example/a", False),
        ("https://h.example/MCP", "https://h.example/mcp", False),
        ("https://h.example/mcp//", "https://h.example/mcp", False),
        ("https://h.example/%6dcp", "https://h.example/mcp", False),
        ("https://other.example/mcp", "https://h.example/mcp", False),
        ("https://example/mcp", "https://h.example/mcp", False),
        ("https://h.example:8443/mcp", "https://h.example/mcp", False),
        ("http://h.example/mcp", "https://h.example/mcp", False),
        ("https://h.example#a", "https://h.example/mcp", False),
        ("https://h.example/a", "https://h.example/a/../b", False),
        ("https://h.example/a/..", "https://h.example/a/../b", False),
        ("https://h.example/a", "https://h.example/a/%2e%2E/b", False),
        ("https://u@h.example/mcp", "https://h.example/mcp", False),
        ("mcp", "https://h.example/mcp", False),
        ("", "https://h.example/mcp", False),
    ],
)
def test_a_resource_is_the_address_or_a_parent_of_it(resource: str, url: str, does: bool) -> None:
    assert covers(resource, url) is does


@pytest.mark.requirement("M47")
def test_two_paths_of_a_host_are_two_resources() -> None:
    one, other = "https://h.example/one/mcp", "https://h.example/two/mcp"
    assert not covers(one, other)
    assert not covers(other, one)
    assert resource_candidates(one)[0] != resource_candidates(other)[0]


@pytest.mark.requirement("D3")
@pytest.mark.requirement("M12")
@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://h.example/b", "https://h.example/b"),
        ("HTTPS://H.example:443/B?c=%20#d", "https://h.example/B?c=%20"),
        ("/b", "https://h.example/b"),
        ("b", "https://h.example/a/b"),
        ("../b", "https://h.example/b"),
        ("?x=y", "https://h.example/a/mcp?x=y"),
        ("mcp/", "https://h.example/a/mcp/"),
        ("//h.example/b", "https://h.example/b"),
        ("http://h.example/b", None),
        ("https://other.example/b", None),
        ("//other.example/b", None),
        ("/\\other.example/b", "https://h.example/\\other.example/b"),
        ("https://h.example:8443/b", None),
        ("https://h.example@other.example/", None),
        ("https://u@h.example/b", None),
        ("https://h.example.evil.example/", None),
        ("file:///etc/passwd", None),
        ("javascript:alert(1)", None),
        ("data:,x", None),
        ("https://[::1", None),
        ("/a\r\nb", None),
        ("/a\tb", None),
        ("/" + "a" * 2048, None),
    ],
)
def test_a_redirect_is_followed_within_its_origin(location: str, target: str | None) -> None:
    assert may_follow("https://h.example/a/mcp", location) == target


@pytest.mark.requirement("D3")
@pytest.mark.requirement("M12")
@pytest.mark.requirement("M14")
@pytest.mark.parametrize(
    ("start", "target", "reason"),
    [
        ("https://h.example/mcp", "https://as.example/", None),
        ("https://h.example/mcp", "https://h.example:8443/x?y#z", None),
        ("https://h.example/mcp", "https://93.184.215.14/", None),
        ("http://127.0.0.1:8931/mcp", "http://127.0.0.1:8932/", None),
        ("http://127.0.0.1:8931/mcp", "http://localhost:8932/", None),
        ("http://localhost:8931/mcp", "https://as.example/", None),
        ("https://10.0.0.1/mcp", "https://10.0.0.2/", None),
        ("https://intranet/mcp", "https://as.intranet.internal/", None),
        ("https://h.example/mcp", "http://as.example/", "is not https"),
        ("https://h.example/mcp", "http://127.0.0.1:9/", "is in a private network"),
        ("http://127.0.0.1:9/mcp", "http://10.0.0.1/", "is not https"),
        ("http://127.0.0.1:9/mcp", "http://as.example/", "is not https"),
        ("https://10.0.0.1/mcp", "http://127.0.0.1:9/", "is not https"),
        ("https://h.example/mcp", "https://127.0.0.1/", "is in a private network"),
        ("https://h.example/mcp", "https://localhost/", "is in a private network"),
        ("https://h.example/mcp", "https://169.254.169.254/", "is in a private network"),
        ("https://h.example/mcp", "https://u:p@as.example/", "carries a user name"),
        ("https://h.example/mcp", "file:///etc/passwd", "is not https"),
        ("https://h.example/mcp", "javascript:alert(1)", "is not https"),
        ("https://h.example/mcp", "/relative", "is not https"),
        ("https://h.example/mcp", "", "is not https"),
        ("https://h.example/mcp", "https://as.example/\x00", "holds a blank or a control character"),
        ("https://h.example/mcp", "https://as.example:99999/", "has no proper port"),
    ],
)
def test_what_is_named_from_afar_is_https_and_public(start: str, target: str, reason: str | None) -> None:
    assert fault(start, target) == reason
    assert may_lead_to(start, target) is (reason is None)


@pytest.mark.parametrize("url", ["https://h.example:8443/a?b#c", "https://H.example:8443"])
def test_an_origin_is_scheme_host_and_port(url: str) -> None:
    assert origin(url) == "https://h.example:8443"


ODD = st.text(st.sampled_from("htps:/@[]?#.%2e\\ \r\n\0éa1٣:\ud800\uff0e"), max_size=40)


@given(ODD, ODD)
def test_foreign_texts_raise_nothing(one: str, other: str) -> None:
    for url in (one, "https://" + one, "https://h.example/" + one):
        name_of(url)
        covers(url, "https://h.example/a")
        may_follow("https://h.example/a", url)
        may_lead_to("https://h.example/a", url)
        same_issuer(url, other)


@given(ODD)
def test_a_typed_text_is_an_address_or_refused_in_words(text: str) -> None:
    try:
        address = read_address("https://" + text)
    except UsageError:
        return
    assert read_address(address) == address
    assert covers(address, address)
    assert issuer_candidates(address)
    assert resource_candidates(address)
