"""What `settings.toml` says is what the variables say, and nothing else is taken from it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gumauth.errors import HomeError
from gumauth.platform.settings import read, read_plain, settings_path, unknown, with_settings

LINES = st.sampled_from(
    [
        *('store = "file"', "key='x'", 'a="b" # c', "# c", "", " \t", "[t]", 'a = """b"""', 'a = "\\n"', "a.b = 1"),
        *('a-b="é\t"', 'ä = "x"', '= "x"', 'store = "file" x', "\r", '"q" = "x"', 'e = ""', 'x = "\x7f"', "#\x01"),
    ]
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / ".config" / "gumauth"
    folder.mkdir(parents=True, mode=0o700)
    path = folder / "settings.toml"
    path.touch(mode=0o600)
    return path


@pytest.fixture
def poor(file: Path) -> dict[str, str]:
    return {"HOME": str(file.parent.parent.parent), "PATH": "/usr/bin"}


@given(st.lists(LINES | st.text("ab_=\"'#\\ \t\r\n[]{}.é\x00\u2028", max_size=12)), st.sampled_from(["\n", "\r\n"]))
def test_the_short_reader_agrees_with_tomllib_on_all_that_it_takes(lines: list[str], newline: str) -> None:
    text = newline.join(lines)
    found = read_plain(text)
    assert found is None or found == tomllib.loads(text)


@pytest.mark.requirement("H6")
def test_a_setting_stands_for_its_variable_and_the_environment_wins(poor: dict[str, str], file: Path) -> None:
    file.write_text('store = "file"  # with a key\nkey_file = "/a/key"\n')
    assert with_settings(poor) == {**poor, "GUMAUTH_STORE": "file", "GUMAUTH_KEY_FILE": "/a/key"}
    assert with_settings({**poor, "GUMAUTH_STORE": ""})["GUMAUTH_STORE"] == ""
    assert with_settings({**poor, "GUMAUTH_KEY_FILE": "/b"})["GUMAUTH_KEY_FILE"] == "/b"


@pytest.mark.requirement("H6")
def test_each_setting_has_its_variable(poor: dict[str, str], file: Path) -> None:
    names = ("passphrase_file", "keep_key", "keyring", "ahead", "client_metadata_url", "machine", "cache_seconds")
    file.write_text("".join(f'{name} = "/v"\n' for name in names))
    assert {name: value for name, value in with_settings(poor).items() if name not in poor} == {
        "GUMAUTH_PASSPHRASE_FILE": "/v",
        "GUMAUTH_KEEP_KEY": "/v",
        "GUMAUTH_KEYRING": "/v",
        "GUMAUTH_AHEAD": "/v",
        "GUMAUTH_CLIENT_METADATA_URL": "/v",
        "GUMAUTH_MACHINE": "/v",
        "GUMAUTH_CACHE_SECONDS": "/v",
    }


def test_a_passphrase_of_the_environment_is_not_outdone_by_a_key_file_of_the_settings(
    poor: dict[str, str], file: Path
) -> None:
    file.write_text('key_file = "/a/key"\n')
    assert "GUMAUTH_KEY_FILE" not in with_settings({**poor, "GUMAUTH_PASSPHRASE": "given"})


def test_without_a_file_the_environment_itself_is_given(poor: dict[str, str], file: Path) -> None:
    file.unlink()
    assert with_settings(poor) is poor


def test_all_of_toml_is_read(poor: dict[str, str], file: Path) -> None:
    file.write_text("store = 'file'\n[newer]\nx = 1\n")
    found = read(str(file), poor)
    assert unknown(found) == ["newer"]
    assert with_settings(poor)["GUMAUTH_STORE"] == "file"


@pytest.mark.requirement("S1")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('passphrase = "hunter2"', "holds passphrase, which is refused: it is a secret"),
        ('acme_client_secret = "hunter2"', "holds a client secret"),
        ('ACME_CLIENT_SECRET = "hunter2"', "holds a client secret"),
        ('acme-client-secret = "hunter2"', "holds a client secret"),
        ("[acme]\nclient_secret = 'hunter2'", "holds a client secret"),
        ("a.b.c.client_secret = 'hunter2'", "holds a client secret"),
        ('GUMAUTH_PASSPHRASE = "hunter2"', "holds a secret, by its name"),
        ("[gumauth]\npassphrase = 'hunter2'", "holds a secret, by its name"),
        ('password = "hunter2"', "holds a secret, by its name"),
        ('linear_token = "hunter2"', "holds a secret, by its name"),
        ('key_file = "/hunter2\\u0000"', "holds key_file with a character that is not printed"),
        ('store = "hunter2\\u001b[2J"', "holds store with a character that is not printed"),
        ("store = 'hunter2'\nstore = 'file'", "is not TOML (at "),
        ('home = "/elsewhere"', "holds home, which is refused"),
        ('trust = "/"', "holds trust, which is refused"),
        ("ahead = 0", "holds ahead without quotes"),
        ('key_file = "key"', "holds a relative path as key_file"),
        ('store = "postgresql://ada:hunter2@db/gumauth"', "holds a store with a password in it"),
        ('store = "postgresql://db/gumauth?user=ada&password=hunter2"', "holds a store with a password in it"),
        ('store = "postgresql://db/gumauth?pass%77ord=hunter2"', "holds a store with a password in it"),
        ("store = hunter2", "is not TOML (at line 1, column 9)"),
        ("a = " + "[" * 5000, "is not TOML"),
    ],
)
def test_what_may_not_stand_there_is_an_error_that_shows_no_value(
    poor: dict[str, str], file: Path, text: str, said: str
) -> None:
    file.write_text(text)
    with pytest.raises(HomeError) as raised:
        with_settings(poor)
    assert said in raised.value.message
    assert "hunter2" not in f"{raised.value.message} {raised.value.hint}"


def test_bytes_that_are_no_text_are_an_error(poor: dict[str, str], file: Path) -> None:
    file.write_bytes(b"\xff")
    with pytest.raises(HomeError, match="is not text"):
        with_settings(poor)


@pytest.mark.requirement("Y3")
@pytest.mark.skipif(os.name == "nt", reason="rights are not in the mode there")
@pytest.mark.parametrize("of_the_folder", [False, True])
def test_a_file_that_others_can_write_or_replace_is_refused(
    poor: dict[str, str], file: Path, monkeypatch: pytest.MonkeyPatch, of_the_folder: bool
) -> None:
    monkeypatch.setenv("HOME", poor["HOME"])
    file.write_text('store = "file"\n')
    (file.parent if of_the_folder else file).chmod(0o777)
    with pytest.raises(HomeError, match="other users can write it"):
        with_settings(poor)


@pytest.mark.requirement("Y3")
@pytest.mark.skipif(os.name == "nt", reason="there are no such files there")
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_what_is_no_file_is_refused_at_once(poor: dict[str, str], file: Path, make: Callable[[Path], None]) -> None:
    file.unlink()
    make(file)
    with pytest.raises(HomeError, match="it is not a file"):
        with_settings(poor)


@pytest.mark.requirement("Y3")
@pytest.mark.skipif(os.name == "nt", reason="rights are not in the mode there")
def test_a_link_is_followed_and_what_it_leads_to_is_judged(
    poor: dict[str, str], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", poor["HOME"])
    real = file.rename(file.with_name("dot.toml"))
    real.write_text('store = "file"\n')
    file.symlink_to(real)
    assert with_settings(poor)["GUMAUTH_STORE"] == "file"
    real.chmod(0o666)
    with pytest.raises(HomeError, match="other users can write it"):
        with_settings(poor)


@pytest.mark.parametrize(("size", "is_read"), [(1 << 16, True), ((1 << 16) + 1, False)])
def test_a_file_of_64_kib_is_read_and_no_larger_one(poor: dict[str, str], file: Path, size: int, is_read: bool) -> None:
    text = 'store = "file"\n#'
    file.write_text(text + "x" * (size - len(text)))
    if is_read:
        assert with_settings(poor)["GUMAUTH_STORE"] == "file"
    else:
        with pytest.raises(HomeError, match="File too large"):
            with_settings(poor)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_mark_of_the_byte_order_is_no_part_of_the_text(poor: dict[str, str], file: Path, encoding: str) -> None:
    file.write_text('store = "file"\n', encoding=encoding)
    assert with_settings(poor)["GUMAUTH_STORE"] == "file"


def test_the_file_is_in_the_folder_of_gumauth_home_or_of_the_system() -> None:
    assert settings_path({"HOME": "/h", "GUMAUTH_HOME": "/g"}) == "/g/settings.toml"
    assert settings_path({"HOME": "/h"}) == "/h/.config/gumauth/settings.toml"
    assert settings_path({"HOME": "/h", "XDG_CONFIG_HOME": "/c"}) == "/c/gumauth/settings.toml"
    assert settings_path({"HOME": "/h", "XDG_CONFIG_HOME": "c"}) == "/h/.config/gumauth/settings.toml"
