"""Any order of events on the accounts of a service: `python -m tests.programs.model --examples 500`.

Three people connect in two workspaces, at a service that keeps one grant for each of them or one for each consent, and
that tells more or less of who they are. Connect, refresh, expire, revoke, disconnect, a crash inside the store, a
second process, a clock that jumps. Afterwards each account hands out a token of who was connected as it, or it is
refused for a reason that the server's log confirms; nothing else is allowed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gumauth.accounts.account import Account
from gumauth.client.refresh.refresh import refresh
from gumauth.errors import AccountConflict, AmbiguousAccount, GumauthError
from gumauth.testing import AuthorizationServer, Fault
from tests.client.ending import disconnect, revoke
from tests.client.world import Clock, Walker, World
from tests.programs.model_service import (
    TWIN,
    Asked,
    Crash,
    CrashingStore,
    Death,
    Login,
    Mishap,
    Service,
    Stumble,
    logins,
    mishaps,
    services,
)
from tests.programs.model_truth import Truth

WHICH = st.integers(0, 5)
"""An account: so many places from the first in the list."""

ANSWERS = st.sampled_from([None, {}, {"": True}, {"": False}])
"""Nobody is there; or the usual answer, or yes or no to everything."""


class Life(RuleBasedStateMachine):
    """The life of a service's accounts."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.clock = Clock()
        self.server = AuthorizationServer(clock=self.clock)
        self.store = CrashingStore()
        self.world = World(server=self.server, folder=Path(self._folder.name), clock=self.clock, store=self.store)
        self.unseen = False
        """Nobody has looked since the process died."""

    def teardown(self) -> None:
        """Nothing is left behind."""
        self.server.close()
        self._folder.cleanup()

    @initialize(service=services(), login=logins())
    def begin(self, service: Service, login: Login) -> None:
        """Every life begins with a connect."""
        self.server.one_grant = service.grants == "one"
        self.server.refresh_once = service.refresh_once
        self.server.self_contained = service.self_contained
        self.server.send_workspace = True
        self.server.nicknames.update(TWIN)
        self.world.write_provider(**service.facts)
        self.truth = Truth(self.world, service)
        self._connect(Asked(login=login))

    @rule(
        login=logins(),
        alias=st.sampled_from([None, "work", "home"]),
        replace=st.booleans(),
        answers=ANSWERS,
        mishap=mishaps(steps=30),
    )
    def connect(
        self, login: Login, alias: str | None, replace: bool, answers: dict[str, bool] | None, mishap: Mishap
    ) -> None:
        """Over a live, dead, or missing account, or beside it."""
        self._connect(Asked(login=login, alias=alias, replace=replace, answers=answers, mishap=mishap))

    @precondition(lambda self: self.truth.accounts())
    @rule(which=WHICH, named=st.booleans(), answers=ANSWERS, mishap=mishaps(steps=30))
    def connect_again(self, which: int, named: bool, answers: dict[str, bool] | None, mishap: Mishap) -> None:
        """Who an account is connects it again, by its own alias or without one."""
        account = self._account(which)
        login, alias = self.truth.logins[account.grant], account.alias if named else None
        self._connect(Asked(login=login, alias=alias, answers=answers, mishap=mishap))

    def _connect(self, asked: Asked) -> None:
        truth, before, since = self.truth, self.truth.accounts(), len(self.server.log)
        could_refresh = truth.can_refresh(asked.login)
        owned = truth.families(account for account in before if account.state in ("ok", "connecting"))
        replaced = truth.families(account for account in before if self._may_replace(asked, account))
        walker = Walker(self.world, nickname=asked.login.person, workspace=asked.login.workspace)
        walker.answers = asked.answers
        self.world.context = self.world.new_context()
        failure = self._act(lambda: self.world.connect(walker, alias=asked.alias, replace=asked.replace), asked.mishap)
        new = self._note_grant(asked, failure)
        self._note_moves(asked, before)
        if truth.service.ends_older:
            truth.may_end |= replaced
        if isinstance(failure, GumauthError):
            self._check_conflict(failure, asked, before)
            truth.may_end |= self._given_since(since) - owned
        if failure is None:
            assert len(new) == 1, "it is not listed, or it is listed twice"
            assert not could_refresh or asked.is_nameless or truth.can_refresh(asked.login), "a refresh token is lost"
        self._check_others(asked, before, since)

    def _may_replace(self, asked: Asked, account: Account) -> bool:
        """Whether a login may take the place of an account: it is the same, or neither has a name."""
        same = self.truth.told(account) == self.truth.service.told(asked.login)
        return same or (asked.is_nameless and not self.truth.is_known(account))

    def _note_grant(self, asked: Asked, failure: GumauthError | Crash | None) -> list[Account]:
        """Note whose the new grant is; gives the accounts that have it."""
        new = [account for account in self.truth.accounts() if account.grant not in self.truth.logins]
        for account in new:
            self.truth.logins[account.grant] = asked.login
            record = self.truth.record(account)
            if record is not None and record.refresh_token:
                self.truth.came.add((account.id, account.grant))
            if isinstance(failure, Crash):
                self.truth.cut.add(account.grant)
        return new

    def _note_moves(self, asked: Asked, before: list[Account]) -> None:
        """Which labels the connect may have given to another account."""
        moves = self.truth.may_move
        if asked.alias is not None and asked.takes:
            moves.add(f"acme/{asked.alias}")
        if asked.is_nameless:
            moves |= {account.label for account in before if not self.truth.is_known(account)}
            moves |= {account.label for account in before if account.alias == asked.alias and account.state != "ok"}
        default = self.truth.default()
        if asked.yes and (default is None or not default.identity or asked.is_nameless):
            moves.add("acme")

    def _given_since(self, since: int) -> set[int]:
        """The families that a code gave tokens of since then."""
        events = [event for event in self.server.log[since:] if event.kind == "token" and event.outcome == "ok"]
        return {number for event in events if isinstance(number := event.details.get("family"), int)}

    def _check_conflict(self, failure: GumauthError, asked: Asked, before: list[Account]) -> None:
        """A connect fails only for an alias that another account has, where nobody has decided on it."""
        assert isinstance(failure, AccountConflict), f"a well-behaved server, and yet: {failure}"
        assert asked.alias is not None
        assert asked.alias in [account.alias for account in before], f"nobody is called {asked.alias}"
        assert not asked.replace
        assert asked.answers is None

    def _check_others(self, asked: Asked, before: list[Account], since: int) -> None:
        """No other account has gone, and none that is there has lost its grant."""
        after = self.truth.accounts()
        there = [(account.id, account.grant) for account in after]
        for account in before:
            if (account.id, account.grant) not in there and account.state == "ok":
                assert self._may_replace(asked, account), f"{account.label} has gone"
        alive = self.truth.families(account for account in after if account.state in ("ok", "connecting"))
        ended = self.truth.revocations(since) & alive
        assert not ended, f"a connect has ended {ended}, which a listed account has"

    @rule(seconds=st.sampled_from([1, 60, 3541, 3600, 86_400]))
    def wait(self, seconds: int) -> None:
        """Time goes on."""
        self.clock.move(seconds)

    @rule(seconds=st.sampled_from([1, 3600, 86_400]))
    def clock_goes_back(self, seconds: int) -> None:
        """Somebody sets the clock; the provider's is the same here, so what it gave stays good."""
        self.clock.move(-seconds)

    @precondition(lambda self: self.truth.accounts())
    @rule(which=WHICH, processes=st.integers(1, 4), mishap=mishaps(steps=8))
    def ask(self, which: int, processes: int, mishap: Mishap) -> None:
        """Scripts ask for a token, one after the other: each is a process of its own to the files."""
        label = self._account(which).label
        self._act(lambda: [self.world.token(label) for _ in range(processes)], mishap)

    @precondition(lambda self: self.truth.accounts())
    @rule(which=st.none() | WHICH, mishap=mishaps(steps=8))
    def force(self, which: int | None, mishap: Mishap) -> None:
        """A forced refresh, of one account or of all."""
        named = [] if which is None else [self._account(which).label]
        self._act(lambda: refresh(self.world.new_context(), named), mishap)

    @precondition(lambda self: self.truth.accounts())
    @rule(which=st.none() | WHICH, mishap=mishaps(steps=8))
    def revoke(self, which: int | None, mishap: Mishap) -> None:
        """The person revokes, by label or by the provider's name alone."""
        label, grants = self._to_end(which)
        self._end(lambda: revoke(self.world.new_context(), label), label, mishap)
        self.truth.revoked |= grants

    @precondition(lambda self: self.truth.accounts())
    @rule(which=st.none() | WHICH, mishap=mishaps(steps=8))
    def disconnect(self, which: int | None, mishap: Mishap) -> None:
        """The person disconnects, by label or by the provider's name alone."""
        label, grants = self._to_end(which)
        failure = self._end(lambda: disconnect(self.world.new_context(), label), label, mishap)
        if isinstance(failure, Crash):
            self.truth.leaving |= grants

    def _to_end(self, which: int | None) -> tuple[str, set[str]]:
        """The label of an account that is to be ended, and its grant, whose families may end now."""
        account = self._account(which or 0)
        meant = [account] if which is not None else self._several() if len(self._several()) < 2 else []
        accounts = [other for each in meant for other in self.truth.with_grant_of(each)]
        self.truth.may_end |= self.truth.families(accounts)
        return ("acme" if which is None else account.label), {each.grant for each in accounts}

    def _several(self) -> list[Account]:
        """The accounts between which the provider's name alone does not choose."""
        accounts = self.truth.accounts()
        listed = [account for account in accounts if account.state != "connecting"]
        return listed or list(
            {account.grant: account for account in accounts}.values()
        )  # a killed connect may have two

    def _end(self, act: Callable[[], object], label: str, mishap: Mishap) -> GumauthError | Crash | None:
        refused = label == "acme" and len(self._several()) > 1
        failure = self._act(act, mishap)
        if refused and not isinstance(failure, Crash):
            assert isinstance(failure, AmbiguousAccount), "one of several was ended without its name"
        return failure

    @precondition(lambda self: self.truth.accounts())
    @rule(which=WHICH)
    def default(self, which: int) -> None:
        """The person chooses what the provider's name alone means."""
        self.world.new_context().accounts.set_default(self._account(which))
        self.truth.may_move.add("acme")

    @precondition(lambda self: self.server.families)
    @rule(which=WHICH)
    def person_ends_it_there(self, which: int) -> None:
        """One of the latest grants is ended in the provider's settings."""
        self.server.end_grant(self.server.families[-1 - which % len(self.server.families)].number)

    @invariant()
    def usable_or_rightly_refused(self) -> None:
        """The one thing that must hold after anything."""
        if self.unseen:
            return
        self.clock.move(31)  # a remembered failure has been forgotten
        self.truth.check()

    def _account(self, which: int) -> Account:
        accounts = self.truth.accounts()
        return accounts[which % len(accounts)]

    def _act(self, act: Callable[[], object], mishap: Mishap) -> GumauthError | Crash | None:
        """Do it, while something goes wrong; how it failed, if it did."""
        since = len(self.server.log)
        self.unseen = False
        if isinstance(mishap, Stumble):
            self.server.misbehave(mishap.where, Fault.status(mishap.status), times=mishap.times)
        if isinstance(mishap, Death):
            self.store.countdown, self.store.after = mishap.step, mishap.after
        try:
            act()
        except GumauthError as error:
            return error
        except Crash as crash:
            assert isinstance(mishap, Death)
            self.unseen = not mishap.seen
            self._note_lost(since)
            return crash
        finally:
            self.store.countdown = None
            self.server.behave()
        return None

    def _note_lost(self, since: int) -> None:
        """Which answers the dead process may not have kept."""
        events = [event for event in self.server.log[since:] if event.kind == "refresh" and event.outcome == "ok"]
        self.truth.lost |= {number for event in events if isinstance(number := event.details.get("family"), int)}


def sized(*, examples: int, steps: int) -> settings:
    """How many lives, and of how many events at the most."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def main() -> int:
    """Live as many lives as asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--steps", type=int, default=30)
    options = parser.parse_args()
    run_state_machine_as_test(Life, settings=sized(examples=options.examples, steps=options.steps))
    print(f"{options.examples} lives of up to {options.steps} events: always usable, or rightly refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
