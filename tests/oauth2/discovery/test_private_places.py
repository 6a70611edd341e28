"""Hosts that are not of the public internet, in every spelling that a resolver takes."""

from __future__ import annotations

import pytest

from gumauth.oauth2.discovery.addresses import is_private_place
from gumauth.oauth2.discovery.private_places import is_loopback_host, is_private_host


@pytest.mark.requirement("D3")
@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "a.localhost", "localhost.", "localhost.localdomain", "intranet", "printer.local"),
        *("metadata.google.internal", "router.home.arpa"),
        *("127.0.0.1", "127.9.9.9", "127.0.0.1.", "127.1", "0x7f.1", "0x7f000001", "017700000001", "2130706433"),
        *("0.0.0.0", "0", "10.0.0.1", "10.1", "172.16.0.1", "192.168.1.1", "0xc0a80101", "169.254.169.254"),
        *("100.64.0.1", "198.18.0.1", "192.0.2.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1", "fc00::1", "fd00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "64:ff9b::7f00:1"),
        "2002:7f00:1::",
    ],
)
def test_a_private_host_is_told_in_any_spelling(host: str) -> None:
    assert is_private_host(host)
    written = f"[{host}]" if ":" in host else host
    assert is_private_place(f"https://{written}/a")


@pytest.mark.requirement("D3")
@pytest.mark.parametrize(
    "host",
    [
        *("mcp.example.com", "localhost.example.com", "internal.example.com", "notlocalhost.com", "127.0.0.1.nip.io"),
        *("8.8.8.8", "134744072", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"),
        *("2002:808:808::", "1.2.3.4.5.com", "256.256.256.256"),
    ],
)
def test_a_public_host_is_none(host: str) -> None:
    assert not is_private_host(host)


@pytest.mark.requirement("D3")
@pytest.mark.parametrize(
    "url",
    ["https://\uff11\uff12\uff17.0.0.1/", "https://127\u30020\u30020\u30021/", "https://LOCALHOST/", "nothing", ""],
)
def test_other_letters_and_what_is_no_url_are_taken_for_private(url: str) -> None:
    assert is_private_place(url)


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("localhost.", True),
        ("notlocalhost", False),
        ("127.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("intranet", False),
        ("mcp.example.com", False),
    ],
)
def test_this_machine_is_told_by_name_and_by_address(host: str, is_loopback: bool) -> None:
    assert is_loopback_host(host) is is_loopback
