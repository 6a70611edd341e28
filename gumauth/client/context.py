"""What the rules need of the world around them, handed down from whoever runs them."""

from __future__ import annotations

import time

from gumauth.accounts.local import LocalAccounts
from gumauth.platform.folders import Home, check_private, locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gumauth.accounts.account import Account
    from gumauth.accounts.interface import Accounts
    from gumauth.client.provider_sources import Sources
    from gumauth.store.interface import Store


class Context:
    """One run of gumauth: its folders, its clock, its environment, and whom it may tell and ask.

    Args:
        environ: The environment variables; client credentials of `--env-file` are merged in.
        clock: Gives the time, in seconds since 1970 in UTC.
        notify: Takes one sentence for the person (standard error, in the command).
        attended: Whether somebody is there to answer a prompt: a passphrase, or the keyring's own window.
        ask: Asks for a secret with these words, hidden; None where nobody can be asked.
        store: Used in place of what the environment selects (tests, `demo`).

    Raises:
        HomeError: There is no data folder that only this user can write.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        clock: Callable[[], float] = time.time,
        notify: Callable[[str], None] = lambda _sentence: None,
        ask: Callable[[str], str] | None = None,
        store: Store | None = None,
    ) -> None:
        self.environ = environ
        self.clock = clock
        self.notify = notify
        self.ask = ask
        self.home: Home = locate(environ)
        check_private(self.home, environ)
        self.accounts: Accounts = LocalAccounts(self.home, self.store, notify)
        self._sources: Sources | None = None
        self._only = store
        self._stores: dict[str | None, Store] = {}

    @property
    def attended(self) -> bool:
        """Whether somebody can be asked."""
        return self.ask is not None

    def say_passed_over(self) -> None:
        """Tell the person what could not be read on the way and was not needed; once."""
        told, self.accounts.passed_over[:] = list(self.accounts.passed_over), []
        for sentence in told:
            self.notify(f"Passed over {sentence}")

    @property
    def sources(self) -> Sources:
        """Where the accounts come from, read once in a run: many hints are given, and none needs a newer answer."""
        if self._sources is None:
            self.know_sources(None)
        assert self._sources is not None  # noqa: S101
        return self._sources

    def know_sources(self, accounts: Sequence[Account] | None) -> None:
        """Take what has been read: all accounts, or None where nothing was."""
        from gumauth.client.provider_sources import Sources

        self._sources = Sources(self.accounts, accounts)

    def store(self, name: str | None = None) -> Store:
        """The store for secrets: the one of that name, or the one that the environment and machine select.

        Raises:
            StoreError: None can be used, or the named one is not the one that answers here.
        """
        if self._only is not None:
            return self._only
        if name not in self._stores:
            from gumauth.store.open import choose

            found = choose(self, name)
            # The same one by either name: a second would start another process, or ask for the passphrase again.
            self._stores[name] = self._stores.setdefault(found.name, found)
        return self._stores[name]
