"""What is said of an account that was just connected."""

from __future__ import annotations

import shutil

from tests.accounts.directly import resume
from tests.client.connect.coming import Make, called
from tests.client.world import World


def test_which_account_stays_the_default_is_said_only_of_another_one(world: World, make: Make) -> None:
    first = make()
    first.save()
    first.commit(called("ada@example.com"))
    first.discard()
    assert first.notices == []
    again = make()  # nothing is saved
    again.commit(called("ada@example.com"))
    assert again.notices == [
        "acme does not tell who this is, only a nickname. This is acme/ada@example.com again: its tokens are new now."
    ]
    second = make()
    second.commit(called("grace@example.com"))
    assert second.notices == [
        "acme/ada@example.com stays the default; `gumauth default acme/grace@example.com` changes that."
    ]


def test_an_account_without_a_name_that_another_process_has_resumed_does_not_stay_the_default(
    world: World, make: Make
) -> None:
    """Somebody has deleted the lock files, so that the other process took the connect for an interrupted one."""
    coming = make()
    coming.save()
    shutil.rmtree(world.folder / "home" / "locks")
    resumed = resume(world.new_context(), world.account())
    assert resumed is not None
    assert resumed.label == "acme/1"
    coming.commit(called("ada@example.com"))
    assert coming.notices == []
