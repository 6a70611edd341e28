"""Connecting an account: from a provider's class to a listed account with its record in the store.

Before the browser opens, everything that can fail without it has been tried: the folder, the store, the provider's
URL, the port. After the code has come, nothing that fails loses a token silently: it is stored, or it is revoked and
the error says so.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from gumauth.accounts.account import CLIENT_CREDENTIALS, Account
from gumauth.client import aliases, credentials, scopes
from gumauth.client.account_match import Login
from gumauth.client.connect.afterwards import Afterwards
from gumauth.client.connect.authorization_code import AuthorizationCode
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.connect.flow import Flow
from gumauth.client.connect.grant import Grant
from gumauth.client.connect.grant_end import end_unkept
from gumauth.client.connect.interruption import Interruption
from gumauth.client.connect.learning import learn_of_others
from gumauth.client.connect.notices import notices_of
from gumauth.client.connect.pending_account import PendingAccount
from gumauth.client.connect.token_request import TokenRequest
from gumauth.client.connect.whose_account import ask as ask_whose
from gumauth.client.context import Context
from gumauth.client.identity_request import Whose, whose_client
from gumauth.client.prompts import Prompts
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import GumauthError, Interrupted
from gumauth.platform.threads import in_thread
from gumauth.registry import facts_check
from gumauth.store.open import probe


@dataclass(frozen=True, kw_only=True)
class Connected:
    """The account as it is now listed, and what the person should know about it."""

    account: Account
    notices: tuple[str, ...] = field(default=())


async def connect(
    context: Context, request: ConnectRequest, prompts: Prompts, flow: type[Flow] = AuthorizationCode
) -> Connected:
    """Connect an account, and list it. Promises K4, L3.

    Args:
        context: Folders, clock, environment.
        request: What the person wants.
        prompts: What is shown to the person and asked of them.
        flow: How the grant is obtained.

    Raises:
        MissingCredentials: The provider needs a client id that is nowhere; nothing was opened.
        EnvironmentFault: No request can be made; nothing was opened.
        HomeError: The folder cannot be used; nothing was opened.
        UsageError: The alias or the scopes cannot be had with this provider.
        PortInUse: The port is taken.
        StoreError: Tokens could not be kept: found before the browser opened, or the new grant was revoked.
        Denied: The person or the provider said no.
        CallbackTimeout: Nobody came back.
        AccountConflict: The alias is another person's, or what another account is called.
        ProviderCodeError: The provider's code does not keep the contract.
    """
    aliases.check_alias(request.alias)
    context.accounts.prepare(request.resolved.name)
    aliases.check_free(request.alias, context.accounts.all(request.resolved.name))
    context.accounts.prove_locks()
    await in_thread(probe, context.store())
    for sentence in credentials.blanks_taken_off(context, request.resolved.name):
        prompts.say(sentence)
    calls = ProviderCalls(context, request.resolved)
    try:
        facts_check.check(request.resolved, calls.provider)
        request = _with_scopes(context, request, prompts, calls)
        return await _Connect(context, request, prompts, calls, flow).run()
    finally:
        calls.close()


def _with_scopes(context: Context, request: ConnectRequest, prompts: Prompts, calls: ProviderCalls) -> ConnectRequest:
    """The request with the scopes that the account asked for before, where none are named now."""
    if not request.scopes:
        alike = (request.resolved.source, request.grant_type)
        same = [
            a for a in context.accounts.all(request.resolved.name) if (a.source, a.grant_type) == alike and not a.is_key
        ]
        before = scopes.asked_before(same, request.alias, context.clock())
        usual = calls.traits.scopes if request.grant_type is None else calls.traits.client_scopes
        again = scopes.to_ask(before, usual)
        if request.added_scopes:
            so_far = before.requested_scopes if before is not None else usual or ()
            request = replace(request, scopes=tuple(dict.fromkeys([*so_far, *request.added_scopes])))
        elif before is not None and again:
            prompts.say(f"Asking for the scopes of {before.label} again: {' '.join(again)}. --scope names others.")
            request = replace(request, scopes=again)
    scopes.use(calls.provider, request.scopes)
    return request


class _Connect:
    """One connect: a grant is obtained, kept and told, and what can wait is done afterwards."""

    def __init__(
        self, context: Context, request: ConnectRequest, prompts: Prompts, calls: ProviderCalls, flow: type[Flow]
    ) -> None:
        self.context, self.request, self.prompts, self.calls = context, request, prompts, calls
        self.notices: list[str] = []
        self.shown = calls.traits.title or request.resolved.name
        self.interruption = Interruption(prompts.say)
        self.pending = PendingAccount(context, calls, scopes_chosen=bool(request.scopes), grant_type=request.grant_type)
        self.flow = flow(context, request, calls, prompts, self.shown)

    async def run(self) -> Connected:
        try:
            try:
                await self._keep(await self._obtain())
            except BaseException as error:
                await self.flow.finish(error)
                raise
            await self._show()
            await self._afterwards()
        finally:
            self.pending.release()
        return Connected(account=self.pending.account, notices=tuple(self.notices))

    async def _obtain(self) -> Grant:
        tokens = TokenRequest(self.context, self.calls, self.pending, self.interruption, self.shown)
        try:
            return await self.flow.obtain(tokens)
        except BaseException:
            await self.interruption.to_the_end(in_thread(self.pending.discard))
            raise

    async def _keep(self, grant: Grant) -> None:
        """Store at once, ask whose account it is meanwhile, and list it; to the end, also when Ctrl-C comes."""
        self.notices += grant.notices
        saving = asyncio.ensure_future(in_thread(self.pending.save, grant))
        whose = await self._whose(grant)
        self.notices += whose.notices
        await self.interruption.to_the_end(saving)
        if not self.interruption.heard:
            await self.interruption.to_the_end(in_thread(learn_of_others, self.context, self.request.resolved, whose))
        try:
            await self.interruption.to_the_end(in_thread(self.pending.commit, grant, self._login(grant, whose)))
        except GumauthError as error:
            await in_thread(self.pending.discard)
            error.add(await in_thread(end_unkept, self.pending))  # what became of the grant that could not be kept
            raise
        if self.interruption.heard:
            self._tell()
            await self.interruption.to_the_end(in_thread(self.pending.discard))
            raise Interrupted(f"Interrupted; {self.pending.account.label} is connected.")
        if not self.pending.kept_refresh_token and not self.pending.account.is_of_client:
            self.notices += grant.lacks_refresh_token(self.calls.traits)
        self.notices += notices_of(self.pending)

    async def _whose(self, grant: Grant) -> Whose:
        if self.request.grant_type == CLIENT_CREDENTIALS:
            return whose_client(self.calls.traits, grant.client_id or "")
        return await ask_whose(self.calls, grant.response.access_token, self.interruption, self.shown)

    def _login(self, grant: Grant, whose: Whose) -> Login:
        return Login(
            whose=whose,
            alias=self.request.alias,
            source=self.request.resolved.source,
            has_refresh_token=bool(grant.response.refresh_token),
            replaces=self.request.replace,
            attended=self.prompts.attended,
        )

    async def _show(self) -> None:
        try:
            await self.flow.finish(self.pending.account)
        except asyncio.CancelledError:
            # Left behind, the account without a name would be listed beside this one, and be its provider's default.
            await self.interruption.to_the_end(in_thread(self.pending.discard))
            raise

    async def _afterwards(self) -> None:
        """What the page need not wait for: the person is asked, and the older grant ended."""
        after = Afterwards(self.pending, self.request, self.prompts, self.shown, self._tell)
        try:
            await in_thread(self.pending.discard)
            await after.run()
        except asyncio.CancelledError:
            self.notices += after.notices
            self._tell()
            raise Interrupted(f"Interrupted; {self.pending.account.label} is connected.") from None
        self.notices += after.notices

    def _tell(self) -> None:
        """Say what there is to say so far; it is not said again at the end."""
        told, self.notices = self.notices, []
        for notice in told:
            self.prompts.say(notice)
