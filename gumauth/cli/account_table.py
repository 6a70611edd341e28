"""The list of accounts as a person reads it: a table, or one under the other where the window is narrow."""

from __future__ import annotations

from rich.text import Text

from gumauth.accounts import Account
from gumauth.cli.objects import state
from gumauth.cli.remarks import remarks
from gumauth.cli.tables import NOTHING, Column, Row, print_rows
from gumauth.cli.terminal import Terminal
from gumauth.cli.words import expiry
from gumauth.context import Context
from gumauth.text import one_line

STATES = {
    "ok": ("ok", "green"),
    "expired": ("expired", "yellow"),
    "reconnect": ("needs reconnect", "red"),
    "revoked": ("revoked", "red"),
}
COLUMNS = (
    *(Column(title=title) for title in ("Provider", "Account", "State", "Expiry")),
    Column(title="Scopes", folds=True),
)


def show(terminal: Terminal, context: Context, accounts: list[Account], *, all_read: bool) -> None:
    """Print the accounts, and under them what to do about those that cannot be used.

    Args:
        terminal: Where to.
        context: Where they are.
        accounts: In order.
        all_read: They are all that there are.
    """
    now, defaults = context.clock(), context.accounts.default_keys(accounts, all_read=all_read)
    print_rows(terminal, COLUMNS, [_row(account, now, default=account.key in defaults) for account in accounts])
    unwell = [account for account in accounts if account.state != "ok"]
    said = [sentence for account in accounts for sentence in remarks(account, now)]
    if unwell or said:
        from gumauth.client.token import mending_command

        terminal.line()
    for account in unwell:
        why = f" {account.reason}" if account.reason else ""
        terminal.say(f"{account.label} needs `{mending_command(account)}`.{why}")
    for sentence in said:
        terminal.say(sentence)


def _row(account: Account, now: float, *, default: bool) -> Row:
    word, colour = STATES.get(state(account, now), (one_line(account.state), "red"))
    if word == "expired" and account.refreshable:
        word = "expired (renews)"
    return (
        Text(one_line(account.provider)),
        _name(account, default=default),
        Text(word, colour),
        Text(_expiry(account, now)),
        Text(one_line(" ".join(account.scopes), 500) or NOTHING),
    )


def _expiry(account: Account, now: float) -> str:
    if account.state != "ok":
        return NOTHING
    return expiry(account.expires_at, now).removeprefix("expired ")


def _name(account: Account, *, default: bool) -> Text:
    name = Text(one_line(account.name), "bold")
    if account.nickname and account.nickname != account.name:
        name.append(f" {one_line(account.nickname)}", "not bold")
    if default:
        name.append(" (default)", "cyan not bold")
    return name
