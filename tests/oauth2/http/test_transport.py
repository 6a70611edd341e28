"""The one door to the network: bounded, TLS or loopback, no redirect, no second try."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import ipaddress
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gumauth.errors import GumauthError, InvalidGrant, NetworkError, ProviderCodeError, Temporary, TokenEndpointError
from gumauth.oauth2.http import transport
from gumauth.oauth2.http.client import TIMEOUTS
from gumauth.oauth2.response import LARGEST, Reply
from tests.loopback import Answer, Loopback, loopback
from tests.running import run

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PROXIES, "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as running:
        yield running


def post(url: str, *, deadline: float = 30.0) -> Reply:
    return run(transport.send(transport.Request(method="POST", url=url, form={"code": "c"}), deadline=deadline))


def test_an_answer_is_given_whole(server: Loopback) -> None:
    server.answers = [Answer(418, b"{}", {"Content-Type": "application/json", "Retry-After": "7", "Location": "/x"})]
    reply = post(server.url)
    assert reply == Reply(status=418, content_type="application/json", body=b"{}", retry_after=7.0, location="/x")
    assert server.seen[0].form == {"code": "c"}
    assert server.seen[0].headers["user-agent"].startswith("gumauth/")


NOON = "Wed, 21 Oct 2015 12:00:00 GMT"


@pytest.mark.requirement("R7", "Y10")
@pytest.mark.parametrize(
    ("asked", "date", "seconds"),
    [
        ("7", NOON, 7.0),
        ("0", "", 0.0),
        ("9" * 5000, "", 3600.0),
        ("Wed, 21 Oct 2015 12:01:30 GMT", NOON, 90.0),
        ("Wed, 21 Oct 2015 11:00:00 GMT", NOON, 0.0),
        ("Wed, 21 Oct 2099 12:00:00 GMT", NOON, 3600.0),
        ("Wed, 21 Oct 2015 12:01:30 GMT", "", None),
        ("Wed, 21 Oct 2015 12:01:30", NOON, None),
        ("-1", NOON, None),
        ("1.5", NOON, None),
        ("soon", NOON, None),
        ("", NOON, None),
    ],
)
def test_a_wait_is_read_in_seconds_or_as_a_date_up_to_an_hour(
    server: Loopback, asked: str, date: str, seconds: float | None
) -> None:
    head = f"HTTP/1.1 429 X\r\nRetry-After: {asked}\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n"
    server.answers = [Answer(raw=head.encode())]
    assert post(server.url).retry_after == seconds


@pytest.mark.requirement("F6")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server: Loopback, status: int) -> None:
    with loopback() as elsewhere:
        server.answer(status=status, Location=f"{elsewhere.url}/token")
        assert post(server.url).status == status
        assert elsewhere.seen == []


@pytest.mark.requirement("F6")
@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/token",
        "http://127.0.0.2/token",
        "http://localhost.example.com/token",
        "http://127.0.0.1@example.com/token",
        "https://user:word@example.com/token",
        "ftp://localhost/",
        "file:///etc/passwd",
        "//localhost/token",
        "https://",
        "https:///token",
        "token",
        "",
        "https://exa\nmple.com/",
    ],
)
def test_nothing_is_sent_but_to_https_or_loopback(url: str) -> None:
    with pytest.raises(ProviderCodeError, match="not an https URL"):
        post(url)


@pytest.mark.requirement("F6")
@pytest.mark.parametrize(
    "url", ["https://example.com/token", "http://localhost:1/", "http://127.0.0.1:1/", "http://[::1]:1/"]
)
def test_https_and_loopback_are_endpoints(url: str) -> None:
    assert transport.endpoint(url) == url


@contextmanager
def certified(folder: Path) -> Iterator[Loopback]:
    """A TLS server on 127.0.0.1 with a certificate that only `folder/ca.pem` vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gumauth test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    with loopback(context) as running:
        yield running


@pytest.mark.requirement("F6", "R7")
def test_a_certificate_that_is_not_trusted_is_refused_naming_host_and_variable(tmp_path: Path) -> None:
    with certified(tmp_path) as server:
        with pytest.raises(NetworkError, match=r"127\.0\.0\.1 showed a certificate that is not trusted") as caught:
            post(server.url)
        assert "SSL_CERT_FILE" in (caught.value.hint or "")
        assert server.seen == []


@pytest.mark.requirement("F6")
def test_the_certificates_of_ssl_cert_file_are_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with certified(tmp_path) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert post(server.url).status == 200


@pytest.mark.requirement("F6")
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl names certificates by their hashes")
def test_the_certificates_of_ssl_cert_dir_are_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with certified(tmp_path) as server:
        (tmp_path / "trusted").mkdir()
        shutil.copy(tmp_path / "ca.pem", tmp_path / "trusted")
        subprocess.run(["openssl", "rehash", str(tmp_path / "trusted")], check=True, capture_output=True)
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "trusted"))
        assert post(server.url).status == 200


@pytest.mark.requirement("F6", "F7")
def test_a_proxy_with_tls_is_checked_by_the_same_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with certified(tmp_path) as proxy:
        proxy.answer(status=502)
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(NetworkError, match="not trusted"):
            post("https://provider.invalid/token")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        with pytest.raises(NetworkError, match="502"):
            post("https://provider.invalid/token")
        assert [seen.method for seen in proxy.seen] == ["CONNECT"]


@pytest.mark.requirement("F6")
def test_a_broken_ssl_cert_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty.pem").touch()
    for name in ("missing.pem", "empty.pem"):
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / name))
        with pytest.raises(NetworkError, match="SSL_CERT_FILE"):
            post("https://127.0.0.1:1/")


@pytest.mark.requirement("F7")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_never_asked_through_a_proxy(server: Loopback, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    with loopback() as proxy:
        for name in PROXIES[:3]:
            monkeypatch.setenv(name, proxy.url)
        assert post(f"http://{host}:{server.server_port}/").status == 200
        assert (len(server.seen), proxy.seen) == (1, [])


@pytest.mark.requirement("F7")
def test_a_provider_is_asked_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback() as proxy:
        proxy.answer(status=502)
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(NetworkError):
            post("https://provider.invalid/token")
        assert [(seen.method, seen.path) for seen in proxy.seen] == [("CONNECT", "provider.invalid:443")]


def test_a_proxy_that_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "gopher://localhost")
    with pytest.raises(NetworkError) as caught:
        post("https://provider.invalid/token")
    assert "ALL_PROXY" in (caught.value.hint or "")


@contextmanager
def talking(*pieces: bytes, pause: float = 0.0) -> Iterator[tuple[str, list[bytes]]]:
    """A socket that reads a request and then writes these pieces; gives its URL and the requests read."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)
    ended, requests = threading.Event(), list[bytes]()

    def talk() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                requests.append(request := connection.recv(65536))
                while request and not request.endswith(b"code=c"):  # unread bytes would reset the connection
                    request += connection.recv(65536)
                try:
                    for piece in pieces:
                        connection.sendall(piece)
                        ended.wait(pause)
                except OSError:
                    continue

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/", requests
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.requirement("F8")
def test_a_server_that_drips_is_left_at_the_overall_deadline() -> None:
    with talking(HEAD + b"Content-Length: 5000\r\n\r\n", *[b" "] * 400, pause=0.02) as (url, _):
        begun = time.monotonic()
        with pytest.raises(NetworkError, match=r"did not answer within 0\.3 seconds"):
            post(url, deadline=0.3)
        assert time.monotonic() - begun < 2


@pytest.mark.requirement("F8")
def test_a_silent_server_is_left_at_the_deadline() -> None:
    with talking(b"", pause=5) as (url, _), pytest.raises(NetworkError, match=r"127\.0\.0\.1 did not answer"):
        post(url, deadline=0.2)


@pytest.mark.requirement("F8")
def test_the_deadlines_are_those_that_are_promised() -> None:
    assert transport.DEADLINE == 30.0
    assert (TIMEOUTS.connect, TIMEOUTS.read) == (10.0, 20.0)
    assert LARGEST == 1048576


@pytest.mark.requirement("F8")
def test_a_body_of_one_mebibyte_is_read_and_a_byte_more_refused(server: Loopback) -> None:
    server.answers = [Answer(200, b" " * 1048576), Answer(200, b" " * 1048577)]
    assert len(post(server.url).body) == 1048576
    with pytest.raises(TokenEndpointError, match="more than 1 MiB"):
        post(server.url)


@pytest.mark.requirement("F8")
def test_a_body_without_end_is_left_at_the_cap() -> None:
    with talking(HEAD + b"\r\n", *[b" " * 65536] * 64) as (url, _), pytest.raises(TokenEndpointError, match="1 MiB"):
        post(url)


@pytest.mark.requirement("F8")
def test_a_compressed_bomb_is_never_unpacked(server: Loopback) -> None:
    import tracemalloc

    server.answers = [Answer(200, gzip.compress(b" " * (64 << 20)), {"Content-Encoding": "gzip"})]
    tracemalloc.start()
    try:
        with pytest.raises(TokenEndpointError, match="more than 1 MiB"):
            post(server.url)
        assert tracemalloc.get_traced_memory()[1] < 24 << 20
    finally:
        tracemalloc.stop()


def test_a_compressed_answer_is_read(server: Loopback) -> None:
    server.answers = [Answer(200, gzip.compress(b'{"a": 1}'), {"Content-Encoding": "gzip"})]
    assert post(server.url).data() == {"a": 1}


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "zstd"])
def test_an_encoding_that_was_not_asked_for_is_refused(server: Loopback, encoding: str) -> None:
    server.answers = [Answer(200, b"x", {"Content-Encoding": encoding})]
    with pytest.raises(TokenEndpointError, match="encoding"):
        post(server.url)


def test_a_broken_compression_is_a_failure_of_the_network(server: Loopback) -> None:
    server.answers = [Answer(200, b"not gzip", {"Content-Encoding": "gzip"})]
    with pytest.raises(NetworkError):
        post(server.url)


@pytest.mark.requirement("F5", "R7")
@pytest.mark.parametrize("answer", [b"", HEAD, HEAD + b"Content-Length: 9\r\n\r\n{}", b"\x15\x03\x01\x00\x02\x02"])
def test_a_request_is_made_once_whatever_happens_to_the_connection(answer: bytes) -> None:
    with talking(answer) as (url, requests):
        with pytest.raises(NetworkError):
            post(url)
        assert len(requests) == 1


@pytest.mark.requirement("R7")
def test_no_listener_and_no_name_are_network_errors() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(NetworkError, match=r"127\.0\.0\.1 could not be reached"):
            post(f"http://127.0.0.1:{free.getsockname()[1]}/")


def test_a_request_shows_no_secret() -> None:
    request = transport.Request(
        method="POST", url="https://a", headers={"Authorization": "x"}, form={"code": "c", "grant_type": "g"}
    )
    assert repr(request) == "Request(method='POST', url='https://a')"
    assert request.secrets == ["c"]


def test_every_event_loop_has_its_own_connections(server: Loopback) -> None:
    """Two threads with a loop each: closing one leaves the other's alone."""
    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
    request = transport.Request(method="GET", url=server.url)
    try:
        assert first.run_until_complete(transport.send(request)).ok
        assert second.run_until_complete(transport.send(request)).ok
        second.run_until_complete(transport.close())
        assert first.run_until_complete(transport.send(request)).ok
        first.run_until_complete(transport.close())
        first.run_until_complete(transport.close())
    finally:
        first.close()
        second.close()


def translated(error: BaseException) -> GumauthError:
    known = transport.translate(error)
    assert known is not None
    return known


def status_error(status: int, content: bytes) -> httpx.HTTPStatusError:
    request = httpx.Request("POST", "https://api.example.com/token", data={"refresh_token": "r3fr3sh"})
    response = httpx.Response(status, content=content, request=request, headers={"Retry-After": "9"})
    with pytest.raises(httpx.HTTPStatusError) as caught:
        response.raise_for_status()
    return caught.value


@pytest.mark.requirement("R8", "F10")
def test_the_providers_words_are_found_in_a_files_own_status_error() -> None:
    error = translated(status_error(401, b'{"error": "invalid_grant", "error_description": "r3fr3sh is dead"}'))
    assert isinstance(error, InvalidGrant)
    assert error.message == "api.example.com refused: invalid_grant: … is dead."


@pytest.mark.requirement("R7")
def test_a_files_own_status_error_can_be_temporary() -> None:
    error = translated(status_error(429, b""))
    assert isinstance(error, Temporary)
    assert error.retry_after == 9.0


@pytest.mark.requirement("R7")
@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("no"),
        httpx.ReadTimeout("no", request=httpx.Request("GET", "https://a/")),
        httpx.RemoteProtocolError("no"),
        ConnectionResetError(),
        TimeoutError(),
        ssl.SSLError("no"),
        socket.gaierror(-2, "no"),
        urllib.error.URLError("no"),
    ],
)
def test_a_files_own_network_trouble_is_a_network_error(error: BaseException) -> None:
    assert isinstance(translated(error), NetworkError)


def test_requests_and_urllib_are_understood_too(server: Loopback) -> None:
    requests = pytest.importorskip("requests")
    server.answer({"error": "invalid_grant"}, status=400)
    with pytest.raises(requests.HTTPError) as by_requests:
        requests.post(server.url, data={}, timeout=5).raise_for_status()
    assert isinstance(translated(by_requests.value), InvalidGrant)
    with pytest.raises(urllib.error.HTTPError) as by_urllib:
        urllib.request.urlopen(server.url, data=b"", timeout=5)
    assert isinstance(translated(by_urllib.value), InvalidGrant)
    with pytest.raises(requests.ConnectionError) as unreached:
        requests.get("http://127.0.0.1:9/?token=s3cret", timeout=5)
    assert isinstance(translated(unreached.value), NetworkError)
    assert "s3cret" not in str(translated(unreached.value))


def test_a_body_that_was_not_read_is_survived(server: Loopback) -> None:
    server.answer({"error": "x"}, status=403)
    with httpx.Client() as client, client.stream("GET", server.url) as response:
        with pytest.raises(httpx.HTTPStatusError) as caught:
            response.raise_for_status()
        assert isinstance(translated(caught.value), TokenEndpointError)


@pytest.mark.parametrize("error", [KeyError("access_token"), ValueError(), FileNotFoundError(), httpx.InvalidURL("x")])
def test_what_is_not_about_the_network_is_left_alone(error: BaseException) -> None:
    assert transport.translate(error) is None


def test_an_error_of_ours_stays_what_it_is() -> None:
    error = TokenEndpointError(secrets.token_urlsafe())
    assert transport.translate(error) is error


def test_the_machines_environment_is_not_needed() -> None:
    assert not {name for name in PROXIES if name in os.environ}
