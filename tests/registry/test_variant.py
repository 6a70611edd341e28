"""The words of a built-in service at a place of somebody's own."""

from __future__ import annotations

import pytest

from gumauth.errors import UsageError
from gumauth.registry.lookup import file_in, is_path
from gumauth.registry.resolved import argument
from gumauth.registry.variant import Variant, is_variant, parse, read_host, read_tenant


@pytest.mark.parametrize(
    ("source", "variant"),
    [
        ("gitlab --host git.example.com", Variant(service="gitlab", host="git.example.com")),
        ("gitlab --host http://localhost:3000", Variant(service="gitlab", host="http://localhost:3000")),
        ("microsoft --tenant organizations", Variant(service="microsoft", tenant="organizations")),
        (
            "keycloak --host sso.example.com --tenant Acme --name work",
            Variant(service="keycloak", host="sso.example.com", tenant="Acme", name="work"),
        ),
    ],
)
def test_words_are_read_as_they_are_written(source: str, variant: Variant) -> None:
    assert parse(source) == variant
    assert variant.source == source
    assert argument(source, "whatever") == source
    assert not is_path(source)
    assert file_in(source) is None


@pytest.mark.parametrize(
    "source",
    [
        *("built-in", "acme-oauth", "/home/ada/auth.py:Acme", "/home/a --host b/auth.py", "https://a.example --host b"),
        *(
            "gitlab --name work",
            "gitlab --host",
            "gitlab --host a.example b",
            "gitlab --port 3",
            "gitlab  --host a.example",
        ),
        *(
            "gitlab --host GIT.example",
            "gitlab --host a.example:443",
            "gitlab --host http://localhost:80",
            "gitlab --host a.example/x",
            "gitlab --tenant ..",
        ),
        *("gitlab --tenant t --host a.example", "gitlab --host a.example --host a.example", "gitlab host a.example"),
        *("gitlab --host a.example --name ../x", "gitlab --host https://a.example", "GitLab --host a.example"),
    ],
)
def test_other_words_are_none(source: str) -> None:
    assert not is_variant(source)


def test_an_ipv6_address_is_quoted_for_a_shell() -> None:
    assert (
        argument("forge --host http://[::1]:3000 --name here", "here") == "forge --host 'http://[::1]:3000' --name here"
    )


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("git.example.com", "git.example.com"),
        ("GIT.Example.COM:443", "git.example.com"),
        ("git.example.com:8443", "git.example.com:8443"),
        ("gitbox", "gitbox"),
        ("https://git.example.com", "git.example.com"),
        ("HTTPS://git.example.com:8443/", "git.example.com:8443"),
        ("git.example.com/", "git.example.com"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("HTTP://127.0.0.1", "http://127.0.0.1"),
        ("localhost:3000", "localhost:3000"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("bu\u0308cher.example:81", "xn--bcher-kva.example:81"),
        ("[::1]:3000", "[::1]:3000"),
        ("[2001:DB8::1]", "[2001:db8::1]"),
        ("http://[::1]:80", "http://[::1]"),
        ("git.example.com:080", "git.example.com:80"),
    ],
)
def test_a_host_is_read_as_it_stands_in_urls(typed: str, host: str) -> None:
    assert read_host(typed) == host
    assert read_host(host) == host
    assert is_variant(f"gitlab --host {host}")
    assert is_variant(f"gitlab --host {typed}") == (typed == host)


@pytest.mark.requirement("F6")
@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("git.example.com/group", "a path in it"),
        ("https://git.example.com/group/", "a path in it"),
        ("git.example.com//", "a path in it"),
        ("https://git.example.com/?", "more than a name and a port"),
        ("git.example.com?x=y", "more than a name and a port"),
        ("git.example.com#x", "more than a name and a port"),
        ("ada@git.example.com", "a user name"),
        ("ada:pw@git.example.com", "a user name"),
        ("git.example.com:0", "no proper port"),
        ("git.example.com:", "more than a name and a port"),
        ("git.example.com:99999", "no proper port"),
        ("git example.com", "a blank"),
        ("git.example.com\n", "a blank"),
        ("", "no proper host"),
        (".example.com", "no proper host"),
        ("git.example.com.", "no proper host"),
        ("-git.example.com", "no proper host"),
        ("git..example.com", "no proper host"),
        ("git.example.com\\@evil.example", "a user name"),
        ("git.example.com%2f", "no proper host"),
        ("{host}", "no proper host"),
        ("straße.example", "no proper host"),
        ("git\uff0eexample.com", "no proper host"),
        ("git.example.com\uff0fx", "no proper host"),
        ("\u202egit.example.com", "a blank"),
        ("https://", "no proper host"),
        ("https://https://git.example.com", "no proper port|a path"),
        ("ftp://git.example.com", "is not https"),
        ("http://git.example.com", "without TLS"),
        ("http://127.0.0.2:80", "without TLS"),
        ("http://localhost:3000/x", "a path in it"),
        ("http://localhost.evil.example", "without TLS"),
    ],
)
def test_whatever_is_more_or_less_than_a_host_is_refused(typed: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        read_host(typed)
    assert "--host" in (caught.value.hint or "")
    assert not is_variant(f"gitlab --host {typed}")


def test_a_name_without_a_dot_is_below_the_domain_of_the_service() -> None:
    assert read_host("acme", "okta.com") == "acme.okta.com"
    assert read_host("acme:8443", "okta.com") == "acme.okta.com:8443"
    assert read_host("acme/", "okta.com") == "acme.okta.com"
    assert read_host("https://acme.okta.com/", "okta.com") == "acme.okta.com"
    assert read_host("login.acme.example", "okta.com") == "login.acme.example"
    assert read_host("http://localhost:80", "okta.com") == "http://localhost"


@pytest.mark.parametrize(
    "tenant", ["organizations", "9188040d-6c67-4c5b-b112-36a304b66dad", "acme.onmicrosoft.com", "A_b"]
)
def test_a_tenant_stays_as_it_is(tenant: str) -> None:
    assert read_tenant(tenant) == tenant


@pytest.mark.parametrize("tenant", ["", ".", "..", "a..b", "a/b", "a b", "a%2fb", "-a", "a.", "ä", "a?b", "x" * 201])
def test_a_tenant_with_other_characters_is_refused(tenant: str) -> None:
    with pytest.raises(UsageError, match="cannot be a tenant"):
        read_tenant(tenant)
