"""Which URLs are plain, and what is sent for a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from gumauth.oauth2.http.request import Address, Request, address_of, sent_for


@pytest.mark.requirement("F6")
@pytest.mark.parametrize(
    ("url", "scheme", "host", "port", "target"),
    [
        ("https://example.com", "https", "example.com", 443, "/"),
        ("https://example.com?a=b", "https", "example.com", 443, "/?a=b"),
        ("https://a-b.example.com:8443/token?x=%2F/?&y", "https", "a-b.example.com", 8443, "/token?x=%2F/?&y"),
        ("http://127.0.0.1:1/", "http", "127.0.0.1", 1, "/"),
        ("http://[::1]:1/a/b;c", "http", "::1", 1, "/a/b;c"),
        ("https://xn--strae-oqa.example/", "https", "xn--strae-oqa.example", 443, "/"),
    ],
)
def test_a_plain_url_has_the_address_that_httpx_reads(url: str, scheme: str, host: str, port: int, target: str) -> None:
    address = address_of(url)
    assert address == Address(scheme=scheme, host=host, port=port, target=target)
    read = httpx.URL(url)
    assert (read.scheme, read.raw_host.decode(), read.raw_path.decode()) == (scheme, host, target)
    assert read.netloc.decode() == address.authority


@pytest.mark.requirement("F6")
@pytest.mark.parametrize(
    "url",
    [
        *("https://user@example.com/", "https://example.com@evil.example/", "https://example.com:x/", "https://"),
        *(
            "https://example.com/a b",
            "https://example.com/\r\nHost: x",
            "https://example.com/\n",
            "https://exa\tmple.com",
        ),
        *("https://EXAMPLE.com/", "HTTPS://example.com/", "https://straße.example/", "https://example.com./"),
        *("https://example.com/../a", "https://example.com/a/./b", "https://example.com/#f", "https://example.com/%zz"),
        *("https://example.com\\@evil.example/", "https://127.1/", "https://2130706433/", "https://0x7f.1/"),
        *(
            "https://example.com:65536/",
            f"https://{'a.' * 127}example/",
            f"https://{'a' * 64}.example/",
            "//example.com",
        ),
        *(
            "https://example.com/?it's",
            "https://-a.example/",
            "https://[::1",
            "http://[127.0.0.1]/",
            "https://[....]/",
            "https://127.0.0.01/",
            "https://999.1.1.1/",
            "ftp://example.com/",
            "",
            None,
            b"https://a",
        ),
    ],
)
def test_a_url_that_two_readers_could_read_in_two_ways_is_not_plain(url: object) -> None:
    assert address_of(url) is None


@pytest.mark.requirement("F13")
@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("GET", {}),
        ("POST", {}),
        ("POST", {"form": {"code": "a b&c=d/é", "empty": ""}}),
        ("POST", {"form": {}}),
        ("POST", {"form": {"a": True, "b": None, "c": ["x", "y"], "d": 1}}),
        ("POST", {"json": {"a": ["é", 1, None]}}),
        ("DELETE", {"headers": {"Authorization": "Bearer x"}}),
        ("POST", {"form": {"a": "b"}, "headers": {"accept": "application/json", "content-type": "text/plain"}}),
    ],
)
def test_what_is_sent_is_what_httpx_would_send(method: str, options: Mapping[str, Any]) -> None:
    request = Request(method=method, url="https://example.com:8443/t?x=y", **options)
    address = address_of(request.url)
    assert address is not None
    sent = sent_for(request, address)
    with httpx.Client(headers={"Connection": "", "Accept-Encoding": "identity", "User-Agent": ""}) as client:
        theirs = client.build_request(
            method, request.url, headers=request.headers, data=request.form, json=request.json
        )
    assert sent.content == theirs.content
    ours = {name.lower(): value for name, value in sent.headers.items()} | {"user-agent": "", "connection": ""}
    assert ours == dict(theirs.headers)
    assert len(ours) == len(sent.headers) + 1


def test_neither_an_address_nor_what_is_sent_shows_a_secret() -> None:
    request = Request(method="POST", url="https://a.example/?code=s3cret", form={"code": "s3cret"})
    address = address_of(request.url)
    assert address is not None
    assert "s3cret" not in repr(address) + repr(sent_for(request, address)) + repr(request)
