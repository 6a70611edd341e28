"""gumauth as desktop programs start it: with HOME and PATH alone, by the encrypted file and by a real keyring."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import environment
from tests.cli.test_imports import ID_TOKEN, SENT_BY_GIT, with_record
from tests.parts.need import lacking, need
from tests.parts.secret_service import Session

pytestmark = [pytest.mark.requirement("H6")]

TOKEN = "an-access-token"
HEADER = {"Authorization": f"Bearer {TOKEN}"}
FORMS = {
    ("token", "github"): TOKEN,
    ("token", "github", "--header"): f"Authorization: Bearer {TOKEN}",
    ("token", "github", "--for", "mcp"): json.dumps(HEADER),
    ("token", "github", "--id-token"): ID_TOKEN,
    ("run", "A=github", "--", "sh", "-c", 'echo "$A"'): TOKEN,
}
"""A command line, and what it prints."""


def poor(home: str) -> dict[str, str]:
    """Nothing but HOME and PATH; and what measures and slows tests."""
    return {"HOME": home, "PATH": os.environ["PATH"]}


def ended(command: list[str], environ: dict[str, str], stdin: str = "") -> tuple[int, str, str]:
    done = subprocess.run(
        command, env=environ, input=stdin, capture_output=True, text=True, timeout=60, check=False, cwd="/"
    )
    return done.returncode, done.stdout.rstrip("\n"), done.stderr


@pytest.fixture
def settled(tmp_path: Path) -> dict[str, str]:
    """A home with an account in the encrypted file, which `settings.toml` names; the environment says nothing of it."""
    rich = environment(tmp_path)
    del rich["GUMAUTH_HOME"]
    with_record(rich, "github")
    folder = tmp_path / ".config" / "gumauth"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "settings.toml").write_text(f'store = "file"\nkey_file = "{rich["GUMAUTH_KEY_FILE"]}"\n')
    return poor(str(tmp_path))


@pytest.mark.parametrize("words", FORMS, ids=" ".join)
def test_each_form_works_with_the_encrypted_file(settled: dict[str, str], words: tuple[str, ...]) -> None:
    assert ended([sys.executable, "-m", "gumauth", *words], settled) == (0, FORMS[words], "")


def test_git_is_answered_with_the_encrypted_file(settled: dict[str, str]) -> None:
    command = [sys.executable, "-m", "gumauth", "token", "github", "--for", "git", "get"]
    assert ended(command, settled, SENT_BY_GIT) == (0, f"username=x-access-token\npassword={TOKEN}", "")


def test_without_the_settings_nothing_is_printed_and_the_reason_is_said(settled: dict[str, str]) -> None:
    (Path(settled["HOME"]) / ".config" / "gumauth" / "settings.toml").unlink()
    status, out, err = ended([sys.executable, "-m", "gumauth", "token", "github", "--for", "mcp"], settled)
    assert (status, out) == (6, "")
    assert "error:" in err


AT_ITS_PLACE = """
mount -t tmpfs none /run && mkdir -p "/run/user/$(id -u)" && mount --bind "$1" "/run/user/$(id -u)" || exit 99
shift
exec env -i "HOME=$HOME" "PATH=$PATH" "$@"
"""
"""Runs a command where the session's folder is at the place that the system gives it, in a mount namespace."""


@pytest.mark.keyring
@pytest.mark.parametrize("words", FORMS, ids=" ".join)
def test_each_form_finds_the_sessions_bus_at_its_usual_place(secret_service: Session, words: tuple[str, ...]) -> None:
    need(programs=("unshare",))
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0:
        lacking("no mount namespaces can be made")
    with_record(secret_service.environ, "github")
    command = ["unshare", "--mount", "sh", "-c", AT_ITS_PLACE, "sh", str(secret_service.folder)]
    found = ended([*command, sys.executable, "-m", "gumauth", *words], poor(secret_service.environ["HOME"]))
    assert found == (0, FORMS[words], "")
