"""A provider file for the server is one that gumauth loads."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

import gumauth.testing
from gumauth.registry import lookup
from gumauth.testing import AuthorizationServer, write_provider

if TYPE_CHECKING:
    from pathlib import Path


def test_a_written_provider_is_found_and_has_the_servers_addresses(
    authorization_server: AuthorizationServer, tmp_path: Path
) -> None:
    path = write_provider(authorization_server, tmp_path, name="acme", scopes=("read",), redirect_ports=())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    provider = lookup.find(str(path), cwd="/").provider_class
    expected = {
        "name": "acme",
        "authorize_url": f"{authorization_server.url}/authorize",
        "token_url": f"{authorization_server.url}/token",
        "revoke_url": f"{authorization_server.url}/revoke",
        "nickname_url": f"{authorization_server.url}/userinfo",
        "issuer": authorization_server.url,
        "scopes": ("read",),
        "redirect_ports": (),
    }
    assert {name: getattr(provider, name) for name in expected} == expected


def test_writing_again_replaces_the_file_and_keeps_it_private(
    authorization_server: AuthorizationServer, tmp_path: Path
) -> None:
    path = write_provider(authorization_server, tmp_path)
    path.chmod(0o666)
    write_provider(authorization_server, tmp_path, scopes=("write",))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "('write',)" in path.read_text()


def test_a_name_that_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        gumauth.testing.Nothing  # noqa: B018  asking is the test
