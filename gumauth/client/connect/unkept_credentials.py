"""Client credentials that only this shell has: another shell could neither refresh nor revoke the account."""

from __future__ import annotations

from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.client.credentials import Credentials
from gumauth.errors import MissingCredentials, StoreError
from gumauth.platform.frozen import frozen
from gumauth.registry.lookup import file_in
from gumauth.registry.resolved import ResolvedProvider
from gumauth.store.open import store_label


@frozen
class Origin:
    """Where the credentials of a connect come from.

    Args:
        where: The environment or a file, in words.
        command: The command that keeps them.
    """

    where: str
    command: str


@frozen
class Unkept:
    """Client credentials of the environment, which the store does not have.

    Args:
        credentials: The client id and secret.
        origin: Where the credentials come from.
        has_others: Whether the store has other credentials.
        store: The store that would keep them, in words.
        elsewhere: Who does not have what is not kept.
    """

    credentials: Credentials
    origin: Origin
    has_others: bool
    store: str
    elsewhere: str = "another shell"

    @property
    def question(self) -> str:
        """The question whether to keep the credentials."""
        come = f"The {self._what} came from {self.origin.where}, which {self.elsewhere} does not have."
        if self.has_others:
            return f"{come} Other ones are kept in {self.store}. Replace those by these?"
        return f"{come} Keep them in {self.store}?" if self._several else f"{come} Keep it in {self.store}?"

    @property
    def warning(self) -> str:
        """The sentence where the credentials are not kept."""
        come = f"The {self._what} came from {self.origin.where}, which {self.elsewhere} does not have"
        uses = " (it uses other ones, which are kept)" if self.has_others else ""
        keeps = f"`{self.origin.command}` keeps {'them' if self._several else 'it'}."
        return f"{come}{uses}: it could neither refresh nor revoke this account. {keeps}"

    @property
    def _several(self) -> bool:
        return self.credentials.client_secret is not None

    @property
    def _what(self) -> str:
        return "client id and secret" if self._several else "client id"


def find(context: Context, resolved: ResolvedProvider, origin: Origin) -> Unkept | None:
    """The credentials that come from the environment; None where there are none, or the store has the same."""
    if not credentials.is_given(context, resolved.name):
        return None
    now = credentials.find(context, resolved.name, issuer=resolved.client_place)
    try:
        kept = credentials.stored(context, resolved.name, issuer=resolved.client_place)
    except (StoreError, MissingCredentials):  # the latter: those that are kept are another place's
        kept = None
    if now is None or (kept and (kept.client_id, kept.client_secret) == (now.client_id, now.client_secret)):
        return None
    return Unkept(
        credentials=now,
        origin=origin,
        has_others=kept is not None,
        store=store_label(context.store().name),
        elsewhere="another shell or machine" if context.accounts.is_shared else "another shell",
    )


def save(context: Context, resolved: ResolvedProvider, unkept: Unkept) -> None:
    """Keep the credentials in the store.

    Raises:
        StoreError: They are not kept.
    """
    given, file = unkept.credentials, file_in(resolved.source)
    issuer = resolved.client_issuer
    credentials.save(context, resolved.name, given.client_id, given.client_secret, file=file, issuer=issuer)
