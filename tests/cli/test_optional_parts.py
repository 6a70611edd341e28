"""What an account can be found without stops no command when it cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gumauth.accounts.account import account_id
from tests.cli.program import inside, listed

pytestmark = pytest.mark.requirement("Y6")


def folder_instead(path: Path) -> None:
    if path.exists():
        path.unlink()
    path.mkdir()


def loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.fixture(
    params=[
        ("acme/default", folder_instead),
        ("acme/0123456789abcdef.json", folder_instead),
        (f"acme/{account_id(None, 'work')}.alias", folder_instead),
        ("odd", loop),
    ],
    ids=["default", "account", "alias", "provider"],
)
def environ(request: pytest.FixtureRequest, environ: dict[str, str]) -> dict[str, str]:
    """Two accounts of two providers, and one thing that cannot be read."""
    listed(environ, "linear", "ada")
    listed(environ, "acme", "bob", alias="work", source="built-in")
    name, spoil = request.param
    spoil_it: Callable[[Path], None] = spoil
    spoil_it(Path(environ["GUMAUTH_HOME"]) / "accounts" / name)
    return environ


def test_the_list_shows_the_rest(environ: dict[str, str]) -> None:
    done = inside(environ, "list")
    assert done.status == 0
    assert "ada" in done.out
    assert "work" in done.out


@pytest.mark.parametrize("reference", ["linear", "linear/ada", "acme/work", "acme"])
def test_every_account_is_found(environ: dict[str, str], reference: str) -> None:
    """There is no record, which only an account that was found can lack."""
    done = inside(environ, "token", reference)
    assert done.status == 6
    assert "is not in encrypted file any more" in " ".join(done.err.split())


def test_a_shell_is_offered_the_rest(environ: dict[str, str]) -> None:
    done = inside(environ, "__complete", "accounts", "")
    assert (done.status, done.out.split()) == (0, ["acme", "acme/work", "linear", "linear/ada"])


def test_doctor_goes_on_and_says_what_it_passed_over(environ: dict[str, str]) -> None:
    done = inside(environ, "doctor")
    assert "2 accounts in the list" in " ".join(done.out.split())
    assert "a bug" not in done.err


def test_credentials_that_cannot_be_read_stop_no_other_provider(environ: dict[str, str]) -> None:
    folder_instead(Path(environ["GUMAUTH_HOME"]) / "clients")
    folder_instead(Path(environ["GUMAUTH_HOME"]) / "clients" / "linear.json")
    assert "github" in inside(environ, "providers").out
    assert "accounts in the list" in " ".join(inside(environ, "doctor").out.split())
    done = inside(environ, "connect", "linear", "--no-browser")
    assert done.status == 6
    assert "linear.json cannot be used: it is not a file" in " ".join(done.err.split())
