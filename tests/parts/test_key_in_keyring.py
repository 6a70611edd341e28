"""A key in a real keyring: there, and after it has been replaced or disconnected, not there any more."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from gumauth.client.context import Context
from tests.cli.program import Ended, environment, process

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parts.secret_service import Session

BOTH = ("--key", "access_key", "--key", "access_key_secret")


@pytest.mark.keyring
@pytest.mark.requirement("K2", "K8", "S1")
def test_a_key_lives_and_ends_in_the_secret_service(secret_service: Session, tmp_path: Path) -> None:
    in_file = environment(tmp_path)
    environ = {**secret_service.environ, "GUMAUTH_HOME": in_file["GUMAUTH_HOME"]}
    first, second, third = (secrets.token_urlsafe(24) for _ in range(3))

    def held() -> str:
        service = Context(environ).home.service
        return secret_service.secret_tool("search", "--all", "--unlock", "service", service)

    assert process(in_file, "connect", "gong", *BOTH, stdin=f"{third}\n{third}\n").status == 0
    assert list(tmp_path.rglob("*.secret"))
    moved = {**environ, "GUMAUTH_KEY_FILE": in_file["GUMAUTH_KEY_FILE"]}
    assert process(moved, "connect", "gong/1", stdin=f"{first}\n{second}\n").status == 0
    assert first in held()
    assert list(tmp_path.rglob("*.secret")) == [], "nothing is left in the store of before"
    assert process(environ, "token", "gong", "--field", "access_key_secret") == Ended(0, f"{second}\n", "")
    assert process(environ, "connect", "gong/1", stdin=f"{third}\n{second}\n").status == 0
    assert process(environ, "token", "gong", "--field", "access_key").out == f"{third}\n"
    assert first not in held()
    secret_service.lock()
    refused = process(environ, "connect", "gong/1", stdin=f"{first}\n{second}\n")
    assert (refused.status, "locked" in refused.err) == (6, True)
    secret_service.unlock()
    assert process(environ, "token", "gong", "--field", "access_key").out == f"{third}\n"
    assert process(environ, "disconnect", "gong").status == 0
    assert held() == ""
    files = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not [each for each in files for value in (first, second, third) if value.encode() in each]
