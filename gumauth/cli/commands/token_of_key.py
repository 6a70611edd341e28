"""What `gumauth token` prints of an account that is a key."""

from __future__ import annotations

from gumauth.client.key_values import no_fields, unfit, value_of, values_of
from gumauth.errors import GumauthError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record
    from gumauth.cli.parsing.parameters import Arguments
    from gumauth.cli.terminal.terminal import Terminal


def show(arguments: Arguments, terminal: Terminal, account: Account, record: Record) -> None:
    """Print one value of a key, or with `--json` all of them.

    Raises:
        UsageError: The account is no key, has no such field, or has several; or a header is asked for.
        GumauthError: Standard output has no such letters.
    """
    field = arguments.maybe("field")
    if not account.is_key:
        raise no_fields(account)
    if arguments.flag("header"):
        raise unfit(account, "each service takes keys in a header of its own, which gumauth does not know")
    if not terminal.json:
        terminal.out(_writable(terminal, value_of(account, record, field)))
        return
    values = values_of(account, record) if field is None else {field: value_of(account, record, field)}
    terminal.answer(provider=account.provider, account=account.label, credentials=values)


def _writable(terminal: Terminal, value: str) -> str:
    """The value, if standard output has all its letters: `?` in place of one would be another key."""
    try:
        value.encode(terminal.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        raise GumauthError(
            "The value has letters that standard output cannot write in this locale.",
            hint="Set PYTHONIOENCODING=utf-8, or add --json, which needs no such letters.",
        ) from None
    return value
