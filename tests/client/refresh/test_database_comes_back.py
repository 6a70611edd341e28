"""A database that is away when a token has ended is asked again for a moment: it may be starting again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gumauth.client.context import Context
from gumauth.client.refresh.refresh import refresh_account
from gumauth.errors import StoreAway
from tests.accounts.shared.fleet import Fleet
from tests.accounts.shared.refreshing import Provider, connect, due, refresh, stored
from tests.store.memory import MemoryStore

pytestmark = pytest.mark.requirement("T2", "T4")


class Scene:
    """A machine with an account, in a store that is away for so many questions from now on; its clock is a test's.

    Attributes:
        pauses: Seconds that were slept between two tries.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, *, left: float, away_for: float) -> None:
        self.fleet, self.provider, self._away_for = Fleet(folder), Provider(), away_for
        self.pauses: list[float] = []
        self.machine = self.fleet.machine("a")
        self.account = connect(self.machine, self.provider)
        due(self.fleet, left=left)
        self.machine.hear = self._hear
        monkeypatch.setattr(time, "sleep", self.pauses.append)
        monkeypatch.setattr(time, "monotonic", lambda: sum(self.pauses))

    def _hear(self, _what: str, when: str) -> None:
        if when == "before" and self._away_for > 0:
            self._away_for -= 1
            raise StoreAway("The store does not answer.")

    def token(self) -> str:
        """The access token that the machine gets, which has the last minute of the hour before it."""
        environ = {"GUMAUTH_HOME": str(self.fleet.folder / "home")}
        context = Context(environ, clock=self.fleet.clock, notify=self.machine.notices.append, store=MemoryStore())
        context.accounts = self.machine.process()
        return refresh_account(context, self.account)[1].access_token


def test_a_token_that_has_ended_is_asked_for_until_the_database_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(tmp_path, monkeypatch, left=0.0, away_for=8)
    refresh(scene.fleet.machine("b").process(), scene.provider)
    assert scene.token() == stored(scene.fleet).access_token
    assert set(scene.pauses) == {0.5}
    assert scene.machine.notices == []


def test_a_database_that_stays_away_is_told_after_some_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(tmp_path, monkeypatch, left=0.0, away_for=float("inf"))
    with pytest.raises(StoreAway, match=r"The store does not answer\."):
        scene.token()
    assert 6.0 < sum(scene.pauses) <= 7.0


def test_a_token_that_is_good_for_a_moment_is_handed_out_without_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(tmp_path, monkeypatch, left=30.0, away_for=1)
    assert scene.token() == stored(scene.fleet).access_token
    assert scene.pauses == []
    assert scene.machine.notices == ["The store does not answer. The token that is there is still good and is used."]
