"""git's lines are read to the letter, and judged by protocol, host and port."""

from __future__ import annotations

import pytest

from gumauth.accounts.record import Record
from gumauth.errors import GumauthError, UsageError
from gumauth.handout.programs.git_credential import Described, addresses, is_for, lines, read


@pytest.mark.requirement("H3")
def test_keys_that_are_not_needed_are_passed_over() -> None:
    sent = (
        b"capability[]=authtype\ncapability[]=state\nprotocol=https\nhost=github.com\npath=acme/\xff.git\n"
        b'username=ada=b\nwwwauth[]=Basic realm="a=b"\n'
    )
    assert read(sent) == Described(protocol="https", host="github.com", username="ada=b")


@pytest.mark.requirement("H5")
@pytest.mark.parametrize(
    "sent",
    [
        b"protocol=https\nhost=github.com\nhost=evil.example\n",
        b"protocol=https\nhost\n",
        b"protocol=https\nhost=github.com\0.evil.example\n",
        b"protocol=https\nhost=github.com\rx\n",
        b"protocol=https\nhost=github.com\npath=a\0b\n",
        b"protocol=https\nhost=github.com\nusername=\xff\n",
        b"protocol=https\nhost=github.com\nusername=a\x7f\n",
    ],
)
def test_lines_that_could_mean_two_things_are_refused(sent: bytes) -> None:
    with pytest.raises(UsageError):
        read(sent)


HOSTS = ("Git.example.com", "git.example.com:8443", ".wide.example", "http://localhost:8080", "http://[::1]")


@pytest.mark.requirement("H5")
@pytest.mark.parametrize(
    ("protocol", "host", "answered"),
    [
        ("https", "git.example.com", True),
        ("https", "GIT.example.com", True),
        ("https", "git.example.com:443", True),
        ("https", "git.example.com:8443", True),
        ("https", "git.example.com:8444", False),
        ("https", "git.example.com:", False),
        ("https", "git.example.com.evil.example", False),
        ("https", "evil.git.example.com", False),
        ("https", "example.com", False),
        ("http", "git.example.com", False),
        ("http", "git.example.com:443", False),
        ("ssh", "git.example.com", False),
        ("", "git.example.com", False),
        ("https", "", False),
        ("https", "wide.example", True),
        ("https", "a.b.wide.example", True),
        ("https", "a.wide.example:8443", False),
        ("https", "narrowwide.example", False),
        ("https", "evil.example/.wide.example", False),
        ("https", "evil.example?.wide.example", False),
        ("https", "evil.example#.wide.example", False),
        ("https", "evil.example\\.wide.example", False),
        ("https", "evil.example%2f.wide.example", False),
        ("https", "evil.example@a.wide.example", False),
        ("http", "localhost:8080", True),
        ("http", "localhost", False),
        ("https", "localhost:8080", False),
        ("http", "[::1]", True),
        ("http", "[::1]:80", True),
        ("https", "[::1]", False),
    ],
)
def test_a_credential_is_for_the_providers_hosts_and_ports_over_https(protocol: str, host: str, answered: bool) -> None:
    assert is_for(Described(protocol=protocol, host=host), HOSTS) is answered


@pytest.mark.requirement("H5")
@pytest.mark.parametrize("entry", ["http://git.example.com", "http://localhost.evil.example", "ftp://localhost", ""])
def test_plain_http_is_for_loopback_alone_whatever_the_provider_says(entry: str) -> None:
    for protocol in ("http", "ftp", ""):
        assert not is_for(Described(protocol=protocol, host=entry.rpartition("/")[2]), (entry,))


@pytest.mark.requirement("H5")
def test_a_letter_that_becomes_a_hosts_letter_makes_another_host() -> None:
    assert not is_for(Described(protocol="https", host="\u212ait.example"), ("kit.example",))


def test_gits_configuration_names_the_hosts_in_its_own_way() -> None:
    assert addresses(HOSTS[1:4]) == (
        "https://git.example.com:8443",
        "https://wide.example",
        "https://*.wide.example",
        "http://localhost:8080",
    )


@pytest.mark.requirement("H3")
def test_the_answer_says_when_the_password_ends_where_that_is_known() -> None:
    record = Record(access_token="t0k", refresh_token="never", expires_at=1_800_000_000.9, account={})
    assert lines("ada", record) == "username=ada\npassword=t0k\npassword_expiry_utc=1800000000"
    assert lines("ada", Record(access_token="t0k", account={})) == "username=ada\npassword=t0k"


@pytest.mark.requirement("S5")
def test_a_token_that_would_end_its_line_is_refused() -> None:
    with pytest.raises(GumauthError):
        lines("ada", Record(access_token="a\nhost=evil.example", account={}))


@pytest.mark.requirement("S2")
def test_the_password_is_not_in_the_repr() -> None:
    assert "s3cret" not in repr(Described(password="s3cret"))
