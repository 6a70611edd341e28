"""Whole lives of accounts whose tokens are in KWallet, with a real kwalletd5 and no `dbus` module of Python."""

from __future__ import annotations

import os
import sys
import time
from subprocess import DEVNULL, Popen
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import KEPT, listed, process
from tests.parts.attended import attended, connect_attended
from tests.parts.kwalletd6 import relayed
from tests.parts.secret_service import PASSWORD, wait_until
from tests.parts.test_lives import connect, free_port, shown, token

if TYPE_CHECKING:
    from tests.parts.kwallet import KWallet
    from tests.parts.linear import Linear
    from tests.parts.screen import Screen

pytestmark = [pytest.mark.kwallet, pytest.mark.requirement("K17")]

DIALOG = "KDE Wallet|kwalletd"


@pytest.fixture
def person(kwallet: KWallet, linear: Linear) -> dict[str, str]:
    """The environment of somebody in a KDE session, with an app at the provider."""
    return environment(kwallet, linear)


def environment(kwallet: KWallet, linear: Linear) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    path = os.pathsep.join(filter(None, sys.path))
    return {**kept, **kwallet.session.environ, **linear.environment, "PYTHONPATH": path, "XDG_CURRENT_DESKTOP": "KDE"}


def test_the_life_of_an_account_in_an_open_wallet(kwallet: KWallet, linear: Linear, person: dict[str, str]) -> None:
    live(kwallet, linear, person)


def live(kwallet: KWallet, linear: Linear, person: dict[str, str]) -> None:
    """The whole life of an account with nobody there."""
    account = connect(person, "linear", linear.follow, "--port", free_port())
    assert account["store"] == "KWallet"
    (entry,) = kwallet.entries()
    assert entry.startswith("linear/")
    first = token(person, "linear")
    for _ in range(2):
        assert shown(process(person, "refresh", "linear", "--json"))["accounts"][0]["refreshed"] is True
    second = token(person, "linear")
    assert second != first
    assert linear.server.is_active(second)
    assert shown(process(person, "revoke", "linear", "--json"))["revoked"] is True
    assert not linear.server.is_active(second)
    assert shown(process(person, "disconnect", "linear", "--json"))["forgotten"] is True
    assert kwallet.entries() == {}


def test_the_same_under_the_name_of_kwalletd6(closed_kwallet: KWallet, linear: Linear) -> None:
    """Debian 12 has none: what is asked of its name is passed on to the real kwalletd5, and its answers back."""
    closed_kwallet.is_service = False
    closed_kwallet.configure()
    closed_kwallet.start()
    with relayed(closed_kwallet.session.address) as asked:
        live(closed_kwallet, linear, environment(closed_kwallet, linear))
    assert {"openAsync", "readPassword", "writePassword", "removeEntry", "close"} <= set(asked)


def asked_each_time(kwallet: KWallet, linear: Linear, screen: Screen) -> dict[str, str]:
    """The environment of somebody whose KWallet asks before a program may have the open wallet."""
    kwallet.show_on(screen.display)
    kwallet.configure(Prompt_on_Open="true")
    kwallet.start()
    return environment(kwallet, linear)


@pytest.mark.dialogs
@pytest.mark.requirement("K6", "K7")
def test_a_closed_wallet_is_opened_by_somebody_or_told(closed_kwallet: KWallet, linear: Linear, screen: Screen) -> None:
    closed_kwallet.show_on(screen.display)
    closed_kwallet.start()
    person = environment(closed_kwallet, linear)
    connect(person, "linear", linear.follow, "--port", free_port())
    closed_kwallet.lock()
    for words in (("token", "linear"), ("refresh", "linear"), ("disconnect", "linear")):
        ended = process(person, *words)
        assert (ended.status, ended.out) == (6, ""), ended
        assert "KWallet is locked, and nobody can be asked to unlock it." in ended.err
    with screen.answering(DIALOG, "", "Escape"):
        ended = attended(person, "token", "linear")
    assert (ended.status, ended.out) == (6, ""), ended
    assert "KWallet was not unlocked: its prompt was dismissed, or could not be shown." in ended.err
    with screen.answering(DIALOG, PASSWORD, "Return") as dialogs:
        ended = attended(person, "token", "linear")
    assert linear.server.is_active(ended.out.strip()), ended
    assert "KWallet is locked. Waiting for you to unlock it…" in ended.err
    assert len(dialogs) == 1
    assert shown(process(person, "refresh", "linear", "--json"))["accounts"][0]["refreshed"] is True


@pytest.mark.dialogs
@pytest.mark.requirement("K6", "K7")
def test_the_life_of_an_account_of_somebody_who_allows_it_once_each_time(
    closed_kwallet: KWallet, linear: Linear, screen: Screen
) -> None:
    """The person has set that they are asked before a program may have the open wallet: once for each command."""
    person = asked_each_time(closed_kwallet, linear, screen)
    commands = (("token",), ("refresh",), ("refresh",), ("token",), ("revoke",), ("disconnect",))
    with screen.answering(DIALOG, "", "Return") as dialogs:
        assert connect_attended(person, "linear", linear.follow, "--port", free_port()).status == 0
        for number, words in enumerate(commands, 2):
            ended = attended(person, *words, "linear")
            assert ended.status == 0, ended
            assert len(dialogs) == number
            assert words[0] != "token" or linear.server.is_active(ended.out.strip())
    assert shown(process(person, "list", "--json"))["accounts"] == []
    wait_until(lambda: closed_kwallet.users() == [])


@pytest.mark.dialogs
@pytest.mark.requirement("K6", "K7")
def test_what_somebody_denies_or_nobody_answers_is_told(
    closed_kwallet: KWallet, linear: Linear, screen: Screen
) -> None:
    person = asked_each_time(closed_kwallet, linear, screen)
    with screen.answering(DIALOG, "", "Return"):
        assert connect_attended(person, "linear", linear.follow, "--port", free_port()).status == 0
    with screen.answering(DIALOG, "", "Escape"):
        ended = attended(person, "token", "linear")
        assert (ended.status, "KWallet does not let gumauth in." in ended.err) == (6, True), ended
    ended = process(person, "token", "linear")
    assert (ended.status, ended.out) == (6, "")
    assert "KWallet asks in a dialog whether gumauth may use it, and nobody is there to answer." in ended.err


@pytest.mark.dialogs
@pytest.mark.requirement("K6")
def test_runs_with_nobody_there_leave_one_dialog_and_not_one_each(
    closed_kwallet: KWallet, linear: Linear, screen: Screen
) -> None:
    """A timer would fill the screen: what waits for a dialog ends with its conversation."""
    person = asked_each_time(closed_kwallet, linear, screen)
    listed(person, "acme", "ada@example.com", grant="g", store="KWallet")
    runs = [Popen([sys.executable, "-m", "gumauth", "token", "acme"], env=person, stderr=DEVNULL) for _ in range(3)]
    assert [run.wait(timeout=60) for run in runs] == [6, 6, 6]
    assert len(screen.windows(DIALOG)) == 1
    with screen.answering(DIALOG, "", "Escape") as dialogs:
        wait_until(lambda: screen.windows(DIALOG) == [])
        time.sleep(0.5)
    assert len(dialogs) == 1
