"""What a program of a desktop starts gumauth with, what is lost there, and the lines that bring it back."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from gumauth.handout.recipes.own_path import words
from gumauth.handout.recipes.short_environment import advice, lost, moved_home, shortened
from gumauth.platform.folders import locate
from gumauth.platform.settings import with_settings

pytestmark = pytest.mark.requirement("H6")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "PATH": "/bin"}


def written(path: Path, sentences: list[str]) -> None:
    """Do what the advice says: write the lines that it shows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(re.findall(r"`(\w+ = .*?)`", " ".join(sentences))) + "\n")


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
    sentences = advice(rich, missing)
    assert f" into {file}: " in sentences[0]
    written(file, sentences)
    assert tomllib.loads(file.read_text()) == {"store": "file", "key_file": value}
    assert with_settings(shortened(rich)) == rich
    assert lost(rich) == {}


def test_a_setting_of_another_value_is_lost(environ: dict[str, str], tmp_path: Path) -> None:
    written(tmp_path / ".config" / "gumauth" / "settings.toml", ['`store = "keyring"`'])
    assert lost({**environ, "GUMAUTH_STORE": "file"}) == {"GUMAUTH_STORE": "file"}


def test_a_relative_path_is_written_whole(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert '`key_file = "/k"`' in advice(environ, {"GUMAUTH_KEY_FILE": "k"})[0]


def test_what_may_not_stand_in_the_file_is_told_apart(environ: dict[str, str]) -> None:
    rich = {**environ, "GUMAUTH_PASSPHRASE": "correct horse", "GUMAUTH_TRUST": "/srv"}
    sentences = advice(rich, lost(rich))
    assert sentences == [
        "Write `env GUMAUTH_TRUST=…` before gumauth's path in what starts it.",
        "GUMAUTH_PASSPHRASE is a secret, and stays out of every file: use a key file.",
    ]
