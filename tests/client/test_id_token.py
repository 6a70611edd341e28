"""Handing out an id_token: kept at a connect, renewed with the tokens, and never after its end."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import pytest

from gumauth.client.context import Context
from gumauth.client.id_token import IdToken, id_token, id_token_if_any
from gumauth.errors import GumauthError, ReconnectNeeded, Temporary
from gumauth.platform.frozen import replace
from gumauth.testing import Fault
from tests.accounts.directly import records_of
from tests.client.connect.test_connect import Returning, write_odd
from tests.client.world import Walker, World
from tests.programs.left_behind import processes, until
from tests.programs.stage import file_store, stage


@pytest.fixture
def world(world: World) -> World:
    world.server.send_id_token = True
    return world


@pytest.fixture
def connected(world: World) -> World:
    """With one account, whose id_token lives for an hour."""
    world.connect()
    return world


def handed(world: World, **options: float) -> IdToken:
    return id_token(world.new_context(), "acme", **options)


def claims(value: str) -> Any:
    part = value.split(".")[1]
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def refreshes(world: World) -> int:
    return world.server.count("refresh")


def test_the_id_token_of_the_connect_is_handed_out_without_a_request(connected: World) -> None:
    found = handed(connected)
    assert claims(found.value)["sub"] == "ada"
    assert (found.issuer, found.audience) == (connected.server.issuer, ("acme-app",))
    assert found.ends == connected.clock() + 3600
    assert found.account.label == "acme/ada@example.com"
    assert refreshes(connected) == 0
    assert found.value not in repr(found)


def test_a_refresh_brings_a_newer_one(connected: World) -> None:
    first = handed(connected)
    connected.clock.move(3550)
    second = handed(connected)
    assert second.ends == first.ends + 3550
    assert connected.token().id_token == second.value
    assert refreshes(connected) == 1


def test_it_is_refreshed_although_the_access_token_is_good(world: World) -> None:
    world.server.id_token_lifetime = 300
    world.connect()
    world.clock.move(239)
    assert handed(world).ends == world.clock() + 61
    assert refreshes(world) == 0
    world.clock.move(2)
    assert handed(world).ends == world.clock() + 300
    assert refreshes(world) == 1
    assert handed(world, min_valid=250).ends == world.clock() + 300
    world.clock.move(60)
    assert handed(world, min_valid=250).ends == world.clock() + 300
    assert refreshes(world) == 2


def test_an_access_token_that_is_due_alone_does_not_matter(world: World) -> None:
    world.server.id_token_lifetime = 36_000
    world.connect()
    world.clock.move(3590)
    assert handed(world).ends == world.clock() + 32_410
    assert refreshes(world) == 0


def test_a_refresh_without_an_id_token_keeps_the_older_one_while_it_lives(world: World) -> None:
    world.server.id_token_lifetime = 7200
    world.connect()
    first = handed(world)
    world.server.misbehave("refresh", Fault.without("id_token"), times=None)
    world.clock.move(3590)
    world.token()
    assert refreshes(world) == 1
    assert handed(world).value == first.value


@pytest.mark.requirement("H4")
def test_where_only_a_connect_brings_one_the_provider_is_asked_once_and_the_error_says_so(connected: World) -> None:
    first = handed(connected)
    connected.server.misbehave("refresh", Fault.without("id_token"), times=None)
    connected.clock.move(3545)
    for _ in range(3):
        assert handed(connected).value == first.value
    assert refreshes(connected) == 1
    assert connected.notices[-1] == (
        "The id_token of acme/ada@example.com ends soon, and its provider gives a new one only at a connect."
    )
    connected.clock.move(55)
    for _ in range(3):
        with pytest.raises(ReconnectNeeded) as caught:
            handed(connected)
    assert refreshes(connected) == 1
    assert caught.value.exit_code == 3
    assert caught.value.message == (
        "The id_token of acme/ada@example.com has ended, and its provider gives a new one only when it is connected."
    )
    assert caught.value.hint == "Run `gumauth connect acme`."
    connected.server.behave()
    connected.connect()
    assert handed(connected).ends == connected.clock() + 3600


def test_one_that_has_ended_long_ago_asks_the_provider_once(connected: World) -> None:
    connected.server.misbehave("refresh", Fault.without("id_token"), times=None)
    connected.clock.move(90_000)
    for _ in range(2):
        with pytest.raises(ReconnectNeeded):
            handed(connected)
    assert refreshes(connected) == 1


def test_a_passing_failure_costs_nothing_while_it_has_life(connected: World) -> None:
    first = handed(connected)
    connected.server.misbehave("refresh", Fault.status(503), times=None)
    connected.clock.move(3550)
    assert handed(connected).value == first.value
    assert connected.notices[-1].endswith("The id_token that is there is still good and is used.")
    connected.clock.move(100)
    with pytest.raises(Temporary):
        handed(connected)


def test_an_account_without_a_refresh_token_has_its_id_token_to_the_end(world: World) -> None:
    world.server.refresh_tokens = False
    world.connect()
    world.clock.move(3590)
    assert handed(world).ends == world.clock() + 10
    world.clock.move(10)
    with pytest.raises(ReconnectNeeded):
        handed(world)


def test_a_clock_that_went_back_makes_it_doubtful(connected: World) -> None:
    connected.clock.move(-500)
    handed(connected)
    assert refreshes(connected) == 1


@pytest.mark.requirement("H5")
def test_another_issuers_is_dropped_at_the_connect_with_a_sentence(world: World) -> None:
    world.write_provider(issuer="https://other.example")
    notices = world.connect().notices
    assert "The id_token that came is of another issuer; it was not kept." in notices
    assert world.token().id_token is None


@pytest.mark.requirement("H5")
def test_an_id_token_of_another_person_does_not_come_with_a_refresh(connected: World) -> None:
    first = handed(connected)
    connected.server.nicknames.clear()
    family = connected.server.families[0]
    object.__setattr__(family, "person", "grace@example.com")
    connected.clock.move(3550)
    connected.notices.clear()
    connected.token()
    assert refreshes(connected) == 1
    assert connected.token().id_token == first.value
    assert connected.notices == ["The id_token that came with the refresh is another person's; it was not kept."]
    assert connected.account().label == "acme/ada@example.com"


@pytest.mark.requirement("H5", "I1")
def test_an_account_of_an_older_gumauth_gets_no_id_token_of_another_person(connected: World) -> None:
    records, account = records_of(connected.context), connected.account()
    account = replace(account, identity=f"{connected.server.issuer} somebody")
    account, _ = records.put(account, replace(connected.token(), id_token=None))
    records.commit(account)
    connected.clock.move(3550)
    assert connected.token().id_token is None
    assert connected.notices == ["The id_token that came with the refresh is another person's; it was not kept."]


def test_without_the_scope_the_error_says_how_to_ask_for_it(world: World) -> None:
    world.server.send_id_token = False
    world.connect()
    assert id_token_if_any(world.new_context(), "acme") is None
    with pytest.raises(ReconnectNeeded) as caught:
        handed(world)
    assert caught.value.message == (
        "acme/ada@example.com has no id_token: it was connected without the scope `openid`."
    )
    assert caught.value.hint == "Run `gumauth connect acme --add-scope openid`."


def test_with_the_scope_the_error_says_that_a_connect_may_bring_one(world: World) -> None:
    world.server.send_id_token = False
    world.write_provider(scopes=("openid", "read"))
    world.connect()
    with pytest.raises(ReconnectNeeded) as caught:
        handed(world)
    assert caught.value.message == (
        "acme/ada@example.com has no id_token: none came when it was connected, or an older gumauth connected it."
    )
    assert caught.value.hint == "Run `gumauth connect acme`."


def test_a_dead_grant_hands_out_no_id_token_either(connected: World) -> None:
    connected.server.end_grant(1)
    connected.clock.move(3550)
    with pytest.raises(ReconnectNeeded):
        handed(connected)
    connected.clock.move(-3550)
    with pytest.raises(GumauthError):
        handed(connected)


def test_a_provider_files_own_response_may_have_an_id_token(world: World) -> None:
    body = (
        "import base64, json; "
        "c = dict(iss='https://own.example', sub='1', aud='x', iat=1750000000, exp=1750003600); "
        "p = base64.urlsafe_b64encode(json.dumps(c).encode()).decode().rstrip('='); "
        "r = TokenResponse(access_token='t'); r.id_token = f'eyJhbGciOiJIUzI1NiJ9.{p}.c2ln'; return r"
    )
    world.file = write_odd(world.folder, body, "return 'ada'")
    world.connect(Returning(world))
    found = id_token(world.new_context(), "odd")
    assert (found.issuer, found.audience, found.ends) == ("https://own.example", ("x",), 1_750_003_600)


@pytest.mark.requirement("H8")
def test_one_that_is_nearly_due_is_handed_out_at_once_and_a_process_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUMAUTH_AHEAD", "1")
    with stage(tmp_path, file_store(tmp_path)) as scene:
        scene.server.send_id_token = True
        scene.connect()
        first = id_token(scene.context, "acme")
        notes = tmp_path / "home" / "locks"
        assert not list(notes.glob("*.ahead.lock"))
        later = Context(scene.environ, clock=lambda: time.time() + 3100)
        assert id_token(later, "acme").value == first.value
        (note,) = notes.glob("*.ahead.lock")
        assert note.read_text()
        until(lambda: not processes(scene.environ))
        assert scene.server.count("refresh") == 0  # by its own clock there is nothing to do


@pytest.mark.requirement("K9")
def test_an_id_token_of_32_kib_survives_beside_the_tokens(connected: World) -> None:
    records, account = records_of(connected.context), connected.account()
    large = f"{handed(connected).value}{'A' * 31_000}"
    account, _ = records.put(account, replace(connected.token(), id_token=large))
    records.commit(account)
    assert handed(connected).value == large


def test_a_second_connect_without_an_id_token_forgets_the_older_one(connected: World) -> None:
    connected.server.send_id_token = False
    connected.connect(Walker(connected))
    assert connected.token().id_token is None
