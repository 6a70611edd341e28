"""Every service's life, with its facts as they are written: its real hosts lead to a stand-in made of its row."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.client.revoke import disconnect, revoke
from gumauth.errors import CannotRevoke, NotRefreshable, ReconnectNeeded
from gumauth.provider import credential_variables
from tests.client.world import Clock
from tests.parts.standin import StandIn
from tests.providers.machine import Machine
from tests.providers.row import REFRESH, Row
from tests.providers.rows import every_row
from tests.providers.standin import CLIENT_ID, Standin
from tests.providers.standin_answers import holds


@pytest.fixture(scope="module")
def internet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """The proxy that leads to the stand-ins."""
    internet = StandIn(tmp_path_factory.mktemp("internet"))
    yield internet
    internet.close()


@pytest.fixture(params=every_row(), ids=lambda row: row.name)
def life(
    request: pytest.FixtureRequest, internet: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Life]:
    """Of each service in turn."""
    monkeypatch.setattr(os, "fsync", lambda _handle: None)  # eighty lives survive no power cut
    with beginning(request.param, internet, tmp_path / "home") as life:
        yield life


@contextmanager
def beginning(row: Row, internet: StandIn, home: Path) -> Iterator[Life]:
    """An account that does not exist yet; at the end nothing has come that the row does not name."""
    clock, secret = Clock(), secrets.token_urlsafe(24)
    with Standin(row, clock, secret) as standin:
        for host in standin.hosts:
            internet.answer_for(host, standin.answer)
        try:
            yield Life(standin, clock, {**internet.environment, "GUMAUTH_HOME": str(home)}, secret)
        finally:
            internet.forget()
        assert (standin.wrong, internet.refused) == ([], [])


class Life(Machine):
    """An account of one service, on a machine of its own.

    Args:
        standin: The service.
        clock: Of the service and of the machine.
        environ: Leads to the service.
        secret: Of the client.
    """

    def __init__(self, standin: Standin, clock: Clock, environ: dict[str, str], secret: str) -> None:
        self.row, self.standin, self.secret = standin.row, standin, secret
        pastes, approve = self.row.redirect.startswith("https:"), standin.server.approve
        service = " ".join([self.row.name, *(f"--{place} {value}" for place, value in self.row.place.items())])
        super().__init__(service, environ, clock, follow=standin.follow, approve=approve, pastes=pastes)
        id_variable, self._secret_variable = credential_variables(self.resolved.name)
        self.environ |= {id_variable: CLIENT_ID}
        if standin.has_secret:
            self.environ[self._secret_variable] = secret

    def use_secret(self, secret: str | None) -> None:
        """Let the client have this secret from now on, or none, as a public one."""
        self.standin.make_client(has_secret=secret is not None)
        self.environ |= {self._secret_variable: secret or ""}


def test_a_service_is_connected_used_and_left(life: Life) -> None:
    account, first = connected_for_the_first_time(life)
    last = refreshed(life, first)
    die(life, first, last)
    assert connected_again(life).id == account.id or not account.identity
    end(life)


def connected_for_the_first_time(life: Life) -> tuple[Account, Record]:
    row, begun = life.row, life.clock.now
    account, notices = life.connect()
    assert (account.nickname or "", account.identity or "") == row.person
    assert account.state == "ok"
    assert notices == [] or row.nickname is None, notices
    record = life.token()
    assert life.standin.server.is_active(record.access_token)
    assert (record.expires_at is None) == (row.life is None)
    assert row.life is None or record.expires_at == begun + row.life
    assert record.extras == row.extras
    assert life.notices == []
    return account, record


def refreshed(life: Life, first: Record) -> Record:
    if life.row.refreshed is None:
        assert isinstance(life.refresh_by_hand(), NotRefreshable)
        return first
    if life.row.life is None:
        assert life.refresh_by_hand() is None
    else:
        life.clock.move(life.row.life)
    record = life.token()
    assert record.access_token != first.access_token
    assert (record.refresh_token != first.refresh_token) == holds(life.row.refreshed, REFRESH)
    assert life.standin.server.is_active(record.access_token)
    assert life.standin.server.count("refresh") == 1
    assert life.notices == []
    return record


def die(life: Life, first: Record, last: Record) -> None:
    """The grant dies: by the replaced refresh token, where somebody else uses that, or by the person's hand."""
    server = life.standin.server
    if last.refresh_token != first.refresh_token:
        assert life.standin.use_again(first.refresh_token or "").status == 400
    else:
        server.end_grant(server.families[-1].number)
    assert not server.is_active(last.access_token)
    if life.row.refreshed is not None:
        assert isinstance(life.refresh_by_hand(), ReconnectNeeded)
        with pytest.raises(ReconnectNeeded):
            life.token()


def connected_again(life: Life) -> Account:
    """By a device where the service has that, and by a public client where it takes one."""
    account = life.connect_device() if life.row.device else None
    if life.row.secretless and life.standin.has_secret:
        life.use_secret(None)
        account = None
    account = account or life.connect()[0]
    assert account.state == "ok"
    assert life.standin.server.is_active(life.token().access_token)
    if life.row.revoke_auth == "basic" and life.row.auth != "none":
        life.use_secret(life.secret)  # a public client cannot revoke there
    return account


def end(life: Life) -> None:
    server, record, account = life.standin.server, life.token(), life.account()
    outcome = revoke(life.context, account)
    if life.row.revoke is None:
        assert isinstance(outcome.error, CannotRevoke)
    else:
        assert outcome.error is None
        assert server.families[-1].ended == "revoked"
        assert server.is_active(record.access_token) == (outcome.lives_until is not None)
    left = disconnect(life.context, outcome.account)
    assert (left.revoked, left.forgotten) == (life.row.revoke is not None, True)
    assert (list(life.context.accounts.all()), life.store.keys()) == ([], [])
