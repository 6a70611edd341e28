"""What a program asks for, and the token for it."""

from __future__ import annotations

from gumauth.client.token import usable
from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record
    from gumauth.client.context import Context


@frozen
class Asked:
    """One question of a program.

    Args:
        context: Folders, clock, environment.
        reference: The account, as it was written.
        min_valid: Seconds for which the token must be good.
        id_token: Whether the id_token was asked for in words.
        word: What the program adds to the command line; None where it adds nothing.
        read: Reads what the program sends on standard input, up to an empty line or the end; raises `UsageError` where
            that is more than 64 KiB. Called by a protocol that sends something, and by no other.
    """

    context: Context
    reference: str
    min_valid: float | None = None
    id_token: bool = False
    word: str | None = None
    read: Callable[[], bytes]

    def token(self) -> tuple[Account, Record]:
        """The account with a record whose access token is valid now.

        Raises:
            UsageError: The account is a key.
            GumauthError: As `gumauth token`.
        """
        account, record = usable(self.context, self.reference, min_valid=self.min_valid)
        if account.is_key:
            from gumauth.client.key_values import unfit

            raise unfit(account, "--for prints the token of a grant")
        return account, record
