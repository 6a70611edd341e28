"""When the token in a file is renewed."""

from __future__ import annotations

import pytest

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.client.id_token import IdToken
from gumauth.handout.run.schedule import Plan, after, after_failure, after_id_token, pause

pytestmark = pytest.mark.requirement("R4", "H10")


def record(life: float | None, *, at: float = 1000.0) -> Record:
    return Record(access_token="t", obtained_at=at, expires_at=None if life is None else at + life, account={})


@pytest.mark.parametrize(
    ("life", "min_valid", "at"),
    [
        (None, None, None),
        (5.0, None, 1003.0),  # two fifths of its life before the end
        (3600.0, None, 4000.0),  # ten minutes before
        (3600.0, 1800.0, 2800.0),
        (3600.0, 7200.0, 1720.0),  # longer than it lives: once a fifth is gone
    ],
)
def test_a_token_is_renewed_before_it_is_due(life: float | None, min_valid: float | None, at: float | None) -> None:
    plan = after(record(life), 1000.0, min_valid, 3)
    assert (plan.at, plan.failures) == (at, 0)


def test_a_token_that_is_due_after_its_renewal_is_tried_again_later_and_later() -> None:
    plan = Plan(at=0.0)
    waits = []
    for _ in range(8):
        plan = after(record(3600.0), 4500.0, None, plan.failures)
        waits.append((plan.at or 0.0) - 4500.0)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert after(record(3600.0, at=4500.0), 4500.0, None, plan.failures).failures == 0


@pytest.mark.parametrize(
    ("life", "min_valid", "now", "plan"),
    [
        (3600.0, None, 1000.0, Plan(at=4000.0, life=600.0)),
        (5.0, None, 1000.0, Plan(at=1003.0, life=2.0)),
        (3600.0, 7200.0, 1000.0, Plan(at=1720.0, life=7200.0)),
        (3600.0, None, 4500.0, Plan(at=4501.0, life=600.0, failures=1)),
    ],
)
def test_an_id_token_is_renewed_as_an_access_token_is(
    life: float, min_valid: float | None, now: float, plan: Plan
) -> None:
    account = Account(provider="acme", id="x", nickname=None, connected_at=0.0, store="file")
    found = IdToken(account=account, value="t", issuer="i", audience=("a",), made=1000.0, ends=1000.0 + life)
    assert after_id_token(found, now, min_valid, 0) == plan


def test_a_failure_keeps_the_life_that_is_wanted() -> None:
    assert after_failure(10.0, 600.0, 0) == Plan(at=11.0, life=600.0, failures=1)


@pytest.mark.parametrize(
    ("plans", "seconds"),
    [([Plan(at=None)], 5.0), ([Plan(at=103.0), Plan(at=102.0)], 2.0), ([Plan(at=900.0)], 5.0), ([Plan(at=1.0)], 0.05)],
)
def test_the_accounts_are_looked_at_when_a_token_is_due_and_every_five_seconds(
    plans: list[Plan], seconds: float
) -> None:
    assert pause(plans, 100.0) == seconds
