"""A data folder that is moved, or that a link leads to, and its entries in a real keyring."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.store.secret_service.store import SecretServiceStore
from gumauth.testing import AuthorizationServer
from tests.parts.secret_service import Session
from tests.programs.stage import Stage

pytestmark = pytest.mark.keyring


@pytest.fixture
def stage(secret_service: Session, tmp_path: Path) -> Iterator[Stage]:
    """An account that is connected under GUMAUTH_HOME, in the keyring."""
    with AuthorizationServer() as server:
        stage = Stage(server, tmp_path, secret_service.environ)
        stage.connect()
        yield stage


def token(stage: Stage, folder: Path) -> str:
    command = [sys.executable, "-m", "gumauth", "token", "acme"]
    environ = {**stage.environ, "GUMAUTH_HOME": str(folder)}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def services(stage: Stage) -> set[str]:
    """The names under which there are entries of accounts."""
    command = ["secret-tool", "search", "--all", "--unlock", "application", "Python keyring library"]
    done = subprocess.run(command, env=stage.environ, capture_output=True, text=True, check=True, timeout=30)
    said = (done.stdout + done.stderr).splitlines()
    return {line.partition("= ")[2] for line in said if line.startswith("attribute.service")}


@pytest.mark.requirement("Y5")
def test_a_folder_that_was_moved_goes_on_and_is_disconnected_wholly(stage: Stage, tmp_path: Path) -> None:
    before, after = Path(stage.environ["GUMAUTH_HOME"]), tmp_path / "after"
    first = token(stage, before)
    before.rename(after)
    assert token(stage, after) == first
    assert services(stage) == {f"gumauth {before}"}
    stage.environ["GUMAUTH_HOME"] = str(after)
    stage.expire()
    assert stage.server.is_active(token(stage, after))
    assert services(stage) == {f"gumauth {after}"}
    done = stage.run("disconnect", "acme")
    assert (done.returncode, services(stage)) == (0, set())
    assert stage.server.families[-1].ended is not None


@pytest.mark.requirement("Y5")
def test_what_an_older_gumauth_keeps_under_the_name_of_a_link_goes_on(stage: Stage, tmp_path: Path) -> None:
    real, link = Path(stage.environ["GUMAUTH_HOME"]), tmp_path / "link"
    link.symlink_to(real)
    first = token(stage, real)
    account = stage.context.accounts.look_up("acme")
    key = f"{account.key}/{account.slot}"
    value = SecretServiceStore(stage.context).get(key)
    assert value is not None
    SecretServiceStore(stage.context).delete(key)
    (real / "keyring.json").unlink()
    SecretServiceStore(stage.context, service=f"gumauth {link}").set(key, value)
    assert services(stage) == {f"gumauth {link}"}
    assert token(stage, link) == first
    stage.environ["GUMAUTH_HOME"] = str(link)
    assert stage.run("refresh", "acme").returncode == 0
    assert services(stage) == {f"gumauth {real}"}
    assert stage.server.is_active(token(stage, real))
