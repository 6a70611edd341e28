"""Which provider a bare name means: that of the accounts of that name, before the one that is installed."""

from __future__ import annotations

from gumauth.errors import GumauthError
from gumauth.registry.resolved import argument
from gumauth.registry.told import told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gumauth.accounts.account import Account
    from gumauth.accounts.interface import Accounts


class Sources:
    """Which built-in service, file or plugin the accounts of each provider's name come from; each is looked up once.

    Args:
        listed: The keeper of accounts.
        accounts: All accounts, where they have been read already.
    """

    def __init__(self, listed: Accounts, accounts: Sequence[Account] | None = None) -> None:
        self._listed = listed
        self._found: dict[str, tuple[list[Account], str | None]] = {}
        self._read: dict[str, list[Account]] | None = None if accounts is None else {}
        for account in accounts or ():
            assert self._read is not None  # noqa: S101
            self._read.setdefault(account.provider, []).append(account)

    def all(self, provider: str) -> set[str]:
        """The sources of a provider's accounts, without keys, which have none."""
        return {account.source for account in self._of(provider)[0]}

    def meant(self, provider: str, alias: str | None = None) -> str | None:
        """The source that a name stands for; None where no account says.

        Args:
            provider: The name.
            alias: An account's alias: where the account is there already, its own source is meant.
        """
        accounts, usual = self._of(provider)
        aliased = (account.source for account in accounts if alias and account.alias == alias)
        return next(aliased, usual)

    def of(self, provider: str, source: str) -> Account | None:
        """An account of a provider's name with a source; None where there is none."""
        return next((account for account in self._of(provider)[0] if account.source == source), None)

    def argument(self, account: Account) -> str:
        """What a command line calls an account's provider: its name, where that means the account's own source.

        The account's whole name, where the provider's name means a place of somebody's own.
        """
        written = argument(account.source, account.provider)
        if written == account.provider:
            if not told(account.provider).tenant:
                return written
            means = self.meant(account.provider, account.alias)
            # Its name alone would connect the service at another tenant.
            return written if means is None or " --" not in means or means == account.source else account.argument
        try:
            if self.meant(account.provider, account.alias) == account.source:
                return account.provider
        except GumauthError:
            pass  # the path means the same
        return written

    def _of(self, provider: str) -> tuple[list[Account], str | None]:
        if provider not in self._found:
            read = list(self._listed.all(provider)) if self._read is None else self._read.get(provider, [])
            listed = [account for account in read if account.state != "connecting" and not account.is_key]
            self._found[provider] = listed, self._usual(provider, read, listed)
        return self._found[provider]

    def _usual(self, provider: str, read: list[Account], listed: list[Account]) -> str | None:
        sources = {account.source for account in listed}
        if len(sources) < 2:
            return next(iter(sources), None)
        default = self._listed.default(provider, read)
        return default.source if default is not None else None
