"""`gumauth doctor` plays a program of a desktop, which starts gumauth with HOME and PATH alone."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from gumauth.cli.commands import doctor_programs
from tests.cli.program import inside
from tests.cli.test_imports import with_record

pytestmark = pytest.mark.requirement("H6")


def finding(environ: dict[str, str]) -> dict[str, str | None]:
    found = json.loads(inside(environ, "doctor", "--json").out)["checks"]
    (one,) = [check for check in found if check["check"] == "programs"]
    return dict(one)


def test_the_settings_that_the_doctor_writes_out_are_all_that_is_needed(environ: dict[str, str]) -> None:
    with_record(environ)
    before = finding(environ)
    assert before["status"] == "warn"
    assert str(before["message"]).startswith("Programs that pass on HOME and PATH alone get no token. ")
    hint = str(before["hint"])
    file = Path(environ["GUMAUTH_HOME"]) / "settings.toml"
    assert f" into {file}: " in hint
    moved = f"`env GUMAUTH_HOME={file.parent}` before gumauth's path"
    assert hint.endswith(f" They need {moved} too, as `gumauth link` writes it.")
    file.write_text("\n".join(re.findall(r"`(\w+ = .*?)`", hint)) + "\n")
    assert finding(environ) == {
        "check": "programs",
        "status": "ok",
        "message": f"Programs that pass on HOME and PATH alone get tokens too, with {moved}, as `gumauth"
        " link` writes it: the record of acme/ada@example.com can be read there.",
        "hint": None,
    }


def test_the_lines_are_shown_one_below_the_other_to_be_copied(environ: dict[str, str]) -> None:
    with_record(environ)
    shown = inside(environ, "doctor").out
    block = shown.partition(f"→ Write these lines into {environ['GUMAUTH_HOME']}/settings.toml:\n")[2].partition("→")[0]
    assert tomllib.loads(block)["key_file"] == environ["GUMAUTH_KEY_FILE"]


def test_without_accounts_the_store_is_looked_into(environ: dict[str, str]) -> None:
    home = Path(environ["GUMAUTH_HOME"])
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text(f'store = "file"\nkey_file = "{environ["GUMAUTH_KEY_FILE"]}"\n')
    assert str(finding(environ)["message"]).endswith("the store can be read there.")


def test_a_store_that_fails_here_too_is_not_told_twice(environ: dict[str, str]) -> None:
    with_record(environ)
    found = json.loads(inside({**environ, "GUMAUTH_KEY_FILE": "/nowhere"}, "doctor", "--json").out)["checks"]
    assert [check["check"] for check in found if check["check"] in ("store", "programs")] == ["store"]


def test_without_accounts_a_key_that_cannot_be_read_is_noticed(environ: dict[str, str]) -> None:
    """An absent entry of the encrypted file is known to be absent without the key."""
    found = json.loads(inside({**environ, "GUMAUTH_KEY_FILE": "/nowhere"}, "doctor", "--json").out)["checks"]
    assert [check["check"] for check in found if check["check"] in ("store", "programs")] == ["store"]


def test_what_the_variables_do_not_mend_keeps_its_own_hint(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_programs, "START", 'print(\'["It is raining.", "Wait."]\')')
    assert finding(environ)["message"] == "Programs that pass on HOME and PATH alone get no token. It is raining."
    assert str(finding(environ)["hint"]).startswith("Wait. They need `env GUMAUTH_HOME=")


@pytest.mark.parametrize("start", ["import time; time.sleep(60)", "print('odd')", "raise SystemExit(3)"])
def test_a_process_that_does_not_answer_is_a_finding(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    monkeypatch.setattr(doctor_programs, "START", start)
    monkeypatch.setattr(doctor_programs, "SECONDS", 0.5)
    assert (finding(environ)["status"], bool(finding(environ)["hint"])) == ("warn", True)
