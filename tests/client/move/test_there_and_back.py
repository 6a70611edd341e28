"""An account is moved to a database and back, and another machine uses it in between."""

from __future__ import annotations

import pytest

from tests.client.move.scene import accounts_in, scene
from tests.parts.shared_store import SharedStore


@pytest.mark.requirement("T1")
def test_an_account_goes_to_the_database_and_comes_back_and_each_place_refreshes_it(shared_store: SharedStore) -> None:
    with scene(shared_store) as s:
        before = accounts_in(s.run(s.own, "list", "--json"))[0]
        moved = s.run(s.at_database, "move", "acme", "--to", "postgresql")
        assert (moved.status, moved.out) == (0, "Moved acme/ada@example.com to PostgreSQL.\n"), moved
        assert s.states(s.own) == []
        assert s.states(s.at_database) == ["acme/ada@example.com ok"]
        assert s.refreshes(s.b)
        assert s.refreshes(s.at_database)
        back = s.run(s.b, "move", "acme", "--to", "file")
        assert (back.status, back.out) == (0, "Moved acme/ada@example.com to the encrypted file.\n"), back
        assert s.states(s.b) == []
        assert s.refreshes({**s.b, "GUMAUTH_STORE": "file"})
        after = accounts_in(s.run({**s.b, "GUMAUTH_STORE": "file"}, "list", "--json"))[0]
        changed = {name for name in before if before[name] != after[name]}
        assert changed <= {"expires_at", "refreshed_at"}
        assert s.server.count("reuse") == 0
