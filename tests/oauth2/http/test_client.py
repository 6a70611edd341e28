"""The httpx client: which certificates and proxies of the environment hold."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gumauth.errors import NetworkError
from gumauth.oauth2.http import transport
from gumauth.oauth2.response import Response
from tests.loopback import Loopback, loopback
from tests.oauth2.http.conftest import PROXIES
from tests.running import run


def post(url: str) -> Response:
    return run(transport.send(transport.Request(method="POST", url=url, form={"code": "c"})))


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


def test_the_machines_environment_is_not_needed() -> None:
    assert not {name for name in PROXIES if name in os.environ}
