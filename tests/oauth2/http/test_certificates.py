"""SSL_CERT_FILE and SSL_CERT_DIR: what they may name, and how what they may not is told."""

from __future__ import annotations

import contextlib
import os
import ssl
import subprocess
import sys
from pathlib import Path

import certifi
import pytest

from gumauth.errors import EnvironmentFault
from gumauth.oauth2.http.certificates import Certificates, context_for, read

BEGIN, END = "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Everything that a variable could name."""
    (tmp_path / "good.pem").write_bytes(Path(certifi.where()).read_bytes())
    (tmp_path / "empty.pem").touch()
    (tmp_path / "binary.der").write_bytes(b"\x30\x82\x01\x02")
    (tmp_path / "damaged.pem").write_text(f"{BEGIN}bm90IG9uZQ==\n{END}")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "hashed").mkdir()
    (tmp_path / "hashed" / "0a1b2c3d.0").touch()
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


@pytest.mark.requirement("F6")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing.pem", "which is not there"),
        ("empty.pem", "which is empty"),
        ("binary.der", "which holds no PEM certificates"),
        ("nothing", "which is a folder (SSL_CERT_DIR is for folders)"),
        ("a\0b", "which cannot be read"),
    ],
)
def test_a_file_that_holds_no_certificates_is_told_by_its_variable(folder: Path, name: str, words: str) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        read({"SSL_CERT_FILE": str(folder / name)})
    assert caught.value.message.startswith("SSL_CERT_FILE names ")
    assert words in caught.value.message
    assert caught.value.hint == "Set SSL_CERT_FILE to a file of PEM certificates, or unset it."


@pytest.mark.requirement("F6", "Y8")
def test_a_pipe_in_the_place_of_the_file_does_not_stop_the_program(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gumauth.platform.files.PIPE_SECONDS", 0.1)
    with pytest.raises(EnvironmentFault, match="which "):
        read({"SSL_CERT_FILE": str(folder / "pipe")})


@pytest.mark.requirement("F6")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing", "which is not there"),
        ("nothing", "which holds no certificate under the name of its hash"),
        ("good.pem", "which is not a folder (SSL_CERT_FILE is for files)"),
    ],
)
def test_a_folder_without_certificates_is_told_by_its_variable(folder: Path, name: str, words: str) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        read({"SSL_CERT_DIR": str(folder / name)})
    assert caught.value.message.startswith("SSL_CERT_DIR names ")
    assert words in caught.value.message


@pytest.mark.requirement("F6")
def test_a_server_is_told_that_http_is_spoken() -> None:
    """httpx says it too: a connection for another protocol with the same certificate is refused by its server."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context_for(Certificates(), None).wrap_bio(back, there, server_hostname="example.com").do_handshake()
    assert b"\x00\x10\x00\x0b\x00\x09\x08http/1.1" in there.read()


def test_a_relative_path_is_told_to_depend_on_the_folder() -> None:
    with pytest.raises(EnvironmentFault, match="a relative path depends on the current folder"):
        read({"SSL_CERT_FILE": "no/such.pem"})


def test_a_file_that_cannot_be_read_is_told_with_the_systems_reason(folder: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"which cannot be read \(File name too long\)"):
        read({"SSL_CERT_FILE": str(folder / ("x" * 300))})


@pytest.mark.requirement("F6")
def test_the_file_goes_before_the_folder_and_empty_variables_say_nothing(folder: Path) -> None:
    file, hashed = str(folder / "good.pem"), str(folder / "hashed")
    assert read({"SSL_CERT_FILE": file, "SSL_CERT_DIR": hashed}) == Certificates(file=file)
    assert read({"SSL_CERT_FILE": "", "SSL_CERT_DIR": hashed}) == Certificates(folder=hashed)
    assert read({"SSL_CERT_DIR": f"/no/such:{hashed}"}) == Certificates(folder=f"/no/such:{hashed}")
    assert read({}) == Certificates()


@pytest.mark.requirement("F6")
def test_certificates_are_always_checked(folder: Path) -> None:
    for found in (Certificates(), Certificates(file=str(folder / "good.pem")), Certificates(folder=str(folder))):
        context = context_for(found, None)
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_a_damaged_certificate_is_told(folder: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"SSL_CERT_FILE names .*, which holds a damaged certificate"):
        context_for(Certificates(file=str(folder / "damaged.pem")), None)


def test_a_key_log_that_cannot_be_written_is_not_taken_for_a_certificate(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", "/no/such/keys")
    with pytest.raises(EnvironmentFault, match="SSLKEYLOGFILE names /no/such/keys, which cannot be written"):
        context_for(Certificates(), "/no/such/keys")


SETTINGS = """
openssl_conf = start
[start]
providers = which
[which]
no_such = nothing
[nothing]
activate = 1
"""


def test_an_openssl_that_can_do_nothing_is_not_taken_for_a_certificate(folder: Path) -> None:
    (folder / "openssl.cnf").write_text(SETTINGS)
    code = (
        "from gumauth.oauth2.http.certificates import Certificates, context_for\n"
        "from gumauth.errors import EnvironmentFault\n"
        "try: context_for(Certificates(), None)\n"
        "except EnvironmentFault as fault: print(fault.message, fault.hint)"
    )
    environ = {**os.environ, "OPENSSL_CONF": str(folder / "openssl.cnf")}
    said = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True).stdout
    assert said.startswith("OpenSSL cannot make connections here: ")
    assert "OPENSSL_CONF" in said
