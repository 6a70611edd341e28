"""The list of connected accounts: one small JSON file each, and no secret in any.

    <data>/accounts/<provider>/<id>.json       the account
    <data>/accounts/<provider>/default         the id of the default account
    <data>/accounts/<provider>/<hash>.alias    the id of the account that has this alias

The id is a hash of the nickname, so that an account is found by its nickname or alias with two small reads,
with ten accounts as with ten thousand. The alias file is a hint: the account's own file decides.
"""

from __future__ import annotations

import os
import time

from gumauth.errors import HomeError, NotConnected, UsageError
from gumauth.home import Home, make_folder, read_file, remove_file, unusable, write_file
from gumauth.quick_json import loads
from gumauth.text import one_line
from gumauth.values import fields_of, frozen, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

VERSION = 1
"""One more with every field that is added: an older gumauth leaves a file of a newer version alone."""

LATEST = 1e11
"""Seconds since 1970, some three thousand years: no calendar reaches much further."""

NAME_FIRST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
NAME_REST = NAME_FIRST | frozenset("._-")


@frozen
class Account:
    """What the list knows of one account. Times are seconds since 1970 in UTC; an unknown is None.

    Args:
        provider: The provider's name.
        id: 16 hexadecimal digits, made from the nickname.
        nickname: E-mail, user name or organisation, as the provider says it.
        alias: The person's own name for the account.
        scopes: Granted.
        requested_scopes: Asked for.
        state: "ok", "reconnect" (the grant is dead), "revoked", "connecting" or "leaving" (a connect or disconnect has
            begun, and was cut short if nothing holds the lock).
        reason: Why it is not "ok".
        store: Name of the store that has the record.
        slot: "a" or "b": which of its two entries in the store is the record.
        grant: Random, new at every connect: tells a late record of an older connect from one of this.
        source: "built-in", "/path/file.py:Class", or the name of an installed distribution.
        failed_at: When a refresh last failed for a passing reason; None once one works.
        retry_at: Not before this time again.
        told_to_wait: Whether the provider itself named that time.
    """

    provider: str
    id: str
    nickname: str | None = None
    alias: str | None = None
    scopes: tuple[str, ...] = ()
    requested_scopes: tuple[str, ...] = ()
    expires_at: float | None = None
    refreshable: bool = False
    connected_at: float = 0.0
    refreshed_at: float | None = None
    state: str = "ok"
    reason: str | None = None
    store: str = ""
    slot: str = "a"
    grant: str = ""
    source: str = "built-in"
    failed_at: float | None = None
    retry_at: float | None = None
    told_to_wait: bool = False

    @property
    def label(self) -> str:
        """How a person names it in a command: provider/alias, provider/nickname, or provider/id."""
        return f"{self.provider}/{self.alias or self.nickname or self.id}"

    @property
    def argument(self) -> str:
        """The label as one word of a shell's command: a nickname is foreign text, and what is hinted at is pasted."""
        import shlex

        return shlex.quote(self.label)

    @property
    def key(self) -> str:
        """Provider and id: what its lock and its entries in the store are named after."""
        return f"{self.provider}/{self.id}"


def account_id(nickname: str | None, alias: str | None) -> str:
    """The id of the account with this nickname; one without a nickname is told apart by its alias alone."""
    from hashlib import sha256

    text = f"nickname {nickname}" if nickname else f"alias {alias or ''}"
    return sha256(text.encode()).hexdigest()[:16]


def is_name(name: object) -> bool:
    """Whether this may name a provider: `^[a-z0-9][a-z0-9._-]{0,63}$`, and so be a folder's name."""
    return (
        isinstance(name, str)
        and 0 < len(name) <= 64
        and name[0] in NAME_FIRST
        and all(letter in NAME_REST for letter in name)
    )


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


class Accounts:
    """The folder of accounts.

    Args:
        home: Where it is.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self._top = os.path.join(home.data, "accounts")
        self.unreadable: list[tuple[str, str]] = []
        """Provider and id of the files met so far that cannot be understood."""
        self.passed_over: list[str] = []
        """Why other files were passed over in a listing: of a newer gumauth, or not allowed to be read."""

    def find(self, reference: str) -> Account:
        """The account that ACCOUNT names.

        Raises:
            UsageError: It cannot name an account.
            NotConnected: There is none.
            HomeError: The file is there and cannot be read.
        """
        provider, rest = split_reference(reference)
        account = self.default(provider) if rest is None else self._named(provider, rest)
        if account is None:
            raise NotConnected(f"{one_line(reference)} is not connected.", hint=f"Run `gumauth connect {provider}`.")
        return account

    def get(self, provider: str, identity: str) -> Account | None:
        """The account with this id; None where there is none or its file cannot be understood."""
        content = read_file(self._path(provider, f"{identity}.json"))
        if content is None:
            return None
        account = parse(content)
        if account is None or (account.provider, account.id) != (provider, identity):
            self.unreadable.append((provider, identity))
            return None
        return account

    def all(self, provider: str | None = None) -> Iterator[Account]:
        """Every account, by provider and connection time; a broken file is noted in `unreadable` and passed over."""
        for name in [provider] if provider else self._folder(self._top):
            if is_name(name):
                yield from sorted(self._of(name), key=lambda a: (a.connected_at, a.id))

    def _of(self, provider: str) -> Iterator[Account]:
        for file in self._folder(self._path(provider)):
            if not file.endswith(".json"):
                continue
            try:
                account = self.get(provider, file[:-5])
            except HomeError as error:
                self.passed_over.append(f"{provider}/{file}: {error.message}")
                continue
            if account is not None:
                yield account

    def default(self, provider: str) -> Account | None:
        """The provider's default account: the one chosen, else the first connected."""
        chosen = self.default_id(provider)
        account = self.get(provider, chosen) if chosen else None
        return account or next(self.all(provider), None)

    def default_id(self, provider: str) -> str | None:
        """The id that was chosen as the default; None where none was."""
        return _hint(read_file(self._path(provider, "default")))

    def set_default(self, account: Account) -> None:
        """Make it its provider's default account."""
        write_file(self._path(account.provider, "default"), account.id.encode())

    def _named(self, provider: str, rest: str) -> Account | None:
        hinted = _hint(read_file(self._alias_path(provider, rest)))
        if hinted and (account := self.get(provider, hinted)) and account.alias == rest:
            return account
        account = self.get(provider, account_id(rest, None))
        if account and account.nickname == rest:
            return account
        return next((a for a in self.all(provider) if rest in (a.alias, a.nickname, a.id)), None)

    def with_alias(self, provider: str, alias: str) -> Account | None:
        """The account that has this alias."""
        return next((a for a in self.all(provider) if a.alias == alias), None)

    def save(self, account: Account) -> None:
        """Write the account's file, whole or not at all; the first of its provider becomes the default.

        Raises:
            HomeError: Disk full, read-only; the old file is as it was.
        """
        write_file(self._path(account.provider, f"{account.id}.json"), encode(account))
        try:
            self._save_hints(account)
        except HomeError:
            pass  # the account is saved; without hints it is found by looking through all

    def _save_hints(self, account: Account) -> None:
        if account.alias:
            write_file(self._alias_path(account.provider, account.alias), account.id.encode())
        if self.default_id(account.provider) is None:
            self.set_default(account)

    def forget(self, account: Account) -> None:
        """Take the account out of the list; where it was the default, the first that is left becomes it."""
        remove_file(self._path(account.provider, f"{account.id}.json"))
        if account.alias and self.with_alias(account.provider, account.alias) is None:
            remove_file(self._alias_path(account.provider, account.alias))
        if self.default_id(account.provider) == account.id:
            remove_file(self._path(account.provider, "default"))
            if left := next(self.all(account.provider), None):
                self.set_default(left)

    def set_aside(self, provider: str, identity: str) -> str:
        """Move a file that cannot be understood out of the way, under a dated name; gives that name."""
        path = self._path(provider, f"{identity}.json")
        aside = f"{path}.{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.broken"
        try:
            os.replace(path, aside)
        except OSError as error:
            raise unusable(path, error) from error
        return aside

    def prepare(self, provider: str) -> None:
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

    def _alias_path(self, provider: str, alias: str) -> str:
        return self._path(provider, f"{account_id(None, alias)}.alias")

    def _folder(self, path: str) -> list[str]:
        try:
            return sorted(os.listdir(path))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise unusable(path, error) from error


def _hint(content: bytes | None) -> str | None:
    text = (content or b"").decode("ascii", "replace").strip()
    return text if len(text) == 16 and all(c in "0123456789abcdef" for c in text) else None


def encode(account: Account) -> bytes:
    """An account as its file's one line of JSON."""
    import json

    return json.dumps({"version": VERSION, **fields_of(account)}, ensure_ascii=False).encode() + b"\n"


def parse(content: bytes) -> Account | None:
    """An account from its file's bytes; None where they are not an account.

    Raises:
        HomeError: A newer gumauth wrote it; it must not be taken for a damaged one.
    """
    try:
        data = loads(content)
    except (ValueError, RecursionError):
        return None
    version = data.pop("version", None) if isinstance(data, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise HomeError(
            "An account's file was written by a newer gumauth.", hint="Update gumauth; nothing was changed."
        )
    return from_fields(data) if version == VERSION else None


def from_fields(data: dict[str, Any]) -> Account | None:
    """An account from decoded fields; None where one is missing, unknown or of another type."""
    try:
        account = Account(**data)
    except TypeError:
        return None
    if not all(_fits(getattr(account, name), kinds) for name, kinds in KINDS.items()):
        return None
    if not is_name(account.provider) or _hint(account.id.encode()) is None:
        return None
    return replace(account, scopes=tuple(account.scopes), requested_scopes=tuple(account.requested_scopes))


def _fits(value: object, kinds: tuple[type, ...]) -> bool:
    if isinstance(value, list | tuple):
        return list in kinds and all(isinstance(item, str) for item in value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float in kinds and abs(value) < LATEST  # false for NaN, which JSON does not have and Python reads
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


NOTHING = type(None)
KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("provider", "id", "state", "store", "slot", "grant", "source"), (str,)),
    **dict.fromkeys(("nickname", "alias", "reason"), (str, NOTHING)),
    **dict.fromkeys(("scopes", "requested_scopes"), (list,)),
    **dict.fromkeys(("expires_at", "refreshed_at", "failed_at", "retry_at"), (int, float, NOTHING)),
    "connected_at": (int, float),
    **dict.fromkeys(("refreshable", "told_to_wait"), (bool,)),
}
