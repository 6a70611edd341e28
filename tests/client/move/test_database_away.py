"""The database goes away at each message of a move: nothing is lost, and the same command ends it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.client.move.relay import Relay
from tests.client.move.scene import Scene, scene
from tests.parts.shared_store import SharedStore
from tests.programs.kill_move import usable_places


@pytest.fixture
def relay(shared_store: SharedStore) -> Iterator[Relay]:
    made = Relay(shared_store.server.port)
    yield made
    made.close()


def moved_with_cuts(s: Scene, relay: Relay, to: str) -> int:
    """Move the account, cut at a message, at the next one, and so on until nothing is cut. Gives how often it was."""
    for cuts, relay.left in enumerate(range(1, 200)):
        ended = s.run(s.at_database, "move", "acme", "--to", to)
        relay.left = None
        if ended.status == 0:
            return cuts
        assert ended.status in (3, 5), ended  # 3: of an account that is in the database, nothing is known yet
        assert "Traceback" not in ended.err
        assert len(usable_places(s)) <= 1
    pytest.fail("it does not end")


@pytest.mark.requirement("T2", "T4")
@pytest.mark.parametrize("passes_last", [False, True])
def test_a_database_that_goes_away_at_any_message_loses_nothing(
    shared_store: SharedStore, relay: Relay, monkeypatch: pytest.MonkeyPatch, *, passes_last: bool
) -> None:
    monkeypatch.setattr("gumauth.accounts.shared.locked.STORE_SECONDS", 1.0)  # it does not come back within a minute
    with scene(shared_store) as s:
        relay.passes_last = passes_last
        address = shared_store.address.replace(f":{shared_store.server.port}/", f":{relay.port}/")
        s.at_database["GUMAUTH_STORE"] = f"{address}?sslmode=disable"
        assert moved_with_cuts(s, relay, "postgresql") > 5
        assert usable_places(s) == ["shared"]
        assert s.refreshes(s.at_database)
        assert moved_with_cuts(s, relay, "file") > 5
        assert usable_places(s) == ["own"]
        assert s.refreshes(s.own)
        assert s.server.count("reuse") == 0
