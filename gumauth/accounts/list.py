"""The list of connected accounts: one small JSON file each, and no secret in any.

    <data>/accounts/<provider>/<id>.json       the account
    <data>/accounts/<provider>/default         the id of the default account, or "none" once that has left
    <data>/accounts/<provider>/<hash>.alias    the id of the account that has this name

The id is a hash of the account's identity or, where its provider tells none, of its nickname; it never changes. An
account is found by its name with a few small reads, with ten accounts as with ten thousand. The alias file is a hint:
the account's own file decides. Promises I6, K3 and Y6.
"""

from __future__ import annotations

import os
import time

from gumauth.accounts.account import Account, account_id, encode, id_in, is_name, parse
from gumauth.errors import AmbiguousAccount, Busy, HomeError, NotConnected, UsageError
from gumauth.platform.files import make_folder, read_file, remove_file, unusable, write_file
from gumauth.platform.folders import Home
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gumauth.accounts.interface import Suggest
    from gumauth.errors import GumauthError
    from gumauth.platform.lock import Lock
    from gumauth.store.interface import Store


NO_DEFAULT = b"none"
"""In place of an id in the file `default`: the default account has left, and no other was chosen."""

UNREADABLE = b""
"""In place of what an optional file holds that cannot be read; no file of that kind is empty."""


def split_reference(reference: str) -> tuple[str, str | None]:
    """ACCOUNT of a command line → provider and what stands behind the first slash.

    Raises:
        UsageError: It cannot name an account.
    """
    provider, slash, rest = reference.partition("/")
    if not is_name(provider) or (slash and not rest):
        raise UsageError(
            f"{one_line(reference)!r} does not name an account.",
            hint="Write PROVIDER, PROVIDER/ALIAS or PROVIDER/NICKNAME; `gumauth list` shows them.",
        )
    return provider, rest or None


def is_any(_provider: str) -> bool:
    """Whether a provider is one of all."""
    return True


def own_lock(home: Home, name: str, patience: float, what: str) -> Lock:
    """The lock of this machine for a name; see `Accounts.exclusive`."""
    from gumauth.platform.lock import Lock

    return Lock(os.path.join(home.data, "locks", f"{name.replace('/', '.')}.lock"), timeout=patience, what=what)


def no_suggestion(error: GumauthError, _accounts: Sequence[Account]) -> Account:
    """Refuse a reference that means no account, by raising the error."""
    raise error


def no_default(why: str, accounts: Sequence[Account]) -> AmbiguousAccount:
    """The error for a provider's name that stands for no account, with those that there are."""
    from gumauth.accounts.references import in_words

    first = accounts[0]
    what = "There is" if len(accounts) == 1 else "There are"
    return AmbiguousAccount(
        f"{why} {what} {in_words(accounts, 'and')}.",
        hint=f"Name one of them, or choose one: `gumauth default {first.argument}`.",
    )


class AccountList:
    """The folder of account files.

    Args:
        home: The data folder has the folder of account files.
        store: Gives the store of a name, which has the records; for None, the store for new accounts.
        notify: Takes one sentence for the person.

    Attributes:
        unreadable: Provider and id of each account file that was met and cannot be understood.
        passed_over: Sentences about the other files that were passed over: files that may not be read, or that a newer
            gumauth wrote.
    """

    def __init__(self, home: Home, store: Callable[[str | None], Store], notify: Callable[[str], None]) -> None:
        self.home, self.store, self.notify = home, store, notify
        self._top = os.path.join(home.data, "accounts")
        self.unreadable: list[tuple[str, str]] = []
        self.passed_over: list[str] = []

    def look_up(self, reference: str, suggest: Suggest = no_suggestion) -> Account:
        """The account that a reference names: found by a few small reads, or else by reading all of the provider."""
        try:
            provider, rest = split_reference(reference)
        except UsageError as error:
            return suggest(error, [])
        if rest is not None:
            account = self._hinted_account(provider, one_line(rest))
        else:
            account = self._account(provider, chosen) if (chosen := self.default_id(provider)) else None
        return account or self._searched(reference, provider, rest, suggest)

    def _searched(self, reference: str, provider: str, rest: str | None, suggest: Suggest) -> Account:
        from gumauth.accounts.references import meant

        accounts = list(self.all(provider))
        account = self.default(provider, accounts) if rest is None else meant(provider, one_line(rest), accounts)
        if account is not None:
            return account
        if rest is None and (left := [each for each in accounts if each.state != "connecting"]):
            raise self.no_default(left)
        error = NotConnected(f"{one_line(reference)} is not connected.", command=f"gumauth connect {provider}")
        return suggest(error, accounts)

    def no_default(self, accounts: Sequence[Account]) -> AmbiguousAccount:
        """The error for a provider's name that stands for none of its accounts."""
        return no_default(f"{accounts[0].provider} has no default account any more.", accounts)

    def get(self, provider: str, identity: str) -> Account | None:
        """The account with this id; None where there is no account file, or one that cannot be understood."""
        return self._account(provider, identity)

    def _account(self, provider: str, identity: str) -> Account | None:
        """`get`, as the files are: a keeper that asks elsewhere first does that once, and not for each file."""
        content = read_file(self._path(provider, f"{identity}.json"))
        if content is None:
            return None
        account = parse(content)
        if account is None or (account.provider, account.id) != (provider, identity):
            self.unreadable.append((provider, identity))
            return None
        return account

    def all(self, provider: str | None = None, *, where: Callable[[str], bool] = is_any) -> Iterator[Account]:
        """The accounts by provider and connection time. A broken file is noted in `unreadable` and passed over.

        Raises:
            HomeError: The folder of all providers cannot be read, or the folder of the provider that is named.
        """
        for name in [provider] if provider else self._folder(self._top):
            if is_name(name) and where(name):
                yield from sorted(self._of(name, is_named=provider is not None), key=lambda a: (a.connected_at, a.id))

    def _of(self, provider: str, *, is_named: bool) -> Iterator[Account]:
        try:
            files = self._folder(self._path(provider))
        except HomeError as error:
            if is_named:
                raise
            self._pass_over(provider, error)
            return
        for file in files:
            if not file.endswith(".json"):
                continue
            try:
                account = self._account(provider, file[:-5])
            except HomeError as error:
                self._pass_over(f"{provider}/{file}", error)
                continue
            if account is not None:
                yield account

    def _pass_over(self, what: str, error: HomeError) -> None:
        sentence = f"{what}: {error.message}"
        if sentence not in self.passed_over:
            self.passed_over.append(sentence)

    def say_passed_over(self) -> None:
        """Tell the person which files could not be read and were not needed; each is told once."""
        told, self.passed_over[:] = list(self.passed_over), []
        for sentence in told:
            self.notify(f"Passed over {sentence}")

    def default(self, provider: str, accounts: Sequence[Account] | None = None) -> Account | None:
        """The account that was chosen as the default, else the first connected; None once the default has left.

        Where the choice cannot be read or understood, no account is the default unless there is only one.
        """
        listed = self.all(provider) if accounts is None else iter(accounts)  # read where it is needed
        content = self._optional(f"{provider}/default", self._path(provider, "default"))
        if content is None:
            return next(listed, None)
        chosen = id_in(content)
        if chosen is None:
            several = [] if content == NO_DEFAULT else list(listed)
            return several[0] if len(several) == 1 else None
        if not os.path.lexists(self._path(provider, f"{chosen}.json")):
            return None  # the chosen account is not known any more, and no other account is meant by itself
        return self._account(provider, chosen) or next(listed, None)

    def default_keys(self, accounts: Sequence[Account], *, all_read: bool = False) -> set[str]:
        """The keys of the default accounts of the providers of these accounts."""
        by_provider: dict[str, list[Account]] = {}
        for account in accounts:
            by_provider.setdefault(account.provider, []).append(account)
        keys = set()
        for provider, of_it in by_provider.items():
            chosen = self.default_id(provider)
            default = None if chosen else self.default(provider, of_it if all_read else None)
            keys.add(f"{provider}/{default.id if default else chosen}")
        return keys

    def default_id(self, provider: str) -> str | None:
        """The id of the account that was chosen as the default; None where none was, or which cannot be read."""
        return id_in(self._optional(f"{provider}/default", self._path(provider, "default")))

    def set_default(self, account: Account) -> None:
        """Make an account the default account of its provider."""
        write_file(self._path(account.provider, "default"), account.id.encode())

    def _hinted_account(self, provider: str, rest: str) -> Account | None:
        """The account of a name by the name's hint, or by the id that an older gumauth made of the nickname."""
        hinted = self._hinted(provider, rest)
        ids = dict.fromkeys(each for each in (hinted, account_id(rest, None)) if each)
        found = [account for each in ids if (account := self._account(provider, each)) and account.name == rest]
        return found[0] if len(found) == 1 else None

    def named(self, account: Account, others: Sequence[Account] | None = None, *, called: str | None = None) -> Account:
        """The account with a number where its nickname is another account's name."""
        from gumauth.accounts.references import named

        if others is None:
            others = [other for other in self.all(account.provider) if other.id != account.id]
        return named(
            account, others, lambda name: self._hinted(account.provider, name) not in (None, account.id), called
        )

    def _hinted(self, provider: str, name: str) -> str | None:
        return id_in(self._optional(f"{provider}/{one_line(name)}", self._hint_path(provider, name)))

    def has_been_renamed(self, account: Account) -> bool:
        """Whether the hints know an account by other names than the name that it has in this older value."""
        files = [file for file in self._folder(self._path(account.provider)) if file.endswith(".alias")]
        hints = {file: self._optional(file, self._path(account.provider, file)) for file in files}
        known = {file for file, content in hints.items() if id_in(content) == account.id}
        return bool(known) and os.path.basename(self._hint_path(account.provider, account.name)) not in known

    def _optional(self, what: str, path: str) -> bytes | None:
        """The content of a file that makes finding an account easier, and without which the account is found too."""
        try:
            return read_file(path)
        except HomeError as error:
            self._pass_over(what, error)
            return UNREADABLE

    def save(self, account: Account) -> None:
        """Write the account's file, whole or not at all; the first of its provider becomes the default.

        Raises:
            HomeError: Disk full, read-only; the old file is as it was.
        """
        default = self._unwritten_default(account)
        write_file(self._path(account.provider, f"{account.id}.json"), encode(account))
        try:
            self._save_hints(account)
            if default is not None:
                self.set_default(default)
        except HomeError:
            pass  # the account is saved; without hints it is found by looking through all

    def _unwritten_default(self, account: Account) -> Account | None:
        """The default account where none is written down: the first, which a later time of connecting would change."""
        try:
            if read_file(self._path(account.provider, "default")) is not None:
                return None
            return self.default(account.provider) or account
        except HomeError:
            return None

    def _save_hints(self, account: Account) -> None:
        hinted = self._hinted(account.provider, account.name)
        if account.name != account.id and hinted != account.id and not self._is_called(hinted, account):
            write_file(self._hint_path(account.provider, account.name), account.id.encode())

    def _is_called(self, other: str | None, account: Account) -> bool:
        """Whether another account has this one's name too, as an older gumauth allowed: no hint decides then."""
        found = self._account(account.provider, other) if other else None
        return found is not None and found.name == account.name

    def forget(self, account: Account, *, heir: Account | None = None) -> None:
        """Take the account out of the list. Where it was the default of several, there is none until one is chosen."""
        self._bequeath(account, heir)
        remove_file(self._path(account.provider, f"{account.id}.json"))
        self.forget_name(account)

    def forget_name(self, account: Account) -> None:
        """Take away the hint of a name that the account does not have any more.

        A number is not given again while other accounts are there: its hint shows that it was a name.
        """
        if account.number is None and self._hinted(account.provider, account.name) == account.id:
            self._remove_optional(self._hint_path(account.provider, account.name))

    def _remove_optional(self, path: str) -> None:
        try:
            remove_file(path)
        except HomeError as error:
            self._pass_over(os.path.basename(path), error)

    def _bequeath(self, account: Account, heir: Account | None) -> None:
        """See to it that the provider's name stands for nothing else unless somebody says so."""
        default, path = self.default(account.provider), self._path(account.provider, "default")
        was_default = default is not None and default.id == account.id
        if was_default and heir is not None:
            self.set_default(heir)
        elif not self._others(account):
            self._remove_optional(path)
            for file in self._folder(self._path(account.provider)):
                if file.endswith(".alias"):
                    self._remove_optional(self._path(account.provider, file))
        elif was_default and account.state == "connecting":
            self._remove_optional(path)  # nobody has meant an account that was not connected yet
        elif was_default:
            write_file(path, NO_DEFAULT)

    def _others(self, account: Account) -> set[str]:
        """The ids of its provider's other accounts, also of those whose files are broken; not of connects under way."""
        files = self._folder(self._path(account.provider))
        begun = {other.id for other in self.all(account.provider) if other.state == "connecting"}
        return {file[:-5] for file in files if file.endswith(".json")} - begun - {account.id}

    def set_aside(self, provider: str, identity: str) -> str:
        """Move a file that cannot be understood out of the way, under a dated name; gives that name."""
        path = self._path(provider, f"{identity}.json")
        aside = f"{path}.{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.broken"
        try:
            os.replace(path, aside)
        except OSError as error:
            raise unusable(path, error) from error
        return aside

    def read_note(self, name: str) -> bytes | None:
        """The content of such a file; None where there is none."""
        return read_file(os.path.join(self.home.data, *name.split("/")))

    def write_note(self, name: str, content: bytes | None) -> None:
        """Keep a file without secrets beside the accounts; None removes it."""
        path = os.path.join(self.home.data, *name.split("/"))
        if content is None:
            remove_file(path)
        else:
            write_file(path, content)

    def prove_locks(self) -> None:
        """See to it that files can be locked in the data folder, before anything depends on it."""
        try:
            with own_lock(self.home, "proof", 0, "the data folder"):
                pass
        except Busy:
            pass  # another process proves the same

    def check_folder(self, provider: str) -> None:
        """See to it that an account of this provider could be written.

        Raises:
            HomeError: It could not.
        """
        folder = self._path(provider)
        make_folder(folder)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise HomeError(
                f"{folder} cannot be written.", hint="Mend its permissions, or set GUMAUTH_HOME to another folder."
            )

    def _path(self, provider: str, *names: str) -> str:
        if not is_name(provider):
            msg = f"not a provider's name: {provider!r}"
            raise ValueError(msg)
        return os.path.join(self._top, provider, *names)

    def _hint_path(self, provider: str, name: str) -> str:
        return self._path(provider, f"{account_id(None, name)}.alias")

    def _folder(self, path: str) -> list[str]:
        try:
            return sorted(os.listdir(path))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise unusable(path, error) from error
