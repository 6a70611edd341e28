"""The hint for an account that is not there."""

from __future__ import annotations

import pytest

from gumauth.client.token import find
from gumauth.errors import NotConnected
from tests.client.world import World

LISTS = "`gumauth providers` lists what can be connected by name, `gumauth list` what is."


@pytest.mark.parametrize(
    ("reference", "hint"),
    [
        ("acme/work", "Run `gumauth connect acme --as work`, or see in `gumauth list` what is."),
        ("acme/bob@example.com", "Run `gumauth connect acme`, or see in `gumauth list` what is."),
        ("acme/adaa", "Did you mean acme/ada@example.com? `gumauth list` shows what is connected."),
        ("acme/adda@example.com", "Did you mean acme/ada@example.com? `gumauth list` shows what is connected."),
        ("github/work", "Run `gumauth connect github --as work`."),
        ("linaer", f"Did you mean linear? {LISTS}"),
        ("acne/work", f"Did you mean acme? {LISTS}"),
        ("nothing", LISTS),
    ],
)
def test_an_account_that_is_not_there_is_answered_with_what_was_meant(world: World, reference: str, hint: str) -> None:
    world.connect()
    with pytest.raises(NotConnected) as caught:
        find(world.new_context(), reference)
    assert caught.value.hint == hint
