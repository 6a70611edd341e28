"""Provider files to load."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

CLASS = """
class Acme(AuthProvider):
    name = NAME

    def get_url(self, redirect_uri, state):
        return "https://acme.example/"

    async def exchange(self, code, redirect_uri):
        return TokenResponse(access_token=code)

    async def refresh(self, refresh_token):
        raise NotImplementedError

    async def get_nickname(self, access_token):
        return "ada"
"""

IMPORTS = "from mcp.gumstack import AuthProvider, TokenResponse\n"
FILE = f"{IMPORTS}\n{CLASS}".replace("NAME", '"acme"')
AUTH = f"{IMPORTS}from .config import NAME\n{CLASS}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "auth.py"
    path.write_text(FILE)
    return path


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def module_of(found: Any) -> Any:
    return sys.modules[found.provider_class.__module__]
