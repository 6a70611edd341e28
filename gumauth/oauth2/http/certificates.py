"""The certificates that the environment names for TLS, checked before they are used. Promise F6."""

from __future__ import annotations

import os
import re
import ssl
import stat
from collections.abc import Mapping
from dataclasses import dataclass

from gumauth.errors import EnvironmentFault
from gumauth.platform.files import read_named
from gumauth.platform.text import one_line

LARGEST = 1 << 24
"""Bytes of a file of certificates; the file of all public authorities has a quarter of a million."""

ABOUT_CERTIFICATES = ("X509", "PEM", "ASN1", None)
"""The parts of OpenSSL whose errors are about a certificate."""

HASHED = re.compile(r"[0-9a-f]{8}\.\d+")
"""The name of a certificate in a folder. Source: openssl-rehash(1)."""


@dataclass(frozen=True, kw_only=True)
class Certificates:
    """The trusted certificates. Where both are None: the authorities that come with certifi.

    Args:
        file: A file of PEM certificates.
        folder: A folder of certificates with their hashes as names; or several folders, separated as in PATH.
    """

    file: str | None = None
    folder: str | None = None

    @property
    def shown(self) -> str:
        """The certificates as part of a sentence."""
        if self.file:
            return f"the certificates of SSL_CERT_FILE ({one_line(self.file, 300)})"
        return (
            f"the certificates of SSL_CERT_DIR ({one_line(self.folder, 300)})"
            if self.folder
            else "the certificates of certifi"
        )


def read(environ: Mapping[str, str]) -> Certificates:
    """The certificates of SSL_CERT_FILE, or else of SSL_CERT_DIR.

    Raises:
        EnvironmentFault: The file or folder is not there, cannot be read, or holds no certificates.
    """
    if file := environ.get("SSL_CERT_FILE"):
        if (fault := _fault_of_file(file)) is not None:
            raise _fault("SSL_CERT_FILE", file, fault, "a file of PEM certificates")
        return Certificates(file=file)
    if folder := environ.get("SSL_CERT_DIR"):
        faults = [_fault_of_folder(each) for each in folder.split(os.pathsep)]
        if None not in faults:
            raise _fault("SSL_CERT_DIR", folder, faults[0] or "", "a folder that `openssl rehash` has prepared")
        return Certificates(folder=folder)
    return Certificates()


def _fault(variable: str, path: str, words: str, wanted: str) -> EnvironmentFault:
    return EnvironmentFault(
        f"{variable} names {one_line(path, 300) or 'nothing'}, {words}, so no certificate can be checked.",
        hint=f"Set {variable} to {wanted}, or unset it.",
    )


def _fault_of_file(path: str) -> str | None:
    try:
        if stat.S_ISDIR(os.stat(path).st_mode):
            return "which is a folder (SSL_CERT_DIR is for folders)"
        content = read_named(path, LARGEST)
    except (OSError, ValueError) as error:
        return _unreadable(path, error)
    if not content.strip():
        return "which is empty"
    if b"-----BEGIN " not in content:
        return "which holds no PEM certificates"
    return None


def _fault_of_folder(path: str) -> str | None:
    try:
        names = os.listdir(path)
    except NotADirectoryError:
        return "which is not a folder (SSL_CERT_FILE is for files)"
    except (OSError, ValueError) as error:
        return _unreadable(path, error)
    if not any(HASHED.fullmatch(name) for name in names):
        return "which holds no certificate under the name of its hash"
    return None


def _unreadable(path: str, error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "which is not there" + (
            "" if os.path.isabs(path) else " (a relative path depends on the current folder)"
        )
    return f"which cannot be read ({one_line(getattr(error, 'strerror', None) or 'no path', 80)})"


def context_for(certificates: Certificates, key_log: str | None) -> ssl.SSLContext:
    """The TLS settings with these certificates.

    Args:
        certificates: As `read` gives them.
        key_log: SSLKEYLOGFILE, which Python reads by itself.

    Raises:
        EnvironmentFault: The certificates are damaged, or the file that `key_log` names cannot be written.
    """
    try:
        context = ssl.create_default_context(cafile=_authorities(certificates), capath=certificates.folder)
        context.set_alpn_protocols(["http/1.1"])
        return context
    except ssl.SSLError as error:
        if error.library not in ABOUT_CERTIFICATES:
            raise EnvironmentFault(
                f"OpenSSL cannot make connections here: {one_line(error.reason or str(error), 100)}.",
                hint="Look at its settings: the file that OPENSSL_CONF names, or the system's openssl.cnf.",
            ) from error
        if certificates.file is None:
            raise _installation(error) from error
        raise _fault("SSL_CERT_FILE", certificates.file, "which holds a damaged certificate", "a sound file") from error
    except OSError as error:
        if not key_log:
            raise _installation(error) from error
        raise EnvironmentFault(
            f"SSLKEYLOGFILE names {one_line(key_log, 300)}, which cannot be written"
            f" ({one_line(error.strerror or type(error).__name__, 80)}), so no connection can be made.",
            hint="Unset SSLKEYLOGFILE, or set it to a file that can be written.",
        ) from error


def _authorities(certificates: Certificates) -> str | None:
    import certifi

    return certificates.file or (None if certificates.folder else certifi.where())


def _installation(error: OSError) -> EnvironmentFault:
    reason = one_line(error.strerror or type(error).__name__, 80)
    return EnvironmentFault(f"The certificates of certifi cannot be read: {reason}.", hint="Install gumauth again.")
