"""What a program of a desktop starts gumauth with, what is lost there, and the lines that bring it back."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from gumauth.handout.recipes.own_path import words
from gumauth.handout.recipes.short_environment import advice, lost, missing_opener, moved_home, shortened
from gumauth.platform.folders import locate
from gumauth.platform.settings import with_settings
from gumauth.store.encrypted_file.store import EncryptedStore

pytestmark = pytest.mark.requirement("H6")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "PATH": "/bin"}


def written(path: Path, lines: Sequence[str]) -> None:
    """Do what the advice says: write the lines that it shows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def sentences(rich: dict[str, str]) -> list[str]:
    return [each.sentence for each in advice(rich, lost(rich))]


def test_home_and_path_are_passed_on_and_nothing_else(environ: dict[str, str]) -> None:
    assert shortened({**environ, "LANG": "C", "GUMAUTH_STORE": "file", "XDG_RUNTIME_DIR": "/run/x"}) == environ
    assert lost({**environ, "LANG": "C", "GUMAUTH_DEBUG": "1", "GUMAUTH_STORE": ""}) == {}


@pytest.mark.parametrize("variable", ["GUMAUTH_HOME", "XDG_DATA_HOME"])
def test_where_the_accounts_are_is_passed_on(environ: dict[str, str], tmp_path: Path, variable: str) -> None:
    environ[variable] = str(tmp_path / "elsewhere")
    short = shortened(environ)
    assert locate(short).data == locate(environ).data == short["GUMAUTH_HOME"]
    assert locate(short).service == locate(environ).service
    assert words("", "/x/python3", environ)[:2] == ("/usr/bin/env", f"GUMAUTH_HOME={short['GUMAUTH_HOME']}")


def test_a_folder_at_its_usual_place_is_not_passed_on(environ: dict[str, str], tmp_path: Path) -> None:
    assert moved_home({**environ, "XDG_DATA_HOME": str(tmp_path / ".local" / "share")}) is None
    assert words("", "/x/python3", environ)[0] != "/usr/bin/env"


@pytest.mark.parametrize("value", ["/a/key", '/a "key"', "/a\\b", "/a#b = c", "/ä/€"])
def test_the_lines_that_are_shown_bring_back_what_is_lost(environ: dict[str, str], tmp_path: Path, value: str) -> None:
    rich = {**environ, "GUMAUTH_STORE": "file", "GUMAUTH_KEY_FILE": value}
    missing = lost(rich)
    assert missing == {"GUMAUTH_STORE": "file", "GUMAUTH_KEY_FILE": value}
    file = tmp_path / ".config" / "gumauth" / "settings.toml"
    (given,) = advice(rich, missing)
    assert given.text == f"Write these lines into {file}"
    assert given.sentence == f"{given.text}: `{given.lines[0]}` and `{given.lines[1]}`."
    written(file, given.lines)
    assert tomllib.loads(file.read_text()) == {"store": "file", "key_file": value}
    assert with_settings(shortened(rich)) == rich
    assert lost(rich) == {}


def test_a_setting_of_another_value_is_lost(environ: dict[str, str], tmp_path: Path) -> None:
    written(tmp_path / ".config" / "gumauth" / "settings.toml", ['store = "keyring"'])
    assert lost({**environ, "GUMAUTH_STORE": "file"}) == {"GUMAUTH_STORE": "file"}


def test_a_relative_path_is_written_whole(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert advice(environ, {"GUMAUTH_KEY_FILE": "k"})[0].lines == ('key_file = "/k"',)


def test_what_may_not_stand_in_the_file_is_told_apart_and_what_gumauth_does_not_read_is_not_told(
    environ: dict[str, str],
) -> None:
    rich = {**environ, "GUMAUTH_PASSPHRASE": "correct horse", "GUMAUTH_TRUST": "/srv", "GUMAUTH_KEY_FILE": "/k"}
    assert sentences({**rich, "GUMAUTH_FOO": "1", "GUMAUTH_X_CLIENT_ID": "1"})[1:] == [
        "Write `env GUMAUTH_TRUST=…` before gumauth's path in what starts it.",
        "GUMAUTH_PASSPHRASE is a secret, which may not stand in settings.toml.",
    ]


@pytest.mark.parametrize("phrase", ["", "correct horse"])
def test_what_opens_the_encrypted_file_is_advised_too_where_nothing_names_it(
    environ: dict[str, str], tmp_path: Path, phrase: str
) -> None:
    """By a key file where there is nothing yet; by the passphrase where it has opened the file, or is to."""
    rich = {**environ, "GUMAUTH_STORE": "file", **({"GUMAUTH_PASSPHRASE": phrase} if phrase else {})}
    opener = "passphrase" if phrase else "key"
    setting = "passphrase_file" if phrase else "key_file"
    made, given, *_ = advice(rich, lost(rich))
    (command,) = re.findall("`(.*)`", made.text)
    subprocess.run(["sh", "-c", command], check=True, timeout=10)
    file = tmp_path / f"gumauth.{opener}"
    assert given.lines == ('store = "file"', f'{setting} = "{file}"')
    if phrase:
        file.write_text(f"{phrase}\n")
    written(tmp_path / ".config" / "gumauth" / "settings.toml", given.lines)
    store = EncryptedStore(locate(environ), with_settings(environ), None)
    store.set("a/key", "value")
    assert EncryptedStore(locate(environ), with_settings(environ), None).get("a/key") == "value"
    assert missing_opener(rich) is None


def test_a_file_that_is_there_already_is_not_made_anew(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "gumauth.key").touch()
    rich = {**environ, "GUMAUTH_STORE": "file"}
    assert [each.lines for each in advice(rich, lost(rich))] == [
        ('store = "file"', f'key_file = "{tmp_path}/gumauth.key"')
    ]


def test_a_file_that_a_passphrase_was_typed_for_is_opened_by_that_passphrase(environ: dict[str, str]) -> None:
    rich = {**environ, "GUMAUTH_STORE": "file", "GUMAUTH_KEEP_KEY": "0"}
    EncryptedStore(locate(rich), rich, lambda _: "correct horse", work=14).set("a/key", "value")
    assert missing_opener(rich) == "passphrase"
    assert missing_opener({**rich, "GUMAUTH_PASSPHRASE_FILE": "/p"}) is None


@pytest.mark.requirement("S1")
def test_an_address_with_a_password_is_in_no_line_that_is_shown(environ: dict[str, str]) -> None:
    assert lost({**environ, "GUMAUTH_STORE": "postgresql://ada:hunter2@db/gumauth"}) == {}
    address = "postgresql://ada@db/gumauth"
    assert lost({**environ, "GUMAUTH_STORE": address}) == {"GUMAUTH_STORE": address}


def test_what_the_driver_of_a_database_reads_is_lost_where_a_database_has_the_accounts(environ: dict[str, str]) -> None:
    rich = {**environ, "PGPASSFILE": "/p", "PGPASSWORD": "hunter2"}
    assert lost(rich) == {}
    rich["GUMAUTH_STORE"] = "postgresql://ada@db/gumauth"
    assert sentences(rich)[1:] == [
        "Write `env PGPASSFILE=…` before gumauth's path in what starts it.",
        "PGPASSWORD is a secret, which may not stand in settings.toml. Write the password into ~/.pgpass.",
    ]
