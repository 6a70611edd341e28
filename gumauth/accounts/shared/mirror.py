"""This machine's copy of the list of a shared store: account files and notes as a machine of its own has them.

So that looking an account up costs what it costs on one machine, and works while the store is away. The store has the
list; the copy is brought up to date by what is new since the last time, and made anew where a sum, or a file that is
missing, shows that it is not whole. It holds no secret. What it knows of the generations of the accounts' tokens shows
where the store was set back. Promises T3 and T4.
"""

from __future__ import annotations

import os

from gumauth.accounts.account import Account, encode, id_in, is_name
from gumauth.accounts.list import NO_DEFAULT, AccountList, no_default
from gumauth.errors import HomeError, NewerRecord
from gumauth.platform.files import read_file, remove_file, write_file
from gumauth.platform.frozen import fields_of, from_json, frozen, members, replace
from gumauth.platform.json import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeAlias

    from gumauth.accounts.shared.engine import Change, Changes
    from gumauth.errors import AmbiguousAccount
    from gumauth.platform.folders import Home
    from gumauth.store.interface import Store

    Known: TypeAlias = dict[str, tuple[int, int, bool]]
    """Kind and name of a row → its latest change, its generation, and whether it is there; False once it is gone."""

VERSION = 1
LARGEST = 1 << 63
NOTES = ("clients", "issuers", "services")
"""The folders of notes."""


@frozen
class State:
    """What is known of the copy, in `state.json`. Times are of this machine's clock.

    Args:
        at: When it was last brought up to date, or the store asked in vain.
        is_away: Whether it was asked in vain.
        why: What was said then, one sentence.
        store: The id of the store; "" before it was first asked.
        connects: Whether this machine's role may refresh.
        offset: Seconds that the store's clock is ahead.
        last: The number of the latest change in the copy.
        spread: Seconds by which this machine begins later than others to refresh ahead.
    """

    at: float = 0.0
    is_away: bool = False
    why: str = ""
    store: str = ""
    connects: bool = True
    offset: float = 0.0
    last: int = 0
    spread: float = 0.0


@frozen
class Rows:
    """What is known of the rows, in `changes.json`.

    Args:
        store: The id of the store.
        rows: What is `Known`.
    """

    store: str
    rows: dict[str, Any]


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
                self._state = State() if content is None else from_json(State, members(content, VERSION, "The copy"))
                if not (0 <= self._state.last < LARGEST and self._state.spread >= 0.0):
                    self._state = State()
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

    def apply(self, changes: Changes, since: int, offset: float, store: str) -> bool:
        """Bring the copy up to date.

        Args:
            changes: What is new.
            since: Since which change; 0 for everything.
            offset: Seconds that the store's clock is ahead.
            store: The id of the store.

        Returns:
            Whether the copy is whole now; if not, everything has to be asked for.

        Raises:
            HomeError: The copy cannot be written.
        """
        before = self._known(store)
        new = {f"{row.kind} {row.name}": (row.change, row.generation, row.content is not None) for row in changes.rows}
        known = {**(before if since else {}), **new}
        if len(known) != changes.count or sum(change for change, _, _ in known.values()) != changes.total:
            return False
        if any(is_there and name not in new and not self._is_copied(name) for name, (_, _, is_there) in known.items()):
            return False  # somebody has removed a file of the copy
        if not since:
            self._clear(known)
        for row in changes.rows:
            self._apply(row, offset, _generation(before, row.name))
        self._apply_defaults(changes.defaults)
        if known != before:
            text = dumps({"version": VERSION, "store": store, "rows": known})
            write_file(self._file("changes.json"), text.encode() + b"\n")
        return True

    def _is_copied(self, what: str) -> bool:
        kind, _, name = what.partition(" ")
        path = _account_file(name) if kind == "account" else _note_file(name)
        return path is None or os.path.lexists(self._file(path))

    def _apply(self, row: Change, offset: float, seen: int) -> None:
        """Copy one row, whose latest generation that this machine has seen is `seen`."""
        if row.kind == "note":
            self.copy_note(row.name, row.content)
            return
        path = _account_file(row.name)
        if path is None:
            return
        from gumauth.accounts.shared.sealed import listed

        self.has_tokens(row.name, row.generation, seen)
        self._keep_number(row)
        try:
            old = self.known(row.name)
            new = None if row.content is None else listed(row.content, offset)
        except HomeError:
            # A newer gumauth wrote the account, which is passed over here; the others go on.
            AccountList.write_note(self, path, None if row.content is None else row.content.encode())
            return
        if new is None or new.key != row.name:
            self._remove(row.name, old)
        else:
            self.copy(new, old)

    def has_tokens(self, key: str, generation: int, seen: int) -> None:
        """Hear of the generation that an account's tokens have in the store, before the account's file is written.

        Args:
            key: Provider and id.
            generation: In the store.
            seen: The latest that the copy knew.
        """

    def _keep_number(self, row: Change) -> None:
        """Remember a number that was an account's name: on no machine is it given again."""
        (provider, _, identity), name = row.name.partition("/"), f"{row.number}"
        if row.number is not None and self._hinted(provider, name) is None:
            write_file(self._hint_path(provider, name), identity.encode())

    def generation(self, key: str, store: str) -> int:
        """The generation of an account's tokens that the copy knows; 0 where it knows none."""
        return _generation(self._known(store), key)

    def no_default(self, accounts: Sequence[Account]) -> AmbiguousAccount:
        """The error for a provider's name that stands for none of its accounts, or for one of other roles."""
        first, *_ = accounts
        if self.default_id(first.provider) is None:
            return super().no_default(accounts)
        return no_default(f"The default account of {first.provider} is not for this role of the database.", accounts)

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
        for provider in {name for name in (*self._folder(self._top), *defaults) if is_name(name)}:
            self._apply_default(self._path(provider, "default"), defaults.get(provider))

    def _apply_default(self, path: str, chosen: str | None) -> None:
        content = None if chosen is None else NO_DEFAULT if chosen == "-" else chosen.encode()
        if content == read_file(path):
            return
        if content is None:
            remove_file(path)
        else:
            write_file(path, content)

    def copy_note(self, name: str, content: str | None) -> None:
        """Write a note's file, or remove it."""
        path = _note_file(name)
        if path is not None:
            AccountList.write_note(self, path, None if content is None else _only_json(content))

    def _clear(self, known: Known) -> None:
        """Remove the files of what the store does not know."""
        for account in super().all():
            if f"account {account.key}" not in known:
                self.has_tokens(account.key, LARGEST, 0)
                self._remove(account.key, account)
        for provider, identity in self.unreadable:
            remove_file(self._path(provider, f"{identity}.json"))
        self.unreadable.clear()
        for folder in NOTES:
            for file in self._folder(self._file(folder)):
                if file.endswith(".json") and f"note {folder}/{file}" not in known:
                    remove_file(self._file(f"{folder}/{file}"))

    def _known(self, store: str) -> Known:
        """What the copy knows of each row of that store; nothing where its file is missing or damaged."""
        content = read_file(self._file("changes.json"))
        if content is None:
            return {}
        try:
            found = from_json(Rows, members(content, VERSION, "The copy"))
            return {name: _checked(row) for name, row in found.rows.items()} if found.store == store else {}
        except ValueError:
            return {}

    def _file(self, name: str) -> str:
        return os.path.join(self.home.data, *name.split("/"))


def _only_json(content: str) -> bytes:
    """A note's content, if it is a stored object: a file with anything else in it is of no use but to an attacker."""
    try:
        members(content, LARGEST, "A note")
    except (ValueError, NewerRecord):
        return b"{}"
    return content.encode()


def _checked(row: Any) -> tuple[int, int, bool]:
    if type(row) is not list or [type(each) for each in row] != [int, int, bool]:
        raise ValueError("it is damaged")
    change, generation, is_there = row
    return change, generation, is_there


def _generation(known: Known, key: str) -> int:
    row = known.get(f"account {key}")
    return 0 if row is None else row[1]


def _note_file(name: str) -> str | None:
    """Where the file of a note is; None where that is no note's name."""
    folder, _, file = name.partition("/")
    sound = folder in NOTES and file.endswith(".json") and is_name(file[:-5])
    return name if sound else None


def _account_file(key: str) -> str | None:
    """Where the file of an account is; None where that is no provider and id."""
    provider, _, identity = key.partition("/")
    sound = is_name(provider) and id_in(identity.encode("ascii", "replace")) == identity
    return f"accounts/{provider}/{identity}.json" if sound else None


def mirror_home(home: Home, address: str) -> Home:
    """The folders of the copy of one store, under those of this person: another address has another copy."""
    from gumauth.platform.digest import sha256

    name = sha256(address.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return replace(home, data=os.path.join(home.data, "shared", name), older_locks="")
