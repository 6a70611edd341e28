"""The authorization code flow: the person consents in a browser, which brings a code to a port of this machine.

Before the browser opens, everything that can fail without it has been tried: the port, the provider's URL, the
provider's own requests.

Source: RFC 6749 §4.1, RFC 8252 §7.3.
"""

from __future__ import annotations

import asyncio
import secrets

from gumauth.accounts.account import Account
from gumauth.callback import Answer, Listener, Redirect
from gumauth.callback.pages import connected_page, failed_page
from gumauth.callback.port_lock import PortLock
from gumauth.callback.rejections import CERTIFICATE_REFUSED, POSTED_FORM, Rejection
from gumauth.client import credentials
from gumauth.client.connect import authorization
from gumauth.client.connect.authorization import AuthorizationRequest
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.connect.flow import Outcome
from gumauth.client.connect.grant import Grant
from gumauth.client.connect.token_request import TokenRequest
from gumauth.client.context import Context
from gumauth.client.prompts import Prompts
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import CallbackTimeout, EnvironmentFault, GumauthError, PortInUse
from gumauth.oauth2 import OAuth2Provider
from gumauth.oauth2.traits import Traits
from gumauth.oauth2.urls import safe_url
from gumauth.platform.frozen import replace
from gumauth.platform.threads import in_thread

HINT_AFTER = 15.0
"""Seconds of quiet before the wait explains itself."""


class AuthorizationCode:
    """The flow of one connect, from the bound port to the page in the browser. For its arguments see `Flow`."""

    def __init__(
        self, context: Context, request: ConnectRequest, calls: ProviderCalls, prompts: Prompts, shown: str
    ) -> None:
        self._context, self._request, self._calls, self._prompts, self._shown = context, request, calls, prompts, shown
        self._warming = calls.warm()
        self._listener: Listener | None = None
        self._has_answer = False

    async def obtain(self, tokens: TokenRequest) -> Grant:
        """The grant that the person consents to.

        Raises:
            PortInUse: The port is taken.
            MissingCredentials: The provider needs a client id that is nowhere; nothing was opened.
            EnvironmentFault: No request can be made; nothing was opened.
            TokenEndpointError: The provider refused the request that was pushed to it; nothing was opened.
            CallbackTimeout: Nobody came back.
            Denied: The person or the provider said no.
            ProviderCodeError: The provider's code does not keep the contract.
        """
        self._listener = listener = await self._bind()
        if self._request.client is not None:
            self._calls.use(await self._request.client.obtain(listener.redirect_uri))
        sent = await self._prepare(listener)
        await self._check_client()
        self._show_details(sent, listener)
        url = await self._pushed(sent.url)
        if listener.fingerprint is not None:
            self._prompts.show_certificate(listener.fingerprint, redirect_uri=listener.redirect_uri)
        self._prompts.show_url(url, port=listener.port)
        self._prompts.open_url(url)
        answer = await self._wait(listener)
        self._has_answer = True
        told = {"code": answer.code, "error": answer.error, "error_description": answer.description}
        self._calls.show_callback({**told, **answer.kept})
        if answer.code is None:
            error = authorization.error_of(self._shown, answer, self._calls.traits, sent)
            is_given = credentials.is_given(self._context, self._request.resolved.name)
            raise credentials.advised(error, self._request.resolved, given=is_given)
        return await tokens.send(
            "exchange",
            answer.code,
            listener.redirect_uri,
            client_id=sent.client_id,
            requested=sent.scopes,
            came_along=answer.kept,
        )

    async def finish(self, outcome: Outcome) -> None:
        """Show the page to the browser that brought the answer, and close the port within a second. Promise C8."""
        if self._listener is None:
            return
        try:
            if isinstance(outcome, Account):
                await self._listener.finish(connected_page(self._shown, outcome.nickname))
            elif isinstance(outcome, GumauthError) and self._has_answer:
                await self._listener.finish(failed_page(self._shown, outcome.message, outcome.hint))
        finally:
            await self._listener.close()

    async def _bind(self) -> Listener:
        """The listener; where another program holds the ports of a client that may have others, on any port."""
        redirect, port, client = redirect_of(self._calls.traits), self._request.port, self._request.client
        say, patience = self._prompts.say, self._request.timeout
        if client is None or port is not None:
            return await PortLock(redirect, port).bind(say, patience=patience)
        try:
            ports = await in_thread(lambda: client.ports)
            return await PortLock(replace(redirect, ports=ports), None).bind(say, patience=patience)
        except PortInUse:
            if not client.any_port:
                raise
            return await PortLock(replace(redirect, ports=()), None).bind(say, patience=patience)

    def _show_details(self, sent: AuthorizationRequest, listener: Listener) -> None:
        """Show what is about to be connected, where the person has not registered it themselves."""
        if self._request.client is None:
            return
        scopes, uri = " ".join(sent.scopes) or "none in particular", listener.redirect_uri
        self._prompts.show_details([*self._request.client.details(), ("Scopes", scopes), ("Redirect URI", uri)])

    async def _prepare(self, listener: Listener) -> AuthorizationRequest:
        state = secrets.token_urlsafe(32)
        # Not on this loop: a provider's code may take its time, and who asks at the port is answered meanwhile.
        url = await in_thread(self._calls.get_url, listener.redirect_uri, state)
        self._calls.show_url(url)
        resolved, traits = self._request.resolved, self._calls.traits
        sent = authorization.read(
            url, resolved=resolved, traits=traits, state=state, redirect_uri=listener.redirect_uri
        )
        listener.expect(authorization.expected(sent, traits, state), self._note)
        return sent

    def _note(self, rejection: Rejection) -> None:
        if rejection is POSTED_FORM:
            self._prompts.say(authorization.form_came(self._shown))

    async def _check_client(self) -> None:
        """Stop where no request could be made for the code; a provider that asks by itself may have its own way."""
        try:
            await self._calls.finish("warm", self._warming)
        except EnvironmentFault as fault:
            if issubclass(self._request.resolved.provider_class, OAuth2Provider):
                raise
            self._prompts.say(f"The provider's own requests may fail: {fault.message}")

    async def _pushed(self, url: str) -> str:
        """The URL to open: where the service takes pushed requests, the one with the reference. Source: RFC 9126 §4."""
        traits = self._calls.traits
        if traits.par_url is None or not traits.has("push_request"):
            return url
        # A provider file may return anything: what is no text is no URL either.
        return safe_url(str(await self._calls.finish("push_request", self._calls.start("push_request", url))))

    async def _wait(self, listener: Listener) -> Answer:
        """The answer to the authorization request, from the browser or from a paste. Promises C9, C12."""
        paste = asyncio.create_task(self._paste(listener))
        hint = asyncio.create_task(self._hint())
        try:
            await asyncio.sleep(0)  # the paste is listened for before it is asked for, so that no code is echoed
            self._prompts.waiting()
            async with asyncio.timeout(self._request.timeout):
                return await listener.wait()
        except TimeoutError as error:
            rejections = listener.rejections_in_words()
            raise CallbackTimeout(
                f"Nobody came back from {self._shown} within {self._request.timeout:g} s."
                + (f" {rejections}" if rejections else ""),
                hint=self._what_was_wrong(listener) + f"Run `gumauth connect {self._request.resolved.argument}` again.",
            ) from error
        finally:
            for task in (paste, hint):
                task.cancel()
            await asyncio.gather(paste, hint, return_exceptions=True)

    def _what_was_wrong(self, listener: Listener) -> str:
        """What to press, where the browser came and warned; else what to register, should the provider complain."""
        if listener.rejections[CERTIFICATE_REFUSED.reason]:
            return "At the browser's warning press Advanced, then Proceed. "
        if not self._calls.traits.register_redirect or self._request.client is not None:
            return ""
        redirect = redirect_of(self._calls.traits)
        uri = listener.redirect_uri if redirect.ports or self._request.port else redirect.registered
        return f"If {self._shown} complained of the redirect URI, register {uri} there. "

    async def _paste(self, listener: Listener) -> None:
        async for text in self._prompts.pasted():
            reason = listener.offer(text)
            if reason is None:
                return
            self._prompts.say(f"That was not it: {reason}")

    async def _hint(self) -> None:
        await asyncio.sleep(HINT_AFTER)
        self._prompts.hint()


def redirect_of(traits: Traits) -> Redirect:
    """Where a provider lets the browser come back to.

    Raises:
        CallbackError: No browser could come back there.
        ProviderCodeError: An attribute is not of the kind that it has to be.
    """
    redirect = Redirect(
        host=traits.redirect_host, ports=traits.redirect_ports, path=traits.redirect_path, tls=traits.redirect_tls
    )
    redirect.check()
    return redirect
