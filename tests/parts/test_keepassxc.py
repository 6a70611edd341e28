"""Whole lives of accounts whose tokens are in a real KeePassXC, with nobody there and with somebody who answers."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import KEPT, process
from tests.parts.attended import attended, connect_attended
from tests.parts.keepassxc import KeePassXC
from tests.parts.secret_service import PASSWORD, wait_until
from tests.parts.test_lives import connect, free_port, shown, token

if TYPE_CHECKING:
    from tests.parts.linear import Linear
    from tests.parts.screen import Screen

pytestmark = [pytest.mark.keepassxc, pytest.mark.requirement("K17")]


def environment(keepassxc: KeePassXC, linear: Linear) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    path = os.pathsep.join(filter(None, sys.path))
    return {**kept, **keepassxc.session.environ, **linear.environment, "PYTHONPATH": path}


def test_the_life_of_an_account_with_nobody_there(keepassxc: KeePassXC, linear: Linear) -> None:
    """Programs may have entries unasked. Deleting one would show a dialog, so what is left is made of no use."""
    keepassxc.start()
    person = environment(keepassxc, linear)
    account = connect(person, "linear", linear.follow, "--port", free_port())
    assert account["store"] == "Secret Service"
    tokens = {token(person, "linear")}
    for _ in range(2):
        assert shown(process(person, "refresh", "linear", "--json"))["accounts"][0]["refreshed"] is True
        tokens.add(token(person, "linear"))
    assert len(tokens) == 3
    assert shown(process(person, "revoke", "linear", "--json"))["revoked"] is True
    assert shown(process(person, "disconnect", "linear", "--json"))["forgotten"] is True
    assert not any(linear.server.is_active(token) for token in tokens)
    connect(person, "linear", linear.follow, "--port", free_port())
    assert linear.server.is_active(token(person, "linear"))
    assert shown(process(person, "disconnect", "linear", "--json"))["forgotten"] is True
    wait_until(lambda: set(keepassxc.passwords()) == {("gumauth (empty)", "")})
    assert len(keepassxc.passwords()) == 2, "more entries than are needed at once"


@pytest.mark.dialogs
def test_the_life_of_an_account_with_somebody_who_answers(keepassxc: KeePassXC, linear: Linear, screen: Screen) -> None:
    """It asks before a program may have an entry, as it does when it is new: once for each command."""
    keepassxc.show_on(screen.display)
    keepassxc.start(access=True)
    person = environment(keepassxc, linear)
    with screen.answering("Access Request", "", "Return") as dialogs:
        assert connect_attended(person, "linear", linear.follow, "--port", free_port()).status == 0
        assert dialogs == [], "what is new is had unasked by who has made it"
        first = attended(person, "token", "linear")
        assert linear.server.is_active(first.out.strip()), first
        assert "Secret Service asks whether gumauth may have its entries. Waiting for your answer…" in first.err
        for number in (2, 3):
            assert attended(person, "refresh", "linear").status == 0
            assert len(dialogs) == number
        second = attended(person, "token", "linear").out.strip()
        assert linear.server.is_active(second)
        assert len(dialogs) == 4
        assert attended(person, "revoke", "linear").status == 0
        assert not linear.server.is_active(second)
        assert len(dialogs) == 5
        ended = attended(person, "disconnect", "linear")
        assert (ended.status, len(dialogs)) == (0, 5), ended  # a revoked account has no entry any more
    wait_until(lambda: set(keepassxc.passwords()) == {("gumauth (empty)", "")})
    assert len(keepassxc.passwords()) <= 3


@pytest.mark.dialogs
@pytest.mark.requirement("K6", "K7")
def test_what_nobody_answers_or_somebody_denies_ends_in_a_sentence_and_loses_nothing(
    keepassxc: KeePassXC, linear: Linear, screen: Screen
) -> None:
    keepassxc.show_on(screen.display)
    keepassxc.start(access=True)
    person = environment(keepassxc, linear)
    assert connect_attended(person, "linear", linear.follow, "--port", free_port()).status == 0
    for words in (("token", "linear"), ("refresh", "linear"), ("disconnect", "linear")):
        begun = time.monotonic()
        ended = process(person, *words)
        assert (ended.status, ended.out) == (6, ""), ended
        assert "asks in a dialog whether gumauth may use it, and nobody is there to answer." in ended.err
        assert time.monotonic() - begun < 8
    with screen.answering("Access Request", "", "Escape"):
        ended = attended(person, "refresh", "linear")
        assert (ended.status, "does not let gumauth in" in ended.err) == (6, True), ended
    keepassxc.end()
    keepassxc.start(unlocked=False)
    ended = process(person, "token", "linear")
    assert (ended.status, "is locked, and nobody can be asked" in ended.err) == (6, True), ended
    keepassxc.end()
    keepassxc.start(unlocked=False)
    with screen.answering("Unlock Database", PASSWORD, "Return"):
        assert linear.server.is_active(attended(person, "token", "linear").out.strip())
    assert shown(process(person, "refresh", "linear", "--json"))["accounts"][0]["refreshed"] is True
