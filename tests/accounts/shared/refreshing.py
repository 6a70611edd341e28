"""A refresh as the rules make it, step by step, at a provider whose refresh tokens may be used once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress

from gumauth.accounts.account import Account, account_id
from gumauth.accounts.interface import LockedAccount
from gumauth.accounts.record import Record, decode
from gumauth.accounts.rescue import RescueFile
from gumauth.accounts.shared.keeper import SharedAccounts
from gumauth.accounts.shared.sealed import listed, unsealed
from gumauth.errors import ClaimLost
from gumauth.platform.frozen import replace
from tests.accounts.shared.fleet import START, Fleet, Machine

LIFE = 3600.0
MARGIN = 60.0
"""Seconds before a token's end from which it is refreshed."""

KEY = f"linear/{account_id('ada', None)}"


class Killed(BaseException):
    """The process is gone."""


class Provider:
    """Gives a new refresh token for the present one.

    Attributes:
        present: The refresh token that has not been used. Secret.
        sent: Each refresh token that was sent.
        reused: How many of them had been used before.
        answered: Called with each answer, before it is given.
    """

    def __init__(self) -> None:
        self.present = secrets.token_urlsafe(8)
        self.sent: list[str] = []
        self.reused = 0
        self.answered: Callable[[], None] = lambda: None

    def ask(self, token: str | None) -> tuple[str, str]:
        """An access token, and the next refresh token."""
        self.sent.append(token or "")
        self.reused += token != self.present
        self.present = secrets.token_urlsafe(8)
        given = secrets.token_urlsafe(8), self.present
        self.answered()
        return given


def connect(machine: Machine, provider: Provider) -> Account:
    """An account of the provider."""
    now = machine.clock()
    account = Account(
        provider="linear",
        id=account_id("ada", None),
        nickname="ada",
        connected_at=now,
        refreshed_at=now,
        refreshable=True,
        grant="grant",
        store="memory",
    )
    record = Record(
        access_token=secrets.token_urlsafe(8),
        refresh_token=provider.present,
        expires_at=now + LIFE,
        obtained_at=now,
        grant="grant",
        account={},
    )
    with machine.process().locked(account) as locked:
        account, _ = locked.put(account, record)
        locked.commit(account)
    return account


def refresh(accounts: SharedAccounts, provider: Provider, *, force: bool = False) -> Record:
    """The account's record with a token that is not due, as `client.refresh` gets it."""
    account = accounts.get(*KEY.split("/"))
    assert account is not None
    for _ in range(2):
        with suppress(ClaimLost), accounts.locked(account, to_refresh=True) as locked:
            return _refreshed(accounts, locked, provider, force=force)
    with accounts.locked(account, to_refresh=True) as locked:
        return _refreshed(accounts, locked, provider, force=force)


def _refreshed(accounts: SharedAccounts, locked: LockedAccount, provider: Provider, *, force: bool) -> Record:
    current = locked.listed()
    assert current is not None
    account, record = locked.settle(current)
    if not force and (record.expires_at or 0.0) - accounts.clock() > MARGIN:
        return record
    with locked.reserve(account, record) as reservation:
        if reservation.left is not None:
            return reservation.left[1]
        reservation.check()
        now = accounts.clock()
        access, token = provider.ask(record.refresh_token)
        record = replace(
            record, access_token=access, refresh_token=token, obtained_at=now, expires_at=now + LIFE, id_token=None
        )
        return reservation.commit(replace(account, refreshed_at=now), record)[1]


def stored(fleet: Fleet) -> Record:
    """The record as a machine with the fleet's key reads it in the store; nothing is logged."""
    accounts = Machine("reader", fleet.folder, fleet.memory, fleet.key_file, fleet.clock, {}).process()
    kept = fleet.memory.rows.accounts[KEY]
    account = listed(kept.content or "", 0.0)
    row = accounts.engine.take(KEY, whole=True)
    assert account is not None
    assert row is not None
    return unsealed(accounts.session.keys, account, row, 0.0)


def rescued(machine: Machine, accounts: SharedAccounts, record: Record) -> Record | None:
    """The answer to a refresh with this record that is on the disk of a machine."""
    text = RescueFile(accounts.home, KEY).find([record.rescue] if record.rescue else [])
    return None if text is None else decode(text, machine.name)


def due(fleet: Fleet, left: float = 50.0) -> None:
    """Let the token have so many seconds left, which it was given at the start."""
    fleet.clock.time = START + LIFE - left
