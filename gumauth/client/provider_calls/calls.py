"""Calling a provider's methods, whoever wrote them: on a thread of their own, with a deadline and typed errors.

A thread, because a provider file may block where it should await; a hanging one must not stop the callback page, the
deadline or Ctrl-C. The thread is a daemon: what does not come back is left behind when the program ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.client.provider_calls import errors, last_response
from gumauth.client.provider_calls.environment import CarryingExecutor, lend
from gumauth.client.provider_calls.last_response import LastAnswer
from gumauth.client.provider_calls.lent_credentials import for_methods
from gumauth.errors import NetworkError, ProviderCodeError
from gumauth.oauth2.traits import Traits, traits_of
from gumauth.registry.foreign_code import output, raised
from gumauth.registry.foreign_code.hidden_secrets import secrets_in
from gumauth.registry.resolved import ResolvedProvider

T = TypeVar("T")

DEADLINE = 35.0
"""Seconds for one method: the standard flow ends its own requests after 30."""


class ProviderCalls:
    """One provider object, and the thread on which its methods run.

    Args:
        context: For the environment and stored credentials.
        resolved: The provider's class and where it came from.
        deadline: Seconds that one method may take.

    Raises:
        ProviderCodeError: The class cannot be instantiated.
    """

    def __init__(self, context: Context, resolved: ResolvedProvider, *, deadline: float = DEADLINE) -> None:
        self._resolved, self._deadline = resolved, deadline
        self._given = credentials.is_given(context, resolved.name)
        self._environ = for_methods(context, resolved.name, lambda: resolved.argument)
        secret_variable = credentials.variables(resolved.name)[1]
        # What no error may repeat: foreign ones carry what the method was given.
        self._secrets = {self._environ.get(secret_variable) or context.environ.get(secret_variable) or ""}
        self._secrets.update(value for value in secrets_in(self._environ) if not os.path.isabs(value))
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(CarryingExecutor(thread_name_prefix="provider"))
        self._thread = threading.Thread(target=self._run, name="provider", daemon=True)
        self._thread.start()
        try:
            self.provider: Any = self.now("__init__", resolved.provider_class)
        except BaseException:
            self.close()
            raise

    @property
    def traits(self) -> Traits:
        """What the provider object says of its service beyond the contract."""
        return traits_of(self.provider)

    def warm(self) -> Future[None]:
        """Get ready for the first request in the background, while somebody or something else is waited for.

        Returns:
            The end of it; it holds an EnvironmentFault where no request can be made.
        """
        from gumauth.oauth2.http import transport

        async def run() -> None:
            with lend(self._environ):
                await transport.warm()

        return asyncio.run_coroutine_threadsafe(run(), self._loop)

    def now(self, method: str, function: Callable[..., T], *args: object) -> T:
        """Run something synchronous on the thread and wait for it.

        Raises:
            GumauthError: Whatever it raised, translated.
        """

        async def run() -> T:
            return function(*args)

        return self.wait(method, self._submit(method, run))

    def get_url(self, redirect_uri: str, state: str) -> str:
        """The URL at which the person consents.

        Raises:
            ProviderCodeError: It is not a string.
        """
        self._secrets.add(state)
        url = self.now("get_url", self.provider.get_url, redirect_uri, state)
        if inspect.iscoroutine(url):
            url.close()  # it would complain on standard error that nobody awaited it
        if not isinstance(url, str):
            raise self._odd("get_url", f"returned {type(url).__name__} instead of a string")
        return url

    def start(self, method: str, secret: str, *args: object) -> Future[Any]:
        """Begin an asynchronous method; its future holds the result or a GumauthError.

        Args:
            method: Its name.
            secret: Its first argument: a code or a token.
            args: The others.
        """
        self._secrets.add(secret)

        async def run() -> Any:
            result = getattr(self.provider, method)(secret, *args)
            if not inspect.isawaitable(result):
                raise self._odd(method, "is not `async def`, as the contract says")
            return await result

        return self._submit(method, run, secret)

    def call(self, method: str, secret: str, *args: object) -> Any:
        """Run an asynchronous method to its end; its arguments are those of `start`.

        Raises:
            GumauthError: Whatever it raised, translated; or it did not end within the deadline.
        """
        return self.wait(method, self.start(method, secret, *args))

    def hide(self, *secrets: str | None) -> None:
        """Let no error of a method repeat these, which the provider knows whether they were sent or not."""
        self._secrets.update(filter(None, secrets))

    @property
    def source(self) -> str:
        """Where the provider comes from."""
        return self._resolved.source

    @property
    def argument(self) -> str:
        """What a command line calls the provider."""
        return self._resolved.argument

    @property
    def patience(self) -> float:
        """Seconds after which a method is late, whether it can be cancelled or not."""
        return self._deadline + 1

    def wait(self, method: str, future: Future[T], *, seconds: float | None = None) -> T:
        """The result of a begun method.

        Args:
            method: Its name.
            future: What `start` gave.
            seconds: How long to wait for it; None for as long as it may take.

        Raises:
            GumauthError: As for `call`.
        """
        try:
            return future.result(self.patience if seconds is None else seconds)
        except FutureTimeout as error:
            raise self._late(method) from error

    async def finish(self, method: str, future: Future[T], *, seconds: float | None = None) -> T:
        """`wait` for an event loop.

        Raises:
            GumauthError: As for `call`.
        """
        limit = self.patience if seconds is None else seconds
        try:
            return await asyncio.wait_for(asyncio.shield(awaitable(future)), limit)
        except TimeoutError as error:
            raise self._late(method) from error

    def close(self) -> None:
        """Let the connections and the thread go; a method that hangs is left behind."""
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

    def _submit(self, method: str, run: Callable[[], Coroutine[Any, Any, T]], about: str = "") -> Future[T]:
        return asyncio.run_coroutine_threadsafe(self._guard(method, run, about), self._loop)

    async def _guard(self, method: str, run: Callable[[], Awaitable[T]], about: str) -> T:
        with lend(self._environ), last_response.kept(about) as last:
            limit = asyncio.timeout(self._deadline)
            try:
                async with limit:
                    return self._usable(method, await run(), last)
            except GeneratorExit:
                raise
            except BaseException as error:  # foreign code raises what it likes, also what is no Exception
                if limit.expired():
                    raise self._late(method) from error
                if _is_ours(error):
                    raise
                known = errors.translated(self._resolved, method, error, self._secrets, last)
                known = credentials.advised(known, self._resolved, given=self._given)
                raised.close_coroutines(error)
            raise known  # here, where what the error holds has been let go

    def _usable(self, method: str, result: T, last: LastAnswer) -> T:
        """The result; where a refusal has kept the method from a good one, that is the error."""
        if last.response is not None:
            from gumauth.client.provider_calls import failed_response

            failed_response.check(self._resolved, method, result, last, self._secrets)
        return result

    def _late(self, method: str) -> NetworkError:
        return errors.late(self._resolved, method, self._deadline)

    def _odd(self, method: str, what: str) -> ProviderCodeError:
        return errors.odd(self._resolved, method, what)


def awaitable(future: Future[T]) -> asyncio.Future[T]:
    """A begun method for an event loop, which may stop waiting for it: asyncio would tell of its late error."""
    waited_for = asyncio.wrap_future(future)
    waited_for.add_done_callback(lambda done: done.cancelled() or done.exception())
    return waited_for


def _ignore(_loop: asyncio.AbstractEventLoop, _context: dict[str, Any]) -> None:
    """Say nothing of a failed task that a method left behind: asyncio would print the error, with secrets in it."""


def _is_ours(error: BaseException) -> bool:
    """Whether it is the end of the loop that cancels this task, and not the provider's code that raised the like."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


async def _cancel_the_rest() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
