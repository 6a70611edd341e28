"""The certificate of a callback over https, as a browser that was told to believe it would judge it."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import ipaddress
import os
import ssl
import stat
import tempfile
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from gumauth.callback import Listener, Redirect, certificate
from gumauth.callback.certificate import Certificate, make
from gumauth.callback.sockets import bind
from gumauth.errors import CallbackError
from tests.callback.test_port_lock import free_port

pytestmark = pytest.mark.requirement("C13")


def shown(made: Certificate, host: str, anchor: bytes | None = None) -> bytes:
    """The certificate that a client gets in a handshake with `host`; with an anchor, it believes that one alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if anchor is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    else:
        context.load_verify_locations(cadata=anchor)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(back, there, server_hostname=host)
    server = made.tls.wrap_bio(there, back, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    found = client.getpeercert(binary_form=True)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def made() -> Certificate:
    return make()


@pytest.fixture(scope="module")
def encoded(made: Certificate) -> bytes:
    return shown(made, "localhost")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_it_is_right_for_every_name_of_this_machines_loopback(made: Certificate, encoded: bytes, host: str) -> None:
    assert shown(made, host, anchor=encoded) == encoded


@pytest.mark.parametrize("host", ["example.com", "127.0.0.2", "gumauth.localhost"])
def test_it_is_right_for_no_other(made: Certificate, encoded: bytes, host: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shown(made, host, anchor=encoded)


def test_it_signs_nothing_but_handshakes_and_ends_within_a_day(encoded: bytes) -> None:
    read = x509.load_der_x509_certificate(encoded)
    assert isinstance(read.public_key(), ec.EllipticCurvePublicKey)
    names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    addresses = [ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")]
    assert names.get_values_for_type(x509.IPAddress) == addresses
    authority = read.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (authority.value.ca, authority.critical) == (False, True)
    usage = read.extensions.get_extension_for_class(x509.KeyUsage)
    assert (usage.value.digital_signature, usage.value.key_cert_sign, usage.critical) == (True, False, True)
    purpose = read.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purpose) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert read.not_valid_after_utc - read.not_valid_before_utc == dt.timedelta(days=1)
    now = dt.datetime.now(dt.UTC)
    assert read.not_valid_before_utc < now < read.not_valid_after_utc


def test_its_fingerprint_is_that_of_what_the_browser_gets(made: Certificate, encoded: bytes) -> None:
    assert made.fingerprint == hashlib.sha256(encoded).hexdigest()


def test_nothing_of_a_connection_is_kept_for_another(made: Certificate) -> None:
    """No tickets, whose key would outlive the connection, and nothing is agreed upon anew in the middle of one."""
    assert made.tls.num_tickets == 0
    assert made.tls.options & ssl.OP_NO_TICKET
    assert made.tls.options & ssl.OP_NO_RENEGOTIATION
    assert made.tls.minimum_version is ssl.TLSVersion.TLSv1_2


def test_each_is_another_with_another_key(encoded: bytes) -> None:
    one, two = (x509.load_der_x509_certificate(each) for each in (encoded, shown(make(), "localhost")))
    assert one.public_key() != two.public_key()
    assert one.serial_number != two.serial_number


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="this system has no files in memory")
@pytest.mark.requirement("S2")
def test_where_there_are_files_in_memory_none_is_written_to_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    assert len(shown(make(), "localhost")) > 100
    with certificate._file_of(b"x") as path:
        assert os.readlink(path).startswith("/memfd:")
        assert Path(path).read_bytes() == b"x"
        assert not os.get_inheritable(int(path.rpartition("/")[2]))


@pytest.mark.requirement("S2")
@pytest.mark.parametrize("why", ["no such call", "refused"])
def test_elsewhere_the_key_lies_encrypted_in_a_private_folder_for_a_moment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, why: str
) -> None:
    def refused(_name: str) -> int:
        raise PermissionError(1, "Operation not permitted")

    if why == "refused":
        monkeypatch.setattr(os, "memfd_create", refused, raising=False)
    else:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    content, _, _ = certificate._signed(dt.datetime.now(dt.UTC))
    assert content.count(b"PRIVATE KEY") == 2 == content.count(b"BEGIN ENCRYPTED PRIVATE KEY") * 2
    with certificate._file_of(content) as path:
        modes = [stat.S_IMODE(os.stat(each).st_mode) for each in (path, os.path.dirname(path))]
        assert modes == [0o600, 0o700]
        assert os.path.dirname(os.path.dirname(path)) == str(tmp_path)
    assert len(shown(make(), "localhost")) > 100
    assert list(tmp_path.iterdir()) == []


def test_a_full_or_missing_folder_is_an_error_with_one_thing_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    port = free_port()
    with pytest.raises(CallbackError, match="No certificate could be made") as caught:
        asyncio.run(Listener.bind(Redirect(ports=(port,), tls=True)))
    assert "TMPDIR" in (caught.value.hint or "")
    for opened in bind(Redirect(ports=(port,)), None):  # the port is free again
        opened.close()
