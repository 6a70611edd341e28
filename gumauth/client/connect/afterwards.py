"""What is left to do once an account is connected: questions that only the person can answer, and the older grant.

Nothing waits for it: the new tokens are stored and listed, and the page in the browser says so.
"""

from __future__ import annotations

from collections.abc import Callable

from gumauth.accounts.account import Account
from gumauth.accounts.lock import AccountLock
from gumauth.accounts.record import Record
from gumauth.client.account_lock import account_lock
from gumauth.client.account_match import is_alive
from gumauth.client.connect.keep import Keeper, call, give_name_up
from gumauth.client.connect.unkept_credentials import keep, unkept
from gumauth.client.context import Context
from gumauth.client.prompts import Person
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.client.revoke_request import end_grant
from gumauth.errors import GumauthError
from gumauth.platform.threads import in_thread


class Afterwards:
    """What comes after the page.

    Args:
        keeper: What has been kept. Its `account` is the connected one, as it is listed at the end.
        person: Is asked.
        shown: What people call the provider.
        tell: Says what there is to say of the connect so far, before something is asked.
    """

    def __init__(self, keeper: Keeper, person: Person, shown: str, tell: Callable[[], None]) -> None:
        self._keeper, self._person, self._shown, self._tell = keeper, person, shown, tell
        self.notices: list[str] = []

    async def run(self) -> None:
        """Ask what is to be asked, do what was agreed to, and end the older grant where nothing else ends with it."""
        keeper = self._keeper
        if keeper.presumed is not None:
            await self._same_again(keeper.presumed)
        if keeper.renamed_from is not None:
            await self._call_otherwise(keeper.renamed_from)
        if keeper.wanted_from is not None and keeper.wanted_from.id != keeper.account.id:
            await self._take_alias(keeper.wanted_from)
        if keeper.replaced is not None:
            await self._end_older(*keeper.replaced)
        await self._keep_credentials()

    async def _agrees(self, question: str, *, usually: bool) -> bool:
        if self._person.attended:
            self._tell()
        return await self._person.agree(question, usually=usually)

    async def _same_again(self, old: Account) -> None:
        who = f" ({old.nickname})" if old.nickname and old.alias else ""
        told = "only a nickname" if self._keeper.whose.nickname else "not whose account this is"
        question = f"{self._shown} tells {told}. Is it {old.label}{who} again, whose tokens the new ones replace?"
        if await self._agrees(question, usually=False):
            await self._try(f"{old.label} stays beside it", self._keeper.become, old)

    async def _call_otherwise(self, old: Account) -> None:
        wanted = f"{old.provider}/{self._keeper.request.alias}"
        if await self._agrees(f"This is {old.label} again. Call it {wanted} from now on?", usually=True):
            await self._try(f"It is not called {wanted}", self._rename)

    async def _take_alias(self, other: Account) -> None:
        name = self._keeper.account.nickname or self._keeper.account.label
        question = f"{other.label} is the account of {other.nickname or 'somebody else'}. Give this name to {name}?"
        if await self._agrees(question, usually=False):
            await self._try(f"{other.label} keeps its name", self._take, other)

    async def _try(self, otherwise: str, *act: object) -> None:
        try:
            await in_thread(*act)
        except GumauthError as error:
            self.notices.append(f"{otherwise}: {error.message}")

    async def _end_older(self, old: Account, record: Record) -> None:
        """End the grant that was replaced, where the service keeps grants apart and the new token works."""
        keeper = self._keeper
        if not is_alive(old) or keeper.kept_refresh_token or not keeper.is_sure:
            return
        if not keeper.calls.traits.separate_grants:
            return
        question = f"End the older grant of {keeper.account.label} at {self._shown}?"
        if self._person.attended and not await self._agrees(question, usually=True):
            return
        try:
            await in_thread(end_older, keeper.context, keeper.calls, keeper.account, record)
            self.notices.append(f"The older grant of {old.label} was ended.")
        except GumauthError as error:
            self.notices.append(f"The older grant could not be ended: {error.message}")

    async def _keep_credentials(self) -> None:
        """Offer to keep client credentials that only this shell has; where they stay so, say it."""
        request, context = self._keeper.request, self._keeper.context
        those = None
        if request.origin is not None:
            those = await in_thread(unkept, context, request.resolved, request.origin)
        if those is None:
            return
        if self._person.attended and await self._agrees(those.question, usually=not those.instead):
            try:
                await in_thread(keep, context, request.resolved, those)
                self.notices.append(f"Kept in {those.store}.")
                return
            except GumauthError as error:
                self.notices.append(f"They were not kept: {error.message}")
        self.notices.append(those.warning)

    def _rename(self) -> None:
        with self._naming():
            self._call()

    def _take(self, other: Account) -> None:
        with self._naming():
            now = give_name_up(self._keeper.context, other, self._keeper.account)
            self._call()
        if now is not None:
            self.notices.append(f"The account that was {other.label} is called {now.label} now.")

    def _naming(self) -> AccountLock:
        return account_lock(self._keeper.context, f"{self._keeper.account.provider}/connect")

    def _call(self) -> None:
        """Give the connected account the alias that was asked for."""
        keeper = self._keeper
        with account_lock(keeper.context, keeper.account.key):
            keeper.account = call(keeper.context, keeper.account, keeper.request.alias)


def end_older(context: Context, calls: ProviderCalls, account: Account, record: Record) -> None:
    """End an older grant, after the new token has been seen to work.

    Args:
        context: Folders, clock, environment.
        calls: The provider.
        account: The connected one.
        record: With the older tokens.

    Raises:
        GumauthError: The new token was not seen to work, or the older grant could not be ended, and lives on.
    """
    new = context.records(account.store).read(account)
    works = calls.call("is_active", new.access_token) if calls.traits.has("is_active") else bool(account.nickname)
    if works is not True:
        raise GumauthError("it was not tried, because the new token has not been seen to work.")
    end_grant(calls, record, now=context.clock(), can_look=account.nickname is not None)
