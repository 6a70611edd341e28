"""This machine's copy of the list of a shared store: account files and notes as a machine of its own has them.

So that looking an account up costs what it costs on one machine, and works while the store is away. The store has the
list; the copy is brought up to date by what is new since the last time, and made anew where a sum shows that it is not
whole. It holds no secret. Promise T4.
"""

from __future__ import annotations

import os

from gumauth.accounts.account import Account, encode, is_name
from gumauth.accounts.list import NO_DEFAULT, AccountList
from gumauth.errors import HomeError
from gumauth.platform.files import read_file, remove_file, write_file
from gumauth.platform.frozen import fields_of, from_json, frozen, members, replace
from gumauth.platform.json import dumps, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gumauth.accounts.shared.engine import Change, Changes
    from gumauth.platform.folders import Home
    from gumauth.store.interface import Store

VERSION = 1
NOTES = ("clients", "issuers", "services")
"""The folders of notes."""


@frozen
class State:
    """What is known of the copy, in `state.json`. Times are of this machine's clock.

    Args:
        at: When it was last brought up to date, or the store asked in vain.
        is_away: Whether it was asked in vain.
        store: The id of the store; "" before it was first asked.
        connects: Whether this machine's role may refresh.
        offset: Seconds that the store's clock is ahead.
        last: The number of the latest change in the copy.
        spread: Seconds by which this machine begins later than others to refresh ahead.
    """

    at: float = 0.0
    is_away: bool = False
    store: str = ""
    connects: bool = True
    offset: float = 0.0
    last: int = 0
    spread: float = 0.0


class Mirror(AccountList):
    """The copy.

    Args:
        home: The data folder is that of the copy.
        store: Gives the store of a name.
        notify: Takes one sentence for the person.
    """

    def __init__(self, home: Home, store: Callable[[str | None], Store], notify: Callable[[str], None]) -> None:
        super().__init__(home, store, notify)
        self._state: State | None = None

    @property
    def state(self) -> State:
        """What is known of the copy; nothing where its file is missing or damaged."""
        if self._state is None:
            try:
                content = read_file(self._file("state.json"))
                self._state = State() if content is None else from_json(State, members(content, VERSION, "the copy"))
            except ValueError:
                self._state = State()
        return self._state

    def know(self, state: State) -> None:
        """Write the state; where that fails, it is found out again."""
        self._state = state
        try:
            write_file(self._file("state.json"), dumps({"version": VERSION, **fields_of(state)}).encode() + b"\n")
        except HomeError:
            pass

    def apply(self, changes: Changes, since: int, offset: float) -> list[Account] | None:
        """Bring the copy up to date.

        Args:
            changes: What is new.
            since: Since which change; 0 for everything.
            offset: Seconds that the store's clock is ahead.

        Returns:
            The accounts as they were before that have other tokens now; None where the copy is not whole, and
            everything has to be asked for.

        Raises:
            HomeError: The copy cannot be written.
        """
        known = self._known() if since else {}
        known.update({f"{row.kind} {row.name}": row.change for row in changes.rows})
        if len(known) != changes.count or sum(known.values()) != changes.total:
            return None
        if not since:
            self._clear(known)
        renewed = [old for row in changes.rows if (old := self._apply(row, offset)) is not None]
        self._apply_defaults(changes.defaults)
        write_file(self._file("changes.json"), dumps(known).encode() + b"\n")
        return renewed

    def _apply(self, row: Change, offset: float) -> Account | None:
        """Copy one row; gives the account as it was before, where its tokens are other ones now."""
        if row.kind == "note":
            self.copy_note(row.name, row.content)
            return None
        from gumauth.accounts.shared.sealed import listed

        old = self.known(row.name)
        new = None if row.content is None else listed(row.content, offset)
        if new is None or new.key != row.name:
            self._remove(row.name, old)
            return old
        self.copy(new, old)
        is_same = old is not None and (old.grant, old.state) == (new.grant, new.state)
        is_same = is_same and old is not None and abs((old.refreshed_at or 0) - (new.refreshed_at or 0)) < 1
        return None if is_same else old

    def known(self, key: str) -> Account | None:
        """The account with this provider and id as the copy has it."""
        return super().get(*key.split("/"))

    def copy(self, account: Account, old: Account | None) -> None:
        """Write an account's file and hint, and remove the hint of a name that it had.

        Raises:
            HomeError: They cannot be written.
        """
        if old is not None and old.name != account.name:
            self.forget_name(old)
        write_file(self._path(account.provider, f"{account.id}.json"), encode(account))
        self._save_hints(account)

    def _remove(self, key: str, old: Account | None) -> None:
        provider, _, identity = key.partition("/")
        remove_file(self._path(provider, f"{identity}.json"))
        if old is not None:
            self.forget_name(old)

    def _apply_defaults(self, defaults: dict[str, str]) -> None:
        for provider in {*self._folder(self._top), *defaults}:
            if not is_name(provider):
                continue
            path, chosen = self._path(provider, "default"), defaults.get(provider)
            content = None if chosen is None else NO_DEFAULT if chosen == "-" else chosen.encode()
            if content == read_file(path):
                continue
            if content is None:
                remove_file(path)
            else:
                write_file(path, content)

    def copy_note(self, name: str, content: str | None) -> None:
        """Write a note's file, or remove it."""
        folder, _, file = name.partition("/")
        if folder not in NOTES or not is_name(file.removesuffix(".json")):
            return
        AccountList.write_note(self, name, None if content is None else content.encode())

    def _clear(self, known: dict[str, int]) -> None:
        """Remove the files of what the store does not know."""
        for account in list(super().all()):
            if f"account {account.key}" not in known:
                self._remove(account.key, account)
        for provider, identity in self.unreadable:
            remove_file(self._path(provider, f"{identity}.json"))
        self.unreadable.clear()
        for folder in NOTES:
            for file in self._folder(self._file(folder)):
                if f"note {folder}/{file}" not in known:
                    remove_file(self._file(f"{folder}/{file}"))

    def _known(self) -> dict[str, int]:
        """The number of the latest change of each row in the copy."""
        try:
            known = loads(read_file(self._file("changes.json")) or b"{}")
        except ValueError:
            return {}
        return known if isinstance(known, dict) else {}

    def _file(self, name: str) -> str:
        return os.path.join(self.home.data, *name.split("/"))


def mirror_home(home: Home, address: str) -> Home:
    """The folders of the copy of one store, under those of this person: another address has another copy."""
    from hashlib import sha256

    name = sha256(address.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return replace(home, data=os.path.join(home.data, "shared", name), older_locks="")
