"""What there is to know of a connected account beside its row in the list, in sentences."""

from __future__ import annotations

from gumauth.cli.terminal.formatting import DAY, iso
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account

SOON = 7 * DAY
"""Seconds before the end of a refresh token in which that is said."""


def remarks(account: Account, now: float) -> list[str]:
    """Sentences about an account that can be used: scopes that it lacks, why it was not refreshed, when it ends."""
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
