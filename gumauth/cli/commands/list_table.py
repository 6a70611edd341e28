"""The table of accounts, whose first column is the argument of the other commands, and the remarks below the table."""

from __future__ import annotations

from gumauth.cli.json_objects import state
from gumauth.cli.terminal.formatting import DAY, iso, short_duration
from gumauth.cli.terminal.styled import styled
from gumauth.cli.terminal.tables import Column, print_rows
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.cli.json_objects import ShownState
    from gumauth.cli.terminal.styled import Line
    from gumauth.cli.terminal.tables import Row
    from gumauth.cli.terminal.terminal import Terminal
    from gumauth.client.context import Context

STATES: dict[ShownState, str] = {"ok": "green", "expired": "yellow"}
COLUMNS = (
    Column(title="Account"),
    Column(title="Nickname", goes=1, least=12),
    Column(title="State"),
    Column(title="Scopes", goes=2, least=16),
)
NARROW = 72
"""Below this width the default account is marked with a star, and the state is one or two words."""

SOON = 7 * DAY
"""Seconds before the end of a refresh token in which the end is remarked on."""


def show(terminal: Terminal, context: Context, accounts: list[Account], *, all_read: bool) -> None:
    """Print the table and, below it, what to do about the accounts that cannot be used.

    Args:
        terminal: Where the table is printed.
        context: Where the accounts are listed.
        accounts: The accounts, in order.
        all_read: Whether `accounts` holds all accounts of each provider.
    """
    now, defaults = context.clock(), context.accounts.default_keys(accounts, all_read=all_read)
    brief = (terminal.width(terminal.stdout) or NARROW) < NARROW
    rows = [_row(account, now, default=account.key in defaults, brief=brief) for account in accounts]
    print_rows(terminal, COLUMNS, rows)
    unwell = [account for account in accounts if account.state != "ok"]
    said = [sentence for account in accounts for sentence in remarks(account, now)]
    if unwell or said:
        from gumauth.client.lookup import mending_command
        from gumauth.client.provider_sources import Sources

        sources = Sources(context.accounts, accounts if all_read else None)
        terminal.line()
    for account in unwell:
        why = f" {account.reason}" if account.reason else ""
        terminal.say(f"{account.label} needs `{mending_command(context, account, sources)}`.{why}")
    for sentence in said:
        terminal.say(sentence)


def _row(account: Account, now: float, *, default: bool, brief: bool) -> Row:
    name = styled(one_line(account.argument), "bold")
    if default:
        name += styled(" *" if brief else " (default)", "cyan")
    nickname = account.nickname if account.nickname != account.name else None
    return (
        name,
        styled(one_line(nickname or "")),
        _state(account, now, brief=brief),
        styled(one_line(" ".join(account.scopes), 500)),
    )


def _state(account: Account, now: float, *, brief: bool) -> Line:
    """The account's state, with the time to or since the token's end: "ok, 58 min", "expired 2 h ago"; or "key"."""
    shown, ends = state(account, now), account.expires_at
    words: str = shown
    if shown == "ok" and account.fields is not None:
        words = "key" if len(account.fields) == 1 or brief else f"key, {len(account.fields)} fields"
    elif shown == "ok" and ends is not None:
        words = f"ok, {short_duration(ends - now)}"
    elif shown == "expired" and account.refreshable:
        words = "renews" if brief else "expired, renews"
    elif shown == "expired" and ends is not None and not brief:
        words = f"expired {short_duration(now - ends)} ago"
    return styled(one_line(words), STATES.get(shown, "red"))


def remarks(account: Account, now: float) -> list[str]:
    """Sentences about a usable account: missing scopes, the last failed refresh, when it ends. Promise F17."""
    if account.state != "ok":
        return []
    said = []
    if account.missing_scopes:
        said.append(f"{account.label} lacks scopes that it asked for: {one_line(', '.join(account.missing_scopes))}.")
    if account.reason and (account.failed_at is not None or account.refused_at is not None):
        said.append(f"{account.label} could not be refreshed: {one_line(account.reason, 500)}")
    ends = account.refresh_expires_at
    if ends is not None and ends < now + SOON:
        word = "ended" if ends <= now else "ends"
        said.append(f"The refresh token of {account.label} {word} {iso(ends)}: it has to be connected again then.")
    return said
