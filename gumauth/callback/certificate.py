"""The certificate of a callback over https: made for one connect, believed by nobody, and gone with it."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import secrets
import ssl
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gumauth.errors import CallbackError
from gumauth.platform.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

LIFE = dt.timedelta(days=1)
BEFORE = dt.timedelta(minutes=5)
"""Before now, so that a browser whose clock is behind does not find the certificate too young."""

ORGANIZATION = "gumauth, for one connect on this machine"
"""What the browser shows beside the name, for a person who looks."""

NOT_FOR = (
    *("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
"""What the key may not be used for: anything but its own signature in a handshake."""

DESCRIPTORS = "/proc/self/fd"


@frozen
class Certificate:
    """A certificate with its key, which is nowhere but in the memory of this process.

    Args:
        tls: What a server's side of TLS is made from.
        fingerprint: The SHA-256 of the certificate, 64 hexadecimal digits in lower case; public.
    """

    tls: ssl.SSLContext
    fingerprint: str


def make() -> Certificate:
    """A certificate for loopback that lives for a day, with a new key.

    It is no authority: whoever added it to the certificates that their browser trusts would trust no other by it.

    Raises:
        CallbackError: It cannot be handed to TLS.

    Source: RFC 5280 §4.2.1.3, §4.2.1.6, §4.2.1.9 and §4.2.1.12; RFC 8446 §4.4.2.2.
    """
    content, fingerprint, password = _signed(dt.datetime.now(dt.UTC))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
    tls.num_tickets = 0  # nobody comes back, and a ticket's key would outlive the connection
    tls.set_alpn_protocols(["http/1.1"])
    try:
        with _file_of(content) as path:
            tls.load_cert_chain(path, password=password)
    except OSError as error:
        raise CallbackError(
            f"No certificate could be made for the callback: {error.strerror or type(error).__name__}.",
            hint="Make room in the system's folder for temporary files, or set TMPDIR to another.",
        ) from error
    return Certificate(tls=tls, fingerprint=fingerprint)


def _signed(now: dt.datetime) -> tuple[bytes, str, bytes]:
    """Certificate and encrypted key as PEM, the certificate's fingerprint, and the key's password."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key, password = ec.generate_private_key(ec.SECP256R1()), secrets.token_hex(32).encode()
    names = ((NameOID.COMMON_NAME, "localhost"), (NameOID.ORGANIZATION_NAME, ORGANIZATION))
    itself = x509.Name([x509.NameAttribute(of, value) for of, value in names])
    addresses = [x509.IPAddress(ipaddress.ip_address(each)) for each in ("127.0.0.1", "::1")]
    usage = dict.fromkeys(NOT_FOR, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(itself)
        .issuer_name(itself)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BEFORE)
        .not_valid_after(now - BEFORE + LIFE)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), *addresses]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, **usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encryption = serialization.BestAvailableEncryption(password)
    kept = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    content = certificate.public_bytes(serialization.Encoding.PEM) + kept
    return content, certificate.fingerprint(hashes.SHA256()).hex(), password


@contextmanager
def _file_of(content: bytes) -> Iterator[str]:
    """A file with the content, because Python's TLS reads nothing else: in memory where the system has such files.

    Elsewhere it lies in a private folder for a moment; the key in it is encrypted, and its password is in memory only.
    """
    descriptor = _in_memory()
    if descriptor is not None:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            yield f"{DESCRIPTORS}/{descriptor}"
        return
    with tempfile.TemporaryDirectory(prefix="gumauth-") as folder:
        path = os.path.join(folder, "certificate.pem")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        yield path


def _in_memory() -> int | None:
    """A file in memory; None where the system has none, or none that can be opened by a name."""
    create = getattr(os, "memfd_create", None)
    if create is None or not os.path.isdir(DESCRIPTORS):
        return None
    try:
        return int(create("gumauth-certificate"))  # closed on exec
    except OSError:
        return None
