"""Calls a provider's methods: on a thread of their own, with a deadline and typed errors. Promise P4.

A provider file may block where it should await. On a thread, a method that hangs stops neither the callback page nor
the deadline nor Ctrl-C. The thread is a daemon, so that the program ends also where a method never returns.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from importlib import import_module
from typing import Any, TypeVar

from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.client.credentials import Credentials
from gumauth.client.provider_calls import last_response
from gumauth.client.provider_calls.environment import ContextExecutor, overlay
from gumauth.client.provider_calls.last_response import LastResponse
from gumauth.client.provider_calls.method_call import MethodCall
from gumauth.client.provider_calls.variables import for_methods
from gumauth.client.trace.step import step
from gumauth.errors import GumauthError, NetworkError
from gumauth.oauth2.http.listeners import Listener
from gumauth.oauth2.traits import Traits, traits_of
from gumauth.registry.foreign_code import output, raised
from gumauth.registry.foreign_code.hidden_secrets import secrets_in
from gumauth.registry.resolved import ResolvedProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.client.trace.trace import Step, Trace
    from gumauth.oauth2.traits import Method

T = TypeVar("T")

DEADLINE = 35.0
"""Seconds for one method. The requests of `OAuth2Provider` end after 30 s."""


class Gate(Listener):
    """Stops requests that must not be sent any more.

    Args:
        check: Raises where that is so.
    """

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check

    def sending(self, request: Any) -> None:  # noqa: ARG002
        """A request is about to be sent."""
        self._check()

    def writing(self, request: Any) -> None:  # noqa: ARG002
        """The connection is there, which may have taken its time."""
        self._check()


class ProviderCalls:
    """One provider object, and the thread on which its methods run.

    Args:
        context: Holds the environment and the stored credentials.
        resolved: Holds the provider's class.
        deadline: Seconds that one method may take.
        client_id: The client to which an account's tokens were issued; None for whichever client is found.
        otherwise: Gives the value of a variable that is set nowhere, by name; None for a variable that stays unset.

    Attributes:
        credentials: The client credentials with which the methods run; None where there are none.

    Raises:
        ProviderCodeError: The class cannot be instantiated.
        StoreError: The provider's credentials are in the store, and cannot be read.
        MissingCredentials: The stored credentials are another issuer's.
    """

    def __init__(
        self,
        context: Context,
        resolved: ResolvedProvider,
        *,
        deadline: float = DEADLINE,
        client_id: str | None = None,
        otherwise: Callable[[str], str | None] | None = None,
    ) -> None:
        self.resolved, self._context, self._deadline, self._otherwise = resolved, context, deadline, otherwise
        self._given = credentials.is_given(context, resolved.name)  # while a method runs, all variables look given
        self._secrets = {context.environ.get(credentials.variables(resolved.name)[1]) or ""}
        issuer = resolved.client_issuer
        self._run_with(
            credentials.find(context, resolved.name, lambda: resolved.argument, issuer=issuer, client_id=client_id)
        )
        self._heard: tuple[Step, ...] = ()
        if resolved.has_own_code:
            # Of the libraries that send its requests, those are heard that are imported before a method runs.
            import_module("gumauth.oauth2.http.client")
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(ContextExecutor(thread_name_prefix="provider"))
        self._thread = threading.Thread(target=self._run, name="provider", daemon=True)
        self._thread.start()
        try:
            self.provider: Any = self.now("__init__", resolved.provider_class)
            self._set_method()
        except BaseException:
            self.close()
            raise

    def use(self, found: Credentials) -> None:
        """Run the methods that are called from now on with other client credentials, such as newly registered ones."""
        self._run_with(found)
        self._set_method()

    def _run_with(self, found: Credentials | None) -> None:
        self.credentials = found
        self._environ = for_methods(self._context, self.resolved.name, found)
        # No error may repeat these: exceptions of foreign code hold what the code was given.
        self._secrets.add(self._environ.get(credentials.variables(self.resolved.name)[1]) or "")
        self._secrets.update(value for value in secrets_in(self._environ) if not os.path.isabs(value))

    def _set_method(self) -> None:
        """Let the provider object authenticate by the method that the server registered. Promise M26."""
        if self.credentials is not None and self.credentials.auth_method is not None:
            self.provider.client_auth = self.credentials.auth_method

    @property
    def traits(self) -> Traits:
        """What the provider object says of its service beyond the contract."""
        return traits_of(self.provider)

    @property
    def shows_ways(self) -> bool:
        """Whether the person wants to see the way of an error also where the error ends nothing."""
        return bool(self._context.environ.get("GUMAUTH_DEBUG"))

    def warm(self) -> Future[None]:
        """Prepare for the first request of the provider, in the background.

        Returns:
            Done when the client is ready; holds an EnvironmentFault where no request can be made.
        """
        from gumauth.oauth2.http import transport

        url = None if self.resolved.has_own_code else self.traits.token_endpoint

        async def run() -> None:
            with overlay(self._environ):
                await transport.warm(url)

        return asyncio.run_coroutine_threadsafe(run(), self._loop)

    def now(self, method: Method, function: Callable[..., T], *args: object) -> T:
        """The result of a synchronous function, which runs on the thread.

        Args:
            method: The method's name, for errors.
            function: Runs the method.
            args: The function's arguments.

        Raises:
            GumauthError: The function raised an exception, or did not end within the deadline.
        """

        async def run() -> T:
            return function(*args)

        return self.wait(method, self._submit(method, run))

    def get_url(self, redirect_uri: str, state: str) -> str:
        """The URL at which the person consents.

        Raises:
            ProviderCodeError: The method did not return a string.
            GumauthError: As for `now`.
        """
        self._secrets.add(state)
        url = self.now("get_url", self.provider.get_url, redirect_uri, state)
        if inspect.iscoroutine(url):
            url.close()  # the interpreter would warn that nothing awaited the coroutine
        if not isinstance(url, str):
            raise self._call("get_url").contract_error(f"returned {type(url).__name__} instead of a string")
        return url

    def show_url(self, url: str) -> None:
        """Show in the trace what `get_url` returned, where somebody is to open it: it is also called for the client."""
        with step(self._context.trace, "get_url", self._secrets) as heard:
            for each in heard:
                each.gave(url)

    def show_callback(self, fields: Mapping[str, str | None]) -> None:
        """Show in the trace what the browser brought back. Secret."""
        with step(self._context.trace, "callback", self._secrets) as heard:
            for each in heard:
                each.brought(fields)

    def start(self, method: Method, *args: str, before_sending: Callable[[], None] | None = None) -> Future[Any]:
        """Begin an asynchronous method.

        Args:
            method: The method's name.
            args: The method's arguments; the first is a secret, such as a code or a token, or an authorization URL.
            before_sending: Called before the method, and before each of its requests that an HTTP library we know is
                about to send; raises where it must not be sent.

        Returns:
            Holds the result, or a GumauthError.
        """
        self._secrets.update(_secret_in(method, args))

        gates = () if before_sending is None else (Gate(before_sending),)

        async def run() -> Any:
            for gate in gates:
                gate.sending(None)
            result = getattr(self.provider, method)(*args)
            if not inspect.isawaitable(result):
                raise self._call(method).contract_error("is not `async def`, as the contract says")
            return await result

        return self._submit(method, run, "".join(args[:1]), *gates)

    def call(self, method: Method, *args: str) -> Any:
        """The result of an asynchronous method; the arguments are those of `start`.

        Raises:
            GumauthError: The method raised an exception, or did not end within the deadline.
        """
        return self.wait(method, self.start(method, *args))

    def hide(self, *secrets: str | None) -> None:
        """Remove further secrets, which the provider knows, from the errors of its methods."""
        self._secrets.update(filter(None, secrets))

    @property
    def patience(self) -> float:
        """Seconds after which a method is late, whether it can be cancelled or not."""
        return self._deadline + 1

    def wait(self, method: Method, future: Future[T], *, seconds: float | None = None) -> T:
        """The result of a method that `start` began.

        Args:
            method: The method's name.
            future: The future that `start` returned.
            seconds: How long to wait; None for `patience`.

        Raises:
            GumauthError: As for `call`.
        """
        try:
            return future.result(self.patience if seconds is None else seconds)
        except FutureTimeout as error:
            raise self._left_behind(method) from error

    async def finish(self, method: Method, future: Future[T], *, seconds: float | None = None) -> T:
        """`wait` for an event loop.

        Raises:
            GumauthError: As for `call`.
        """
        limit = self.patience if seconds is None else seconds
        try:
            return await asyncio.wait_for(asyncio.shield(awaitable(future)), limit)
        except TimeoutError as error:
            raise self._left_behind(method) from error

    def close(self) -> None:
        """Close the connections and end the thread; a method that hangs is left behind."""
        from gumauth.oauth2.http import transport

        future = asyncio.run_coroutine_threadsafe(transport.close(), self._loop)
        try:
            future.result(0.5)
        except (FutureTimeout, OSError, RuntimeError):
            pass
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(0.2)

    def _run(self) -> None:
        with output.without_warnings(), contextlib.closing(self._loop):
            self._loop.set_exception_handler(_ignore)
            self._loop.run_forever()
            self._loop.run_until_complete(_cancel_the_rest())
            # A response that a method left half read would complain on standard error when the program ends.
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())

    def _submit(
        self, method: Method, run: Callable[[], Coroutine[Any, Any, T]], about: str = "", *gates: Gate
    ) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(self._guard(method, run, about, gates), self._loop)

    async def _guard(self, method: Method, run: Callable[[], Awaitable[T]], about: str, gates: tuple[Gate, ...]) -> T:
        with (
            overlay(self._environ, otherwise=self._otherwise),
            step(self._trace_of(method), method, self._secrets) as heard,
            last_response.recorded(about, *gates, *heard) as last,
        ):
            self._heard = heard
            limit = asyncio.timeout(self._deadline)
            try:
                async with limit:
                    result = await run()
                for each in heard if method != "get_url" else ():
                    each.gave(result)
                return self._checked(method, result, last)
            except GeneratorExit:
                raise
            except BaseException as error:  # foreign code may raise anything, also what is no Exception
                if limit.expired():
                    raise self._late(method) from error
                if _is_ours(error):
                    raise
                from gumauth.client.provider_calls import failures

                known = failures.translated(self._call(method), error, last)
                known = self._advised(known)
                raised.close_coroutines(error)
            raise known  # outside of `except`, so that `known` does not refer to `error`

    def _trace_of(self, method: Method) -> Trace | None:
        """Who hears of a method's requests; of what gumauth does by itself there is nothing to be told."""
        return None if method in ("__init__", "warm") else self._context.trace

    def _checked(self, method: Method, result: T, last: LastResponse) -> T:
        """The result; an error where the result is useless because the provider refused the request."""
        if last.response is not None:
            from gumauth.client.provider_calls import failures

            failures.check(self._call(method), result, last)
        return result

    def _call(self, method: Method) -> MethodCall:
        return MethodCall(resolved=self.resolved, method=method, secrets=self._secrets)

    def _advised(self, error: GumauthError) -> GumauthError:
        registered = self.credentials is not None and self.credentials.is_registered
        return credentials.advised(error, self.resolved, given=self._given, registered=registered)

    def _left_behind(self, method: Method) -> NetworkError:
        """The error for a method that blocks its thread, with what it has sent."""
        error = self._late(method)
        error.way = tuple(line for each in self._heard for line in each.end())
        return error

    def _late(self, method: Method) -> NetworkError:
        return self._call(method).deadline_error(self._deadline)


def _secret_in(method: Method, args: tuple[str, ...]) -> list[str]:
    """The secret of a method's arguments: of an authorization URL the state, for its host and scopes may be told."""
    if method != "push_request":
        return list(args[:1])
    from urllib.parse import parse_qs, urlsplit

    try:
        return parse_qs(urlsplit(args[0]).query).get("state", [])
    except ValueError:
        return list(args[:1])


def awaitable(future: Future[T]) -> asyncio.Future[T]:
    """A method's future for an event loop. If the loop stops waiting, asyncio reports no later error of the method."""
    waited_for = asyncio.wrap_future(future)
    waited_for.add_done_callback(lambda done: done.cancelled() or done.exception())
    return waited_for


def _ignore(_loop: asyncio.AbstractEventLoop, _context: dict[str, Any]) -> None:
    """Say nothing of a failed task that a method left behind: asyncio would print the error, with secrets in it."""


def _is_ours(error: BaseException) -> bool:
    """Whether the end of the loop cancels this task; the provider's code may raise a CancelledError of its own."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


async def _cancel_the_rest() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
