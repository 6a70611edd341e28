"""Secrets that nobody has named are found by their names and by their letters."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

import pytest

from gumauth.registry.foreign_code.hidden_secrets import hidden, secrets_in

TOKEN = "Zk3vYb8mQe5rTn1x-Wc7u_Ld9h"


@pytest.mark.requirement("P6", "S1")
def test_tokens_drawn_by_lot_are_told_by_their_looks() -> None:
    kinds: list[Callable[[], str]] = [lambda: secrets.token_urlsafe(32), lambda: secrets.token_hex(20)]
    for draw in kinds:
        for _ in range(500):
            token = draw()
            assert token not in hidden(f"what is {token}?", ())


class Knot:
    """Every one holds every other."""

    all: ClassVar[list[Knot]] = []

    def __init__(self) -> None:
        self.others, self.access_token = self.all, TOKEN
        self.all.append(self)


@pytest.mark.requirement("P6")
def test_looking_for_secrets_ends_where_everything_holds_everything() -> None:
    for _ in range(3000):
        Knot()
    wide: dict[str, Any] = {str(number): {"a": {"b": {"c": {}}}} for number in range(100_000)}
    begun = time.process_time()
    assert set(secrets_in({"knots": Knot.all, "wide": wide})) == {TOKEN}
    assert time.process_time() - begun < 5


@pytest.mark.requirement("S1")
def test_a_mapping_that_raises_hides_nothing_of_what_stands_beside_it() -> None:
    class Odd(dict[str, str]):
        def items(self) -> NoReturn:
            raise ZeroDivisionError

    assert set(secrets_in({"odd": Odd(a="b"), "below": {"token": TOKEN}})) == {TOKEN}
