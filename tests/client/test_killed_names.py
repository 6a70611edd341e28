"""Killed while a name goes over, or while one account takes another's place: no label means two, no token is lost."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from gumauth.client.lookup import find
from gumauth.client.refresh.refresh import refresh
from gumauth.errors import GumauthError
from gumauth.testing import AuthorizationServer
from tests.client.test_killed_connects import Writes, clock, killed, new_world, server, writes
from tests.client.world import Clock, Walker, World

__all__ = ["clock", "server", "writes"]

Act = Callable[[World], object]


def ada_and_grace(world: World) -> None:
    world.connect(alias="work")
    world.connect(Walker(world, nickname="grace"))


def a_nickname_alone(world: World) -> None:
    world.write_provider(identity_paths=())
    world.server.refresh_once = True
    world.connect(alias="work")


def nameless(world: World) -> None:
    world.write_provider(nickname_url=None)
    world.connect()


def replaced(world: World) -> object:
    return world.connect(Walker(world, nickname="grace"), alias="work", replace=True)


def asked(nickname: str, **options: object) -> Act:
    def act(world: World) -> object:
        person = Walker(world, nickname=nickname)
        person.answers = {"": True}
        return world.connect(person, **options)

    return act


@pytest.mark.no_cover
@pytest.mark.requirement("I6", "K1")
@pytest.mark.parametrize(
    ("before", "act"),
    [
        (ada_and_grace, replaced),
        (ada_and_grace, asked("grace", alias="work")),
        (a_nickname_alone, asked("ada")),
        (nameless, asked("ada")),
    ],
)
def test_killed_anywhere_every_label_means_one_account_and_every_token_can_be_refreshed(
    server: AuthorizationServer, clock: Clock, tmp_path: Path, writes: Writes, before: Act, act: Act
) -> None:
    for moment in count(0, 2):  # after one write is before the next
        server.refresh_once = False
        world = new_world(server, clock, tmp_path / str(moment))
        before(world)
        world.context = world.new_context()
        if not killed(act, world, writes, moment):
            break
        usable = 0
        for listed in list(world.new_context().accounts.all()):
            try:
                account = find(world.new_context(), listed.key)  # which ends what was cut short
                token = world.token(account.key)
            except GumauthError:
                assert listed.state in ("leaving", "connecting"), (listed.label, writes.done)
                continue
            assert server.is_active(token.access_token), writes.done
            if token.refresh_token:
                assert refresh(world.new_context(), [account.key])[0].refreshed, (account.label, writes.done)
            usable += bool(token.refresh_token)
        accounts = list(world.new_context().accounts.all())
        assert len({account.label for account in accounts}) == len(accounts), writes.done
        assert [world.new_context().accounts.look_up(account.label).id for account in accounts] == [
            a.id for a in accounts
        ]
        assert usable >= 1, writes.done
        server.refresh_once = False
        for family in server.families:
            server.end_grant(family.number)
    assert moment > 15
