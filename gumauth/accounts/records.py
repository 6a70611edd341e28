"""An account's tokens in a store, written so that no moment is without a usable record.

Every account has two entries, `<provider>/<id>/a` and `/b`, of which one is the record and the other is free:

1. the new record goes into the free entry,
2. is read back and compared,
3. the account's file is made to point at it,
4. the old entry is deleted.

Killed before 3, the new record is found all the same, because it belongs to the same grant and has a higher
generation. A store that replaces an entry by deleting it first (macOS) or writes it in parts (Windows) never does so
to the only good one. Promises K1, K2, K8 and R6.
"""

from __future__ import annotations

from gumauth.accounts.account import Account, from_fields, stored_fields
from gumauth.accounts.record import Record, decode, encode, new_key
from gumauth.errors import HomeError, NewerRecord, RecordCorrupt, RecordMissing, StoreError
from gumauth.platform.frozen import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from gumauth.accounts.account import Slot
    from gumauth.accounts.list import AccountList
    from gumauth.accounts.rescue import RescueFile
    from gumauth.store.interface import Store

    T = TypeVar("T")

REFRESHED = (
    *("scopes", "missing_scopes", "expires_at", "refresh_expires_at", "refreshed_at"),
    *("failed_at", "retry_at", "told_to_wait", "refused_at", "refused_as"),
)
"""What a refresh changes of an account, but for its slot."""

SLOTS: tuple[Slot, Slot] = ("a", "b")

WRITES = 3
"""Times that storing is tried: the old refresh token may be spent."""


class Records:
    """The records of accounts, each in the store that its account names.

    Args:
        accounts: The account files, which point at the records.
    """

    def __init__(self, accounts: AccountList) -> None:
        self._accounts = accounts

    def _store(self, account: Account) -> Store:
        return self._accounts.store(account.store)

    def rescue_file(self, account: Account) -> RescueFile:
        """The file for the answer to the account's next refresh, to be held before the provider is asked."""
        from gumauth.accounts.rescue import RescueFile

        return RescueFile(self._accounts.home, account.key)

    def warm(self, account: Account) -> None:
        """Begin in the background what makes the account's store slow to write to."""
        warm = getattr(self._store(account), "warm", None)
        if warm is not None:
            warm()

    def read(self, account: Account) -> Record:
        """The record that the account's file points at; if that entry is gone, the other one.

        Raises:
            RecordMissing: There is none.
            StoreError: The store cannot be asked.
        """
        text = self._store(account).get(_entry(account, account.slot))
        if text is not None:
            record = decode(text, account.label)
            if record.grant == account.grant:
                return record
        # Whoever reads has no lock: the account may have been connected again since its file was read.
        return self.newest(self._accounts.get(account.provider, account.id) or account)

    def newest(self, account: Account) -> Record:
        """The latest record of the account's grant, also one that was written and not yet pointed at.

        To be called with the account's lock held.

        Raises:
            RecordMissing: There is none.
            RecordCorrupt: There is one, and it cannot be read.
            StoreError: The store cannot be asked.
        """
        return self._latest(account)[1]

    def _latest(self, account: Account) -> tuple[Slot, Record]:
        return max(self._ours(account), key=lambda pair: pair[1].generation)

    def _ours(self, account: Account) -> list[tuple[Slot, Record]]:
        """The records of the account's grant with their entries; first the one at which the account points."""
        found: list[tuple[Slot, Record]] = []
        broken = None
        for slot in (account.slot, _other(account.slot)):
            try:
                text = self._store(account).get(_entry(account, slot))
                if text is not None:
                    found.append((slot, decode(text, account.label)))
            except NewerRecord:
                raise  # not to be written over, and perhaps the latest
            except RecordCorrupt as error:
                broken = error
        ours = [(slot, record) for slot, record in found if record.grant == account.grant]
        if ours:
            return ours
        raise broken or RecordMissing(
            f"The record of {account.label} is not in {self._store(account).name} any more.",
            command=f"gumauth connect {account.provider}",
            account=account.label,
        )

    def put(self, account: Account, record: Record, *, firmly: bool = False) -> tuple[Account, Record]:
        """Write the record into the free entry and compare what is read back; gives both as they now are.

        Nothing points at it yet; `mark` does that.

        Args:
            account: The account as it is by now.
            record: The new record.
            firmly: Whether writing is tried more than once, because the record cannot be had again. It is always the
                same entry: after a write that seems to have failed, the other one is still the only good one.

        Raises:
            StoreError: It is not kept; the old record is untouched.
        """
        tries = WRITES if firmly else 1
        slot, record = _tried(lambda: self._free(account, record), tries)
        return _tried(lambda: self._write(account, slot, record), tries)

    def _write(self, account: Account, slot: Slot, record: Record) -> tuple[Account, Record]:
        account = replace(account, slot=slot, grant=record.grant, expires_at=record.expires_at)
        text = encode(replace(record, account=stored_fields(account), rescue=new_key()))
        self._store(account).set(_entry(account, slot), text)
        if self._store(account).get(_entry(account, slot)) != text:
            raise StoreError(
                f"{self._store(account).name} did not give back what was stored for {account.label}.",
                command="gumauth doctor",
                account=account.label,
            )
        return account, decode(text, account.label)

    def _free(self, account: Account, record: Record) -> tuple[Slot, Record]:
        """The entry that may be overwritten, and the record with the generation that follows the kept one."""
        try:
            slot, kept = self._latest(account)
        except NewerRecord:
            raise
        except (RecordMissing, RecordCorrupt):
            return _other(account.slot), replace(record, generation=record.generation + 1)
        return _other(slot), replace(record, generation=max(kept.generation, record.generation) + 1)

    def prove(self, account: Account, record: Record) -> None:
        """Prove that a new record could be written, by writing the present one into the free entry.

        A store that is full, locked or read-only is noticed so before the refresh token is spent.

        Raises:
            StoreError: It could not; nothing has changed.
        """
        self._store(account).set(_entry(account, _other(account.slot)), encode(record))

    def rescue(self, account: Account, old: Record, record: Record, file: RescueFile) -> bool:
        """Write an answer to disk, under the old record's key, before the store is given it; whether that worked."""
        if old.rescue is None:
            return False
        text = encode(replace(record, generation=old.generation + 1, account=stored_fields(account)))
        return file.keep(text, old.rescue)

    def settle(self, account: Account) -> tuple[Account, Record]:
        """The account pointing at its latest record, and that record, after a write that was interrupted is completed.

        To be called with the account's lock held.

        Raises:
            RecordMissing: There is none.
            StoreError: The store cannot be asked; or a rescued answer cannot be put into it, and stays where it is.
        """
        ours = self._ours(account)
        slot, record = max(ours, key=lambda pair: pair[1].generation)
        rescued = self._rescued(account, [record for _, record in ours])
        if rescued is not None and rescued.generation > record.generation:
            account, record = self.put(described(rescued, account), rescued)
        elif slot == account.slot:
            return account, record
        else:
            account = replace(described(record, account), slot=slot)
        try:
            self.commit(account)
        except HomeError:
            pass  # it is found again by its generation
        return account, record

    def _rescued(self, account: Account, stored: list[Record]) -> Record | None:
        text = self.rescue_file(account).find([record.rescue for record in stored if record.rescue])
        record = None if text is None else decode(text, account.label)
        return record if record is not None and record.grant == account.grant else None

    def commit(self, account: Account) -> None:
        """Point at the record that was put, and clear away what it replaces.

        Raises:
            HomeError: The file cannot be written; the record is found all the same.
        """
        self.mark(account)
        self.rescue_file(account).drop()
        try:
            self.drop_other(account)
        except StoreError:
            pass  # an old record is left in the free entry; the next write replaces it

    def mark(self, account: Account) -> None:
        """Make the account's file point at the entry in `account.slot`.

        Raises:
            HomeError: The file cannot be written.
        """
        self._accounts.save(account)

    def drop_other(self, account: Account) -> None:
        """Delete the entry that the account does not point at."""
        self._store(account).delete(_entry(account, _other(account.slot)))

    def drop(self, account: Account) -> None:
        """Delete the entry in `account.slot`, whatever points at it."""
        self._store(account).delete(_entry(account, account.slot))

    def take_back(self, account: Account) -> None:
        """Delete the records of the account's grant; a record of an older grant stays."""
        for slot, _ in self._ours(account):
            self._store(account).delete(_entry(account, slot))

    def erase(self, account: Account) -> None:
        """Delete both entries and the rescue file, and look whether the entries are gone.

        Raises:
            StoreError: An entry is still there.
        """
        store = self._store(account)  # where this fails, the rescue file stays: it may have the only good answer
        self.rescue_file(account).drop()
        for slot in SLOTS:
            store.delete(_entry(account, slot))
            if store.get(_entry(account, slot)) is not None:
                raise StoreError(
                    f"{store.name} still holds the record of {account.label} after deleting it.",
                    hint=f"Run `gumauth disconnect {account.argument}` again.",
                )

    def recover(self, provider: str, identity: str) -> Account | None:
        """The account with this id as its latest record describes it; None where there is no readable record.

        Raises:
            StoreError: The store cannot be asked.
        """
        found, store = [], self._accounts.store(None)
        for slot in SLOTS:
            try:
                text = store.get(f"{provider}/{identity}/{slot}")
                if text is not None:
                    found.append(decode(text, provider))
            except NewerRecord:
                raise
            except RecordCorrupt:
                continue
        if not found:
            return None
        latest = max(found, key=lambda record: (record.obtained_at, record.generation))
        account = from_fields(latest.account)
        return account if account and (account.provider, account.id) == (provider, identity) else None


def _tried(attempt: Callable[[], T], times: int) -> T:
    for _ in range(times - 1):
        try:
            return attempt()
        except StoreError:
            continue
    return attempt()


def described(record: Record, account: Account) -> Account:
    """The account with the fields that a refresh changes, from a record that is newer than the account's file.

    The other fields are newer in the file: the alias may have been taken away since, or a disconnect have begun.
    """
    described = from_fields(record.account)
    if described is None or described.key != account.key:
        return account
    reason = None if account.state == "ok" else account.reason
    return replace(account, reason=reason, **{name: getattr(described, name) for name in REFRESHED})


def _entry(account: Account, slot: Slot) -> str:
    return f"{account.key}/{slot}"


def _other(slot: Slot) -> Slot:
    return "b" if slot == "a" else "a"
