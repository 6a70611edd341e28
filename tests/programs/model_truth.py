"""What the model knows by itself: who has consented to what, and what the server says of the tokens."""

from __future__ import annotations

from collections.abc import Iterable

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.client.token import token
from gumauth.errors import AmbiguousAccount, GumauthError, NotConnected, ReconnectNeeded, StoreError, Temporary
from gumauth.testing.issued import Family
from tests.accounts.directly import records_of
from tests.client.world import World
from tests.programs.model_service import CrashingStore, Login, Service

CLIENT = "acme-app"
REUSED = "a replaced refresh token was used again"


class Truth:
    """Beside the program's list: the login behind each grant in it, and what was asked for.

    A grant in the list is known by the random word that each connect gives it.
    """

    def __init__(self, world: World, service: Service) -> None:
        self.world, self.service, self.server = world, service, world.server
        self.logins: dict[str, Login] = {}
        """Who consented, by grant."""
        self.came: set[tuple[str, str]] = set()
        """Accounts, by id and grant, that had a refresh token when they were connected."""
        self.cut: set[str] = set()
        """The grants of connects in which the process died."""
        self.revoked: set[str] = set()
        """The grants that a rule revoked."""
        self.leaving: set[str] = set()
        """The grants in whose disconnect the process died."""
        self.lost: set[int] = set()
        """The families of which the answer to a refresh may have been lost in a death."""
        self.may_end: set[int] = set()
        """The families that may be revoked since the last look."""
        self.may_move: set[str] = set()
        """The labels that may mean another account since the last look."""
        self._before: dict[str, Account] = {}
        self._default: Account | None = None
        self._read = 0

    # --- what is there

    def accounts(self) -> list[Account]:
        """The list, by label."""
        return sorted(self.world.new_context().accounts.all(), key=lambda account: (account.label, account.id))

    def default(self) -> Account | None:
        """What `acme` means."""
        return self.world.new_context().accounts.default("acme")

    def record(self, account: Account) -> Record | None:
        """The account's newest record; None where there is none."""
        try:
            return records_of(self.world.new_context()).newest(account)
        except StoreError:
            return None

    def families(self, accounts: Iterable[Account]) -> set[int]:
        """The families whose tokens these accounts have."""
        records = [record for account in accounts if (record := self.record(account))]
        tokens = [each for record in records for each in (record.access_token, record.refresh_token) if each]
        return {family.number for each in tokens if (family := self._owner(each))}

    def _owner(self, secret: str) -> Family | None:
        return self.server._grants.owner_of(secret, CLIENT)

    def told(self, account: Account) -> tuple[str, ...]:
        """What the service tells of the login that an account was connected with."""
        return self.service.told(self.logins[account.grant])

    def is_known(self, account: Account) -> bool:
        """Whether the service has told by now whose an account is."""
        return bool(account.nickname if self.service.tells == "nickname" else account.identity)

    def can_refresh(self, login: Login) -> bool:
        """Whether an account of this login has a refresh token that is good."""
        alike = [a for a in self.accounts() if a.state == "ok" and self.told(a) == self.service.told(login)]
        records = [record for a in alike if a.refreshable and self.is_known(a) and (record := self.record(a))]
        return any(self.server.is_active(record.refresh_token or "") for record in records)

    def with_grant_of(self, account: Account) -> list[Account]:
        """The account and what a connect that was killed has left beside it."""
        return [other for other in self.accounts() if other.grant == account.grant]

    # --- what must hold after anything

    def check(self) -> None:
        """Ask for a token of every account by its label, and compare."""
        for label in ["acme", *[account.label for account in self.accounts()]]:
            self._ask(label)
        self._check_names()
        self._check_meanings()
        self._check_server()
        self._check_store()
        self._before = {account.label: account for account in self.accounts()}
        self._default = self.default()
        self.may_end, self.may_move = set(), set()

    def _ask(self, label: str) -> None:
        listed = next((account for account in self.accounts() if account.label == label), None)
        try:
            account, record = token(self.world.new_context(), label)
        except NotConnected:
            gone = not self.accounts() if label == "acme" else listed is None or listed.state == "connecting"
            assert gone, f"{label} is in the list, and not connected"
        except AmbiguousAccount:
            assert label == "acme", f"{label} is in the list, and means more than one"
            assert self.default() is None
            assert self.accounts()
        except ReconnectNeeded:
            self._check_refused(self.world.account(label))
        except Temporary as error:
            raise AssertionError(f"a well-behaved server, and yet: {error}") from error
        except GumauthError as error:
            raise AssertionError(f"{label} cannot be used: {error}") from error
        else:
            self._check_given(label, account, record)

    def _check_given(self, label: str, account: Account, record: Record) -> None:
        family = self._owner(record.access_token)
        assert family is not None
        login = self.logins[account.grant]
        given = self.service.told(Login(person=family.person, workspace=family.workspace))
        assert given == self.service.told(login), f"{label} was connected by {login}, and its token is {family}"
        if self.server._grants.family_of(record.access_token) is None:
            assert family.ended, f"the token of {label} is not good, and its grant lives"

    def _check_refused(self, account: Account) -> None:
        if account.state == "revoked":
            assert account.grant in self.revoked, f"nobody has revoked {account.label}"
            return
        if account.state == "leaving":
            assert account.grant in self.leaving, f"nobody has disconnected {account.label}"
            return
        record = self.record(account)
        if record is None:
            assert account.grant in self.cut, f"the record of {account.label} is gone"
            assert account.reason == "The connect was interrupted."
            return
        self._check_dead(account, record)

    def _check_dead(self, account: Account, record: Record) -> None:
        if record.refresh_token is None:
            assert (account.id, account.grant) not in self.came, f"the refresh token of {account.label} is gone"
            assert not self.server.is_active(record.access_token), f"{account.label} is refused, yet it lives"
            return
        family = self._owner(record.refresh_token)
        assert family is not None
        assert family.ended, f"{account.label} is refused as {account.state}, yet its grant lives: {account.reason}"

    def _check_names(self) -> None:
        """Each label is one account's; what it is called is what its person is called."""
        accounts = self.accounts()
        labels = [account.label for account in accounts]
        assert len(set(labels)) == len(labels), f"two accounts have one label: {labels}"
        for account in accounts:
            assert self.world.account(account.label).id == account.id
            login = self.logins[account.grant]
            assert account.nickname in (None, self.service.nickname(login)), f"{account.nickname} is {login}"
            if account.identity:
                assert account.identity.split()[-1] in (f"ws-{login.workspace}", login.person.partition("@")[0])

    def _check_meanings(self) -> None:
        """No label means another account than before, unless that was asked for."""
        for account in self.accounts():
            before = self._before.get(account.label)
            if before is None or account.label in self.may_move or account.grant == before.grant:
                continue
            assert self.told(account) == self.told(before), f"{account.label} means another account by itself"
        before, now = self._default, self.default()
        if "acme" in self.may_move or before is None:
            assert before or now is None or not self._before or "acme" in self.may_move, "a default by itself"
            return
        same = now is not None and (now.id == before.id or now.grant == before.grant)
        same = same or all(account.grant in self.cut for account in self.accounts())
        left = now is None and before.id not in [account.id for account in self.accounts()]
        assert same or left, f"acme was {before.label}, and is {now.label if now else 'nothing'} now"

    def _check_server(self) -> None:
        """Nothing was ended that nobody asked to end, and no token was used twice without a death."""
        ended = self.revocations(self._read)
        assert ended <= self.may_end, f"{ended - self.may_end} were revoked, and nobody asked for it"
        self._read = len(self.server.log)
        for family in self.server.families:
            assert family.ended != REUSED or family.number in self.lost, f"a token of {family} was used twice"

    def revocations(self, since: int) -> set[int]:
        """The families of which a token was revoked since so many events."""
        events = [event for event in self.server.log[since:] if event.kind == "revoke"]
        return {number for event in events if isinstance(number := event.details.get("family"), int)}

    def _check_store(self) -> None:
        """Nothing is left of accounts that are not listed."""
        store = self.world.store
        assert isinstance(store, CrashingStore)
        stored = {key.rpartition("/")[0] for key in store.keys() if key.startswith("acme/")}  # noqa: SIM118
        left = stored - {account.key for account in self.accounts()}
        assert not left, f"an account that is gone left its record behind: {left}"
