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

from gumauth.errors import (
    GumauthError,
    MissingCredentials,
    NetworkError,
    NicknameError,
    NotConnected,
    ProviderCodeError,
    TokenEndpointError,
)
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
@pytest.mark.parametrize(
    "error",
    [
        TokenEndpointError("no", hint="a", error="b"),
        NetworkError("no", hint="a"),
        MissingCredentials("no", hint="{argument}", argument="a", variables=("B", "C")),
    ],
)
def test_a_copy_has_the_same_hint_once(copied: Callable[[Any], Any], error: GumauthError) -> None:
    again = copied(error)
    assert (type(again), str(again), again.hint, notes(again)) == (type(error), "no", "a", ["a"])
    again.hint = "c"
    assert notes(again) == ["c"]
    assert (error.hint, notes(error)) == ("a", ["a"])


ID, SECRET = VARIABLES = ("ACME_CLIENT_ID", "ACME_CLIENT_SECRET")
FOUND_NOWHERE = "The client credentials of Acme are missing: ACME_CLIENT_ID and ACME_CLIENT_SECRET"


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (
            MissingCredentials.of_client("Acme", VARIABLES, "acme"),
            f"{FOUND_NOWHERE}.",
            f"Run `gumauth setup acme`, or set {ID} and {SECRET}.",
        ),
        (
            MissingCredentials.of_client("Acme", VARIABLES, "acme", was_read=True),
            f"{FOUND_NOWHERE} are not set, and none are stored.",
            f"Run `gumauth setup acme`, or set {ID} and {SECRET}.",
        ),
        (
            MissingCredentials.of_client("Acme", VARIABLES, "acme", secret="optional"),
            f"The client id of Acme is missing: {ID}.",
            f"Run `gumauth setup acme`, or set {ID}, and {SECRET} where the app has a secret.",
        ),
        (
            MissingCredentials.of_client("Acme", VARIABLES, "acme", secret="none", was_read=True),
            f"The client id of Acme is missing: {ID} is not set, and none is stored.",
            f"Run `gumauth setup acme`, or set {ID}.",
        ),
        (
            MissingCredentials.of_client("Acme", VARIABLES, "acme", has_id=True),
            f"Acme needs a client secret too, and {SECRET} is not set.",
            f"Set it, or unset {ID}, so that what `gumauth setup acme` stored is used.",
        ),
        (
            MissingCredentials.of_import("No.", ID, "acme"),
            "No.",
            f"Run `gumauth setup acme`, or set {ID} in the environment or in a file behind --env-file.",
        ),
    ],
)
def test_missing_credentials_are_worded_once_and_name_the_provider_as_a_command_line_does(
    error: MissingCredentials, message: str, hint: str
) -> None:
    assert (error.message, error.hint, error.argument) == (message, hint, "acme")
    error.reword(lambda text: text.replace("CLIENT", "…"))
    error.name_provider("./{my acme}.py")
    assert error.message == message.replace("CLIENT", "…")
    assert error.hint == hint.replace("CLIENT", "…").replace("acme", "./{my acme}.py")


@pytest.mark.parametrize(("variable", "argument"), [("ACME_REGION", "./acme.py"), (ID, None)])
def test_no_setup_is_advised_for_what_it_does_not_keep(variable: str, argument: str | None) -> None:
    error = MissingCredentials.of_import("No.", variable, argument)
    assert error.hint == f"Set {variable} in the environment or in a file behind --env-file."
    error.name_provider("acme")
    assert (error.argument, error.variables) == (None, (variable,))


def test_an_error_is_given_one_more_fact_and_words_it() -> None:
    error = NotConnected("It failed.", command="gumauth connect acme")
    error.name_account("acme/work")
    error.name_account("acme/home")
    error.add("It is over.", hint="Or wait.")
    assert (error.message, error.hint) == ("acme/work: It failed. It is over.", "Run `gumauth connect acme`. Or wait.")
    assert (str(error), error.account) == (error.message, "acme/work")
    because = NicknameError.because("Acme", error)
    assert because.message == f"Acme did not say whose account this is: {error.message}"
    assert because.hint == "Give the account a name of your own with --as."


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
