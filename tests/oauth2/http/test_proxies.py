"""HTTPS_PROXY, ALL_PROXY and NO_PROXY, as people and their tools set them."""

from __future__ import annotations

import asyncio
import ssl

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gumauth.errors import EnvironmentFault
from gumauth.oauth2.http.client import make_client
from gumauth.oauth2.http.proxies import Proxies, as_httpx_reads, proxy_before, read

PROXY = "http://proxy.corp:3128"


def of(**environ: str) -> Proxies:
    return read(environ, {}, has_socks=False)


@pytest.mark.requirement("F7")
@pytest.mark.parametrize(
    ("environ", "url", "variable"),
    [
        ({}, None, ""),
        ({"HTTPS_PROXY": PROXY}, PROXY, "HTTPS_PROXY"),
        ({"https_proxy": PROXY, "HTTPS_PROXY": "http://other:1"}, PROXY, "https_proxy"),
        ({"https_proxy": "", "HTTPS_PROXY": PROXY}, None, ""),
        ({"ALL_PROXY": PROXY}, PROXY, "ALL_PROXY"),
        ({"Https_Proxy": PROXY}, PROXY, "Https_Proxy"),
        ({"HTTPS_PROXY": "", "Https_Proxy": PROXY}, None, ""),
        ({"HTTPS_PROXY": PROXY, "ALL_PROXY": "socks://desktop:1080"}, PROXY, "HTTPS_PROXY"),
        ({"HTTPS_PROXY": " proxy.corp:3128 "}, PROXY, "HTTPS_PROXY"),
        ({"HTTP_PROXY": "no proxy at all"}, None, ""),
        ({"HTTPS_PROXY": "gopher://x", "NO_PROXY": "a.example,*"}, None, ""),
    ],
)
def test_the_proxy_is_the_one_for_https(environ: dict[str, str], url: str | None, variable: str) -> None:
    found = of(**environ)
    assert (found.url, found.variable) == (url, variable)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("http://", "HTTPS_PROXY does not hold the address of a proxy"),
        ("http://proxy:port", "HTTPS_PROXY does not hold the address of a proxy"),
        ("http://[fd07::/64]:1", "HTTPS_PROXY does not hold the address of a proxy"),
        ("http://a proxy:1", "HTTPS_PROXY does not hold the address of a proxy"),
        ("socks://desktop:1080", "HTTPS_PROXY names a proxy of the kind 'socks'"),
        ("socks5h://desktop:1080", "HTTPS_PROXY names a SOCKS proxy"),
    ],
)
def test_a_proxy_that_cannot_work_is_told_by_its_variable_and_without_its_password(value: str, words: str) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        of(HTTPS_PROXY=value.replace("://", "://ada:hunter2@", 1))
    assert words in caught.value.message
    assert "HTTPS_PROXY" in (caught.value.hint or "")
    assert "hunter2" not in f"{caught.value.message} {caught.value.hint}"


def test_a_socks_proxy_is_used_where_httpx_can_use_one() -> None:
    assert read({"ALL_PROXY": "socks5h://desktop:1080"}, {}, has_socks=True).url == "socks5://desktop:1080"


def test_the_password_of_a_proxy_is_not_shown() -> None:
    found = of(HTTPS_PROXY="http://ada:hunter2@proxy.corp:3128")
    assert found.shown == "http://proxy.corp:3128"
    assert "hunter2" not in repr(found)


@pytest.mark.requirement("F7")
def test_the_systems_settings_count_where_the_environment_names_no_proxy() -> None:
    assert read({}, {"https": PROXY}, has_socks=False).url == PROXY
    assert read({"HTTP_PROXY": "http://other:1"}, {"https": PROXY}, has_socks=False).url is None


@pytest.mark.requirement("F7")
@pytest.mark.parametrize(
    ("entry", "pattern"),
    [
        ("example.com", "all://*example.com"),
        (".corp", "all://*.corp"),
        ("*.example.com", "all://*.example.com"),
        ("Example.com:8443", "all://*example.com:8443"),
        ("localhost", "all://localhost"),
        ("192.0.2.1", "all://192.0.2.1"),
        ("::1", "all://[::1]"),
        ("[fd07::1]:443", "all://[fd07::1]:443"),
        ("https://example.com", "https://example.com"),
    ],
)
def test_an_entry_of_no_proxy_is_asked_directly(entry: str, pattern: str) -> None:
    found = of(HTTPS_PROXY=PROXY, NO_PROXY=f" {entry} ,")
    assert (found.direct, found.passed_over) == ((pattern,), ())


@pytest.mark.requirement("F7")
@pytest.mark.parametrize(
    "entry", ["::1/128", "fd07::/64", "10.0.0.0/8", "[::1", "a b", "bü.example", "1.2.3", "x:99999"]
)
def test_an_entry_that_names_no_host_is_passed_over(entry: str) -> None:
    found = of(HTTPS_PROXY=PROXY, NO_PROXY=f"{entry},example.com")
    assert (found.direct, found.passed_over) == (("all://*example.com",), (entry,))


def test_a_provider_file_finds_a_no_proxy_that_httpx_can_read() -> None:
    said = "::1/128,fd07::/64,[::1],10.0.0.0/8,.corp"
    assert as_httpx_reads({"no_proxy": said, "NO_PROXY": "localhost,*.corp", "HTTPS_PROXY": PROXY}) == {
        "no_proxy": "::1,10.0.0.0/8,.corp"
    }


@pytest.mark.requirement("S7")
@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({}, ""),
        ({"HTTPS_PROXY": PROXY}, ""),
        ({"http_proxy": PROXY}, "http_proxy"),
        ({"ALL_PROXY": PROXY, "NO_PROXY": "example.com"}, "ALL_PROXY"),
        ({"HTTP_PROXY": PROXY, "NO_PROXY": "localhost, 127.0.0.1:4000"}, ""),
        ({"HTTP_PROXY": PROXY, "no_proxy": "*"}, ""),
    ],
)
def test_plain_http_on_loopback_goes_to_a_proxy_unless_no_proxy_says_not(
    environ: dict[str, str], variable: str
) -> None:
    assert proxy_before(environ, "127.0.0.1") == variable


ENTRIES = st.lists(st.one_of(st.text(st.sampled_from("0123456789abcdef:./*[]%-_ @#?\\\x00ü"), max_size=20)), max_size=4)


async def _make(environ: dict[str, str]) -> None:
    await make_client(environ).aclose()


@pytest.mark.requirement("F7")
@given(ENTRIES.map(",".join))
def test_no_no_proxy_keeps_a_client_from_being_made(no_proxy: str) -> None:
    asyncio.run(_make({"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy}))


TLS = ssl.create_default_context()


@given(ENTRIES.map(",".join))
def test_no_no_proxy_keeps_a_provider_file_from_making_its_own_client(no_proxy: str) -> None:
    environ = {"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            patch.delenv(name, raising=False)
            patch.delenv(name.upper(), raising=False)
        for name, value in {**environ, **as_httpx_reads(environ)}.items():
            if "\0" not in value:
                patch.setenv(name, value)
        httpx.Client(verify=TLS).close()
