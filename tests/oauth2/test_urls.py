from __future__ import annotations

import pytest

from gumauth.errors import GumauthError
from gumauth.oauth2.urls import safe_url


@pytest.mark.requirement("B1")
@pytest.mark.parametrize(
    "url",
    [
        "https://linear.app/oauth/authorize?client_id=a&redirect_uri=http%3A%2F%2Flocalhost%3A4862%2Fcallback&scope=a,b",
        "https://as.example:8443/a/b;c?x=%20+&y=~-._*!()@:/?",
        "https://as.example",
        "https://as.example/a#b",
        "https://[2001:db8::1]/a",
        "http://localhost:4862/a",
        "http://127.0.0.1:80/",
        "http://127.1.2.3/",
        "http://[::1]:9/",
    ],
)
def test_a_proper_url_is_written_as_it_was(url: str) -> None:
    assert safe_url(url) == url


@pytest.mark.requirement("B1")
@pytest.mark.parametrize(
    ("url", "written"),
    [
        (" https://as.example/a ", "https://as.example/a"),
        ("HTTPS://AS.Example/A", "https://as.example/A"),
        ("https://as.example/?scope=read write", "https://as.example/?scope=read%20write"),
        ("https://as.example/?x=é", "https://as.example/?x=%C3%A9"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://as.example/?x=100%", "https://as.example/?x=100%25"),
        ("https://as.example/?x=%zz%2f", "https://as.example/?x=%25zz%2f"),
        ("https://as.example/'\"`$\\|^<>{}", "https://as.example/%27%22%60%24%5C%7C%5E%3C%3E%7B%7D"),
        ("https://as.example/?a=$(x)&b=`y`", "https://as.example/?a=%24(x)&b=%60y%60"),
    ],
)
def test_what_a_launcher_could_misread_is_encoded(url: str, written: str) -> None:
    assert safe_url(url) == written
    assert safe_url(written) == written


@pytest.mark.requirement("B1")
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://as.example/", "it is not https"),
        ("http://localhost.evil.example/", "it is not https"),
        ("http://127.0.0.1.evil.example/", "it is not https"),
        ("http://0.0.0.0/", "it is not https"),
        ("file:///etc/passwd", "it is not https"),
        ("javascript:alert(1)", "it is not https"),
        ("--help", "it is not https"),
        ("", "it is not https"),
        ("//as.example/", "it is not https"),
        ("https://ada@as.example/", "it carries a user name"),
        ("https://ada:pw@as.example/", "it carries a user name"),
        ("https://@as.example/", "it carries a user name"),
        ("https://as.example/\n--version", "it holds control characters"),
        ("https://as.exam\tple/", "it holds control characters"),
        ("https://as.example/\x00", "it holds control characters"),
        ("https://as.example/\x1b[31m", "it holds control characters"),
        ("https://as.example/\x9b31m", "it holds control characters"),
        ("https://as.example/\u2028", "it holds control characters"),
        ("https://", "it has no proper host"),
        ("https:///path", "it has no proper host"),
        ("https://-oProxyCommand=x/", "it has no proper host"),
        ("https://a b/", "it has no proper host"),
        ("https://a$(x)/", "it has no proper host"),
        ("https://as.example:port/", "it cannot be read"),
        ("https://as.example:99999/", "it cannot be read"),
        ("https://[::1/", "it cannot be read"),
        ("https://[x]/", "it cannot be read"),
        ("https://as.example/\ud800", "it cannot be read"),
        ("https://" + "a" * 64 + ".example/", "it cannot be read"),
    ],
)
def test_anything_else_is_refused(url: str, reason: str) -> None:
    with pytest.raises(GumauthError) as caught:
        safe_url(url)
    assert caught.value.message == f"The provider's URL is not opened: {reason}."
