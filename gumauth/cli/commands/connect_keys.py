"""`gumauth connect NAME --key FIELD`: a key, whose values are typed, hidden, or come on standard input. Promise S3."""

from __future__ import annotations

from gumauth.accounts.account import Account, is_name
from gumauth.accounts.references import ambiguous, joined, meant
from gumauth.cli.json_objects import account_object
from gumauth.cli.parsing.parameters import Arguments
from gumauth.cli.parsing.table import COMMANDS
from gumauth.cli.terminal.questions import agreed, unlock
from gumauth.cli.terminal.terminal import Terminal
from gumauth.client.connect import keys
from gumauth.client.context import Context
from gumauth.errors import AccountConflict, UsageError
from gumauth.platform.frozen import frozen
from gumauth.platform.text import one_line
from gumauth.registry import lookup
from gumauth.store.open import store_label

BESIDE = ("--as", "--key", "--replace", "--env-file", "--json")
"""The options of `connect` that a key can have; all others are about a grant."""

LINE = 4095
"""Bytes that a terminal takes as one line: what is pasted behind them is lost. Source: termios(3), canonical mode."""


@frozen
class Wanted:
    """Which key is to be connected.

    Args:
        provider: The name.
        alias: The name behind the slash, or a new alias; None where there is none.
        fields: The names of its fields.
    """

    provider: str
    alias: str | None
    fields: tuple[str, ...]


def connected(context: Context, arguments: Arguments, terminal: Terminal) -> bool:
    """Whether the command line means a key, which is connected then and printed.

    Raises:
        GumauthError: It was not connected; what was there before is as it was.
    """
    wanted = _named(arguments) if arguments.many("key") else _again(context, arguments)
    if wanted is None:
        return False
    _check_options(arguments)
    keys.check_name(wanted.provider)
    keys.check_fields(wanted.fields)
    unlock(context)
    replaces = arguments.flag("replace")
    if (old := keys.prepare(context, wanted.provider, wanted.alias)) is not None:
        replaces = _may_replace(terminal, old, wanted.fields, replaces=replaces)
    values = _entered(terminal, wanted.fields)
    kept = keys.keep(context, wanted.provider, wanted.alias, values, replaces=replaces)
    _print(terminal, context, kept)
    return True


def _named(arguments: Arguments) -> Wanted:
    """The key that a command line with --key names.

    Raises:
        UsageError: It names none, or gives it two names.
    """
    given, called = arguments.maybe("provider"), arguments.maybe("as")
    if given is None:
        raise UsageError(
            "A key needs a name, in place of a provider.",
            hint="Write `gumauth connect NAME --key FIELD`, such as `gumauth connect openweather --key api_key`.",
        )
    provider, slash, name = given.partition("/")
    if not is_name(provider) or (slash and not name):
        keys.check_name(given)
    if name and called not in (None, name):
        raise UsageError(
            f"{one_line(given)} and `--as {called}` are two names for one account.", hint="Leave one of them away."
        )
    return Wanted(provider=provider, alias=name or called, fields=arguments.many("key"))


def _again(context: Context, arguments: Arguments) -> Wanted | None:
    """The key that a command line without --key means by its name; None where it means a provider.

    Raises:
        AmbiguousAccount: Several keys could be meant.
    """
    given = arguments.maybe("provider") or ""
    provider, _, name = given.partition("/")
    accounts = list(context.accounts.all(provider)) if is_name(provider) else []
    if not any(account.is_key for account in accounts):
        return None
    called = name or arguments.maybe("as")
    if called is not None:
        account = meant(provider, one_line(called), accounts)
    elif lookup.is_installed(provider) or not all(account.is_key for account in accounts):
        return None
    else:
        account = context.accounts.default(provider, accounts)
        if account is None:
            raise ambiguous(provider, accounts)
    if account is None or account.fields is None:
        return None
    return Wanted(provider=provider, alias=account.name, fields=account.fields)


def _check_options(arguments: Arguments) -> None:
    """Stop at an option that is about a grant.

    Raises:
        UsageError: There is one.
    """
    for name, option in COMMANDS["connect"].options.items():
        if name not in BESIDE and arguments.flag(option.key):
            raise UsageError(
                f"{name} is for a login, and a key is entered.",
                hint="Leave it away; `gumauth help connect` explains it.",
            )


def _may_replace(terminal: Terminal, old: Account, fields: tuple[str, ...], *, replaces: bool) -> bool:
    """Whether the fields of a key may become fewer, after the person was told that its values are replaced.

    Raises:
        AccountConflict: They may not.
    """
    try:
        keys.check_same_fields(old, fields, replaces=replaces)
    except AccountConflict as error:
        if not terminal.can_ask:
            raise
        terminal.say(error.message)
        if not agreed(terminal, "Replace them?"):
            raise
        replaces = True
    terminal.say(f"{old.label} is connected: what is entered now replaces its values.")
    return replaces


def _entered(terminal: Terminal, fields: tuple[str, ...]) -> dict[str, str]:
    """The values, typed by the person or read from standard input, one line each. Secret.

    Raises:
        UsageError: One of them cannot be kept, or there are more or fewer lines than fields.
    """
    if terminal.attended:
        return {field: _mended(terminal, field, _typed(terminal, field)) for field in fields}
    if terminal.stdin.isatty():
        raise UsageError(
            "Nobody can be asked: standard error is no terminal.", hint="Pipe the values in, one line each."
        )
    most = (4 * keys.LONGEST + 2) * len(fields)
    try:
        text = terminal.stdin.buffer.read(most + 1).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError("Standard input is not UTF-8; nothing was kept.", hint="Pipe text in.") from None
    lines = text.removesuffix("\n").split("\n")
    if len(lines) != len(fields):
        came = "1 line" if len(lines) == 1 else f"{len(lines)} lines"
        raise UsageError(
            f"{came} came on standard input; wanted: {joined(fields, 'and')}, one line each. Nothing was kept.",
            hint="Pipe the values in, in this order, or run it on a terminal, where they are asked for.",
        )
    return {field: _mended(terminal, field, line) for field, line in zip(fields, lines, strict=True)}


def _typed(terminal: Terminal, field: str) -> str:
    value = terminal.ask(f"Value of {field} (not shown)")
    if len(value.encode(errors="surrogateescape")) >= LINE:
        raise UsageError(
            f"The value of {field} is longer than a line of a terminal; nothing was kept.",
            hint="Pipe it in: `… < FILE`.",
        )
    return value


def _mended(terminal: Terminal, field: str, value: str) -> str:
    """The value, without what pasting has put around it."""
    from gumauth.client.credentials import without_blanks

    meant = without_blanks(value)
    if meant and meant != value.removesuffix("\r"):
        terminal.say(f"Blanks around the value of {field} were taken off.")
    keys.check_value(field, meant)
    return meant


def _print(terminal: Terminal, context: Context, kept: keys.Kept) -> None:
    for notice in kept.notices:
        terminal.say(notice)
    account = kept.account
    if terminal.json:
        terminal.answer(account=account_object(context, account))
        return
    fields = account.fields or ()
    verb = "Connected" if kept.before is None else "Replaced the values of"
    terminal.done(f"{verb} {account.label}, a key with {joined(fields, 'and')}.")
    terminal.say(f"Kept in {store_label(account.store)}.")
    default = context.accounts.default(account.provider)
    is_default = default is not None and default.id == account.id
    argument = account.provider if is_default else account.argument
    field, mark = (f" --field {fields[0]}", f"#{fields[0]}") if len(fields) > 1 else ("", "")
    terminal.say(f"Run `gumauth token {argument}{field}` for its value; `gumauth run` takes NAME={argument}{mark}.")
    if not is_default and default is not None:
        terminal.say(f"{default.label} stays the default; `gumauth default {account.argument}` changes that.")
