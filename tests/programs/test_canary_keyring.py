"""With the keyring in use, the tokens are in the Secret Service and nowhere else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from gumauth.client.context import Context
from gumauth.testing import Fault
from tests.parts.kwallet import KWallet
from tests.parts.secret_service import Session
from tests.programs.canary import shown
from tests.programs.canary_field import Field


def field_of(session: Session, tmp_path: Path) -> Field:
    """A field whose home is the session's, so that the keyring's own files are searched too."""
    folder = tmp_path / "field"
    folder.mkdir()
    kept = {name: value for name, value in session.environ.items() if name != "HOME"}
    return Field(folder, {**kept, "GUMAUTH_HOME": str(folder / "home" / "gumauth")})


@pytest.mark.keyring
@pytest.mark.requirement("S1")
@pytest.mark.parametrize("through_library", [False, True])
def test_the_tokens_are_in_the_secret_service_and_nowhere_else(
    secret_service: Session, tmp_path: Path, through_library: bool
) -> None:
    if through_library:  # through the keyring library, in its process
        secret_service.environ["KEYRING_PROPERTY_APPID"] = "gumauth"
    field = field_of(secret_service, tmp_path)
    try:
        assert field.connect().status == 0
        check_only_in_keyring(field, secret_service)
        for words in (("token", "acme"), ("refresh", "acme"), ("list", "--json"), ("doctor", "--json")):
            field.run(*words)
        field.server.misbehave("refresh", Fault.status(503))
        assert field.run("refresh", "acme").status == 5
        secret_service.lock()
        assert field.run("token", "acme").status == 6
        secret_service.unlock()
        look_everywhere(field, secret_service, "after a lock")
        assert field.run("disconnect", "acme").status == 0
        assert entries(field, secret_service) == ""
        assert not secret_service.is_locked(), "the keyring could not answer"
        look_everywhere(field, secret_service, "after disconnect")
    finally:
        field.close()
    assert field.searched["children"] > 3 or not through_library, "the keyring's worker was not seen"
    assert [shown(finding) for finding in field.findings] == []


def entries(field: Field, session: Session) -> str:
    """Everything of this home's in the keyring, seen from outside."""
    return session.secret_tool("search", "--all", "--unlock", "service", Context(field.environ).home.service)


def check_only_in_keyring(field: Field, session: Session) -> None:
    """The latest tokens are what `secret-tool` finds, and in no file of the home or the session."""
    held = entries(field, session)
    for kind in ("access_token", "refresh_token"):
        assert field.canaries.values(kind)[-1] in held, f"the {kind} is not in the keyring"
    look_everywhere(field, session, "connected")


def look_everywhere(field: Field, session: Session, when: str) -> None:
    field.look_at_files(when)
    for folder, _, names in os.walk(session.folder):
        for name in names:
            path = Path(folder, name)
            if path.is_file():
                field.look("files of the session", f"{when}: {path}", path.read_bytes().decode("latin-1"))


@pytest.mark.keyring
def test_the_search_of_the_session_would_find_a_token(secret_service: Session, tmp_path: Path) -> None:
    field = field_of(secret_service, tmp_path)
    try:
        assert field.connect().status == 0
        held = entries(field, secret_service)
        (secret_service.folder / "home" / "notes").write_text(held)
        look_everywhere(field, secret_service, "with a copy")
        shutil.rmtree(secret_service.folder / "home")
    finally:
        field.close()
    assert {finding.secret for finding in field.findings} == {"access_token", "id_token", "refresh_token"}


@pytest.mark.kwallet
@pytest.mark.requirement("S1")
def test_the_tokens_are_in_kwallet_and_nowhere_else(kwallet: KWallet, tmp_path: Path) -> None:
    """No process of the keyring library is started for it."""
    session = kwallet.session
    session.environ["XDG_CURRENT_DESKTOP"] = "KDE"
    field = field_of(session, tmp_path)
    try:
        assert field.connect().status == 0
        held = "".join(kwallet.entries(Context(field.environ).home.service).values())
        for kind in ("access_token", "refresh_token"):
            assert field.canaries.values(kind)[-1] in held, f"the {kind} is not in the wallet"
        look_everywhere(field, session, "connected")
        for words in (("token", "acme"), ("refresh", "acme"), ("list", "--json"), ("doctor", "--json")):
            field.run(*words)
        kwallet.lock()
        assert field.run("token", "acme").status == 6
        look_everywhere(field, session, "after a lock")
        kwallet.kill()
        kwallet.start()
        assert field.run("disconnect", "acme").status == 0
        assert kwallet.entries(Context(field.environ).home.service) == {}
        look_everywhere(field, session, "after disconnect")
    finally:
        field.close()
    assert [shown(finding) for finding in field.findings] == []
