"""What is left to do once an account is connected: questions that only the person can answer, and the older grant.

Nothing waits for it: the new tokens are stored and listed, and the page in the browser says so.
"""

from __future__ import annotations

from collections.abc import Callable

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.client.account_match import is_alive
from gumauth.client.connect import unkept_credentials
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.connect.grant_end import end_older
from gumauth.client.connect.pending_account import PendingAccount
from gumauth.client.identity_request import PATIENCE
from gumauth.client.prompts import Prompts
from gumauth.errors import GumauthError
from gumauth.oauth2.discovery.service import Service
from gumauth.platform.text import one_line
from gumauth.platform.threads import in_thread


class Afterwards:
    """The end of one connect, after the page.

    Args:
        pending: The connected account. Its `account` is the account as it is listed at the end.
        request: For the provider, and where its client credentials come from.
        prompts: Ask the person.
        shown: What people call the provider.
        tell: Says what there is to say of the connect so far, before something is asked.
    """

    def __init__(
        self, pending: PendingAccount, request: ConnectRequest, prompts: Prompts, shown: str, tell: Callable[[], None]
    ) -> None:
        self._pending, self._request, self._prompts, self._shown, self._tell = pending, request, prompts, shown, tell
        self.notices: list[str] = []

    async def run(self) -> None:
        """Ask what is to be asked, do what was agreed to, and end the older grant where nothing else ends with it."""
        pending, decision = self._pending, self._pending.decision
        if decision.presumed is not None:
            await self._same_again(decision.presumed)
        if decision.renamed_from is not None:
            await self._call_otherwise(decision.renamed_from)
        if decision.wanted_from is not None and decision.wanted_from.id != pending.account.id:
            await self._take_alias(decision.wanted_from)
        if pending.replaced is not None:
            await self._end_older(*pending.replaced)
        await self._keep_credentials()
        await self._try_token()

    async def _agrees(self, question: str, *, usually: bool) -> bool:
        if self._prompts.attended:
            self._tell()
        return await self._prompts.agree(question, usually=usually)

    async def _same_again(self, old: Account) -> None:
        who = f" ({old.nickname})" if old.nickname and old.alias else ""
        told = "only a nickname" if self._pending.login.whose.nickname else "not whose account this is"
        question = f"{self._shown} tells {told}. Is it {old.label}{who} again, whose tokens the new ones replace?"
        # A resource that is discovered tells its own name, the same of everybody: one account of it is likely the same.
        likely = self._pending.calls.traits.discovered is not None and len(self._pending.decision.others) <= 1
        if await self._agrees(question, usually=likely):
            await self._try(f"{old.label} stays beside it", self._pending.merge_into, old)

    async def _call_otherwise(self, old: Account) -> None:
        wanted = f"{old.provider}/{self._pending.login.alias}"
        if await self._agrees(f"This is {old.label} again. Call it {wanted} from now on?", usually=True):
            await self._try(f"It is not called {wanted}", self._pending.give_alias)

    async def _take_alias(self, other: Account) -> None:
        name = self._pending.account.nickname or self._pending.account.label
        question = f"{other.label} is the account of {other.nickname or 'somebody else'}. Give this name to {name}?"
        if await self._agrees(question, usually=False):
            await self._try(f"{other.label} keeps its name", self._pending.give_alias, other)

    async def _try(self, otherwise: str, act: Callable[..., list[str] | None], *arguments: Account) -> None:
        try:
            self.notices += await in_thread(act, *arguments) or []
        except GumauthError as error:
            self.notices.append(f"{otherwise}: {error.message}")

    async def _end_older(self, old: Account, record: Record) -> None:
        """End the grant that was replaced, where the service keeps grants apart and the new token works."""
        pending = self._pending
        if not is_alive(old) or pending.kept_refresh_token or not pending.is_sure or pending.account.is_of_client:
            return
        if not pending.calls.traits.separate_grants:
            return
        question = f"End the older grant of {pending.account.label} at {self._shown}?"
        if self._prompts.attended and not await self._agrees(question, usually=True):
            return
        try:
            await in_thread(end_older, pending, record)
            self.notices.append(f"The older grant of {old.label} was ended.")
        except GumauthError as error:
            self.notices.append(f"The older grant could not be ended: {error.message}")

    async def _keep_credentials(self) -> None:
        """Offer to keep client credentials that only this shell has; where they are not kept, say so."""
        request, context = self._request, self._pending.context
        if request.origin is None:
            return
        unkept = await in_thread(unkept_credentials.find, context, request.resolved, request.origin)
        if unkept is None:
            return
        if self._prompts.attended and await self._agrees(unkept.question, usually=not unkept.has_others):
            try:
                await in_thread(unkept_credentials.save, context, request.resolved, unkept)
                self.notices.append(f"Kept in {unkept.store}.")
                return
            except GumauthError as error:
                self.notices.append(f"They were not kept: {error.message}")
        self.notices.append(unkept.warning)

    async def _try_token(self) -> None:
        """Show the new token once to the resource that was connected, and say so where that refuses it. Promise M45."""
        pending, calls = self._pending, self._pending.calls
        service = calls.traits.discovered
        if service is None or not service.has_resource:
            return
        asked = calls.start("is_active", pending.grant.response.access_token)
        try:
            works = await calls.finish("is_active", asked, seconds=PATIENCE)
        except GumauthError:
            return  # it cannot be told now; a program that uses the token is told by the service itself
        if works is False:
            self.notices.append(_refused_token(service, pending.account.argument))


def _refused_token(service: Service, argument: str) -> str:
    without = f"`gumauth connect {argument} --no-resource` asks without `resource`, and " if service.resource else ""
    what = f"{one_line(service.url, 300)} refuses the new token, although {one_line(service.issuer, 300)} issued it."
    return (
        f"{what} If it stays so: {without}`--issuer URL` names another issuer. The account is connected all the same."
    )
