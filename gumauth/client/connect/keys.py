"""Connecting a key: values that a person has from a service, kept as an account. No provider stands behind its name.

The words of the command line are judged first, then the store proves itself, then the values are entered, and `keep`
lists the account before it stores them: killed at any moment, the values of before or the new ones are there.
Promises K1, K2, K4, L3, S3.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from gumauth.accounts.account import KEY, Account, account_id, is_name
from gumauth.accounts.interface import LockedAccount
from gumauth.accounts.record import Record
from gumauth.accounts.references import ambiguous, holder, joined, meant
from gumauth.client import aliases
from gumauth.client.context import Context
from gumauth.errors import AccountConflict, GumauthError, RecordMissing, StoreError, UsageError
from gumauth.platform.frozen import replace
from gumauth.platform.text import one_line
from gumauth.registry import lookup
from gumauth.store.open import probe, store_label

FIELD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
"""A field's name, as files of configuration and environments have them."""

MOST_FIELDS = 16
LONGEST = 8192
"""Characters of a value at most; the keys of known services have fewer than 300."""

TAKEN = ("id_token", "id-token")
"""What stands for another thing behind ACCOUNT# in `gumauth run`."""

LIKE_A_KEY = re.compile(r"(?=[^_-]*[0-9])(?=[^_-]*[A-Za-z])[A-Za-z0-9]{16,}|[A-Za-z0-9]{24,}")
"""A part of a word that no name of a field has, and that keys have: long, and mixed of letters and digits."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What was kept.

    Args:
        account: As it is listed now.
        before: As it was listed before; None for a new account.
        notices: What the person should know, in sentences.
    """

    account: Account
    before: Account | None = None
    notices: tuple[str, ...] = ()


def check_name(name: str) -> None:
    """Stop at a word that cannot name what a key is for.

    Raises:
        UsageError: It is a file, an address, or has other characters than a provider's name.
    """
    if not is_name(name) or lookup.is_path(name):
        raise UsageError(
            f"{one_line(name, 80)!r} cannot name a key.",
            hint="A name has up to 64 small letters, digits, dots, dashes and underscores, such as `openweather`.",
        )


def check_fields(fields: Sequence[str]) -> None:
    """Stop at words that cannot name fields. No word is repeated that could be a key itself. Promise S1.

    Raises:
        UsageError: They cannot; or a word looks like a key.
    """
    for field in fields:
        if any(LIKE_A_KEY.fullmatch(part) for part in re.split("[_-]", field)):
            raise UsageError(
                "A word behind --key looks like a key itself. Others can read a command line: replace that key.",
                hint="Write the name of its field there, such as `--key api_key`; its value is asked for.",
            )
        if not FIELD.fullmatch(field):
            raise UsageError(
                "A word behind --key cannot be the name of a field.",
                hint="A name has up to 64 letters, digits, dashes and underscores, such as `--key api_key`. For several"
                " fields, repeat --key.",
            )
        if field in TAKEN:
            raise UsageError(f"No field can be called {field}.", hint="It means another token in `gumauth run`.")
        if fields.count(field) > 1:
            raise UsageError(f"The field {field} is named twice.", hint="Name each field once.")
    if len(fields) > MOST_FIELDS:
        raise UsageError(f"A key has {MOST_FIELDS} fields at most.", hint="Keep them as two keys, each with its --as.")


def check_value(field: str, value: str) -> None:
    """Stop at a value that cannot be kept. The message does not have it.

    Raises:
        UsageError: It is empty, too long, or has a line end or another control character in it. Promise S5.
    """
    if not value:
        raise UsageError(f"The value of {field} is empty; nothing was kept.", hint="Run the command again.")
    if len(value) > LONGEST or not value.isprintable():
        why = f"has more than {LONGEST} characters" if len(value) > LONGEST else "has control characters in it"
        raise UsageError(
            f"The value of {field} {why}; nothing was kept.", hint="A value is one line, as the service shows it."
        )


def prepare(context: Context, provider: str, alias: str | None) -> Account | None:
    """The key that is to be replaced, or None for a new one, after everything was tried that can fail without values.

    Args:
        context: Folders, clock, environment.
        provider: The name.
        alias: The name behind the slash, or the alias of a new account; None where there is none.

    Raises:
        UsageError: The alias can be none, or the account has to have one.
        AccountConflict: The alias is that of a grant.
        AmbiguousAccount: Several keys could be meant.
        HomeError: The folder cannot be used.
        StoreError: The store cannot.
    """
    accounts = context.accounts
    accounts.prepare(provider)
    accounts.prove_locks()
    accounts.resume_connects(provider)
    found = match(provider, alias, list(accounts.all(provider)))
    if found is None:
        aliases.check_alias(alias)
    probe(context.store())
    return found


def match(provider: str, alias: str | None, accounts: Sequence[Account]) -> Account | None:
    """The key that a person means; None for a new one. Pure.

    Args:
        provider: The name.
        alias: The name behind the slash, or a new one; None where none is given.
        accounts: All of that name.

    Raises:
        UsageError: A new key has to have an alias, because the accounts of that name are grants.
        AccountConflict: The alias is that of a grant, or what another account is called.
        AmbiguousAccount: Several keys have no alias.
    """
    if alias is not None:
        named = meant(provider, alias, accounts) or holder(alias, accounts)
        if named is not None and not named.is_key:
            rename = f"rename that account first: `gumauth rename {named.argument} ALIAS`"
            raise AccountConflict(
                f"{named.label} is there already, and is no key.", hint=f"Choose another --as, or {rename}."
            )
        return named
    unnamed = [account for account in accounts if account.is_key and account.alias is None]
    if len(unnamed) > 1:
        raise ambiguous(provider, unnamed)
    if unnamed:
        return unnamed[0]
    grant = next((account for account in accounts if not account.is_key), None)
    if grant is not None:
        raise UsageError(
            f"{grant.label} is connected, and is no key: a key beside it needs a name of its own.",
            hint="Add --as, such as `--as key`.",
        )
    return None


def check_same_fields(old: Account, fields: Sequence[str], *, replaces: bool) -> None:
    """Stop where a key would lose fields that programs may ask for.

    Args:
        old: The key.
        fields: What it would have.
        replaces: Whether the person wants that.

    Raises:
        AccountConflict: It would, and nobody has said so.
    """
    if not replaces and set(old.fields or ()) - set(fields):
        raise AccountConflict(
            f"{old.label} has {joined(old.fields or (), 'and')}, and would have {joined(fields, 'and')}.",
            hint="Name the same fields, add --replace, or give the new key another name with --as.",
        )


def keep(
    context: Context, provider: str, alias: str | None, values: Mapping[str, str], *, replaces: bool = False
) -> Kept:
    """Store a key, compare what is read back, and list it.

    Args:
        context: Folders, clock, environment.
        provider: As for `prepare`.
        alias: As for `prepare`.
        values: By the names of the fields. Secret.
        replaces: As for `check_same_fields`.

    Raises:
        GumauthError: As `prepare`; the values of before are as they were.
        StoreError: The store failed again and again; the values of before are as they were.
    """
    accounts = context.accounts
    with accounts.naming(provider):
        listed = list(accounts.all(provider))
        old = match(provider, alias, listed)
        if old is not None:
            check_same_fields(old, tuple(values), replaces=replaces)
        others = [account for account in listed if old is None or account.id != old.id]
        account = _account(context, provider, alias, tuple(values), old=old, others=others)
        with accounts.locked(account) as locked:
            called = None if old is None else old.name
            return _store(locked, accounts.named(account, others, called=called), values)


def _account(
    context: Context,
    provider: str,
    alias: str | None,
    fields: tuple[str, ...],
    *,
    old: Account | None,
    others: Sequence[Account],
) -> Account:
    """The key as it is to be listed: the one of before with other values, or a new one under an id that is free."""
    grant, store = secrets.token_hex(8), context.store().name
    if old is None:
        identifier = account_id(None, alias)
        if any(other.id == identifier for other in others):
            identifier = account_id(None, f"key {grant}")
        old = Account(provider=provider, id=identifier, alias=alias, source=KEY)
    return replace(
        old, fields=fields, connected_at=context.clock(), state="ok", moving=None, reason=None, store=store, grant=grant
    )


def _store(locked: LockedAccount, account: Account, values: Mapping[str, str]) -> Kept:
    before, notices = locked.listed(), []
    if before is None:
        # Listed before its record is written: killed in between, the record is found by its grant.
        locked.mark(replace(account, state="connecting"))
    else:
        try:
            before, _ = locked.settle(before)
        except RecordMissing:
            pass  # a connect that was interrupted before anything was entered
        except StoreError:
            notices.append(f"The values of before cannot be read: they may be left in {store_label(before.store)}.")
        account = replace(account, slot=before.slot)
    try:
        account, _ = locked.put(account, _record(account, values), firmly=True)
        locked.mark(account)
    except (GumauthError, KeyboardInterrupt):
        with suppress(StoreError):
            locked.take_back(account)
        if before is None:
            locked.forget(replace(account, state="connecting"))
        raise
    if before is not None:
        with suppress(StoreError):  # left behind, it belongs to another grant, and the next write replaces it
            locked.drop(before)
    return Kept(account=account, before=before, notices=tuple(notices))


def _record(account: Account, values: Mapping[str, str]) -> Record:
    only = next(iter(values.values())) if len(values) == 1 else ""
    return Record(
        access_token=only,
        credentials=dict(values),
        obtained_at=account.connected_at,
        grant=account.grant,
        account={},
    )
