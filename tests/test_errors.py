"""An error carries its hint wherever it goes, and a program's traceback ends with both."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gumauth.errors import GumauthError, NetworkError, ProviderCodeError, TokenEndpointError
from tests.cli.program import environment


def notes(error: BaseException) -> list[str]:
    return list(getattr(error, "__notes__", []))


def test_a_traceback_shows_the_hint_below_the_message() -> None:
    error = GumauthError("It failed.", hint="Run `gumauth doctor`.")
    assert traceback.format_exception_only(error)[-2:] == [
        "gumauth.errors.GumauthError: It failed.\n",
        "Run `gumauth doctor`.\n",
    ]
    assert str(error) == "It failed."


def test_a_hint_that_is_changed_is_noted_once_and_beside_what_others_have_noted() -> None:
    error = ProviderCodeError("It failed.")
    assert notes(error) == ["The provider's file has to be mended."]
    error.add_note("seen by a test")
    error.hint = "Do that."
    error.hint = "Do that."
    assert (error.hint, notes(error)) == ("Do that.", ["seen by a test", "Do that."])
    error.hint = None
    assert notes(error) == ["seen by a test"]
    assert notes(GumauthError("It failed.")) == []


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))],
    ids=["copy", "deep", "pickle"],
)
@pytest.mark.parametrize("error", [TokenEndpointError("no", hint="a", error="b"), NetworkError("no", hint="a")])
def test_a_copy_has_the_same_hint_once(copied: Callable[[Any], Any], error: GumauthError) -> None:
    again = copied(error)
    assert (type(again), str(again), again.hint, notes(again)) == (type(error), "no", "a", ["a"])
    again.hint = "c"
    assert notes(again) == ["c"]
    assert (error.hint, notes(error)) == ("a", ["a"])


SCRIPTS = {
    "sync": "import gumauth\ngumauth.get_token('acme')\n",
    "async": "import asyncio, gumauth\nasyncio.run(gumauth.aget_token('acme'))\n",
    "chain": "import gumauth\ngumauth.get_token('a/b/c\\0')\n",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_program_that_an_error_ends_shows_its_own_line_the_message_and_the_hint(tmp_path: Path, name: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPTS[name])
    done = subprocess.run(
        [sys.executable, script], env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=60
    )
    lines = done.stderr.splitlines()
    own = [line for line in lines if "asyncio" not in line and "^^^" not in line]
    assert done.returncode == 1
    assert len(lines) < (10 if name != "async" else 22)  # asyncio's own frames stand between
    assert str(script) in own[1]
    assert lines[-2].startswith("gumauth.errors.")
    assert "gumauth" in lines[-1]
    assert "During handling" not in done.stderr


PROVIDER = """
import asyncio
from gumauth import OAuth2Provider


class Acme(OAuth2Provider):
    name, authorize_url, token_url, public_client = "acme", "https://acme.example/", "http://127.0.0.1:9/", True


asyncio.run(Acme().refresh("a-refresh-token"))
"""


def test_what_lies_behind_an_error_of_the_network_is_not_shown(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROVIDER],
        env=environment(tmp_path, ACME_CLIENT_ID="an-id"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "gumauth.errors.NetworkError: 127.0.0.1 could not be reached" in done.stderr
    assert "site-packages" not in done.stderr
    assert "direct cause" not in done.stderr
