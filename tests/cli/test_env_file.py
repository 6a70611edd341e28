"""The file of `--env-file`: what it may be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gumauth.cli import env_file
from gumauth.errors import GumauthError
from tests.cli.program import inside


def test_it_is_read_with_any_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "app.env"
    path.write_bytes(b"\xef\xbb\xbfA=1\r\nB=2\rC=3\n")
    assert env_file.read(str(path)) == {"A": "1", "B": "2", "C": "3"}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('"my-secret" # note', "my-secret"),
        ("'my-secret' # note", "my-secret"),
        ("my-secret # note", "my-secret"),
        ("my#secret", "my#secret"),
        ("'my # secret'", "my # secret"),
        (r'"say \"please\""', 'say "please"'),
        (r"'it\'s'", "it's"),
        (r'"two\nlines"', "two\nlines"),
        ('"two\nlines"', "two\nlines"),
        ("my$HOME", "my$HOME"),
        ("${OTHER:-x}", "${OTHER:-x}"),
        ('"$OTHER"', "$OTHER"),
    ],
)
def test_a_value_is_read_as_python_dotenv_reads_it_but_nothing_is_put_in_for_a_dollar(line: str, value: str) -> None:
    """A secret may hold a dollar sign, and a project's file is not to ask for the person's own variables."""
    assert env_file.parse(f"OTHER=1\nA={line}\nB=2\n", "f") == {"OTHER": "1", "A": value, "B": "2"}


@pytest.mark.requirement("S5")
def test_a_line_that_is_none_is_named_by_its_number_behind_blank_ones_and_long_values() -> None:
    with pytest.raises(GumauthError, match=r"^Line 6 of f is not NAME=VALUE\.(\n|$)") as caught:
        env_file.parse('A="1\n2"\n# note\n\n  \n  B="open\nC=3\n', "f")
    assert caught.value.hint == "Mend the line; a quote that is opened has to be closed."


@pytest.mark.requirement("Y8")
def test_a_pipe_that_nobody_writes_to_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gumauth.platform.files.PIPE_SECONDS", 0.2)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(GumauthError, match=r"pipe cannot be read: it did not come to its end within 0\.2 s") as caught:
        env_file.read(str(tmp_path / "pipe"))
    assert caught.value.hint == "Name the file behind --env-file."


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="gives an open pipe a name")
def test_it_can_be_a_pipe_of_the_shells() -> None:
    """As in `gumauth connect --env-file <(op inject -i app.env)`."""
    code = "import sys; from gumauth.cli import env_file; print(env_file.read(sys.argv[1]))"
    done = subprocess.run(
        ["bash", "-c", '"$0" -c "$1" <(sleep 0.2; echo A=1)', sys.executable, code],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout == "{'A': '1'}\n"


@pytest.mark.requirement("Y8")
def test_one_of_more_than_a_mebibyte_is_told_and_not_cut_off(tmp_path: Path) -> None:
    """What stood behind the cut would be missing without a word."""
    path = tmp_path / "app.env"
    path.write_text("#" * (1 << 20) + "\nA=1\n")
    with pytest.raises(GumauthError, match="cannot be read: File too large"):
        env_file.read(str(path))


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing.env", "No such file or directory"), (".", "it is not a file"), ("a\0b", "no file can be called so")],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(GumauthError, match=f"cannot be read: {reason}"):
        env_file.read(str(tmp_path / name))


def test_what_is_not_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "app.env"
    path.write_bytes(b"A=\xff\n")
    with pytest.raises(GumauthError, match="it is not UTF-8 text"):
        env_file.read(str(path))


@pytest.mark.requirement("S4")
def test_its_name_is_one_line_in_an_error(tmp_path: Path) -> None:
    path = tmp_path / "app\x1b[2J\n.env"
    for content in ("x", None):
        if content is None:
            path.unlink()
        else:
            path.write_text(content)
        with pytest.raises(GumauthError) as caught:
            env_file.read(str(path))
        assert "\x1b" not in caught.value.message
        assert "\n" not in caught.value.message


def test_a_secret_of_the_file_is_not_put_to_another_client_id_of_the_environment() -> None:
    file = {"ACME_CLIENT_ID": "file", "ACME_CLIENT_SECRET": "file-secret", "OTHER": "x"}
    assert env_file.merged(file, {"ACME_CLIENT_ID": "own"}) == {"ACME_CLIENT_ID": "own", "OTHER": "x"}
    for same in ({}, {"ACME_CLIENT_ID": "file"}, {"PATH": "/bin"}):
        assert env_file.merged(file, same) == {**file, **same}
    assert env_file.merged({"ACME_CLIENT_SECRET": "s"}, {"ACME_CLIENT_ID": "own"})["ACME_CLIENT_SECRET"] == "s"


def test_an_env_file_is_names_and_values() -> None:
    text = "\n# note\nA=1\nexport B = 'two words'\r\nC=\"x=y\" \nD=plain # why\nGUMAUTH_HOME=/x\nE=\n"
    assert env_file.parse(text, "f") == {"A": "1", "B": "two words", "C": "x=y", "D": "plain", "E": ""}


@pytest.mark.requirement("S5", "S1")
@pytest.mark.parametrize("text", ["A", "A B=secret", "1A=secret", "=secret", "A=se\x00cret", 'A="secret'])
def test_a_line_that_is_no_variable_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(GumauthError, match=r"^Line 2 of f is not NAME=VALUE\.(\n|$)") as caught:
        env_file.parse(f"OK=1\n{text}", "f")
    assert "secret" not in str(caught.value)


@pytest.mark.requirement("F6", "K5")
@pytest.mark.parametrize(
    "name",
    [
        *("GUMAUTH_KEYRING", "GUMAUTH_CLIENT_ID", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "SSL_CERT_FILE"),
        *("SSLKEYLOGFILE", "XDG_DATA_HOME", "HOME", "DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND", "BROWSER"),
        *("PGSSLMODE", "PGHOST", "PGPASSWORD"),
    ],
)
def test_an_env_file_does_not_say_whom_to_trust_or_where_things_are_kept(name: str) -> None:
    """A project's file could else lead the tokens through its own proxy, or into its own folder."""
    assert env_file.parse(f"{name}=theirs\nACME_CLIENT_ID=x\nXDG_CLIENT_SECRET=y\nACME_URL=z", "f") == {
        "ACME_CLIENT_ID": "x",
        "XDG_CLIENT_SECRET": "y",
        "ACME_URL": "z",
    }


def test_an_env_file_that_is_not_there_is_named(environ: dict[str, str]) -> None:
    ended = inside(environ, "token", "linear", "--env-file", "/nowhere/app.env")
    assert ended.status == 1
    assert "/nowhere/app.env cannot be read: No such file or directory." in ended.err
