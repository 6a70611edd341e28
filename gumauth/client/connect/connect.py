"""Connecting an account: from a provider's class to a listed account with its record in the store.

Before the browser opens, everything that can fail without it has been tried: the folder, the store, the provider's
URL, the port. After the code has come, nothing that fails loses a token silently: it is stored, or it is revoked and
the error says so.
"""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

from gumauth.accounts.account import Account
from gumauth.accounts.references import holder
from gumauth.callback import Answer, Listener, Redirect
from gumauth.callback.pages import connected_page, failed_page
from gumauth.callback.port_lock import PortLock
from gumauth.callback.rejections import POSTED_FORM, Rejection
from gumauth.client import credentials, scopes
from gumauth.client.account_lock import prove_locks
from gumauth.client.connect import authorization
from gumauth.client.connect.afterwards import Afterwards
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.connect.keep import Granted, Keeper, called_so
from gumauth.client.connect.learning import learn_of_others
from gumauth.client.connect.pending_account import PendingAccount
from gumauth.client.context import Context
from gumauth.client.identity_request import (
    PATIENCE,
    UNASKED,
    Whose,
    read_identity,
    read_nickname,
    unknown,
)
from gumauth.client.prompts import Person
from gumauth.client.provider_calls.calls import ProviderCalls, awaitable
from gumauth.client.repair import repair
from gumauth.client.signals import GRACE
from gumauth.errors import (
    CallbackTimeout,
    EnvironmentFault,
    GumauthError,
    Interrupted,
    Temporary,
)
from gumauth.oauth2 import OAuth2Provider, token_extras
from gumauth.oauth2.identity import NONE
from gumauth.oauth2.token_response import ReadTokens, checked, scopes_of
from gumauth.oauth2.traits import Traits
from gumauth.platform.threads import in_thread
from gumauth.provider import TokenResponse
from gumauth.registry import facts_check
from gumauth.store.open import probe

HINT_AFTER = 15.0
"""Seconds of quiet before the wait explains itself."""


@dataclass(frozen=True, kw_only=True)
class Connected:
    """The account as it is now listed, and what the person should know about it."""

    account: Account
    notices: tuple[str, ...] = field(default=())


async def connect(context: Context, request: ConnectRequest, person: Person) -> Connected:
    """Connect an account, and list it.

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
    authorization.check_alias(request.alias)
    context.accounts.prepare(request.resolved.name)
    _mend(context, request.resolved.name)
    _check_free(context, request)
    prove_locks(context)
    await in_thread(probe, context.store())
    for sentence in credentials.blanks_in_words(context, request.resolved.name):
        person.say(sentence)
    calls = ProviderCalls(context, request.resolved)
    try:
        facts_check.check(request.resolved, calls.provider)
        request = _with_scopes(context, request, person, calls)
        return await _Connect(context, request, person, calls).run()
    finally:
        calls.close()


def _mend(context: Context, provider: str) -> None:
    """Write account files again that cannot be understood: a connect over one would leave its grant behind."""
    for _ in context.accounts.all(provider):
        pass
    if context.accounts.unreadable:
        repair(context)


def _check_free(context: Context, request: ConnectRequest) -> None:
    """Stop before the browser opens at an alias that is what an account is called without one."""
    if request.alias is None:
        return
    other = holder(request.alias, accounts := list(context.accounts.all(request.resolved.name)))
    if other is not None and all((a.alias or "").casefold() != request.alias.casefold() for a in accounts):
        raise called_so(other, request.alias)


def _with_scopes(context: Context, request: ConnectRequest, person: Person, calls: ProviderCalls) -> ConnectRequest:
    """The request with the scopes that the account asked for before, where none are named now."""
    if not request.scopes:
        same = [a for a in context.accounts.all(request.resolved.name) if a.source == request.resolved.source]
        before = scopes.asked_before(same, request.alias, context.clock())
        again = scopes.to_ask(before, calls.traits.scopes)
        if before is not None and again:
            person.say(f"Asking for the scopes of {before.label} again: {' '.join(again)}. --scope names others.")
            request = replace(request, scopes=again)
    authorization.use_scopes(calls.provider, request.scopes)
    return request


class _Connect:
    """One connect, from bind to page."""

    def __init__(self, context: Context, request: ConnectRequest, person: Person, calls: ProviderCalls) -> None:
        self.context, self.request, self.person, self.calls = context, request, person, calls
        self.notices: list[str] = []
        self.shown = calls.traits.title or request.resolved.name
        self.warming = calls.warm()

    async def run(self) -> Connected:
        keeper = await self._listen()
        try:
            await self._afterwards(keeper)
        finally:
            keeper.release()
        return Connected(account=keeper.account, notices=tuple(self.notices))

    async def _listen(self) -> Keeper:
        port_lock = PortLock(redirect_of(self.calls.traits), self.request.port)
        listener = await port_lock.bind(self.person.say, patience=self.request.timeout)
        try:
            sent = await self._prepare(listener)
            await self._check_client()
            self.person.show_url(sent.url, port=listener.port)
            self.person.open_url(sent.url)
            answer = await self._wait(listener)
            return await self._finish(listener, sent, answer)
        finally:
            await listener.close()

    async def _prepare(self, listener: Listener) -> authorization.Sent:
        state = secrets.token_urlsafe(32)
        # Not on this loop: a provider's code may take its time, and who asks at the port is answered meanwhile.
        url = await in_thread(self.calls.get_url, listener.redirect_uri, state)
        traits = self.calls.traits
        sent = authorization.read(
            url,
            resolved=self.request.resolved,
            state=state,
            redirect_uri=listener.redirect_uri,
            client_id=traits.client_id_param,
            scope=traits.scope_param,
        )
        listener.expect(authorization.expected(sent, traits, state), self._note)
        return sent

    async def _check_client(self) -> None:
        """Stop where no request could be made for the code; a provider that asks by itself may have its own way."""
        try:
            await self.calls.finish("warm", self.warming)
        except EnvironmentFault as fault:
            if issubclass(self.request.resolved.provider_class, OAuth2Provider):
                raise
            self.person.say(f"The provider's own requests may fail: {fault.message}")

    async def _wait(self, listener: Listener) -> Answer:
        paste = asyncio.create_task(self._paste(listener))
        hint = asyncio.create_task(self._hint())
        try:
            await asyncio.sleep(0)  # the paste is listened for before it is asked for, so that no code is echoed
            self.person.waiting()
            async with asyncio.timeout(self.request.timeout):
                return await listener.wait()
        except TimeoutError as error:
            ignored = listener.rejections_in_words()
            raise CallbackTimeout(
                f"Nobody came back from {self.shown} within {self.request.timeout:g} s."
                + (f" {ignored}" if ignored else ""),
                hint=self._registered(listener) + f"Run `gumauth connect {self.request.resolved.argument}` again.",
            ) from error
        finally:
            for task in (paste, hint):
                task.cancel()
            await asyncio.gather(paste, hint, return_exceptions=True)

    def _note(self, ignored: Rejection) -> None:
        if ignored is POSTED_FORM:
            self.person.say(authorization.form_came(self.shown))

    def _registered(self, listener: Listener) -> str:
        """What to register, should the provider have complained of it; empty where there is nothing to register."""
        if not self.calls.traits.register_redirect:
            return ""
        redirect = redirect_of(self.calls.traits)
        uri = listener.redirect_uri if redirect.ports or self.request.port else redirect.registered
        return f"If {self.shown} complained of the redirect URI, register {uri} there. "

    async def _paste(self, listener: Listener) -> None:
        async for text in self.person.pasted():
            reason = listener.offer(text)
            if reason is None:
                return
            self.person.say(f"That was not it: {reason}")

    async def _hint(self) -> None:
        await asyncio.sleep(HINT_AFTER)
        self.person.hint()

    async def _finish(self, listener: Listener, sent: authorization.Sent, answer: Answer) -> Keeper:
        try:
            keeper = await self._exchange(listener, sent, answer)
        except GumauthError as error:
            await listener.finish(failed_page(self.shown, error.message, error.hint))
            raise
        try:
            await self._list(listener, keeper)
        except BaseException:
            keeper.release()
            raise
        return keeper

    async def _list(self, listener: Listener, keeper: Keeper) -> None:
        try:
            await self._keep(keeper)
        except GumauthError as error:
            await listener.finish(failed_page(self.shown, error.message, error.hint))
            raise
        try:
            await listener.finish(connected_page(self.shown, keeper.account.nickname))
        except asyncio.CancelledError:
            # Left behind, the net would be listed beside the account, and be its provider's default.
            await self._to_the_end(asyncio.ensure_future(in_thread(keeper.let_go)))
            raise

    async def _exchange(self, listener: Listener, sent: authorization.Sent, answer: Answer) -> Keeper:
        if answer.code is None:
            error = authorization.refusal(self.shown, answer, self.calls.traits, sent)
            is_given = credentials.is_given(self.context, self.request.resolved.name)
            raise credentials.advised(error, self.request.resolved, given=is_given)
        pending = PendingAccount(self.context, self.request.resolved, sent.scopes)
        await in_thread(pending.begin)
        try:
            response = await self._response(answer.code, listener.redirect_uri)
        except BaseException:
            await self._to_the_end(asyncio.ensure_future(in_thread(pending.discard)))
            raise
        traits, granted = self.calls.traits, scopes_of(response.scope)
        self.notices += scopes.differences(sent.scopes, granted, scopes.echo_of(traits))
        self.calls.hide(response.access_token, response.refresh_token)
        beside = {**token_extras.kept(answer.kept, [answer.code]), **response.extras}
        self.notices += token_extras.lacking(traits, beside, self.shown)
        given = Granted(
            response=response,
            client_id=sent.client_id,
            requested=sent.scopes,
            extras=beside,
            refresh_expires_at=response.refresh_token_expires_at,
        )
        attended = self.person.attended
        return Keeper(self.context, self.request, self.calls, given, pending=pending, attended=attended)

    async def _response(self, code: str, redirect_uri: str) -> ReadTokens:
        future = self.calls.start("exchange", code, redirect_uri)
        source = self.request.resolved.source
        answer, now = await self._answer(future), self.context.clock()
        scheme = self.calls.traits.token_scheme
        response, warnings = checked(answer, method="exchange", source=source, now=now, secrets=[code], scheme=scheme)
        self.notices += warnings
        return response

    async def _answer(self, future: Future[Any]) -> Any:
        """The answer to the code, which is spent: after Ctrl-C it is waited for a moment longer."""
        try:
            return await self.calls.finish("exchange", future)
        except asyncio.CancelledError:
            self._interrupt()
            await asyncio.wait([awaitable(future)], timeout=GRACE)
            if not future.done():
                raise
            return future.result()

    async def _keep(self, keeper: Keeper) -> None:
        """Store at once, ask whose account it is meanwhile, and list it; to the end, also when Ctrl-C comes."""
        held = asyncio.ensure_future(in_thread(keeper.hold))
        whose = await self._whose(keeper.granted.response)
        await self._to_the_end(held)
        held.result()
        if not self.interrupted:
            learned = asyncio.ensure_future(in_thread(learn_of_others, self.context, self.request.resolved, whose))
            await self._to_the_end(learned)
            learned.result()
        kept = asyncio.ensure_future(in_thread(keeper.keep, whose))
        await self._to_the_end(kept)
        try:
            kept.result()
        except GumauthError as error:
            await in_thread(keeper.let_go)
            error.add(await in_thread(keeper.give_up))  # what became of the grant that could not be kept
            raise
        if self.interrupted:
            self._tell()
            await self._to_the_end(asyncio.ensure_future(in_thread(keeper.let_go)))
            raise Interrupted(f"Interrupted; {keeper.account.label} is connected.")
        if not keeper.kept_refresh_token:
            self.notices += authorization.lacking_refresh_token(keeper.granted.response, self.calls.traits)
        self.notices += keeper.notices

    async def _whose(self, response: TokenResponse) -> Whose:
        """Whose account it is; a token in hand is kept also where this cannot be told."""
        nickname, error = await self._ask("get_nickname", response.access_token)
        identity = _not_told(error)
        if self.calls.traits.has("get_identity") and not self.interrupted:
            # What does not answer one question is not waited for as long again.
            seconds = None if error is None else PATIENCE
            told, failure = await self._ask("get_identity", response.access_token, seconds=seconds)
            identity, odd = (_not_told(failure), ()) if failure else read_identity(told)
            self.notices += odd
            if error is not None and failure is None:
                # It answers again.
                nickname, error = await self._ask("get_nickname", response.access_token, seconds=PATIENCE)
        if error is not None:
            self.notices.append(unknown(self.shown, error))
        name, odd = read_nickname(nickname)
        self.notices += odd
        return UNASKED if self.interrupted else Whose(nickname=name, identity=identity)

    async def _ask(
        self, method: str, access_token: str, *, seconds: float | None = None
    ) -> tuple[Any, GumauthError | None]:
        """What a method says of a token, or why it says nothing."""
        future: Future[Any] = self.calls.start(method, access_token)
        try:
            return await self.calls.finish(method, future, seconds=seconds), None
        except asyncio.CancelledError:
            self._interrupt()
            return None, None
        except GumauthError as error:
            return None, error

    interrupted = False

    def _interrupt(self) -> None:
        if not self.interrupted:
            self.person.say("Interrupted: what has come, or is under way, is stored first.")
        self.interrupted = True

    async def _to_the_end(self, task: asyncio.Future[Any]) -> None:
        """Wait for a task, whatever it comes to; Ctrl-C is noted."""
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                self._interrupt()

    def _tell(self) -> None:
        """Say what there is to say so far; it is not said again at the end."""
        told, self.notices = self.notices, []
        for notice in told:
            self.person.say(notice)

    async def _afterwards(self, keeper: Keeper) -> None:
        """What the page need not wait for: the net is taken away, the person asked, and the older grant ended."""
        after = Afterwards(keeper, self.person, self.shown, self._tell)
        try:
            await in_thread(keeper.let_go)
            await after.run()
        except asyncio.CancelledError:
            self.notices += after.notices
            self._tell()
            raise Interrupted(f"Interrupted; {keeper.account.label} is connected.") from None
        self.notices += after.notices


def _not_told(error: GumauthError | None) -> str | None:
    """The identity where none was told: none at all, or unknown where the provider could not answer just now."""
    return None if isinstance(error, Temporary) else NONE


def redirect_of(traits: Traits) -> Redirect:
    """Where a provider lets the browser come back to.

    Raises:
        CallbackError: No browser could come back there.
        ProviderCodeError: An attribute is not of the kind that it has to be.
    """
    redirect = Redirect(host=traits.redirect_host, ports=traits.redirect_ports, path=traits.redirect_path)
    redirect.check()
    return redirect
