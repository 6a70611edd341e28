"""One run of gumauth, as the rules know it: environment, clock, folders, accounts, stores, and the person."""

from __future__ import annotations

import time

from gumauth.accounts import choice
from gumauth.platform.folders import Home, check_private, locate
from gumauth.platform.settings import with_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gumauth.accounts.account import Account
    from gumauth.accounts.interface import Accounts
    from gumauth.accounts.shared.keeper import SharedAccounts
    from gumauth.client.provider_sources import Sources
    from gumauth.client.trace.trace import Trace
    from gumauth.store.interface import Store


class Context:
    """One run of gumauth. Whoever runs the rules makes one, and every rule takes it.

    Args:
        environ: The environment variables; client credentials of `--env-file` are merged in. `settings.toml` adds to
            them.
        clock: Gives the time, in seconds since 1970 in UTC.
        notify: Takes one sentence for the person (standard error, in the command).
        ask: Asks for a secret with these words, hidden; None where nobody can be asked.
        store: Used in place of the store that the environment selects (tests, `demo`).
        reads_settings: Whether `settings.toml` is read; `gumauth doctor` goes on where it cannot be used.

    Raises:
        HomeError: There is no data folder that only this user can write, or `settings.toml` cannot be used.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        clock: Callable[[], float] = time.time,
        notify: Callable[[str], None] = lambda _sentence: None,
        ask: Callable[[str], str] | None = None,
        store: Store | None = None,
        reads_settings: bool = True,
    ) -> None:
        self.clock = clock
        self.notify = notify
        self.ask = ask
        self.home: Home = locate(environ)
        self.own_home = self.home
        check_private(self.home, environ)
        self.reads_settings = reads_settings
        self.environ = with_settings(environ) if reads_settings else environ
        self._shared: SharedAccounts | None = None
        if store is None and choice.is_shared(self.environ):
            self._shared = choice.shared(self.home, self.environ, notify, clock)
            self.home = self._shared.home
            check_private(self.home, self.environ)
        self.accounts: Accounts = self._shared or choice.local(self.home, self.store, notify)
        self._sources: Sources | None = None
        self._only = store
        self._stores: dict[str | None, Store] = {}
        self._trace: Trace | None = None

    @property
    def attended(self) -> bool:
        """Whether somebody is there to answer a prompt: a passphrase, or the keyring's own window."""
        return self.ask is not None

    @property
    def is_shared(self) -> bool:
        """Whether the accounts are those of a store that machines share."""
        return self._shared is not None

    def at(self, setting: str) -> Context:
        """The same run, with another value of GUMAUTH_STORE.

        Raises:
            HomeError: As on making one.
        """
        environ = {**self.environ, "GUMAUTH_STORE": setting}
        own = None if choice.is_shared(environ) else self._only
        return Context(environ, clock=self.clock, notify=self.notify, ask=self.ask, store=own, reads_settings=False)

    @property
    def own_accounts(self) -> Accounts:
        """The accounts of this machine's own list, also where the run has those of a shared store."""
        return self.at("keyring").accounts if self.is_shared else self.accounts

    @property
    def is_of_environ(self) -> bool:
        """Whether another process with the same environment has the same store."""
        return self._only is None and self.reads_settings

    @property
    def sources(self) -> Sources:
        """Which provider files the accounts come from, read once in a run: no hint needs a newer answer."""
        return self._sources or self.know_sources()

    def know_sources(self, accounts: Sequence[Account] | None = None) -> Sources:
        """`sources` from all accounts, where they have just been read."""
        from gumauth.client.provider_sources import Sources

        self._sources = Sources(self.accounts, accounts)
        return self._sources

    @property
    def trace(self) -> Trace | None:
        """Who hears of every request of the run; None where nobody asked for a trace."""
        if self._trace is None and self.environ.get("GUMAUTH_DEBUG"):
            from gumauth.client.trace.trace import Trace

            self._trace = Trace()
        return self._trace

    @trace.setter
    def trace(self, trace: Trace) -> None:
        self._trace = trace

    def store(self, name: str | None = None) -> Store:
        """The store for secrets of that name; for None, the store that the environment and the machine select.

        Raises:
            StoreError: No store can be used, or another store than the named one answers here.
        """
        if self._only is not None:
            return self._only
        if name not in self._stores:
            found = self._find_store(name)
            # One store by either name: a second would start another process, or ask for the passphrase again.
            self._stores[name] = self._stores.setdefault(found.name, found)
        return self._stores[name]

    def _find_store(self, name: str | None) -> Store:
        if self._shared is not None:
            return self._shared.entries
        from gumauth.store.open import choose

        return choose(self, name)
