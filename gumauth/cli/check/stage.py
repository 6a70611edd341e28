"""One run of a file against a service: gumauth calls its methods, and what becomes of each call is kept."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gumauth.cli.check.answers import Answers
from gumauth.cli.check.lines import Lines
from gumauth.cli.check.outcome import Outcome
from gumauth.cli.check.service import Service
from gumauth.cli.check.variables import Variables
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.client.provider_calls.environment import overlay
from gumauth.errors import GumauthError
from gumauth.registry import lookup
from gumauth.registry.files import runner
from gumauth.registry.files.enclosing_package import by_folders
from gumauth.registry.resolved import ResolvedProvider

if TYPE_CHECKING:
    from gumauth.oauth2.traits import Method

REDIRECT_URI = "http://localhost:4862/callback"


def _sources(path: str | None) -> str | None:
    """The folder of a file's code: its own, or that of its topmost package; with a slash at its end."""
    if path is None:
        return None
    path = os.path.realpath(path)
    package = by_folders(path)
    return os.path.join(package.folders[0] if package else os.path.dirname(path), "")


class NoStore:
    """A store without an entry."""

    name = "nowhere"

    def get(self, _key: str) -> str | None:
        """None."""
        return None

    def set(self, _key: str, _value: str) -> None:
        """Keep nothing."""

    def delete(self, _key: str) -> None:
        """Nothing is there."""


class Clock:
    """Seconds since 1970, which can be moved."""

    def __init__(self) -> None:
        self._moved = 0.0

    def __call__(self) -> float:
        """Now."""
        return time.time() + self._moved

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self._moved += seconds


class Watched:
    """A provider object that says what its methods return or raise, before gumauth makes something of it."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider
        self._last: tuple[Any, BaseException | None] = (None, None)

    def taken(self) -> tuple[Any, BaseException | None]:
        """The result or exception since this was asked last; neither where a method has not ended."""
        last, self._last = self._last, (None, None)
        return last

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._provider, name)
        return self._watching(found) if callable(found) and not name.startswith("_") else found

    def _watching(self, method: Any) -> Any:
        def called(*arguments: Any, **options: Any) -> Any:
            try:
                result = method(*arguments, **options)
            except BaseException as error:
                self._last = (None, error)
                raise
            if not hasattr(result, "__await__"):
                self._last = (result, None)
                return result
            return self._awaited(result)

        return called

    async def _awaited(self, awaitable: Any) -> Any:
        try:
            result = await awaitable
        except BaseException as error:
            self._last = (None, error)
            raise
        self._last = (result, None)
        return result


class Stage:
    """One run of a file; a new one has the file imported anew, with other made-up values.

    Args:
        reference: The file, as PROVIDER of a command line, from the root.
        environ: The person's variables, for what is no secret.
        deadline: Seconds for one method.
        special: Whether the secrets that are made up hold characters that have to be escaped.
        answers: What the service answers beyond the standard.

    Raises:
        GumauthError: The file cannot be loaded.
    """

    def __init__(
        self,
        reference: str,
        environ: Mapping[str, str],
        *,
        deadline: float = 15,
        special: bool = False,
        answers: Answers | None = None,
    ) -> None:
        self.reference = reference
        path = lookup.split_path(reference)[0] if lookup.is_path(reference) else None
        folder = "\0" if path is None else os.path.join(os.path.dirname(os.path.realpath(path)), "")
        self.clock, self.variables = Clock(), Variables(environ, _sources(path) or folder, special=special)
        self.service = Service(self.clock, lambda: self.variables.secrets, answers=answers)
        self.lines = Lines(folder)
        self.lines.start()
        if path is not None:
            runner.forget(path)
        with overlay({}, otherwise=self.variables.value):
            self.resolved: ResolvedProvider = lookup.find(reference, cwd="/")
        self._context = Context(self._environ(), clock=self.clock, store=NoStore(), reads_settings=False)
        self._calls = ProviderCalls(self._context, self.resolved, deadline=deadline, otherwise=self.variables.value)
        self.provider: Any = self._calls.provider
        """The provider object, as the file made it."""
        self._watched = Watched(self._calls.provider)
        self._calls.provider = self._watched

    def close(self) -> None:
        """End the file's thread and the service."""
        self._calls.close()
        self.lines.stop()
        self.service.close()

    def has(self, method: Method) -> bool:
        """Whether the file has a method of its own, or from a class of gumauth that does something."""
        from gumauth.provider import AuthProvider

        found = getattr(self.resolved.provider_class, method, None)
        return found is not None and found is not getattr(AuthProvider, method, None)

    def get_url(self, state: str, redirect_uri: str = REDIRECT_URI) -> Outcome:
        """What `get_url` does."""
        return self._outcome("get_url", lambda: self._calls.get_url(redirect_uri, state))

    def call(self, method: Method, *arguments: str) -> Outcome:
        """What an asynchronous method does."""
        return self._outcome(method, lambda: self._calls.call(method, *arguments))

    def start(self, method: Method, *arguments: str) -> Future[Any]:
        """Begin an asynchronous method beside another."""
        self.service.method = method
        return self._calls.start(method, *arguments)

    @property
    def patience(self) -> float:
        """Seconds after which a method is late."""
        return self._calls.patience

    @property
    def thread(self) -> int | None:
        """The thread on which the file's methods run."""
        return self._calls._thread.ident  # noqa: SLF001 - to see what the file does on it

    def is_free(self, seconds: float) -> bool:
        """Whether the event loop of the file's methods runs something else within so many seconds."""
        ran = threading.Event()
        self._calls._loop.call_soon_threadsafe(ran.set)  # noqa: SLF001 - to see what the file does on it
        return ran.wait(seconds)

    def timers(self) -> int:
        """How many deadlines the event loop of the file's methods has to keep just now."""
        waiting: list[Any] = list(getattr(self._calls._loop, "_scheduled", ()))  # noqa: SLF001 - nothing public tells
        return sum(not each.cancelled() for each in waiting)

    def _outcome(self, method: str, call: Any) -> Outcome:
        self.service.method = method
        self.service.received()
        self.lines.clear()
        self._watched.taken()  # of a method that ended too late
        began, known = time.monotonic(), None
        try:
            call()
        except GumauthError as error:
            known = error
        result, raised = self._watched.taken()
        return Outcome(
            method=method,
            result=result,
            error=raised,
            known=known,
            seconds=time.monotonic() - began,
            line=self.lines.last(),
            raised_at=self.lines.raised(raised),
            steps=self.lines.steps(),
            requests=tuple(replace(seen, line=self.lines.last(at)) for at, seen in self.service.received()),
        )

    def _environ(self) -> dict[str, str]:
        """The variables of the run: for a provider of gumauth's own classes, with a client."""
        names = credentials.variables(self.resolved.name)
        if not hasattr(self.resolved.provider_class, "authorize_url"):
            return dict(os.environ)
        return {**os.environ, **{name: self.variables.give(name) or "" for name in names}}
