"""All tokens before anything is started."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.client.context import Context
from gumauth.errors import GumauthError, NetworkError, NotConnected, ReconnectNeeded, StoreError
from gumauth.handout.run.references import Reference
from gumauth.handout.run.tokens import not_had, tokens
from gumauth.testing import Fault
from tests.client.world import Walker
from tests.programs.stage import Stage, make_due, stage

pytestmark = pytest.mark.requirement("H2")

REFERENCES = tuple(Reference(name=name, account=f"acme/{name}@example.com") for name in ("ada", "bob", "eve"))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Stage]:
    """Three people's accounts, in the encrypted file."""
    with stage(tmp_path) as scene:
        for person in ("ada", "bob", "eve"):
            scene.world.connect(Walker(scene.world, nickname=f"{person}@example.com"))
        yield scene


def test_every_reference_gets_its_accounts_token(scene: Stage) -> None:
    twice = (*REFERENCES, Reference(name="again", account="acme/bob@example.com"))
    had = tokens(scene.context, twice, min_valid=None)
    assert {name: account.nickname for name, (account, _) in had.items()} == {
        f"acme/{person}@example.com": f"{person}@example.com" for person in ("ada", "bob", "eve")
    }
    assert all(scene.server.is_active(token) for _, token in had.values())
    assert scene.server.count("refresh") == 0


def test_tokens_that_are_due_are_refreshed_at_the_same_time(scene: Stage) -> None:
    """Each answer waits until all three were asked for."""
    for each in REFERENCES:
        make_due(scene.environ, each.account)
    all_asked = threading.Barrier(3, timeout=30)
    scene.server.misbehave("refresh", Fault("late", lambda answer: (all_asked.wait(), answer)[1]), times=3)
    had = tokens(scene.context, REFERENCES, min_valid=None)
    assert len({token for _, token in had.values()}) == 3
    assert scene.server.count("refresh") == 3


def test_an_account_that_two_variables_name_is_refreshed_once(scene: Stage) -> None:
    make_due(scene.environ, "acme/ada@example.com")
    account = scene.context.accounts.look_up("acme/ada@example.com")
    both = (Reference(name="A", account=account.label), Reference(name="B", account=account.key))
    had = tokens(scene.context, both, min_valid=None)
    assert len({token for _, token in had.values()}) == 1
    assert scene.server.count("refresh") == 1


def test_the_error_names_all_that_could_not_be_had(scene: Stage) -> None:
    for each in REFERENCES[:2]:
        make_due(scene.environ, each.account)
    scene.server.misbehave("refresh", Fault.status(503), times=None)
    with pytest.raises(GumauthError) as caught:
        tokens(scene.context, (*REFERENCES, Reference(name="X", account="nobody")), min_valid=None)
    assert caught.value.message.startswith("Nothing was started: there is no token for ada, bob, X. ")
    assert (caught.value.code, caught.value.exit_code) == ("not_connected", 3)


DEAD = ReconnectNeeded("a is dead.", hint="Run it.")
AWAY = NetworkError("b is away.", hint="Try again.")
LOCKED = StoreError("locked.", hint="Run it.")
A, B, C = (Reference(name=name.upper(), account=name) for name in "abc")


@pytest.mark.parametrize(
    ("failed", "status", "message", "hint"),
    [
        ({"b": AWAY}, 5, "B. b is away.", "Try again."),
        ({"a": DEAD, "b": AWAY}, 3, "A, B. a is dead. b is away.", "Run it. Try again."),
        ({"b": AWAY, "c": LOCKED}, 6, "B, C. b is away. locked.", "Try again. Run it."),
        ({"a": DEAD, "c": LOCKED}, 3, "A, C. a is dead. locked.", "Run it."),
    ],
)
def test_the_status_is_of_the_first_that_trying_again_does_not_help(
    failed: dict[str, GumauthError], status: int, message: str, hint: str
) -> None:
    error = not_had((A, B, C), failed)
    assert error.exit_code == status
    assert (error.message, error.hint) == (f"Nothing was started: there is no token for {message}", hint)


def test_a_missing_account_is_not_looked_for_at_a_provider(tmp_path: Path) -> None:
    context = Context({"GUMAUTH_HOME": str(tmp_path / "home")})
    with pytest.raises(GumauthError) as caught:
        tokens(context, (A, B), min_valid=None)
    assert caught.value.code == NotConnected.code
